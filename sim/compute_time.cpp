#include "sim/compute_time.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace gossamer {
namespace {

class Constant final : public ComputeTime {
 public:
  explicit Constant(std::vector<Duration> times) : times_(std::move(times)) {}
  Duration gradient(NodeId node, std::int64_t) override { return times_[static_cast<std::size_t>(node)]; }
  bool passes() const override {
    return std::ranges::any_of(times_, [](Duration time) { return time > Duration::zero(); });
  }

 private:
  std::vector<Duration> times_;  // [node]
};

}  // namespace

std::unique_ptr<ComputeTime> ConstantComputeTime::make(NodeId nodes) const {
  std::vector<Duration> times(static_cast<std::size_t>(nodes), gradient);
  if (!factors.empty()) {
    if (gradient == Duration::zero()) {
      throw std::invalid_argument(
          "factors: these have no effect, as a gradient takes no time; give gradient, too");
    }
    if (factors.size() != times.size()) {
      throw std::invalid_argument("compute.factors has " + std::to_string(factors.size()) +
                                  " entries; it takes one for each of the " + std::to_string(nodes) +
                                  " nodes");
    }
    for (std::size_t i = 0; i < times.size(); ++i) {
      const double time = std::round(static_cast<double>(gradient.count()) * factors[i]);
      if (time >= 0x1p63)
        throw std::invalid_argument("compute.factors: a gradient would outlast the clock (292 years)");
      times[i] = Duration{static_cast<std::int64_t>(time)};
    }
  }
  return std::make_unique<Constant>(std::move(times));
}

}  // namespace gossamer
