// Rows: how nodes stand becomes a row of the trace.
#pragma once

#include <vector>

#include "scenarios/lab/run/setup.hpp"
#include "scenarios/lab/trace/trace.hpp"

namespace gossamer {

/// How the nodes stand, each at the end of the same iteration or all at one time: what they have done, and
/// when, which is the network's part.
struct Standing {
  Values values;
  Times times;
};

/// Makes the rows of a trace, and reads them for reasons to stop.
class Rows {
 public:
  /// All outlive it.
  Rows(const Setup& setup, Pool& pool, Trace& trace);

  /// Evaluates the metrics, f at this point unless it is `known`, and adds a row. False where one is not
  /// finite: then the trace is marked as diverged instead.
  bool add(double iteration, double updates, const Standing& standing, const Evaluation* known = nullptr);

  /// Whether the last row reaches the scenario's target.
  bool target_reached() const;
  /// Whether as many bits have been sent as the scenario allows.
  bool enough_bits(const Values& values) const;
  /// Of a metric, in the last row.
  double last(std::string_view metric) const;

 private:
  Evaluation evaluate(const Vector& x) const;

  const Setup& setup_;
  Pool& pool_;
  Trace& trace_;
  std::vector<const Metric*> metrics_;  // [column]
};

}  // namespace gossamer
