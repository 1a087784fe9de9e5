// The inner loops of linear models on images, much of which is black.
#pragma once

#include <array>
#include <cmath>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "algorithms/problems/data/data_set.hpp"
#include "algorithms/problems/kernels/tiles.hpp"
#include "algorithms/vectors/lanes.hpp"

namespace gossamer::kernels {

/// Rows of bytes. Strips of four features hold the pieces of rows that are not all zero there, as doubles;
/// other pieces are left out, which is most of them on MNIST. The last columns % 4 features have a strip
/// each.
///
/// For finite weights the sums are those of all entries in the same order, bit for bit: to a score a zero
/// adds nothing; to W it adds a zero of either sign, or NaN, and what all rows' zeros make of these is added
/// first.
class PixelBlock {
 public:
  /// Enough to spread the cost of loading and storing W, few enough for the pieces to stay in the cache.
  static constexpr int capacity = 16;

  explicit PixelBlock(const DenseRows<std::uint8_t>& matrix)
      : matrix_(matrix),
        columns_(matrix.columns()),
        fours_(columns_ / 4),
        starts_(static_cast<std::size_t>(fours_ + columns_ % 4 + 1)),
        rows_(std::make_unique_for_overwrite<std::uint8_t[]>(capacity * starts_.size())),
        values_(std::make_unique_for_overwrite<double[]>(4 * std::size_t{capacity} * starts_.size())) {}

  double scale() const { return DenseRows<std::uint8_t>::scale; }

  /// Makes the block consist of these rows, 1 to `capacity`.
  void take(std::span<const std::int32_t> rows) {
    size_ = static_cast<int>(rows.size());
    const std::size_t size = rows.size();
    std::array<const std::uint8_t*, capacity> from;
    for (std::size_t r = 0; r < size; ++r) from[r] = matrix_.row(rows[r]);
    // A piece of zeros is written like all others, but the next one takes its place: faster than to ask.
    // Bytes may alias all members, so the loop has none.
    std::uint8_t* const piece_rows = rows_.get();
    double* const values = values_.get();
    std::size_t piece = 0;
    for (Index s = 0; s < fours_; ++s) {
      for (std::size_t r = 0; r < size; ++r) {
        const std::uint8_t* const entries = from[r] + 4 * s;
        std::uint32_t four = 0;
        std::memcpy(&four, entries, sizeof four);
        store(values + 4 * piece, load_bytes(entries));
        piece_rows[piece] = static_cast<std::uint8_t>(r);
        piece += four != 0;
      }
      starts_[s + 1] = static_cast<Index>(piece);
    }
    for (Index j = 4 * fours_; j < columns_; ++j) {
      for (std::size_t r = 0; r < size; ++r) {
        values[4 * piece] = from[r][j];
        piece_rows[piece] = static_cast<std::uint8_t>(r);
        piece += from[r][j] != 0;
      }
      starts_[fours_ + j % 4 + 1] = static_cast<Index>(piece);
    }
  }

  /// Z has room for `capacity` rows.
  void multiply(const Vector& w, Index width, double* z) const {
    if (width == 1)
      multiply_vector(w.data(), z);
    else
      multiply_all(w.data(), width, z);
  }

  void add_transposed(const double* d, Index width, Vector& w) const {
    if (width == 1)
      add_vector(d, w.data());
    else
      add_all(d, width, w.data());
  }

 private:
  /// Calls body(row, values) for each piece of a strip.
  template <class Body>
  void for_each_piece(Index strip, Body&& body) const {
    for (Index piece = starts_[strip]; piece < starts_[strip + 1]; ++piece) {
      body(rows_[piece], &values_[4 * piece]);
    }
  }

  /// Calls four(s, j) for each strip of four features, then one(s, j) for those of one; j is the first.
  template <class Four, class One>
  void for_each_strip(Four&& four, One&& one) const {
    for (Index s = 0; s < fours_; ++s) four(s, 4 * s);
    for (Index j = 4 * fours_; j < columns_; ++j) one(fours_ + j % 4, j);
  }

