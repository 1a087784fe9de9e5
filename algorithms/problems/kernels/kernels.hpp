// The inner loops of every linear model: products of a few rows of features with a matrix of weights.
//
// For a block of rows A (rows x columns), weights W (columns x width, row-major), scores and derivatives
// Z, D (rows x width, row-major):
//
//   multiply:             Z = A W            add_transposed:        W += A^T D
//
// the latter, for sparse rows, also where W is a SparseSum.
//
// Both leave out the features' scale, which is cheaper applied to Z and D. Every sum runs in an order that
// depends on the shapes alone, each step rounded once (fused) where rows are dense:
//
//   z_rc: over the features j, ascending, from 0. Where width = 1: four sums, over j = 0, 4, ..., over
//         j = 1, 5, ..., and so on, added as (0 + 1) + (2 + 3); then the last columns % 4 features.
//   w_jc: over the rows, ascending, from what W held.
//
// How many rows a block has, or which sums run side by side in registers, makes no difference. Eigen's
// products would not do: they choose their block sizes, hence the order of their sums, by the caches of the
// machine they run on.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <span>

#include "algorithms/problems/data/data_set.hpp"
#include "algorithms/problems/kernels/pixels.hpp"
#include "algorithms/problems/kernels/tiles.hpp"
#include "algorithms/vectors/lanes.hpp"
#include "algorithms/vectors/sparse_vector.hpp"

namespace gossamer::kernels {

/// One column of weights as the difference of two, x_j1 - x_j0, made where it is read: d may be a million
/// where a batch reads a thousand.
struct Differences {
  const Vector& x;
  double operator[](Index j) const { return x[2 * j + 1] - x[2 * j]; }
};

/// Rows of doubles, used where they lie, or of floats, which multiply() widens once for both products.
template <class Entry>
class DenseBlock {
 public:
  /// Enough to spread the cost of loading and storing W, few enough for the rows to stay in the cache.
  static constexpr int capacity = 16;

  explicit DenseBlock(const DenseRows<Entry>& matrix) : matrix_(matrix), columns_(matrix.columns()) {
    if constexpr (is_narrow) widened_.resize(capacity * stride());
  }

  double scale() const { return DenseRows<Entry>::scale; }

  /// Makes the block consist of these rows, 1 to `capacity`.
  void take(std::span<const std::int32_t> rows) {
    size_ = static_cast<int>(rows.size());
    const bool in_order = rows.back() - rows.front() == size_ - 1;
    ahead_ = !in_order ? 0 : is_narrow ? 4096 / Index{sizeof(Entry)} : capacity * columns_;
    for (int r = 0; r < size_; ++r) from_[r] = matrix_.row(rows[r]);
    // multiply() takes rows by fours and eights.
    for (int r = size_; r % 8 != 0; ++r) from_[r] = from_[size_ - 1];
  }

  /// Z has room for `capacity` rows; those after the block's are scratch.
  void multiply(const Vector& weights, Index width, double* z) {
    const double* const w = weights.data();
    if (width == 1) {
      for (int r = 0; r < size_; r += at_once) multiply_vector(r, w, z + r);
      return;
    }
    for (int r = 0; r < size_; r += 4) multiply_four(r, w, width, z + r * width);
  }

  /// After multiply().
  void add_transposed(const double* d, Index width, Vector& w) const {
    if (width == 1)
      add_vector(d, w.data());
    else
      add_all(d, width, w.data());
  }

 private:
  static constexpr bool is_narrow = !std::same_as<Entry, double>;

  /// The rows whose products with one column of weights are summed side by side, as a sum waits four cycles
  /// for each of its steps: the processor takes two steps a cycle, or widens four floats and takes one.
  static constexpr int at_once = is_narrow ? 4 : 8;

  /// Between the starts of widened rows, which are aligned: a store across two cache lines takes twice as
  /// long.
  Index stride() const { return (columns_ + 7) / 8 * 8; }

  /// Where row r of the block is widened; doubles are not.
  double* widened(int r) { return is_narrow ? widened_.data() + r * stride() : nullptr; }

  /// Row r of the block, in doubles.
  const double* row(int r) const {
    if constexpr (is_narrow)
      return widened_.data() + r * stride();
    else
      return from_[r];
  }

  /// Entries j, ..., j + 3 of a row in doubles. Those of floats are also written to their widened row.
  static Lanes take_four(const double* row, double*, Index j) { return load<Lanes>(row + j); }
  static Lanes take_four(const float* row, double* widened, Index j) {
    const Lanes four = load_floats(row + j);
    store(widened + j, four);
    return four;
  }

