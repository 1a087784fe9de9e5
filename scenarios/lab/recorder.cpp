#include "scenarios/lab/recorder.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "scenarios/lab/metrics.hpp"

namespace gossamer {
namespace {

constexpr double none = Evaluation::none;

double sum(const std::vector<double>& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), 0.0);
}

}  // namespace

Recorder::Recorder(const Watched& watched, Trace& trace, std::function<void()> progress)
    : watched_(watched), trace_(trace), progress_(std::move(progress)) {
  for (NodeId i = 0; i < node_count(); ++i) all_samples_ += static_cast<double>(watched_.problem.samples(i));
  trace_.node_count = node_count();
  if (!by_iteration()) rounds_.resize(static_cast<std::size_t>(node_count()));
}

void Recorder::begin(const Vector& initial_point) {
  // One evaluation of everything tells which metrics the problem has.
  const Evaluation all = watched_.problem.evaluate(initial_point, {}, watched_.simulation.pool());
  const auto has = [&](std::string_view metric) {
    if (metric == "train_accuracy") return !std::isnan(all.train_accuracy);
    if (metric == "test_loss") return !std::isnan(all.test_loss);
    if (metric == "test_accuracy") return !std::isnan(all.test_accuracy);
    if (metric == "suboptimality") return !std::isnan(watched_.optimal_value);
    return true;
  };
  for (const Metric& metric : metrics) {
    if (has(metric.name)) {
      trace_.metrics.push_back({std::string(metric.name), {}});
    } else if (wants(metric.name) && !scenario().record.metrics.chosen.empty()) {
      throw std::invalid_argument("the problem has no " + std::string(metric.name));
    }
  }
  if (scenario().record.nodes) trace_.nodes = {{"time", {}}, {"bits", {}}, {"gradients", {}}};

  State state = make_state(true);
  for (NodeId i = 0; i < node_count(); ++i) set(state, i, initial_point, {});
  if (!by_iteration()) now_ = state;
  add_row(0, std::move(state));
  if (target_reached()) stop();
}

bool Recorder::is_due(Round t) const {
  return t % std::get<std::int64_t>(scenario().record.every) == 0 || t == watched_.horizon;
}

bool Recorder::wants(std::string_view metric) const {
  const auto& chosen = scenario().record.metrics.chosen;
  if (chosen.empty() || std::find(chosen.begin(), chosen.end(), metric) != chosen.end()) return true;
  const auto& target = scenario().stop.target;
  return target && std::any_of(target->values.begin(), target->values.end(),
                               [&](const auto& value) { return value.first == metric; });
}

Recorder::State Recorder::make_state(bool with_x) {
  const auto n = static_cast<std::size_t>(node_count());
  State state;
  if (!spare_.empty()) {
    state = std::move(spare_.back());
    spare_.pop_back();
  }
  for (auto* column : {&state.time, &state.bits, &state.gradients, &state.samples}) column->resize(n);
  state.x.resize(with_x ? watched_.problem.dimension() : 0, with_x ? node_count() : 0);
  state.missing = node_count();
  return state;
}

void Recorder::release(State state) {
  spare_.push_back(std::move(state));
}

void Recorder::set(State& state, NodeId node, const Vector& x, const Work& work) const {
  const auto i = static_cast<std::size_t>(node);
  if (state.x.size() > 0) state.x.col(node) = x;
  state.time[i] = seconds(watched_.simulation.now());
  state.bits[i] = static_cast<double>(watched_.simulation.counters(node).bits_sent);
  state.gradients[i] = static_cast<double>(work.gradients);
  state.samples[i] = static_cast<double>(work.samples);
}

void Recorder::finished(NodeId node, Round t, const Vector& x, const Work& work) {
  if (over_) return;
  if (!by_iteration()) {
    set(now_, node, x, work);
    rounds_[static_cast<std::size_t>(node)] = t;
    return;
  }
  // Where the run may end at any iteration, each may have to be recorded.
  const bool any_may_be_final = scenario().stop.simulated_time || scenario().stop.bits;
  while (static_cast<Round>(open_.size()) <= t - first_open_) {
    const Round next = first_open_ + static_cast<Round>(open_.size());
    open_.push_back(make_state(any_may_be_final || is_due(next)));
  }
  State& state = open_[static_cast<std::size_t>(t - first_open_)];
  set(state, node, x, work);
  if (--state.missing > 0) return;
  // Every node finishes its iterations in turn, so this is the first that is open.
  State done = std::move(open_.front());
  open_.pop_front();
  ++first_open_;
  complete(t, std::move(done));
}