  /// Lanes run over the classes: the weights of a strip stay in registers while the rows pass by.
  void multiply_all(const double* w, Index width, double* z) const {
    for_each_tile(width, [&]<class Pack, std::size_t packs>(Pack, const std::array<Index, packs>& at) {
      Pack sums[capacity][packs] = {};
      for_each_strip([&](Index s, Index j) { multiply_strip<4>(s, w + j * width, width, at, sums); },
                     [&](Index s, Index j) { multiply_strip<1>(s, w + j * width, width, at, sums); });
      for (int r = 0; r < size_; ++r) {
        for (std::size_t p = 0; p < packs; ++p) store(z + r * width + at[p], sums[r][p]);
      }
    });
  }
  template <int features, class Pack, std::size_t packs>
  void multiply_strip(Index s, const double* w, Index width, const std::array<Index, packs>& at,
                      Pack (*sums)[packs]) const {
    Pack w_j[features][packs];
    for (int q = 0; q < features; ++q) {
      for (std::size_t p = 0; p < packs; ++p) w_j[q][p] = load<Pack>(w + q * width + at[p]);
    }
    for_each_piece(s, [&](int r, const double* values) {
      Pack z_r[packs];
      for (std::size_t p = 0; p < packs; ++p) z_r[p] = sums[r][p];
      for (int q = 0; q < features; ++q) {
        const Pack a = broadcast<Pack>(values[q]);
        for (std::size_t p = 0; p < packs; ++p) z_r[p] = fused(a, w_j[q][p], z_r[p]);
      }
      for (std::size_t p = 0; p < packs; ++p) sums[r][p] = z_r[p];
    });
  }

  void add_all(const double* d, Index width, double* w) const {
    for_each_tile(width, [&]<class Pack, std::size_t packs>(Pack, const std::array<Index, packs>& at) {
      Pack zeros[packs];
      for (std::size_t p = 0; p < packs; ++p) zeros[p] = sum_of_zeros<Pack>(d + at[p], width);
      for_each_strip([&](Index s, Index j) { add_strip<4>(s, d, width, at, zeros, w + j * width); },
                     [&](Index s, Index j) { add_strip<1>(s, d, width, at, zeros, w + j * width); });
    });
  }
  template <int features, class Pack, std::size_t packs>
  void add_strip(Index s, const double* d, Index width, const std::array<Index, packs>& at,
                 const Pack (&zeros)[packs], double* w) const {
    Pack sums[features][packs];
    for (int q = 0; q < features; ++q) {
      for (std::size_t p = 0; p < packs; ++p) {
        sums[q][p] = {load<Pack>(w + q * width + at[p]).value + zeros[p].value};
      }
    }
    for_each_piece(s, [&](int r, const double* values) {
      Pack d_r[packs];
      for (std::size_t p = 0; p < packs; ++p) d_r[p] = load<Pack>(d + r * width + at[p]);
      for (int q = 0; q < features; ++q) {
        const Pack a = broadcast<Pack>(values[q]);
        for (std::size_t p = 0; p < packs; ++p) sums[q][p] = fused(a, d_r[p], sums[q][p]);
      }
    });
    for (int q = 0; q < features; ++q) {
      for (std::size_t p = 0; p < packs; ++p) store(w + q * width + at[p], sums[q][p]);
    }
  }

  /// What a feature that is zero in all rows adds to W.
  template <class Pack>
  Pack sum_of_zeros(const double* d, Index width) const {
    Pack total = broadcast<Pack>(-0.0);
    for (int r = 0; r < size_; ++r) total = fused(broadcast<Pack>(0), load<Pack>(d + r * width), total);
    return total;
  }

  /// With one column of weights lanes run over the features.
  void multiply_vector(const double* w, double* z) const {
    Lanes sums[capacity] = {};
    for (Index s = 0; s < fours_; ++s) {
      const Lanes w_s = load<Lanes>(w + 4 * s);
      for_each_piece(
          s, [&](int r, const double* values) { sums[r] = fused(load<Lanes>(values), w_s, sums[r]); });
    }
    for (int r = 0; r < size_; ++r) z[r] = sum(sums[r]);
    for (Index j = 4 * fours_; j < columns_; ++j) {
      for_each_piece(fours_ + j % 4,
                     [&](int r, const double* values) { z[r] = std::fma(values[0], w[j], z[r]); });
    }
  }

  void add_vector(const double* d, double* w) const {
    const double zeros = sum_of_zeros<Lane>(d, 1).value;
    for (Index j = 0; j < columns_; ++j) w[j] += zeros;
    for (Index s = 0; s < fours_; ++s) {
      Lanes w_s = load<Lanes>(w + 4 * s);
      for_each_piece(s, [&](int r, const double* values) {
        w_s = fused(broadcast<Lanes>(d[r]), load<Lanes>(values), w_s);
      });
      store(w + 4 * s, w_s);
    }
    for (Index j = 4 * fours_; j < columns_; ++j) {
      for_each_piece(fours_ + j % 4,
                     [&](int r, const double* values) { w[j] = std::fma(d[r], values[0], w[j]); });
    }
  }

  const DenseRows<std::uint8_t>& matrix_;
  Index columns_;
  Index fours_;  ///< Strips of four features.
  int size_ = 0;
  std::vector<Index> starts_;             ///< Strip s has the pieces starts_[s], ..., starts_[s + 1] - 1.
  std::unique_ptr<std::uint8_t[]> rows_;  ///< Of each piece: which of the block's.
  std::unique_ptr<double[]> values_;      ///< Of each piece, four.
};

}  // namespace gossamer::kernels
