// Laws: distributions of a random X >= 0 of mean 1, by which times vary.
#pragma once

#include <cmath>

#include "sim/random.hpp"
#include "sim/required.hpp"

namespace gossamer {

/// X >= 0 of mean 1 and variance 1.
struct ExponentialLaw {
  static void fields(auto&, auto&&) {}
  double draw(Rng& rng) const { return rng.exponential(1); }
};

/// X = shift + (1 - shift) E, with E exponential of mean 1: mean 1, variance (1 - shift)^2. The usual model
/// of stragglers in coded computation [Lee et al. 2018].
struct ShiftedExponentialLaw {
  Required<double> shift;
  static void fields(auto& self, auto&& visit) {
    visit("shift", self.shift, "[0, 1)", "share of the mean that is always there");
  }
  double draw(Rng& rng) const { return *shift + (1 - *shift) * rng.exponential(1); }
};

/// ln X is normal with standard deviation sigma and mean -sigma^2 / 2: mean 1, variance exp(sigma^2) - 1.
struct LognormalLaw {
  Required<double> sigma;
  static void fields(auto& self, auto&& visit) {
    visit("sigma", self.sigma, "[0, 10]", "standard deviation of the logarithm");
  }
  double draw(Rng& rng) const { return std::exp(*sigma * rng.normal() - *sigma * *sigma / 2); }
};

/// The gamma distribution: mean 1, variance 1 / shape.
struct GammaLaw {
  Required<double> shape;
  static void fields(auto& self, auto&& visit) {
    visit("shape", self.shape, "[0.01, inf)", "1 is exponential; the variance is mean^2 / shape");
  }
  double draw(Rng& rng) const { return std::exp(rng.log_gamma(*shape)) / *shape; }
};

}  // namespace gossamer
