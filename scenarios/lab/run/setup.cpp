#include "scenarios/lab/run/setup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>
#include <set>

#include "algorithms/problems/data/data_set.hpp"
#include "algorithms/problems/process/child.hpp"
#include "scenarios/lab/trace/trace.hpp"
#include "sim/random.hpp"
#include "sim/setting_error.hpp"
#include "sim/text_file.hpp"
#include "topologies/graph.hpp"

namespace gossamer {
namespace {

/// Runs `build`; its errors get the place in the scenario of what cannot be built.
template <class Build>
auto built_from(const Scenario& scenario, const std::string& section, Build build) {
  try {
    return build();
  } catch (const BadInput&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw BadInput(scenario.at(section),
                   "out of memory for the " + section + "; fewer nodes or features need less");
  } catch (const InputFileError&) {  // These two name the place themselves.
    throw;
  } catch (const DataFileError&) {
    throw;
  } catch (const ProcessError&) {  // A program that failed is no mistake in the scenario.
    throw;
  } catch (const SettingError& error) {
    throw BadInput(scenario.at(section + "." + error.key()), error.what());
  } catch (const DataError& error) {
    throw BadInput(scenario.at(section + "." + error.key()), error.what());
  } catch (const std::exception& error) {
    throw BadInput(scenario.at(section), error.what());
  }
}

Vector make_initial_point(const Scenario& scenario, const Problem& problem) {
  const InitialPoint& x0 = scenario.start.x0;
  if (x0.of_model) return problem.initial_point();
  const Index dimension = problem.dimension();
  Vector point = Vector::Zero(dimension);
  if (x0.random) {
    Rng rng = named_stream(scenario.seed_of(scenario.of_algorithm), -1, "initial point");
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

/// What the network has to carry, with what the topology's file says of links.
Traffic traffic_of(const Topology& topology, const Adjacency& graph, bool has_server, std::uint64_t seed) {
  Traffic traffic{.graph = graph, .has_server = has_server, .names = topology.names, .seed = seed};
  for (const auto& [edge, link] : topology.links) {
    const auto& [u, v] = edge;
    traffic.overrides.push_back({graph.arc(u, v), link.latency, link.bandwidth});
  }
  return traffic;
}

std::unique_ptr<ComputeTime> compute_time_of(const Setup& setup, std::vector<Downtime>& pauses) {
  auto times = setup.scenario.compute->make(setup.workers(), setup.scenario.seed);
  if (pauses.empty()) return times;
  return std::make_unique<PausedComputeTime>(std::move(times), pauses);
}

std::unique_ptr<NetworkModel> network_of(const Setup& setup, NodeDowntimes& nodes) {
  const Scenario& scenario = setup.scenario;
  auto network = scenario.network->make(setup.links);
  if (scenario.faults) {
    // Nodes that share rounds take every message in its turn.
    const AfterLoss after = setup.facts.shares_rounds ? AfterLoss::arc_ends : AfterLoss::arc_goes_on;
    network = std::make_unique<FaultyNetwork>(std::move(network), *scenario.faults, setup.named_graph(),
                                              nodes, scenario.seed, after);
  }
  if (scenario.coding) {
    network = std::make_unique<CodingNetwork>(std::move(network), *scenario.coding, nodes, setup.nodes());
  }
  return network;
}

/// The measures that the algorithm has and the scenario records.
std::set<std::string, std::less<>> wanted_measures(const Setup& setup) {
  std::set<std::string, std::less<>> wanted;
  for (const std::string_view metric : setup.facts.algorithm_metrics) {
    if (setup.scenario.wants(metric)) wanted.emplace(metric);
  }
  return wanted;
}

/// Refuses a graph that changes where each iteration has to have the same.
void require_suitable(const Scenario& scenario, const Topology& topology) {
  if (topology.phases.empty() || !scenario.algorithm.value) return;
  const std::string& who = scenario.algorithm.kind;
  if (!scenario.algorithm->mixes()) {
    throw BadInput(scenario.at("topology"),
                   "topology: " + who + " mixes nothing; it takes a graph that does not change");
  }
  if (!scenario.algorithm->takes_changing_weights()) {
    throw BadInput(scenario.at("topology"),
                   "topology: " + who +
                       " keeps sums of what its neighbours sent, which hold for one W; "
                       "it takes a graph that does not change");
  }
  const Patience patience = scenario.algorithm->patience();
  if (patience.first && !patience.at_most) {
    throw BadInput(
        scenario.at("algorithm.wait_for"),
        "wait_for: on a graph that changes a node could wait for ever, for one that has skipped the "
        "iteration in which they are neighbours; it takes wait_at_most, too");
  }
}

}  // namespace

Graphs::Graphs(const Scenario& scenario)
    : topology(built_from(scenario, "topology", [&] {
        return scenario.topology->build(stream_seed(scenario.seed_of(scenario.of_topology), -1, "topology"));
      })) {
  require_suitable(scenario, topology);
  if (scenario.has_server()) {
    topology = built_from(scenario, "topology", [&] { return with_server_last(std::move(topology)); });
  }
  notes = topology.notes;
  if (!scenario.mixing) return;
  const MixingRule& rule = *scenario.mixing->value;
  built_from(scenario, "mixing", [&] {
    if (topology.phases.empty()) mixing.push_back(rule.build(topology));
    for (const Topology& phase : topology.phases) mixing.push_back(rule.build(phase));
    const bool doubly = scenario.algorithm.value && scenario.algorithm->needs_doubly_stochastic();
    certificate = certify(mixing, topology, doubly ? Stochastic::doubly : Stochastic::columns);
    if (const auto& change = mixing.front().facts().change) {
      notes.push_back(
          fmt::format("mixing: note: W is normalized; its entries change by at most {:.3g}", *change));
    }
    if (certificate->spectral_gap.value_or(0) < 0) {
      notes.push_back(fmt::format("mixing: note: lambda is {:.6g}, above 1: x <- W x drives nodes apart",
                                  1 - *certificate->spectral_gap));
    }
  });
}

Groundwork::Groundwork(Scenario given, const InputReader& reader, std::string text)
    : scenario(std::move(given)),
      resolved(text.empty() ? to_yaml(gossamer::resolved(scenario)) : std::move(text)),
      inputs(built_from(scenario, "problem", [&] { return reader.read(scenario); })),
      graphs(scenario),
      adjacency(adjacency_of(graphs.topology)),
      links(built_from(scenario, "network", [&] {
        return scenario.network->links(traffic_of(graphs.topology, adjacency, has_server(), scenario.seed));
      })) {
  graphs.notes.insert(graphs.notes.end(), links.notes.begin(), links.notes.end());
  if (!graphs.mixing.empty()) mixing.emplace(graphs.mixing, adjacency);
  built_from(scenario, "problem", [&] { scenario.problem->require(); });
  const bool computing_takes_time = built_from(scenario, "compute.factors", [&] {
    return scenario.compute->make(workers(), scenario.seed)->passes();
  });
  if (scenario.faults) {
    built_from(scenario, "faults", [&] { scenario.faults->require(named_graph(), workers()); });
    require_survival();
  }
  if (scenario.coding && !scenario.algorithm->sends_compressed()) {
    graphs.notes.push_back(fmt::format("coding: note: {} sends all uncompressed here, which takes no time",
                                       scenario.algorithm.kind));
  }
  require_an_end(computing_takes_time);
  require_rows();
  require_vectors();
  facts = known_facts();
  if (scenario.problem->command()) require_metrics(false);  // Before the program starts.
}

RunFacts Groundwork::known_facts() const {
  RunFacts known;
  known.workers = workers();
  known.has_server = has_server();
  known.shares_rounds = scenario.algorithm->shares_rounds();
  known.compresses = scenario.algorithm->compresses();
  known.loses_messages = scenario.faults && scenario.faults->lose_messages();
  known.algorithm_metrics = scenario.algorithm->metrics();
  known.counted_nodes = has_server() || scenario.topology->counts_workers() ? nodes() - 1 : nodes();
  known.start = {.loss = 0,
                 .train_accuracy = 0,
                 .test_loss = 0,
                 .test_accuracy = 0,
                 .validation_accuracy = 0,
                 .gradient = {}};
  known.optimal_value = 0;
  return known;
}

Setup::Setup(Scenario given, const SharedProblems& problems, std::string text)
    : Groundwork(std::move(given), problems.inputs(), std::move(text)) {
  problem = built_from(scenario, "problem", [&] { return problems.of(scenario, workers()); });
  for (std::string& note : problem->notes()) graphs.notes.push_back(std::move(note));
  built_from(scenario, "algorithm", [&] { scenario.algorithm->require(adjacency, problem->dimension()); });
  require_layers();
  initial_point = make_initial_point(scenario, *problem);
  batch_size = scenario.problem->batch_size();
  require_batches();

  facts.optimal_value =
      scenario.start.optimal_value.value_or(problem->optimal_value().value_or(Evaluation::none));
  for (int i = 0; i < workers(); ++i) facts.all_samples += static_cast<double>(problem->samples(i));
  Pool pool(1);
  facts.start = problem->evaluate(initial_point, {}, pool);
  facts.scores = problem->scores();
  require_start();
  require_metrics(true);
  find_sizes(problems.data());
}

void Setup::require_layers() const {
  if (!scenario.transmission.per_layer || !problem->layers().empty()) return;
  throw BadInput(
      scenario.at("algorithm.per_layer"),
      "per_layer: x has no layers here; the models of problem: {kind: network} have some, and those "
      "of a process may say theirs");
}

void Setup::require_start() const {
  if (!std::isfinite(facts.start.loss) || !std::isfinite(squared_norm(facts.start.gradient)) ||
      !std::isfinite(squared_norm(initial_point))) {
    if (scenario.start.x0.of_model) {
      throw ProcessError(scenario.problem->command()->text() +
                         ": at its initial point the loss or its gradient is not finite");
    }
    throw BadInput(scenario.at("problem.x0"),
                   "x0: at this point x, the loss or its gradient is not finite, or too large to square; "
                   "choose another");
  }
}

void Setup::find_sizes(const DataSets& sets) {
  const auto is_left_open = [](const auto& catalogue, const auto& kind, const char* key) {
    Value section;
    Writer writer(section);
    catalogue.write(writer, kind);
    const Value* size = section.find(key);
    return size && size->scalar == "0";
  };
  if (is_left_open(topologies(), scenario.topology, "nodes")) {
    sizes["topology.nodes"] = static_cast<std::int64_t>(facts.counted_nodes);
  } else if (has_server() && !scenario.topology->counts_workers()) {
    throw BadInput(scenario.at("topology.nodes"),
                   "nodes: counts a server in a file, and workers elsewhere; leave it out, the file says it");
  }
  if (is_left_open(problems(), scenario.problem, "dimension")) {
    const auto set = scenario.problem->dataset();
    sizes["problem.dimension"] = set ? sets.load(*set)->columns() : problem->dimension();
  }
}

bool Groundwork::has(std::string_view metric) const {
  return std::ranges::count(metrics_of(facts), metric, &Metric::name) > 0;
}

void Groundwork::require_metrics(bool scores_are_known) const {
  const auto require = [&](const std::string& metric, const std::string& path) {
    if (has(metric) || (!scores_are_known && !find_metric(metric))) return;
    std::vector<std::string> all;
    for (const Metric& there : metrics_of(facts)) all.push_back(there.name);
    throw BadInput(scenario.at(path), "the run has no " + metric + "; there are: " + joined(all));
  };
  if (const auto& chosen = scenario.record.metrics.chosen) {
    for (const std::string& metric : *chosen) require(metric, "record.metrics");
  }
  if (const auto& target = scenario.stop.target) {
    for (const auto& [metric, value] : target->values) require(metric, "stop.target." + metric);
  }
}

/// Refuses a batch size above the number of rows of every node: a full batch by another name.
void Setup::require_batches() const {
  if (!batch_size.rows) return;
  Index most = 0;
  for (int i = 0; i < problem->nodes(); ++i) most = std::max(most, problem->samples(i));
  if (*batch_size.rows <= most) return;
  throw BadInput(scenario.at("problem.batch_size"),
                 "batch_size: no node has " + std::to_string(*batch_size.rows) +
                     " rows; it takes full, or up to " + std::to_string(most));
}

/// Refuses rows by simulated time of which there would be too many.
void Groundwork::require_rows() const {
  const auto* every = std::get_if<Duration>(&scenario.record.every);
  const auto& end = scenario.stop.simulated_time;
  if (!every || !end || *end / *every <= most_rows) return;
  throw BadInput(scenario.at("record.every"), "every: makes " + std::to_string(*end / *every) +
                                                  " rows; up to " + std::to_string(most_rows) +
                                                  " are allowed");
}

/// Refuses vectors that the algorithm does not have, and rows in which they would have no one time.
void Groundwork::require_vectors() const {
  const auto& chosen = scenario.record.vectors;
  if (!chosen) return;
  const Location& place = scenario.at("record.vectors");
  std::vector<std::string> known{"x", "gradient", "full_gradient"};
  for (const std::string_view name : scenario.algorithm->vectors()) known.emplace_back(name);
  for (auto name = chosen->begin(); name != chosen->end(); ++name) {
    if (std::ranges::count(known, *name) == 0) {
      throw BadInput(place, "vectors: the algorithm has no '" + *name + "'; there are: " + joined(known));
    }
    if (std::find(chosen->begin(), name, *name) != name) {
      throw BadInput(place, "vectors: '" + *name + "' is there twice");
    }
  }
  if (scenario.algorithm->shares_rounds() && std::holds_alternative<std::int64_t>(scenario.record.every))
    return;
  throw BadInput(place, "vectors: takes rows by iteration, of nodes that go through the same rounds");
}

/// Refuses faults with which the algorithm cannot go on, or would go wrong.
void Groundwork::require_survival() const {
  const Faults& faults = *scenario.faults;
  const Algorithm& algorithm = *scenario.algorithm.value;
  const std::string& who = scenario.algorithm.kind;
  const std::string_view after_loss = algorithm.after_loss();
  if (!after_loss.empty() && faults.loss.for_ever()) {
    throw BadInput(scenario.at("faults.loss"),
                   fmt::format("loss: {} {}; it takes retransmit_after, too", who, after_loss));
  }
  if (faults.crashes.any() && !algorithm.survives_crashes()) {
    throw BadInput(
        scenario.at("faults.crashes"),
        "crashes: " + who + " cannot go on without the state of a node; async_sgd can, and with " +
            "wait_for or wait_at_most sgd, sgd_ef, amsgrad, sparse_ams, local_sgd, dgd, dadam and " +
            "decentralized_*");
  }
}

/// Refuses a run whose end is never reached, as far as that is certain: where time could pass, the recorder
/// looks whether it does.
void Groundwork::require_an_end(bool computing_takes_time) const {
  const Stop& stop = scenario.stop;
  const bool time_passes =
      links.take_time() || computing_takes_time || (scenario.faults && scenario.faults->take_time()) ||
      (scenario.coding && scenario.algorithm->sends_compressed()) || scenario.algorithm->patience().at_most;
  const bool records = time_passes || std::holds_alternative<std::int64_t>(scenario.record.every);
  if (stop.iterations || (stop.simulated_time && time_passes) || (stop.target && records) ||
      (stop.bits && nodes() > 1 && records)) {
    return;
  }
  const bool bits_alone = stop.bits && !stop.simulated_time && !stop.target;
  throw BadInput(scenario.at("stop"), fmt::format("stop: this is never reached, as {}; give iterations, too",
                                                  bits_alone && nodes() == 1 ? "a single node sends nothing"
                                                                             : "no simulated time passes"));
}

Programs::Programs(const Setup& setup, Pool& pool, Observer* observer)
    : work(static_cast<std::size_t>(setup.nodes())),
      measures(wanted_measures(setup)),
      watched(setup.scenario.record.vectors.value_or(std::vector<std::string>{}), setup.nodes()),
      setup_(setup),
      downtimes_(node_downtimes(setup.scenario.faults.value_or(Faults{}), setup.named_graph(),
                                setup.workers(), setup.scenario.seed)),
      compute_time_(compute_time_of(setup, downtimes_.pauses)),
      experiment_{.problem = *setup.problem,
                  .mixing = setup.mixing ? &*setup.mixing : nullptr,
                  .horizon = setup.scenario.stop.iterations.value_or(std::numeric_limits<Round>::max()),
                  .initial_point = setup.initial_point,
                  .seed = setup.scenario.seed_of(setup.scenario.of_algorithm),
                  .batch_size = setup.batch_size,
                  .shares_rounds = setup.facts.shares_rounds,
                  .compute_time = *compute_time_,
                  .wire = setup.scenario.transmission.wire,
                  .layers = setup.scenario.transmission.per_layer ? setup.problem->layers() : Layers{},
                  .contraction = setup.scenario.wants("contraction"),
                  .work = work,
                  .measures = measures,
                  .observer = observer,
                  .watched = &watched},
      simulation(setup.adjacency, network_of(setup, downtimes_), pool) {
  if (const Vector* const state = setup.problem->initial_state()) {
    for (int i = 0; i < setup.workers(); ++i) work[static_cast<std::size_t>(i)].state = *state;
  }
}

void Programs::spawn() {
  const Algorithm& algorithm = *setup_.scenario.algorithm.value;
  for (NodeId i = 0; i < setup_.nodes(); ++i) algorithm.spawn(simulation, experiment_, i);
  if (downtimes_.crashes.empty()) return;
  crashes_.emplace(simulation, downtimes_.crashes, [this](NodeId node) {
    Work& of_node = work[static_cast<std::size_t>(node)];
    of_node.crashes += 1;
    if (const Vector* const state = setup_.problem->initial_state()) of_node.state = *state;
    setup_.scenario.algorithm->spawn(simulation, experiment_, node);
  });
}

}  // namespace gossamer
