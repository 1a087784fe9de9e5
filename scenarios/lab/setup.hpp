// Setup: what a scenario says, built and checked, up to the moment before it runs.
#pragma once

#include <cstdint>
#include <memory>

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
  int counted_nodes;     ///< topology.nodes: without the server of a star.
  double optimal_value;  ///< f*, or NaN where it is not known.

  int nodes() const { return node_count(gossip.topology.graph); }
  Adjacency adjacency() const;
  std::unique_ptr<NetworkModel> network() const;
};

}  // namespace gossamer
