// Scenario: one run, as a researcher writes it down.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "algorithms/compressors/wire.hpp"
#include "scenarios/lab/scenario/algorithms.hpp"
#include "scenarios/lab/scenario/networks.hpp"
#include "scenarios/lab/scenario/problems.hpp"
#include "scenarios/lab/scenario/topologies.hpp"
#include "scenarios/lab/yaml/document.hpp"
#include "scenarios/lab/yaml/kinds.hpp"

namespace gossamer {

/// x_0: zeros, standard normal ("random"), the one that a program's model draws ("model"), or a list.
struct InitialPoint {
  bool random = false;
  bool of_model = false;
  std::vector<double> list;
};

GOSSAMER_TEXT(InitialPoint);

/// A seed of a section's own; nothing: the scenario's.
struct OwnSeed {
  std::optional<std::uint64_t> seed;
  static void fields(auto& self, auto&& visit) {
    visit("seed", self.seed, "[0, inf)",
          "of the random numbers of this section; by default the scenario's seed");
  }
};

/// The keys that every kind of problem has.
struct Start {
  InitialPoint x0;
  std::optional<double> optimal_value;
  static void fields(auto& self, auto&& visit) {
    visit("x0", self.x0, "", "the initial point; model: the one that a process or network draws itself");
    visit("optimal_value", self.optimal_value, "", "f*, if it is known, for the metric suboptimality");
  }
};

/// The keys that every kind of algorithm has.
struct Transmission {
  Wire wire = Wire::float32;
  bool compresses = true;  ///< Whether the algorithm does.
  bool per_layer = false;
  static void fields(auto& self, auto&& visit) {
    visit("wire", self.wire, "", "precision of the real numbers that are sent");
    if (!self.compresses) return;
    visit("per_layer", self.per_layer, "",
          "compress each layer of a network by itself: each weight and each bias");
  }
};

/// Metrics with the values to reach: {grad_norm: 1e-4}. All of them, at a recorded row.
struct Target {
  std::vector<std::pair<std::string, double>> values;
};

/// How much is sent: bits, or a size with its unit.
struct SentBits {
  std::int64_t count = 0;
};

GOSSAMER_TEXT(Target);
GOSSAMER_TEXT(SentBits);

/// The run ends at the first of these that comes true.
struct Stop {
  std::optional<std::int64_t> iterations;
  std::optional<Duration> simulated_time;
  std::optional<SentBits> bits;
  std::optional<Target> target;
  static void fields(auto& self, auto&& visit) {
    visit("iterations", self.iterations, "[1, inf)", "after this many iterations of every node");
    visit("simulated_time", self.simulated_time, "", "after this much simulated time");
    visit("bits", self.bits, "", "at the first iteration by which all nodes together have sent this much");
    visit("target", self.target, "", "at the first recorded row that reaches it: {grad_norm: 1e-4}");
  }
};

/// A row every k iterations, or every so much simulated time.
using Every = std::variant<std::int64_t, Duration>;

enum class Parameters { none, final };
constexpr std::array<std::string_view, 2> names(Parameters) {
  return {"none", "final"};
}

struct MetricChoice {
  std::optional<std::vector<std::string>> chosen;  ///< What to evaluate; nothing: all that the problem has.
};

GOSSAMER_TEXT(Every);
GOSSAMER_TEXT(MetricChoice);

struct Record {
  Every every = std::int64_t{1};
  Parameters parameters = Parameters::none;
  MetricChoice metrics;
  bool nodes = true;
  std::optional<std::vector<std::string>> vectors;
  static void fields(auto& self, auto&& visit) {
    visit("every", self.every, "", "a row every k iterations, or every so much simulated time");
    visit("parameters", self.parameters, "", "which iterates to keep in the trace");
    visit("metrics", self.metrics, "",
          "what to evaluate; if none, all that the run has but those of the nodes' own x");
    visit("nodes", self.nodes, "",
          "whether to record time, compute_time, bits and gradients of each node, too");
    visit("vectors", self.vectors, "",
          "vectors of every node to record in each row: x, gradient, full_gradient, or those of its program");
  }
};

struct Scenario {
  std::string name;
  std::uint64_t seed = 1;
  /// Who has a seed of its own: the graph; the data that are drawn and how they are split; what the algorithm
  /// draws in a run, the initial point included.
  OwnSeed of_topology, of_problem, of_algorithm;
  Chosen<Family> topology;
  std::optional<Chosen<MixingRule>> mixing;  ///< Nothing where the algorithm mixes nothing.
  Chosen<Network> network = networks().preset("store_and_forward");
  Chosen<Compute> compute = compute_times().preset("constant");
  std::optional<Coding> coding;
  std::optional<Faults> faults;
  Chosen<ProblemSettings> problem;
  Start start;
  Chosen<Algorithm> algorithm;  ///< Null if the scenario has none and the command needs none.
  Transmission transmission;
  Stop stop;
  Record record;

  /// The place of each section and, by its dotted path, of each value in it.
  std::map<std::string, Location> places;
  /// The place of a dotted path, or of the section it would be in; for errors that are found after reading.
  Location at(std::string path) const;
  std::uint64_t seed_of(const OwnSeed& section) const { return section.seed.value_or(seed); }
  bool has_server() const { return algorithm.value && algorithm->has_server(); }
  /// Whether W is used, or looked at without an algorithm.
  bool mixes() const { return !algorithm.value || algorithm->mixes(); }
  /// The rows up to the last iteration that record.every gives, the first included; nothing if rows do not
  /// count iterations, or their number is not known.
  std::optional<std::int64_t> rows_if_known() const;
  /// Whether a metric is to be evaluated: it is chosen, or a target; or nothing is chosen, and it need not be
  /// named.
  bool wants(std::string_view metric) const;
};

/// Throws BadInput for every mistake that can be seen without building the run.
Scenario read_scenario(const Value& document);

/// The same for commands that look at the graph and its weights only. The document needs no more than a
/// topology; the rest is read if it is there, or has its defaults.
Scenario read_graphs(const Value& document);

/// The scenario with all its defaults. read_scenario() of it gives the same scenario.
Value resolved(const Scenario& scenario);

/// The keys that kinds of topologies, problems and algorithms have beside their own.
CommonFields common_of_topologies();
CommonFields common_of_problems();
CommonFields common_of_algorithms();

}  // namespace gossamer