  /// Fetches a cache line of what is next in memory, where entry j of a row is the first of one.
  void fetch_ahead(const Entry* row, Index j) const {
    constexpr Index of_line = 64 / Index{sizeof(Entry)};
    if (is_narrow && j % of_line == 0) __builtin_prefetch(row + ahead_ + j);
  }

  void widen(int r) {
    Index j = 0;
    for (; j + Lanes::size <= columns_; j += Lanes::size) {
      fetch_ahead(from_[r], j);
      take_four(from_[r], widened(r), j);
    }
    for (; j < columns_; ++j) widened(r)[j] = from_[r][j];
  }

  /// Lanes run over the classes of one feature: 4 rows x 12 classes accumulate in registers.
  void multiply_four(int first, const double* w, Index width, double* z) {
    for (int r = first; is_narrow && r < first + 4; ++r) widen(r);
    const double* const rows[] = {row(first), row(first + 1), row(first + 2), row(first + 3)};
    for_each_tile(width, [&]<class Pack, std::size_t packs>(Pack, const std::array<Index, packs>& at) {
      Pack sums[4][packs] = {};
      for (Index j = 0; j < columns_; ++j) {
        Pack w_j[packs];
        for (std::size_t p = 0; p < packs; ++p) w_j[p] = load<Pack>(w + j * width + at[p]);
        for (int r = 0; r < 4; ++r) {
          const Pack a = broadcast<Pack>(rows[r][j]);
          for (std::size_t p = 0; p < packs; ++p) sums[r][p] = fused(a, w_j[p], sums[r][p]);
        }
      }
      for (int r = 0; r < 4; ++r) {
        for (std::size_t p = 0; p < packs; ++p) store(z + r * width + at[p], sums[r][p]);
      }
    });
  }

  /// Likewise 4 features x 12 classes of W, while the rows of the block pass by.
  void add_all(const double* d, Index width, double* w) const {
    for_each_tile(width, [&]<class Pack>(Pack, const auto& at) {
      Index j = 0;
      for (; j + 4 <= columns_; j += 4) add_tile<Pack, 4>(j, d, width, at, w);
      for (; j < columns_; ++j) add_tile<Pack, 1>(j, d, width, at, w);
    });
  }
  template <class Pack, int features, std::size_t packs>
  void add_tile(Index j, const double* d, Index width, const std::array<Index, packs>& at, double* w) const {
    Pack sums[features][packs];
    for (int q = 0; q < features; ++q) {
      for (std::size_t p = 0; p < packs; ++p) sums[q][p] = load<Pack>(w + (j + q) * width + at[p]);
    }
    for (int r = 0; r < size_; ++r) {
      Pack d_r[packs];
      for (std::size_t p = 0; p < packs; ++p) d_r[p] = load<Pack>(d + r * width + at[p]);
      for (int q = 0; q < features; ++q) {
        const Pack a = broadcast<Pack>(row(r)[j + q]);
        for (std::size_t p = 0; p < packs; ++p) sums[q][p] = fused(a, d_r[p], sums[q][p]);
      }
    }
    for (int q = 0; q < features; ++q) {
      for (std::size_t p = 0; p < packs; ++p) store(w + (j + q) * width + at[p], sums[q][p]);
    }
  }

  /// With one column of weights lanes run over the features.
  void multiply_vector(int first, const double* w, double* z) {
    std::array<const Entry*, at_once> from;
    std::array<double*, at_once> to;
    for (int r = 0; r < at_once; ++r) {
      from[r] = from_[first + r];
      to[r] = widened(first + r);
    }
    Lanes sums[at_once] = {};
    Index j = 0;
    for (; j + Lanes::size <= columns_; j += Lanes::size) {
      const Lanes w_j = load<Lanes>(w + j);
      for (int r = 0; r < at_once; ++r) {
        fetch_ahead(from[r], j);
        sums[r] = fused(take_four(from[r], to[r], j), w_j, sums[r]);
      }
    }
    for (int r = 0; r < at_once; ++r) z[r] = sum(sums[r]);
    for (; j < columns_; ++j) {
      for (int r = 0; r < at_once; ++r) {
        if constexpr (is_narrow) to[r][j] = from[r][j];
        z[r] = std::fma(from[r][j], w[j], z[r]);
      }
    }
  }

