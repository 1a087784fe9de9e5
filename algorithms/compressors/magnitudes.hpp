// Sums and maxima over the coordinates of a vector. Their results depend on the coordinates alone, not on
// where they lie in memory, the instruction set or the build type.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <span>

#include "algorithms/compressors/encoded.hpp"
#include "algorithms/compressors/reals.hpp"
#include "algorithms/vectors/sparse_vector.hpp"
#include "algorithms/vectors/vector.hpp"

namespace gossamer {

/// A sum whose terms go round by round into 16 lanes, which are then added pairwise: independent of each
/// other, they fill vector registers and hide the latency of additions.
class LaneSum {
 public:
  static constexpr Index lanes = 16;

  /// Adds term(0), ..., term(count - 1). Every call but the last has a multiple of 16 of them.
  template <class Term>
  void add(Index count, Term term) {
    // A copy that nothing else refers to, so that it lives in registers.
    std::array<double, lanes> sums = sums_;
    Index j = 0;
    for (; j + lanes <= count; j += lanes) {
      for (Index lane = 0; lane < lanes; ++lane) sums[lane] += term(j + lane);
    }
    sums_ = sums;
    for (Index lane = 0; j + lane < count; ++lane) sums_[lane] += term(j + lane);
  }

  /// Adds the term with this number.
  void add_at(Index j, double term) { sums_[j % lanes] += term; }

  double total() const {
    std::array<double, lanes> sums = sums_;
    for (Index half = lanes / 2; half > 0; half /= 2) {
      for (Index lane = 0; lane < half; ++lane) sums[lane] += sums[lane + half];
    }
    return sums[0];
  }

 private:
  std::array<double, lanes> sums_{};
};

/// sum_j term(j), j = 0, ..., count - 1.
template <class Term>
double lane_sum(Index count, Term term) {
  LaneSum sum;
  sum.add(count, term);
  return sum.total();
}

/// The same where all terms are zero except those of `indices`; term(k) is the term of indices[k].
template <class Term>
double lane_sum(std::span<const std::int32_t> indices, Term term) {
  LaneSum sum;
  for (Index k = 0; k < std::ssize(indices); ++k) sum.add_at(indices[k], term(k));
  return sum.total();
}

/// max_j |x_j|; 0 for an empty vector, and not finite where any x_j is not.
template <class Real>
Real largest_magnitude(std::span<const Real> x) {
  MagnitudePattern<Real> largest = 0;
  for (const Real x_j : x) largest = std::max(largest, magnitude_pattern(x_j));
  return std::bit_cast<Real>(largest);
}

/// max_j |x_j|. Throws WireError naming the first coordinate that is not finite.
double finite_largest_magnitude(std::span<const double> x, Wire wire);
double finite_largest_magnitude(const SparseVector& x, Wire wire);
inline void require_finite(std::span<const double> x, Wire wire) {
  (void)finite_largest_magnitude(x, wire);
}

/// A power of two that brings numbers of this magnitude near 1. Scaled by it, neither their squares nor sums
/// of them leave the range of double, and halves of the smallest are exact.
inline double normalizer(double magnitude) {
  return std::ldexp(1.0, -std::clamp(magnitude > 0 ? std::ilogb(magnitude) : 0, -1000, 1000));
}

}  // namespace gossamer
