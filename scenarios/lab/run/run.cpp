#include "scenarios/lab/run/run.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>

#include "scenarios/lab/run/recorder.hpp"

namespace gossamer {
namespace {

void add_links(const NetworkModel& network, const Links& links, Trace& trace) {
  if (!network.links()) return;
  trace.links = {{"from", {}},          {"to", {}},      {"messages", {}}, {"bytes", {}}, {"busy_time", {}},
                 {"longest_queue", {}}, {"latency", {}}, {"bandwidth", {}}};
  for (LinkId l = 0; l < *network.links(); ++l) {
    const auto& [from, to] = links.ends[static_cast<std::size_t>(l)];
    const auto& [latency, bandwidth] = links.parameters[static_cast<std::size_t>(l)];
    const LinkCounters link = network.counters(l);
    const double row[] = {static_cast<double>(from),
                          static_cast<double>(to),
                          static_cast<double>(link.messages),
                          static_cast<double>(link.bytes),
                          seconds(link.busy),
                          static_cast<double>(link.longest_queue),
                          seconds(latency),
                          bandwidth.is_unlimited() ? std::numeric_limits<double>::infinity()
                                                   : static_cast<double>(bandwidth.bits_per_second)};
    for (std::size_t k = 0; k < trace.links.size(); ++k) trace.links[k].values.push_back(row[k]);
  }
}

double fraction_done(const Stop& stop, const Recorder& recorder, const Trace& trace, Instant now) {
  double done = std::numeric_limits<double>::quiet_NaN();
  const auto consider = [&](double fraction) {
    done = std::isnan(done) ? fraction : std::max(done, fraction);
  };
  if (stop.iterations)
    consider(static_cast<double>(recorder.iteration()) / static_cast<double>(*stop.iterations));
  if (stop.simulated_time) consider(seconds(now) / seconds(*stop.simulated_time));
  if (stop.bits) consider(trace.last("bits") / static_cast<double>(stop.bits->count));
  return done;
}

/// Runs until the programs end, the time is over, or the recorder stops the run; with a row at each interval.
void run_by_time(Simulation& simulation, Recorder& recorder, Duration every, Instant end) {
  for (Instant next = later(Instant{}, every); !recorder.over(); next = later(next, every)) {
    const bool ended = simulation.run_until(std::min(next, end));
    if (ended || recorder.over() || next > end) return;
    recorder.tick();
    if (next == end) return;
  }
}

std::map<std::string, std::int64_t> measured_rows(const Problem& problem) {
  const MeasuredRows rows = problem.measured_rows();
  std::map<std::string, std::int64_t> counts{
      {"train_rows", rows.train}, {"test_rows", rows.test}, {"validation_rows", rows.validation}};
  std::erase_if(counts, [](const auto& entry) { return entry.second == 0; });
  return counts;
}

Trace begun(const Setup& setup, const RunOptions& options) {
  Trace trace;
  trace.scenario = setup.resolved;
  trace.identity = identity_of(setup.resolved, setup.inputs);
  trace.inputs = setup.inputs.hashes;
  trace.files = setup.inputs.files;
  trace.sizes = setup.sizes;
  trace.measured_rows = measured_rows(*setup.problem);
  trace.layers = setup.problem->layers();
  trace.sweep = options.labels;
  trace.seed = setup.scenario.seed;
  trace.edges = links_of(setup.graphs.topology);
  trace.directed = setup.graphs.topology.directed;
  trace.names = setup.graphs.topology.names;
  trace.mixing = setup.graphs.mixing;
  if (setup.graphs.certificate) {
    trace.spectral_gap = setup.graphs.certificate->spectral_gap;
    trace.lambda_bound = setup.graphs.certificate->lambda_bound;
  }
  return trace;
}

/// Runs as far as the scenario says.
void run_to_the_end(const Scenario& scenario, Simulation& simulation, Recorder& recorder) {
  if (recorder.over()) return;
  const auto time = scenario.stop.simulated_time;
  const Instant end = time ? Instant{*time} : Instant::max();
  if (const auto* every = std::get_if<Duration>(&scenario.record.every)) {
    run_by_time(simulation, recorder, *every, end);
  } else if (time) {
    simulation.run_until(end);
  } else {
    simulation.run();
  }
  recorder.end();
}

}  // namespace

Outcome run(const Setup& setup, const RunOptions& options) {
  const Scenario& scenario = setup.scenario;
  Outcome outcome{begun(setup, options), {}};
  Trace& trace = outcome.trace;
  Pool pool(options.threads);
  Programs* running = nullptr;
  Recorder* watched = nullptr;
  Recorder recorder(setup, trace, pool, [&] {
    const Instant now = running->simulation.now();
    trace.fingerprint = running->simulation.fingerprint();
    options.watch({fraction_done(scenario.stop, *watched, trace, now), watched->iteration(), seconds(now)},
                  trace);
  });
  Programs programs(setup, pool, &recorder);
  running = &programs;
  watched = &recorder;

  recorder.begin(programs);
  programs.spawn();
  try {
    run_to_the_end(scenario, programs.simulation, recorder);
    if (trace.status == Trace::Status::partial) {
      trace.status = Trace::Status::complete;
    } else {
      outcome.reason = "iteration " + std::to_string(*trace.diverged_at) + ": a metric is not finite";
    }
  } catch (const Divergence& divergence) {
    trace.status = Trace::Status::diverged;
    trace.diverged_at = divergence.iteration();
    outcome.reason = divergence.what();
  } catch (const std::bad_alloc&) {
    trace.status = Trace::Status::failed;
    outcome.reason = out_of_memory;
  } catch (const std::exception& error) {
    trace.status = Trace::Status::failed;
    outcome.reason = error.what();
  }
  trace.fingerprint = programs.simulation.fingerprint();
  add_links(programs.simulation.model(), setup.links, trace);
  return outcome;
}

}  // namespace gossamer