  void add_vector(const double* d, double* w) const {
    Index j = 0;
    for (; j + 8 * Lanes::size <= columns_; j += 8 * Lanes::size) add_strip<Lanes, 8>(j, d, w);
    for (; j + 4 * Lanes::size <= columns_; j += 4 * Lanes::size) add_strip<Lanes, 4>(j, d, w);
    for (; j + Lanes::size <= columns_; j += Lanes::size) add_strip<Lanes, 1>(j, d, w);
    for (; j < columns_; ++j) add_strip<Lane, 1>(j, d, w);
  }
  template <class Pack, int packs>
  void add_strip(Index j, const double* d, double* w) const {
    Pack sums[packs];
    for (int p = 0; p < packs; ++p) sums[p] = load<Pack>(w + j + p * Pack::size);
    for (int r = 0; r < size_; ++r) {
      const Pack d_r = broadcast<Pack>(d[r]);
      const double* const a = row(r) + j;
      if constexpr (packs >= 4 && !is_narrow) {
#pragma GCC unroll 8
        for (int p = 0; p < packs; p += 2) __builtin_prefetch(a + ahead_ + p * Pack::size);
      }
#pragma GCC unroll 8
      for (int p = 0; p < packs; ++p) sums[p] = fused(d_r, load<Pack>(a + p * Pack::size), sums[p]);
    }
    for (int p = 0; p < packs; ++p) store(w + j + p * Pack::size, sums[p]);
  }

  const DenseRows<Entry>& matrix_;
  Index columns_;
  int size_ = 0;
  /// Where rows lie in order, later ones are fetched while the block is widened, or else added: that halves
  /// the wait.
  Index ahead_ = 0;
  std::array<const Entry*, capacity> from_{};
  Vector widened_;  ///< capacity x stride, where the entries are floats.
};

/// Rows of SparseRows.
class SparseBlock {
 public:
  static constexpr int capacity = 64;

  explicit SparseBlock(const SparseRows& matrix) : matrix_(matrix) {}

  double scale() const { return matrix_.scale(); }

  void take(std::span<const std::int32_t> rows) {
    size_ = static_cast<int>(rows.size());
    for (int r = 0; r < size_; ++r) rows_[r] = matrix_.row(rows[r]);
  }

  void multiply(const Differences& w, Index, double* z) const { multiply_vector(w, z); }

  void multiply(const Vector& weights, Index width, double* z) const {
    const double* const w = weights.data();
    if (width == 1) return multiply_vector(w, z);
    for (int r = 0; r < size_; ++r) {
      const SparseRows::Row& row = rows_[r];
      double* const z_r = z + r * width;
      std::fill(z_r, z_r + width, 0.0);
      for (Index k = 0; k < row.size; ++k) {
        const double* const w_j = w + row.columns[k] * width;
        const double a = row.values ? row.values[k] : 1;
        for (Index c = 0; c < width; ++c) z_r[c] += a * w_j[c];
      }
    }
  }

  template <class Sum>
  void add_transposed(const double* d, Index width, Sum& w) const {
    for (int r = 0; r < size_; ++r) {
      const SparseRows::Row& row = rows_[r];
      const double* const d_r = d + r * width;
      for (Index k = 0; k < row.size; ++k) {
        const double a = row.values ? row.values[k] : 1;
        for (Index c = 0; c < width; ++c) add_at(w, row.columns[k] * width + c, a * d_r[c]);
      }
    }
  }

 private:
  /// With one column of weights.
  template <class Weights>
  void multiply_vector(const Weights& w, double* z) const {
    for (int r = 0; r < size_; ++r) z[r] = rows_[r].values ? dot(rows_[r], w) : sum(rows_[r], w);
  }
  template <class Weights>
  static double sum(const SparseRows::Row& row, const Weights& w) {
    double total = 0;
    for (Index k = 0; k < row.size; ++k) total += w[row.columns[k]];
    return total;
  }
  template <class Weights>
  static double dot(const SparseRows::Row& row, const Weights& w) {
    double total = 0;
    for (Index k = 0; k < row.size; ++k) total += row.values[k] * w[row.columns[k]];
    return total;
  }

  const SparseRows& matrix_;
  int size_ = 0;
  std::array<SparseRows::Row, capacity> rows_{};
};

/// The block that fits a kind of features.
template <class Entry>
inline DenseBlock<Entry> block_of(const DenseRows<Entry>& features) {
  return DenseBlock<Entry>(features);
}
inline PixelBlock block_of(const DenseRows<std::uint8_t>& features) {
  return PixelBlock(features);
}
inline SparseBlock block_of(const SparseRows& features) {
  return SparseBlock(features);
}

}  // namespace gossamer::kernels
