#include "sim/compute_time.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

#include "sim/text_file.hpp"

namespace gossamer {
namespace {

/// To the nearest nanosecond.
Duration times(Duration duration, double factor) {
  const double time = std::round(static_cast<double>(duration.count()) * factor);
  if (time >= 0x1p63) throw_clock_overflow();
  return Duration{static_cast<std::int64_t>(time)};
}

class Constant final : public ComputeTime {
 public:
  Constant(const ConstantComputeTime& settings, NodeId nodes)
      : gradient_(settings.gradient), per_row_(settings.per_row), factors_(settings.factors) {
    if (factors_.empty()) factors_.assign(static_cast<std::size_t>(nodes), 1);
  }
  Duration gradient(NodeId node, std::int64_t rows, Instant) override {
    std::int64_t time = 0;
    if (__builtin_mul_overflow(per_row_.count(), rows, &time) ||
        __builtin_add_overflow(time, gradient_.count(), &time)) {
      throw_clock_overflow();
    }
    const double factor = factors_[static_cast<std::size_t>(node)];
    return factor == 1 ? Duration{time} : times(Duration{time}, factor);
  }
  bool passes() const override {
    return (gradient_ > Duration::zero() || per_row_ > Duration::zero()) &&
           std::ranges::any_of(factors_, [](double factor) { return factor > 0; });
  }

 private:
  Duration gradient_, per_row_;
  std::vector<double> factors_;  // [node]
};

template <class Law>
class Random final : public ComputeTime {
 public:
  Random(std::unique_ptr<ComputeTime> mean, Law law, NodeId nodes, std::uint64_t seed)
      : mean_(std::move(mean)), law_(law) {
    for (NodeId i = 0; i < nodes; ++i) streams_.push_back(named_stream(seed, i, "compute time"));
  }
  Duration gradient(NodeId node, std::int64_t rows, Instant begin) override {
    return times(mean_->gradient(node, rows, begin), law_.draw(streams_[static_cast<std::size_t>(node)]));
  }
  bool passes() const override { return mean_->passes(); }

 private:
  std::unique_ptr<ComputeTime> mean_;
  Law law_;
  std::vector<Rng> streams_;  // [node]
};

class Recorded final : public ComputeTime {
 public:
  /// `durations` has `columns` on each line: 1, or one for each node.
  Recorded(std::vector<Duration> durations, std::size_t columns, NodeId nodes)
      : durations_(std::move(durations)), columns_(columns), next_(static_cast<std::size_t>(nodes)) {}
  Duration gradient(NodeId node, std::int64_t, Instant) override {
    const auto i = static_cast<std::size_t>(node);
    const Duration duration = durations_[next_[i] * columns_ + (columns_ == 1 ? 0 : i)];
    next_[i] = (next_[i] + 1) % (durations_.size() / columns_);
    return duration;
  }
  bool passes() const override {
    return std::ranges::any_of(durations_, [](Duration duration) { return duration > Duration::zero(); });
  }

 private:
  std::vector<Duration> durations_;  // [line][column]
  std::size_t columns_;
  std::vector<std::size_t> next_;  // [node]: the line
};

}  // namespace

std::unique_ptr<ComputeTime> ConstantComputeTime::make(NodeId nodes, std::uint64_t) const {
  if (!factors.empty()) {
    if (gradient == Duration::zero() && per_row == Duration::zero()) {
      throw std::invalid_argument(
          "factors: these have no effect, as a gradient takes no time; give gradient or per_row, too");
    }
    if (factors.size() != static_cast<std::size_t>(nodes)) {
      throw std::invalid_argument("compute.factors has " + counted(factors.size(), "entry", "entries") +
                                  "; it takes one for each of the " + std::to_string(nodes) + " nodes");
    }
    const double longest = static_cast<double>(gradient.count()) * *std::ranges::max_element(factors);
    if (longest >= 0x1p63) {
      throw std::invalid_argument("compute.factors: a gradient would outlast the clock (292 years)");
    }
  }
  return std::make_unique<Constant>(*this, nodes);
}

template <class Law>
std::unique_ptr<ComputeTime> RandomComputeTime<Law>::make(NodeId nodes, std::uint64_t seed) const {
  auto mean = ConstantComputeTime::make(nodes, seed);
  if (!mean->passes()) {
    throw std::invalid_argument(
        "the distribution has no effect, as a gradient takes no time; give gradient or per_row");
  }
  return std::make_unique<Random<Law>>(std::move(mean), *this, nodes, seed);
}

template struct RandomComputeTime<ExponentialLaw>;
template struct RandomComputeTime<ShiftedExponentialLaw>;
template struct RandomComputeTime<LognormalLaw>;
template struct RandomComputeTime<GammaLaw>;

std::unique_ptr<ComputeTime> RecordedComputeTime::make(NodeId nodes, std::uint64_t) const {
  TextFile file(*path, " \t,;");
  std::vector<Duration> durations;
  std::size_t columns = 0;
  while (file.next()) {
    const auto& words = file.words();
    for (const std::string_view word : words) {
      const auto duration = parse_duration(word);
      if (!duration)
        file.fail(word, "'" + std::string(word) + "' is no duration; it takes 12.5ms, without a blank");
      durations.push_back(*duration);
    }
    if (columns == 0) columns = words.size();
    if (words.size() != columns || (columns != 1 && columns != static_cast<std::size_t>(nodes))) {
      file.fail("has " + counted(words.size(), "duration", "durations") +
                "; every line takes one for all nodes, or " + std::to_string(nodes) + ", one for each");
    }
  }
  if (durations.empty()) throw InputFileError(path->path.string() + ": has no duration");
  return std::make_unique<Recorded>(std::move(durations), columns, nodes);
}

}  // namespace gossamer
