// Setup: what a scenario says, built and checked, up to the moment before it runs.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "algorithms/problems/data_path.hpp"
#include "algorithms/problems/problem.hpp"
#include "scenarios/lab/scenario.hpp"
#include "sim/network.hpp"
#include "topologies/mixing.hpp"

namespace gossamer {

/// Topology and mixing matrix. Throws BadInput where the scenario's make none.
struct Gossip {
  explicit Gossip(const Scenario& scenario);
  Topology topology;
  MixingMatrix mixing;
  Certificate certificate;
};

/// All that a run needs. Throws BadInput, with the place in the scenario where there is one, for everything
/// that cannot be built.
struct Setup {
  Setup(Scenario scenario, const DataPath& data);

  Scenario scenario;
  Gossip gossip;
  std::unique_ptr<Problem> problem;
  Vector initial_point;
  std::vector<Duration> gradient_time;  ///< [node]
  BatchSize batch_size;
  Evaluation start;      ///< At the initial point: finite, and NaN for what the problem does not have.
  int counted_nodes;     ///< topology.nodes: without the server of a star.
  double optimal_value;  ///< f*, or NaN where it is not known.

  int nodes() const { return node_count(gossip.topology.graph); }
  /// Whether the problem has it.
  bool has(std::string_view metric) const;
  Adjacency adjacency() const;
  std::unique_ptr<NetworkModel> network() const;

 private:
  std::vector<LinkParameters> links() const;  // By arc; empty: ideal.
  void require_batches() const;
  void require_metrics() const;
  void require_an_end() const;
};

}  // namespace gossamer
