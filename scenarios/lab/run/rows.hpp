// Rows: the state of the nodes becomes a row of the trace.
#pragma once

#include <cstddef>
#include <vector>

#include "scenarios/lab/run/setup.hpp"
#include "scenarios/lab/trace/trace.hpp"

namespace gossamer {

/// The state of the nodes, each at the end of the same iteration, or all at one time: what they have done,
/// and when. Only the latter depends on the network.
struct Standing {
  Values values;
  Times times;
};

/// Makes the rows of a trace, and reads them for reasons to stop.
class Rows {
 public:
  /// The arguments outlive it.
  Rows(const Setup& setup, Pool& pool, Trace& trace);

  /// Evaluates the metrics (f at this point unless it is `known`) and adds a row. If a metric is not finite,
  /// marks the trace as diverged instead and returns false.
  bool add(double iteration, double updates, const Standing& standing, const Evaluation* known = nullptr);

  /// Whether the last row reaches the scenario's target.
  bool target_reached() const;
  /// Whether as many bits have been sent as the scenario allows.
  bool enough_bits(const Values& values) const;

 private:
  Evaluation evaluate(const Vector& x, const Vector& state) const;
  std::vector<Evaluation> evaluate_own(const Values& values) const;
  void reserve_vectors(std::size_t rows);
  /// Throws std::runtime_error where the trace has grown too large for memory.
  void require_memory() const;
  void add_of_nodes(const Standing& standing, const std::vector<Evaluation>& own);

  const Setup& setup_;
  Pool& pool_;
  Trace& trace_;
  std::vector<Metric> metrics_;           // [column]
  bool own_loss_, own_train_, own_test_;  // Which measures of the nodes' own x are asked for.
};

}  // namespace gossamer
