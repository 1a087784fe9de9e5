// Setup: what a scenario says, built and checked, up to the moment before it runs.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/agent/agent.hpp"
#include "scenarios/lab/scenario/scenario.hpp"
#include "scenarios/lab/scenario/shared_problems.hpp"
#include "scenarios/lab/trace/metrics.hpp"
#include "sim/crashes.hpp"
#include "sim/networks/links.hpp"
#include "topologies/certificate.hpp"

namespace gossamer {

/// Who talks to whom and, where the algorithm mixes, with which weights. Throws BadInput if the scenario
/// gives no valid graph or weights.
struct Graphs {
  explicit Graphs(const Scenario& scenario);
  Topology topology;
  std::vector<MixingMatrix> mixing;  ///< Of the iterations of a period; empty where nothing is mixed.
  std::optional<Certificate> certificate;
  std::vector<std::string> notes;  ///< What was not taken as its file has it, of graphs and later of data:
                                   ///< for people, a line each.
};

/// All that a run needs but its problem. Throws BadInput, with the place in the scenario if there is one, for
/// whatever cannot be built.
struct Groundwork {
  /// `resolved` is the resolved scenario, if it has been written already.
  Groundwork(Scenario scenario, const InputReader& reader, std::string resolved = {});

  Scenario scenario;
  std::string resolved;  ///< The scenario as YAML, with all its defaults.
  Inputs inputs;
  Graphs graphs;
  Adjacency adjacency;
  Links links;
  std::optional<Mixing> mixing;
  /// Of a problem that is not known yet: that it has whatever a problem can have.
  RunFacts facts;

  /// Whether the run has this metric.
  bool has(std::string_view metric) const;
  int nodes() const { return adjacency.nodes(); }
  NamedGraph named_graph() const { return {adjacency, graphs.topology.names}; }
  bool has_server() const { return scenario.has_server(); }
  /// The nodes with an objective: all but a server.
  int workers() const { return nodes() - has_server(); }

 protected:
  void require_metrics(bool scores_are_known) const;

 private:
  RunFacts known_facts() const;
  void require_rows() const;
  void require_vectors() const;
  void require_survival() const;
  void require_an_end(bool computing_takes_time) const;
};

/// All that a run needs. Throws as Groundwork does, and ProcessError where a model's program fails.
struct Setup : Groundwork {
  Setup(Scenario scenario, const SharedProblems& problems, std::string resolved = {});

  std::shared_ptr<const Problem> problem;
  Vector initial_point;
  BatchSize batch_size;
  /// What the scenario leaves to its files and data: {topology.nodes: 16, problem.dimension: 784}.
  std::map<std::string, std::int64_t> sizes;

 private:
  void find_sizes(const DataSets& sets);
  void require_batches() const;
  void require_layers() const;
  void require_start() const;
};

/// The programs of a setup on their network, before they start. The setup and the pool outlive it.
class Programs {
 public:
  /// `observer` may be null.
  Programs(const Setup& setup, Pool& pool, Observer* observer);

  /// Adds every node's program, and lets the nodes crash and come back.
  void spawn();

  Round horizon() const { return experiment_.horizon; }

  std::vector<Work> work;  ///< [node]: what each has done up to now.
  Measures measures;
  Watched watched;

 private:
  const Setup& setup_;
  NodeDowntimes downtimes_;
  std::unique_ptr<ComputeTime> compute_time_;
  Experiment experiment_;

 public:
  Simulation simulation;  ///< After all that its programs share, so that they end before.

 private:
  std::optional<Crashes> crashes_;
};

}  // namespace gossamer
