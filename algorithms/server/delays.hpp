// Delays: how old gradients are when an asynchronous server uses them.
#pragma once

#include <algorithm>
#include <limits>
#include <string_view>

#include "algorithms/agent/measures.hpp"
#include "algorithms/agent/schedule.hpp"

namespace gossamer {

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