void Recorder::complete(Round t, State state) {
  const auto& bits = scenario().stop.bits;
  const bool final = t == watched_.horizon || (bits && sum(state.bits) >= static_cast<double>(*bits));
  if (latest_) release(*std::exchange(latest_, std::nullopt));
  if (final || is_due(t)) {
    add_row(static_cast<double>(t), std::move(state));
    if (final || target_reached()) stop();
  } else {
    latest_ = std::move(state);
  }
  progress_();
}

void Recorder::tick() {
  for (NodeId i = 0; i < node_count(); ++i) {
    now_.bits[static_cast<std::size_t>(i)] = static_cast<double>(watched_.simulation.counters(i).bits_sent);
    now_.time[static_cast<std::size_t>(i)] = seconds(watched_.simulation.now());
  }
  const double rounds = static_cast<double>(std::accumulate(rounds_.begin(), rounds_.end(), Round{0}));
  add_row(rounds / static_cast<double>(node_count()), now_);
  const auto& bits = scenario().stop.bits;
  if (target_reached() || (bits && sum(now_.bits) >= static_cast<double>(*bits))) stop();
  progress_();
}

void Recorder::end() {
  if (over_) return;
  if (by_iteration()) {
    if (latest_ && latest_->x.size() > 0)
      add_row(static_cast<double>(iteration()), *std::exchange(latest_, std::nullopt));
  } else if (seconds(watched_.simulation.now()) > trace_.metrics[1].values.back()) {
    tick();
  }
}

Round Recorder::iteration() const {
  return by_iteration() ? first_open_ - 1 : *std::min_element(rounds_.begin(), rounds_.end());
}

void Recorder::add_row(double iteration, State state) {
  const Index n = node_count();
  Vector mean = Vector::Zero(state.x.rows());
  for (Index i = 0; i < n; ++i) mean += state.x.col(i);
  mean /= static_cast<double>(n);
  Evaluation f;
  if (mean.allFinite()) {
    const Wanted wanted{.gradient = wants("grad_norm"), .test = wants("test_loss") || wants("test_accuracy")};
    f = watched_.problem.evaluate(mean, wanted, watched_.simulation.pool());
  }
  if (!std::isfinite(f.loss) || (f.gradient.size() > 0 && !f.gradient.allFinite())) {
    trace_.status = Trace::Status::diverged;
    trace_.diverged_at = static_cast<std::int64_t>(iteration);
    stop();
    return;
  }

  const auto value = [&](std::string_view metric) -> double {
    if (metric == "iteration") return iteration;
    if (metric == "time") return *std::max_element(state.time.begin(), state.time.end());
    if (metric == "bits") return sum(state.bits);
    if (metric == "bits_per_node") return sum(state.bits) / watched_.counted_nodes;
    if (metric == "epoch") return sum(state.samples) / all_samples_;
    if (metric == "gradients") return sum(state.gradients);
    if (!wants(metric)) return none;
    if (metric == "loss") return f.loss;
    if (metric == "grad_norm") return norm(f.gradient);
    if (metric == "suboptimality") return f.loss - watched_.optimal_value;
    if (metric == "consensus") {
      double squares = 0;
      for (Index i = 0; i < n; ++i) squares += squared_norm(state.x.col(i) - mean);
      return squares / static_cast<double>(n);
    }
    if (metric == "train_accuracy") return f.train_accuracy;
    if (metric == "test_loss") return f.test_loss;
    if (metric == "test_accuracy") return f.test_accuracy;
    return none;
  };
  for (Column& column : trace_.metrics) column.values.push_back(value(column.name));
  if (!trace_.nodes.empty()) {
    const auto append = [](Column& column, const std::vector<double>& row) {
      column.values.insert(column.values.end(), row.begin(), row.end());
    };
    append(trace_.nodes[0], state.time);
    append(trace_.nodes[1], state.bits);
    append(trace_.nodes[2], state.gradients);
  }
  if (scenario().record.parameters == Parameters::final) {
    trace_.parameters.assign(state.x.data(), state.x.data() + state.x.size());
  }
  release(std::move(state));
}

bool Recorder::target_reached() const {
  const auto& target = scenario().stop.target;
  if (!target || trace_.status == Trace::Status::diverged) return false;
  return std::all_of(target->values.begin(), target->values.end(), [&](const auto& wanted) {
    const auto column = std::find_if(trace_.metrics.begin(), trace_.metrics.end(),
                                     [&](const Column& c) { return c.name == wanted.first; });
    if (column == trace_.metrics.end()) return false;
    const double last = column->values.back();
    return find_metric(wanted.first)->higher_is_better ? last >= wanted.second : last <= wanted.second;
  });
}

void Recorder::stop() {
  over_ = true;
  watched_.simulation.scheduler().stop();
}

}  // namespace gossamer
