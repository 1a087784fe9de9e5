#include "scenarios/lab/run/recorder.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

#include "scenarios/lab/trace/metrics.hpp"

namespace gossamer {
namespace {

constexpr double none = Evaluation::none;

double sum(std::span<const double> numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), 0.0);
}

}  // namespace

Recorder::Recorder(const Setup& setup, Simulation& simulation, const std::vector<Work>& work,
                   const CompressionError* compression_error, Round horizon, Trace& trace,
                   std::function<void()> progress)
    : setup_(setup),
      simulation_(simulation),
      work_(work),
      compression_error_(compression_error),
      horizon_(horizon),
      trace_(trace),
      progress_(std::move(progress)) {
  for (NodeId i = 0; i < workers(); ++i) all_samples_ += static_cast<double>(setup_.problem->samples(i));
  trace_.node_count = workers();
  if (!by_iteration()) rounds_.resize(static_cast<std::size_t>(node_count()));
}

void Recorder::begin() {
  for (const Metric& metric : metrics) {
    if (setup_.has(metric.name)) trace_.metrics.push_back({std::string(metric.name), {}});
  }
  if (scenario().record.nodes)
    trace_.nodes = {{"time", {}}, {"compute_time", {}}, {"bits", {}}, {"gradients", {}}};

  State state = make_state(true);
  for (NodeId i = 0; i < node_count(); ++i) set(state, i, i < workers() ? &setup_.initial_point : nullptr);
  add_row(0, state, &setup_.start);
  if (!by_iteration()) now_ = std::move(state);
  if (target_reached()) stop(Trace::End::target);
}

bool Recorder::is_due(Round t) const {
  return t % std::get<std::int64_t>(scenario().record.every) == 0 || t == horizon_;
}

bool Recorder::enough_bits(const State& state) const {
  const auto& bits = scenario().stop.bits;
  return bits && sum(state.bits) >= static_cast<double>(bits->count);
}

Recorder::State Recorder::make_state(bool with_x) {
  const auto n = static_cast<std::size_t>(node_count());
  State state;
  if (!spare_.empty()) {
    state = std::move(spare_.back());
    spare_.pop_back();
  }
  for (auto* column :
       {&state.time, &state.compute_time, &state.bits, &state.bits_paper, &state.gradients, &state.samples}) {
    column->resize(n);
  }
  state.x.resize(with_x ? setup_.problem->dimension() : 0, with_x ? workers() : 0);
  state.missing = node_count();
  return state;
}

void Recorder::release(State state) {
  spare_.push_back(std::move(state));
}

void Recorder::set(State& state, NodeId node, const Vector* x) const {
  if (x && state.x.size() > 0) {
    if (node < workers()) {
      state.x.col(node) = *x;
    } else {
      state.server_x = *x;
    }
  }
  count(state, node);
}

void Recorder::count(State& state, NodeId node) const {
  const auto i = static_cast<std::size_t>(node);
  state.time[i] = seconds(simulation_.now());
  state.compute_time[i] = seconds(simulation_.counters(node).computing);
  if (compression_error_) state.compression_error = compression_error_->mean();
  state.bits[i] = static_cast<double>(simulation_.counters(node).bits_sent);
  state.bits_paper[i] = static_cast<double>(work_[i].bits_paper);
  state.gradients[i] = static_cast<double>(work_[i].gradients);
  state.samples[i] = static_cast<double>(work_[i].samples);
}

