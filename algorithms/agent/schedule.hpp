// Step sizes that change from iteration to iteration.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/required.hpp"

namespace gossamer {

/// A round or iteration t = 1, ..., T.
using Round = std::int64_t;

/// A step size alpha_t >= 0 as a function of the iteration t = 1, 2, ...
struct Schedule {
  enum class Kind {
    constant,      ///< alpha_t = value
    inverse_sqrt,  ///< alpha_t = value / sqrt(t)
    piecewise,     ///< alpha_t = value * factor^k, k = how many of `at` are less than t
  };

  double value = 0;
  Kind kind = Kind::constant;
  double factor = 0.1;
  std::vector<Round> at;

  Schedule() = default;
  Schedule(double constant) : value(constant) {}  // NOLINT: a number is a schedule.

  double operator()(Round t) const {
    switch (kind) {
      case Kind::constant:
        return value;
      case Kind::inverse_sqrt:
        return value / std::sqrt(static_cast<double>(t));
      case Kind::piecewise:
        break;
    }
    double step = value;
    for (const Round end : at) {
      if (end < t) step *= factor;
    }
    return step;
  }

  /// The fields that only some kinds have, besides the value.
  static void fields(auto& self, auto&& visit) {
    if (self.kind == Kind::piecewise) {
      visit("factor", self.factor, "[0, inf)", "multiplies the step size after each iteration in `at`");
      visit("at", self.at, "[1, inf)", "the iterations after which the step size changes");
    }
  }
};

constexpr std::array<std::string_view, 3> names(Schedule::Kind) {
  return {"constant", "inverse_sqrt", "piecewise"};
}

}  // namespace gossamer
