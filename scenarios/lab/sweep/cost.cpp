#include "scenarios/lab/sweep/cost.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>

#include "scenarios/lab/run/run.hpp"
#include "scenarios/lab/run/setup.hpp"

namespace gossamer {
namespace {

/// CPU time of this process, which does nothing else meanwhile. A model's program computes elsewhere, while
/// this process waits: for it, the clock on the wall.
double cpu_seconds(const Scenario& scenario) {
  if (!scenario.problem->command()) return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

std::string text_of_seconds(double seconds) {
  if (seconds < 90) return fmt::format("{:.2g} s", seconds);
  return seconds < 90 * 60 ? fmt::format("{:.2g} min", seconds / 60)
                           : fmt::format("{:.3g} h", seconds / 3600);
}

std::string to_string(const Cost& cost) {
  if (!cost.seconds) return "until its target";
  return (cost.at_most ? "up to " : "") + text_of_seconds(*cost.seconds);
}

Cost CostEstimates::of(const Scenario& scenario) {
  const Stop& stop = scenario.stop;
  const Sample& of = sample(scenario);
  double iterations = std::numeric_limits<double>::infinity();
  if (stop.iterations) iterations = static_cast<double>(*stop.iterations);
  if (stop.simulated_time) iterations = std::min(iterations, seconds(*stop.simulated_time) / of.simulated);
  if (stop.bits) iterations = std::min(iterations, static_cast<double>(stop.bits->count) / of.bits);
  if (!std::isfinite(iterations)) return {};
  const auto* every = std::get_if<Duration>(&scenario.record.every);
  const double rows = every ? iterations * of.simulated / seconds(*every)
                            : iterations / static_cast<double>(std::get<std::int64_t>(scenario.record.every));
  return {of.setup + iterations * of.iteration + rows * of.row, stop.target.has_value()};
}

const CostEstimates::Sample& CostEstimates::sample(const Scenario& scenario) {
  Scenario alike = scenario;
  alike.name.clear();
  alike.seed = 1;
  alike.of_topology = alike.of_problem = alike.of_algorithm = {};
  alike.stop.iterations.reset();
  if (!alike.stop.simulated_time) alike.network = Scenario().network;
  const auto [entry, is_new] = samples_.try_emplace(to_yaml(resolved(alike)));
  Sample& sample = entry->second;
  if (!is_new) return sample;

  Pool pool(1);
  double begin = cpu_seconds(scenario);
  Setup setup(scenario, problems_);
  sample.setup = cpu_seconds(scenario) - begin;
  begin = cpu_seconds(scenario);
  (void)setup.problem->evaluate(setup.initial_point, {}, pool);
  sample.row = cpu_seconds(scenario) - begin;

  constexpr double long_enough = 0.1;
  const std::int64_t most = scenario.stop.iterations.value_or(std::numeric_limits<std::int64_t>::max());
  setup.scenario.record.every = most;  // Row 0 and the last.
  double cpu = 0;
  for (std::int64_t iterations = std::min<std::int64_t>(most, 2);;
       iterations = std::min(most, 4 * iterations)) {
    setup.scenario.stop = {};
    setup.scenario.stop.iterations = iterations;
    begin = cpu_seconds(scenario);
    const Trace trace = run(setup, {}).trace;
    cpu = std::max(0.0, cpu_seconds(scenario) - begin - sample.row);
    const auto last = [&](std::string_view metric) {
      return trace.last(metric) / static_cast<double>(iterations);
    };
    sample.iteration = cpu / static_cast<double>(iterations);
    sample.simulated = last("time");
    sample.bits = last("bits");
    if (cpu > long_enough || iterations == most || trace.status != Trace::Status::complete) break;
  }
  return sample;
}

}  // namespace gossamer
