// What is known of a compressor C: R^d -> R^d, up to the rounding of reals to the wire.
#pragma once

#include <optional>

namespace gossamer {

/// Constants that hold for every x in R^d; the expectations are over the compressor's own random numbers.
struct Theory {
  /// pi < 1 with E|C(x) - x|^2 <= pi |x|^2 [Wang, Lin, Chen 2022, Assumption 4.1].
  std::optional<double> contraction;
  std::optional<double> variance;  ///< omega with E|C(x) - x|^2 <= omega |x|^2, where C is unbiased.
  bool unbiased = false;           ///< E C(x) = x.

  static Theory of_contraction(double pi) { return {pi, std::nullopt, false}; }
  /// The constants of an unbiased operator, which is a contraction, too, if omega < 1.
  static Theory of_variance(double omega) {
    return {omega < 1 ? std::optional(omega) : std::nullopt, omega, true};
  }
};

}  // namespace gossamer
