// Setup: what a scenario says, built and checked, up to the moment before it runs.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "algorithms/agent/agent.hpp"
#include "scenarios/lab/scenario/links.hpp"
#include "scenarios/lab/scenario/problems.hpp"
#include "scenarios/lab/scenario/scenario.hpp"
#include "topologies/mixing.hpp"

namespace gossamer {

/// Who talks to whom and, without a server, with which weights. Throws BadInput where the scenario makes
/// none.
struct Graphs {
  explicit Graphs(const Scenario& scenario);
  Topology topology;
  std::optional<MixingMatrix> mixing;
  std::optional<Certificate> certificate;
};

/// All that a run needs. Throws BadInput, with the place in the scenario where there is one, for everything
/// that cannot be built.
struct Setup {
  Setup(Scenario scenario, const Problems& problems);

  Scenario scenario;
  Graphs graphs;
  Adjacency adjacency;
  Links links;
  std::shared_ptr<const Problem> problem;
  Vector initial_point;
  std::vector<Duration> gradient_time;  ///< [worker]
  BatchSize batch_size;
  Evaluation start;      ///< At the initial point: finite, and NaN for what the problem does not have.
  int counted_nodes;     ///< topology.nodes: without the server of a star.
  double optimal_value;  ///< f*, or NaN where it is not known.

  int nodes() const { return adjacency.nodes(); }
  bool has_server() const { return gossamer::has_server(scenario.algorithm.value); }
  /// The nodes with an objective: all but a server.
  int workers() const { return nodes() - has_server(); }
  /// Whether the run has it.
  bool has(std::string_view metric) const;

  /// What the agents share; `work` has an entry for each node, `observer` may be null.
  Experiment experiment(std::vector<Work>& work, Observer* observer) const;
  /// Adds every node's program.
  void spawn(Simulation& simulation, const Experiment& experiment) const;

 private:
  void require_batches() const;
  void require_metrics() const;
  void require_an_end() const;
};

}  // namespace gossamer
