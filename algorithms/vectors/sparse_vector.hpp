// Vectors of which few coordinates matter: d may be a million where a gradient touches a thousand.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "algorithms/vectors/vector.hpp"

namespace gossamer {

/// A vector in R^d, d < 2^31, by its coordinates that may differ from zero.
struct SparseVector {
  std::vector<std::int32_t> indices;  ///< Strictly ascending. Coordinates that are not listed are zero.
  std::vector<double> values;         ///< One for each index; may be zero.

  Index size() const { return std::ssize(indices); }
};

/// The coordinates of x that are not zero, and back again, to R^d with d above all indices.
inline SparseVector to_sparse(const Vector& x) {
  SparseVector result;
  for (Index j = 0; j < x.size(); ++j) {
    if (x[j] == 0) continue;
    result.indices.push_back(static_cast<std::int32_t>(j));
    result.values.push_back(x[j]);
  }
  return result;
}
inline Vector to_dense(const SparseVector& x, Index d) {
  Vector result = Vector::Zero(d);
  for (Index k = 0; k < x.size(); ++k) result[x.indices[k]] = x.values[k];
  return result;
}

/// A sum in the making. Each coordinate is the sum of what was added to it, in that order, as in a dense
/// vector that starts at zero. But the work is only that of sorting what was added, whatever d is.
class SparseSum {
 public:
  /// j in {0, ..., 2^31 - 1}.
  void add(Index j, double value) { terms_.push_back({static_cast<std::int32_t>(j), value}); }

  /// total <- the sum, which starts at zero again.
  void move_to(SparseVector& total) {
    sort();
    total.indices.clear();
    total.values.clear();
    for (std::size_t k = 0; k < terms_.size();) {
      const std::int32_t index = terms_[k].index;
      double value = 0;
      for (; k < terms_.size() && terms_[k].index == index; ++k) value += terms_[k].value;
      total.indices.push_back(index);
      total.values.push_back(value);
    }
    terms_.clear();
  }

 private:
  struct Term {
    std::int32_t index;
    double value;
  };

  /// Sorts by index and keeps the order of terms with one index: a radix sort, the lowest digit first.
  void sort() {
    constexpr int digit_bits = 11, digits = 1 << digit_bits;
    std::int32_t largest = 0;
    for (const Term& term : terms_) largest = std::max(largest, term.index);
    std::vector<Term> sorted(terms_.size());
    for (int shift = 0; shift < 31 && largest >> shift > 0; shift += digit_bits) {
      const auto digit = [shift](const Term& term) { return term.index >> shift & (digits - 1); };
      std::array<Index, digits + 1> starts{};
      for (const Term& term : terms_) ++starts[digit(term) + 1];
      for (int i = 1; i < digits; ++i) starts[i] += starts[i - 1];
      for (const Term& term : terms_) sorted[starts[digit(term)]++] = term;
      terms_.swap(sorted);
    }
  }

  std::vector<Term> terms_;
};

/// sum_j <- sum_j + value, for sums of either kind.
inline void add_at(Vector& sum, Index j, double value) {
  sum[j] += value;
}
inline void add_at(SparseSum& sum, Index j, double value) {
  sum.add(j, value);
}

}  // namespace gossamer