void Recorder::finished(NodeId node, Round t, const Vector* x) {
  if (over_) return;
  if (!by_iteration()) {
    set(now_, node, x);
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
  set(state, node, x);
  if (--state.missing > 0) return;
  // Every node finishes its iterations in turn, so this is the first that is open.
  State done = std::move(open_.front());
  open_.pop_front();
  ++first_open_;
  complete(t, std::move(done));
}

void Recorder::complete(Round t, State state) {
  const bool last = t == horizon_, final = last || enough_bits(state);
  if (latest_) release(*std::exchange(latest_, std::nullopt));
  if (final || is_due(t)) {
    add_row(static_cast<double>(t), state);
    release(std::move(state));
    if (target_reached()) {
      stop(Trace::End::target);
    } else if (final) {
      stop(last ? Trace::End::iterations : Trace::End::bits);
    }
  } else {
    latest_ = std::move(state);
  }
  progress_();
}

void Recorder::tick() {
  for (NodeId i = 0; i < node_count(); ++i) count(now_, i);
  add_row(mean_round(), now_);
  if (target_reached()) {
    stop(Trace::End::target);
  } else if (enough_bits(now_)) {
    stop(Trace::End::bits);
  }
  progress_();
}

void Recorder::end() {
  if (over_) return;
  trace_.end = iteration() == horizon_ ? Trace::End::iterations : Trace::End::simulated_time;
  if (by_iteration()) {
    if (latest_ && latest_->x.size() > 0) add_row(static_cast<double>(iteration()), *latest_);
  } else if (trace_.metrics[0].values.back() < mean_round() ||
             trace_.metrics[1].values.back() < seconds(simulation_.now())) {
    tick();
  }
}

double Recorder::mean_round() const {
  const auto all =
      static_cast<double>(std::accumulate(rounds_.begin(), rounds_.begin() + workers(), Round{0}));
  return all / static_cast<double>(workers());
}

Round Recorder::iteration() const {
  return by_iteration() ? first_open_ - 1 : *std::min_element(rounds_.begin(), rounds_.end());
}

Evaluation Recorder::evaluate(const Vector& x) const {
  if (!x.allFinite()) return {};
  const Wanted wanted{.gradient = scenario().wants("grad_norm"),
                      .test = scenario().wants("test_loss") || scenario().wants("test_accuracy")};
  return setup_.problem->evaluate(x, wanted, simulation_.pool());
}

void Recorder::add_row(double iteration, const State& state, const Evaluation* known) {
  const Index n = workers();
  // From the first on, so that the mean of equal points is that point.
  Vector mean = Vector::Zero(state.x.rows());
  for (Index i = 1; i < n; ++i) mean += state.x.col(i) - state.x.col(0);
  mean = state.x.col(0) + mean / static_cast<double>(n);
  const Vector& x = state.server_x.size() > 0 ? state.server_x : mean;
  const Evaluation f = known ? *known : evaluate(x);

  const auto value = [&](std::string_view metric) -> double {
    if (metric == "iteration") return iteration;
    if (metric == "time") return *std::max_element(state.time.begin(), state.time.end());
    if (metric == "bits") return sum(state.bits);
    if (metric == "bits_up") return sum(std::span(state.bits).first(static_cast<std::size_t>(n)));
    if (metric == "bits_down") return state.bits.back();
    if (metric == "bits_paper") return sum(state.bits_paper);
    if (metric == "bits_per_node") return sum(state.bits) / setup_.counted_nodes;
    if (metric == "epoch") return sum(state.samples) / all_samples_;
    if (metric == "gradients") return sum(state.gradients);
    if (!scenario().wants(metric)) return none;
    if (metric == "loss") return f.loss;
    if (metric == "grad_norm") return norm(f.gradient);
    if (metric == "suboptimality") return f.loss - setup_.optimal_value;
    if (metric == "consensus") {
      double squares = 0;
      for (Index i = 0; i < n; ++i) squares += squared_norm(state.x.col(i) - mean);
      return squares / static_cast<double>(n);
    }
    if (metric == "train_accuracy") return f.train_accuracy;
    if (metric == "test_loss") return f.test_loss;
    if (metric == "test_accuracy") return f.test_accuracy;
    if (metric == "sparsity") return static_cast<double>((x == 0).count()) / static_cast<double>(x.size());
    if (metric == "compression_error") return state.compression_error;
    return none;
  };
  std::vector<double> numbers;
  for (const Column& column : trace_.metrics) numbers.push_back(value(column.name));
  // NaN in a row says that nobody asked.
  if (!std::isfinite(f.loss) || !f.gradient.allFinite() ||
      std::ranges::any_of(numbers, [](double number) { return std::isinf(number); })) {
    trace_.status = Trace::Status::diverged;
    trace_.diverged_at = static_cast<std::int64_t>(iteration);
    stop({});
    return;
  }
  for (std::size_t k = 0; k < numbers.size(); ++k) trace_.metrics[k].values.push_back(numbers[k]);
  if (!trace_.nodes.empty()) {
    const auto append = [n](Column& column, const std::vector<double>& row) {
      column.values.insert(column.values.end(), row.begin(), row.begin() + n);
    };
    append(trace_.nodes[0], state.time);
    append(trace_.nodes[1], state.compute_time);
    append(trace_.nodes[2], state.bits);
    append(trace_.nodes[3], state.gradients);
  }
  if (scenario().record.parameters == Parameters::final) {
    trace_.parameters.assign(state.x.data(), state.x.data() + state.x.size());
  }
}

bool Recorder::target_reached() const {
  const auto& target = scenario().stop.target;
  if (!target || trace_.status == Trace::Status::diverged) return false;
  return std::all_of(target->values.begin(), target->values.end(), [&](const auto& wanted) {
    const auto column = std::find_if(trace_.metrics.begin(), trace_.metrics.end(),
                                     [&](const Column& c) { return c.name == wanted.first; });
    if (column == trace_.metrics.end()) return false;
    const double last = column->values.back();
    return find_metric(wanted.first)->rises ? last >= wanted.second : last <= wanted.second;
  });
}

void Recorder::stop(std::optional<Trace::End> why) {
  if (over_) return;
  over_ = true;
  trace_.end = why;
  simulation_.scheduler().stop();
}

}  // namespace gossamer
