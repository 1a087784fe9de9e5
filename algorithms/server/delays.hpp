// Delays: how old gradients are when an asynchronous server uses them.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>

#include "algorithms/agent/measures.hpp"
#include "algorithms/agent/schedule.hpp"

namespace gossamer {

/// How the step along a gradient depends on its delay tau. tau_C is the concurrency, the number of updates
/// that the gradients under way will make: of n workers n, or n / K where an update takes K gradients. It is
/// about the mean delay, however slow some workers are [Koloskova, Stich, Jaggi 2022, Remark 5].
enum class DelayAdaptive {
  none,          ///< s = 1.
  inverse,       ///< s = 1 / tau where tau > tau_C, else 1 [Koloskova et al. 2022, Eq. (11), Section 4.4].
  drop,          ///< s = 0 where tau > tau_C, else 1: such gradients are not used [ibid., Theorem 8].
  inverse_sqrt,  ///< s = 1 / sqrt(1 + tau): the staleness scaling of FedBuff [Nguyen et al. 2022].
};
constexpr std::array<std::string_view, 4> names(DelayAdaptive) {
  return {"none", "inverse", "drop", "inverse_sqrt"};
}

/// s(tau), by which the step size is multiplied: in [0, 1].
inline double scale(DelayAdaptive rule, Round tau, double tau_C) {
  const auto delay = static_cast<double>(tau);
  switch (rule) {
    case DelayAdaptive::none:
      break;
    case DelayAdaptive::inverse:
      return delay > tau_C ? 1 / delay : 1;
    case DelayAdaptive::drop:
      return delay > tau_C ? 0 : 1;
    case DelayAdaptive::inverse_sqrt:
      return 1 / std::sqrt(1 + delay);
  }
  return 1;
}

/// The mean delay: the number of updates that the server makes between sending x and using the gradient at x.
class MeanDelay final : public Measure {
 public:
  static constexpr std::string_view name = "delay";
  void add(Round delay) {
    total_ += static_cast<double>(delay);
    ++count_;
  }
  double value() const override {
    return count_ > 0 ? total_ / static_cast<double>(count_) : std::numeric_limits<double>::quiet_NaN();
  }

 private:
  double total_ = 0;
  Round count_ = 0;
};

/// The largest delay.
class WorstDelay final : public Measure {
 public:
  static constexpr std::string_view name = "worst_delay";
  void add(Round delay) { worst_ = std::max(worst_, delay); }
  double value() const override {
    return worst_ >= 0 ? static_cast<double>(worst_) : std::numeric_limits<double>::quiet_NaN();
  }

 private:
  Round worst_ = -1;
};

}  // namespace gossamer
