// Plan of a sweep: its runs, each read.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "scenarios/lab/scenario/scenario.hpp"
#include "scenarios/lab/sweep/sweep.hpp"

namespace gossamer {

/// The runs of a sweep, found to be without mistakes but for what only data, graphs and mixing matrices show.
struct SweepPlan {
  struct Run {
    std::string name;
    std::string scenario, labels;  ///< As in Trace::scenario and Trace::sweep.
    std::size_t problem;           ///< Runs of equal numbers, in the order of the sweep, may share theirs.
  };

  /// The sweep of `document`, to which `assignments` have been made by --set. Throws BadInput where these set
  /// what the sweep sets itself, where a run's scenario has a mistake, and where two runs are the same.
  SweepPlan(const Value& document, const std::vector<std::string>& assignments);

  Scenario scenario(std::size_t run) const { return read_scenario(sweep.document(run)); }

  Sweep sweep;
  std::vector<Run> runs;  ///< In the order of the sweep.
};

}  // namespace gossamer
