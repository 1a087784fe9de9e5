#include "scenarios/lab/run/setup.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>
#include <type_traits>

#include "scenarios/lab/trace/metrics.hpp"
#include "sim/random.hpp"

namespace gossamer {
namespace {

/// Runs `build`, and says where in the scenario stands what it cannot build.
template <class Build>
auto built_from(const Scenario& scenario, const std::string& section, Build build) {
  try {
    return build();
  } catch (const BadInput&) {
    throw;
  } catch (const std::bad_alloc&) {  // Not the scenario's fault alone.
    throw;
  } catch (const TopologyFileError&) {  // These two name the place themselves.
    throw;
  } catch (const DataFileError&) {
    throw;
  } catch (const DataError& error) {
    throw BadInput(scenario.at(section + "." + error.key()), error.what());
  } catch (const std::exception& error) {
    throw BadInput(scenario.at(section), error.what());
  }
}

Vector make_initial_point(const Scenario& scenario, Index dimension) {
  const InitialPoint& x0 = scenario.x0;
  Vector point = Vector::Zero(dimension);
  if (x0.random) {
    Rng rng = named_stream(scenario.seed, -1, "initial point");
    for (double& coordinate : point) coordinate = rng.normal();
  } else if (!x0.list.empty()) {
    if (static_cast<Index>(x0.list.size()) != dimension) {
      throw BadInput(scenario.at("problem.x0"), "x0 has " + std::to_string(x0.list.size()) +
                                                    " coordinates; the problem has " +
                                                    std::to_string(dimension));
    }
    point = Eigen::Map<const Vector>(x0.list.data(), dimension);
  }
  return point;
}

std::vector<Duration> make_gradient_time(const Scenario& scenario, int nodes) {
  const auto& [gradient, factors] = scenario.compute;
  std::vector<Duration> times(static_cast<std::size_t>(nodes), gradient);
  if (factors.empty()) return times;
  if (factors.size() != times.size()) {
    throw BadInput(scenario.at("compute.factors"), "compute.factors has " + std::to_string(factors.size()) +
                                                       " entries; it takes one for each of the " +
                                                       std::to_string(nodes) + " nodes");
  }
  for (std::size_t i = 0; i < times.size(); ++i) {
    const double time = std::round(static_cast<double>(gradient.count()) * factors[i]);
    if (time > 0x1p62)
      throw BadInput(scenario.at("compute.factors"),
                     "compute.factors: a gradient would outlast the clock (292 years)");
    times[i] = Duration{static_cast<std::int64_t>(time)};
  }
  return times;
}

}  // namespace

Graphs::Graphs(const Scenario& scenario)
    : topology(built_from(scenario, "topology", [&] {
        const std::uint64_t seed = stream_seed(scenario.seed, -1, "topology");
        return std::visit([&](const auto& family) { return family.build(seed); }, scenario.topology.value);
      })) {
  if (!scenario.mixing) return;
  mixing = built_from(scenario, "mixing", [&] {
    return std::visit([&](const auto& rule) { return rule.build(topology.graph); }, scenario.mixing->value);
  });
  certificate = built_from(scenario, "mixing", [&] { return certify(*mixing, topology); });
}

Setup::Setup(Scenario given, const Problems& problems)
    : scenario(std::move(given)),
      graphs(scenario),
      adjacency(node_count(graphs.topology.graph), edge_list(graphs.topology.graph)),
      links(make_links(scenario, graphs.topology, adjacency)) {
  problem = built_from(scenario, "problem", [&] { return problems.of(scenario, workers()); });
  built_from(scenario, "algorithm", [&] {
    std::visit(
        [&](const auto& algorithm) {
          if constexpr (requires { algorithm.require(Index{}); }) algorithm.require(problem->dimension());
        },
        scenario.algorithm.value);
  });
  initial_point = make_initial_point(scenario, problem->dimension());
  gradient_time = make_gradient_time(scenario, workers());
  batch_size = std::visit(
      [](const auto& settings) {
        if constexpr (requires { settings.data; }) return settings.data.batch_size;
        return BatchSize{};
      },
      scenario.problem.value);
  require_batches();
  counted_nodes = std::holds_alternative<Star>(scenario.topology.value) ? nodes() - 1 : nodes();
  optimal_value = scenario.optimal_value.value_or(problem->optimal_value().value_or(Evaluation::none));
  Pool pool(1);
  start = problem->evaluate(initial_point, {}, pool);
  if (!std::isfinite(start.loss) || !std::isfinite(squared_norm(start.gradient)) ||
      !std::isfinite(squared_norm(initial_point))) {
    throw BadInput(
        scenario.at("problem.x0"),
        "x0: it, the loss or its gradient is not finite there, or too large to square; choose another");
  }
  require_metrics();
  require_an_end();
}

bool Setup::has(std::string_view metric) const {
  if (metric == "train_accuracy") return !std::isnan(start.train_accuracy);
  if (metric == "test_loss") return !std::isnan(start.test_loss);
  if (metric == "test_accuracy") return !std::isnan(start.test_accuracy);
  if (metric == "suboptimality") return !std::isnan(optimal_value);
  if (metric == "bits_up" || metric == "bits_down" || metric == "bits_paper") return has_server();
  return std::visit(
      [&](const auto& algorithm) {
        if (metric == "sparsity") return requires {
            algorithm.composite;
          };
        if (metric == "compression_error") return requires {
            algorithm.quantizer;
          };
        return true;
      },
      scenario.algorithm.value);
}

void Setup::require_metrics() const {
  const auto require = [this](const std::string& metric, const std::string& path) {
    if (has(metric)) return;
    std::vector<std::string> all = metric_names();
    std::erase_if(all, [this](const std::string& name) { return !has(name); });
    throw BadInput(scenario.at(path), "the problem has no " + metric + "; there are: " + joined(all));
  };
  if (const auto& chosen = scenario.record.metrics.chosen) {
    for (const std::string& metric : *chosen) require(metric, "record.metrics");
  }
  if (const auto& target = scenario.stop.target) {
    for (const auto& [metric, value] : target->values) require(metric, "stop.target." + metric);
  }
}

/// A batch that holds all rows of every node is a full one by another name.
void Setup::require_batches() const {
  if (!batch_size.rows) return;
  Index most = 0;
  for (int i = 0; i < problem->nodes(); ++i) most = std::max(most, problem->samples(i));
  if (*batch_size.rows <= most) return;
  throw BadInput(scenario.at("problem.batch_size"),
                 "batch_size: no node has " + std::to_string(*batch_size.rows) +
                     " rows; it takes full, or up to " + std::to_string(most));
}

void Setup::require_an_end() const {
  const Stop& stop = scenario.stop;
  const bool time_passes = links.take_time() || std::ranges::any_of(gradient_time, [](Duration d) {
                             return d > Duration::zero();
                           });
  const bool records = time_passes || std::holds_alternative<std::int64_t>(scenario.record.every);
  if (stop.iterations || (stop.simulated_time && time_passes) || (stop.target && records) ||
      (stop.bits && nodes() > 1 && records)) {
    return;
  }
  throw BadInput(scenario.at("stop"),
                 "stop: this never comes true, as " +
                     std::string(time_passes ? "a single node sends nothing" : "no simulated time passes") +
                     "; it takes iterations too");
}

Experiment Setup::experiment(std::vector<Work>& work, Observer* observer) const {
  return {.problem = *problem,
          .mixing = graphs.mixing ? &*graphs.mixing : nullptr,
          .horizon = scenario.stop.iterations.value_or(std::numeric_limits<Round>::max()),
          .initial_point = initial_point,
          .seed = scenario.seed,
          .batch_size = batch_size,
          .gradient_time = gradient_time,
          .wire = scenario.wire,
          .work = work,
          .observer = observer};
}

void Setup::spawn(Simulation& simulation, const Experiment& experiment) const {
  std::visit(
      [&]<class Algorithm>(const Algorithm& algorithm) {
        for (NodeId i = 0; i < workers(); ++i) {
          const Agent agent(simulation, i, experiment);
          if constexpr (HasServer<Algorithm>) {
            simulation.spawn(i, algorithm.work(agent));
          } else {
            simulation.spawn(i, algorithm.program(agent));
          }
        }
        if constexpr (HasServer<Algorithm>) {
          simulation.spawn(workers(), algorithm.serve(Agent(simulation, workers(), experiment)));
        }
      },
      scenario.algorithm.value);
}

}  // namespace gossamer
