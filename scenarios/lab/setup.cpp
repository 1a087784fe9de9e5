#include "scenarios/lab/setup.hpp"

#include <cmath>
#include <type_traits>

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
  } catch (const TopologyFileError&) {  // These two name the place themselves.
    throw;
  } catch (const DataFileError&) {
    throw;
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
      throw BadInput(scenario.at("problem"), "x0 has " + std::to_string(x0.list.size()) +
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
    throw BadInput(scenario.at("compute"), "compute.factors has " + std::to_string(factors.size()) +
                                               " entries; it takes one for each of the " +
                                               std::to_string(nodes) + " nodes");
  }
  for (std::size_t i = 0; i < times.size(); ++i) {
    const double time = std::round(static_cast<double>(gradient.count()) * factors[i]);
    if (time > 0x1p62)
      throw BadInput(scenario.at("compute"),
                     "compute.factors: a gradient would outlast the clock (292 years)");
    times[i] = Duration{static_cast<std::int64_t>(time)};
  }
  return times;
}

}  // namespace

Gossip::Gossip(const Scenario& scenario)
    : topology(built_from(scenario, "topology",
                          [&] {
                            const std::uint64_t seed = stream_seed(scenario.seed, -1, "topology");
                            return std::visit([&](const auto& family) { return family.build(seed); },
                                              scenario.topology.value);
                          })),
      mixing(built_from(scenario, "mixing",
                        [&] {
                          return std::visit([&](const auto& rule) { return rule.build(topology.graph); },
                                            scenario.mixing.value);
                        })),
      certificate(built_from(scenario, "mixing", [&] { return certify(mixing, topology); })) {}

Setup::Setup(Scenario given, const DataPath& data) : scenario(std::move(given)), gossip(scenario) {
  problem = built_from(scenario, "problem", [&] {
    return std::visit([&](const auto& settings) { return settings.make(nodes(), scenario.seed, data); },
                      scenario.problem.value);
  });
  initial_point = make_initial_point(scenario, problem->dimension());
  gradient_time = make_gradient_time(scenario, nodes());
  batch_size = std::visit(
      [](const auto& settings) {
        if constexpr (requires { settings.data; }) return settings.data.batch_size;
        return BatchSize{};
      },
      scenario.problem.value);
  counted_nodes = std::holds_alternative<Star>(scenario.topology.value) ? nodes() - 1 : nodes();
  optimal_value = scenario.optimal_value.value_or(problem->optimal_value().value_or(Evaluation::none));
  (void)network();  // Finds what is wrong with links before the run begins.
}

Adjacency Setup::adjacency() const {
  return Adjacency(nodes(), edge_list(gossip.topology.graph));
}

std::unique_ptr<NetworkModel> Setup::network() const {
  const auto* settings = std::get_if<StoreAndForwardNetwork>(&scenario.network.value);
  if (!settings) {
    if (gossip.topology.links.empty()) return std::make_unique<Ideal>();
    throw BadInput(
        scenario.at("network"),
        "the topology's file gives links their own latency or bandwidth, which the ideal network ignores");
  }
  const Adjacency graph = adjacency();
  std::vector<LinkParameters> links(static_cast<std::size_t>(graph.arcs()),
                                    {settings->latency, settings->bandwidth});
  for (const auto& [edge, text] : gossip.topology.links) {
    const auto set = [&, ends = edge](const std::string& given, auto parse, auto LinkParameters::*parameter,
                                      const char* example) {
      if (given.empty()) return;
      const auto value = parse(given);
      if (!value) throw BadInput(text.where + ": '" + given + "' is not allowed; it takes " + example);
      const ArcId arc = graph.arc(ends.first, ends.second);
      for (const ArcId a : {arc, graph.reverse(arc)}) links[static_cast<std::size_t>(a)].*parameter = *value;
    };
    set(text.latency, parse_duration, &LinkParameters::latency, "latency=10ms");
    set(text.bandwidth, parse_bandwidth, &LinkParameters::bandwidth,
        "bandwidth=1Mbit/s or bandwidth=unlimited");
  }
  return std::make_unique<StoreAndForward>(std::move(links), settings->header.count / 8);
}

}  // namespace gossamer
