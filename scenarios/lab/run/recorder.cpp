#include "scenarios/lab/run/recorder.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace gossamer {
namespace {

/// Whether a run goes on for ever where no time passes.
bool ends_by_time_alone(const Scenario& scenario) {
  const Stop& stop = scenario.stop;
  const bool rows_by_time = std::holds_alternative<Duration>(scenario.record.every);
  return !stop.iterations && (rows_by_time || (!stop.bits && !stop.target));
}

}  // namespace

Recorder::Recorder(const Setup& setup, Trace& trace, Pool& pool, std::function<void()> progress)
    : setup_(setup),
      trace_(trace),
      rows_(setup, pool, trace),
      progress_(std::move(progress)),
      way_(std::holds_alternative<Duration>(scenario().record.every) ? Way::by_time
           : setup.facts.shares_rounds                               ? Way::by_iteration
                                                                     : Way::by_updates),
      ends_by_time_alone_(ends_by_time_alone(scenario())),
      rounds_(static_cast<std::size_t>(setup.nodes())) {}

void Recorder::begin(Programs& programs) {
  programs_ = &programs;
  Open start = open(true);
  for (NodeId i = 0; i < node_count(); ++i) {
    set(start.standing, i, i < workers() ? &setup_.initial_point : nullptr);
  }
  if (!rows_.add(0, 0, start.standing, &setup_.facts.start)) {
    stop({});
  } else if (rows_.target_reached()) {
    stop(Trace::End::target);
  }
  if (way_ == Way::by_iteration) {
    spare_.push_back(std::move(start));
  } else {
    now_ = std::move(start.standing);
  }
}

Recorder::Open Recorder::open(bool with_x) {
  const auto n = static_cast<std::size_t>(node_count());
  Open iteration;
  if (!spare_.empty()) {
    iteration = std::move(spare_.back());
    spare_.pop_back();
  }
  auto& [values, times] = iteration.standing;
  for (auto* column : {&times.time, &times.compute_time, &times.messages_lost, &values.bits,
                       &values.bits_paper, &values.gradients, &values.samples}) {
    column->resize(n);
  }
  values.contraction.assign(n, Evaluation::none);
  values.measured.resize(setup_.facts.algorithm_metrics.size());
  values.x.resize(with_x ? setup_.problem->dimension() : 0, with_x ? workers() : 0);
  if (const auto& kept = setup_.scenario.record.vectors; kept && with_x) {
    const Eigen::ArrayXXd none = Eigen::ArrayXXd::Constant(values.x.rows(), node_count(), Evaluation::none);
    values.vectors.assign(kept->size(), none);
  }
  const Vector* const state = with_x ? setup_.problem->initial_state() : nullptr;
  values.states.resize(state ? state->size() : 0, state ? workers() : 0);
  iteration.missing = node_count();
  return iteration;
}

void Recorder::set(Standing& standing, NodeId node, const Vector* x) const {
  Values& values = standing.values;
  if (x && values.x.size() > 0) {
    if (node < workers()) {
      values.x.col(node) = *x;
    } else {
      values.server_x = *x;
    }
  }
  for (std::size_t k = 0; k < values.vectors.size(); ++k) {
    const Watched& watched = programs_->watched;
    const Vector* vector = watched.names()[k] == "x" ? x : watched.of(node, k);
    if (vector && vector->size() > 0) values.vectors[k].col(node) = *vector;
  }
  count(standing, node);
}

void Recorder::count(Standing& standing, NodeId node) const {
  const auto i = static_cast<std::size_t>(node);
  auto& [values, times] = standing;
  const NodeCounters& counters = programs_->simulation.counters(node);
  const Work& work = programs_->work[i];
  times.time[i] = seconds(programs_->simulation.now());
  times.compute_time[i] = seconds(counters.computing);
  times.messages_lost[i] = static_cast<double>(counters.messages_lost);
  values.bits[i] = static_cast<double>(counters.bits_sent);
  values.bits_paper[i] = static_cast<double>(work.bits_paper);
  values.gradients[i] = static_cast<double>(work.gradients);
  values.samples[i] = static_cast<double>(work.samples);
  values.contraction[i] = work.contraction;
  if (values.states.size() > 0 && node < workers()) values.states.col(node) = work.state;
  for (std::size_t k = 0; k < values.measured.size(); ++k) {
    values.measured[k] = programs_->measures.value(setup_.facts.algorithm_metrics[k]);
  }
}

void Recorder::finished(NodeId node, Round t, const Vector* x) {
  if (over_) return;
  if (ends_by_time_alone_) require_time();
  if (way_ == Way::by_iteration) return finish_iteration(node, t, x);
  set(now_, node, x);
  rounds_[static_cast<std::size_t>(node)] = t;
  if (node < workers()) ++local_;
  if (way_ == Way::by_updates) return finish_update(node);
  // Where nodes share rounds, each ends by itself, as a server does.
  if (!setup_.facts.shares_rounds && !setup_.has_server() && all_updates_done()) {
    add_present_row();
    stop(Trace::End::iterations);
  }
}

void Recorder::changed(NodeId node, const Vector& x) {
  if (over_ || way_ == Way::by_iteration) return;
  now_.values.x.col(node) = x;
}

/// Where only time ends the run: that it passes. No run that means to has so many iterations at one instant.
void Recorder::require_time() {
  const Round most = 100'000 + 100 * Round{node_count()};
  const Instant now = programs_->simulation.now();
  if (now != std::exchange(instant_, now)) at_instant_ = 0;
  if (++at_instant_ < most) return;
  throw std::runtime_error(
      std::to_string(most) +
      " iterations have ended at this instant: no simulated time passes, and stop is never "
      "reached; give iterations, too");
}

// ---- By iteration

void Recorder::require_memory(NodeId node, Round t) const {
  constexpr double most_bytes = 2e9;
  const auto vectors = static_cast<double>(1 + programs_->watched.names().size());  // Of every node.
  const double of_one = 8.0 * static_cast<double>(setup_.problem->dimension()) * workers() * vectors;
  const double rows = static_cast<double>(t - first_open_) / static_cast<double>(rows_between());
  if (open_.size() < 2 || rows * of_one < most_bytes) return;
  throw std::runtime_error(
      "node " + std::to_string(node) + " has finished iteration " + std::to_string(t) +
      ", and another not yet " + std::to_string(first_open_) +
      ": to record by iteration, the iterates of all iterations between would have to be kept; "
      "record by simulated time, or less often");
}

void Recorder::finish_iteration(NodeId node, Round t, const Vector* x) {
  // Where the run may end at any iteration, each may have to be recorded.
  const bool any_may_be_final = scenario().stop.simulated_time || scenario().stop.bits;
  while (static_cast<Round>(open_.size()) <= t - first_open_) {
    require_memory(node, t);
    const Round next = first_open_ + static_cast<Round>(open_.size());
    open_.push_back(open(any_may_be_final || is_due(next)));
  }
  Open& iteration = open_[static_cast<std::size_t>(t - first_open_)];
  set(iteration.standing, node, x);
  if (--iteration.missing > 0) return;
  // Every node finishes its iterations in turn, so this is the first that is open.
  Open done = std::move(open_.front());
  open_.pop_front();
  ++first_open_;
  complete(t, std::move(done));
}

void Recorder::complete(Round t, Open iteration) {
  const Values& values = iteration.standing.values;
  const bool last = t == programs_->horizon(), final = last || rows_.enough_bits(values);
  if (latest_) spare_.push_back(*std::exchange(latest_, std::nullopt));
  if (final || is_due(t)) {
    const auto count = static_cast<double>(t);
    if (!rows_.add(count, count, iteration.standing)) {
      stop({});
    } else {
      stop_where_due(last, values);
    }
    spare_.push_back(std::move(iteration));
  } else {
    latest_ = std::move(iteration);
  }
  progress_();
}

// ---- By updates

double Recorder::updates() const {
  return setup_.has_server() ? static_cast<double>(rounds_.back()) : local_iterations();
}

bool Recorder::all_updates_done() const {
  if (setup_.has_server()) return rounds_.back() == programs_->horizon();
  return local_ / workers() == programs_->horizon() && local_ % workers() == 0;
}

void Recorder::finish_update(NodeId node) {
  const bool server = setup_.has_server();
  if (server && node < workers()) return;
  const Round count = server ? rounds_.back() : local_, one = server ? 1 : workers();
  const bool last = all_updates_done();
  const bool final = last || rows_.enough_bits(now_.values);
  if (count % (one * rows_between()) == 0 || final) {
    add_present_row();
    if (!over_) stop_where_due(last, now_.values);
  }
  progress_();
}

void Recorder::add_present_row() {
  for (NodeId i = 0; i < node_count(); ++i) count(now_, i);
  if (!rows_.add(present_iteration(), updates(), now_)) stop({});
}

// ---- By simulated time

void Recorder::tick() {
  add_present_row();
  if (!over_) stop_where_due(false, now_.values);
  progress_();
}

// ---- All

void Recorder::stop_where_due(bool at_horizon, const Values& values) {
  if (rows_.target_reached()) {
    stop(Trace::End::target);
  } else if (at_horizon) {
    stop(Trace::End::iterations);
  } else if (rows_.enough_bits(values)) {
    stop(Trace::End::bits);
  }
}

void Recorder::end() {
  if (over_) return;
  trace_.end = iteration() == programs_->horizon() ? Trace::End::iterations : Trace::End::simulated_time;
  if (way_ == Way::by_iteration) {
    if (!latest_ || latest_->standing.values.x.size() == 0) return;
    const auto count = static_cast<double>(iteration());
    if (!rows_.add(count, count, latest_->standing)) stop({});
    return;
  }
  const bool time_passed = trace_.last("time") < seconds(programs_->simulation.now());
  if (trace_.last("iteration") < present_iteration() || time_passed) tick();
}

Round Recorder::iteration() const {
  if (way_ == Way::by_iteration) return first_open_ - 1;
  if (way_ == Way::by_updates) return setup_.has_server() ? rounds_.back() : local_ / workers();
  return *std::ranges::min_element(rounds_);
}

void Recorder::stop(std::optional<Trace::End> why) {
  if (over_) return;
  over_ = true;
  trace_.end = why;
  programs_->simulation.scheduler().stop();
}

}  // namespace gossamer
