// Cost: how long a run will take on this machine, estimated from its beginning.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "scenarios/lab/scenario/shared_problems.hpp"

namespace gossamer {

/// "0.25 s", "3 min", "1.5 h".
std::string text_of_seconds(double seconds);

/// CPU time of a run.
struct Cost {
  std::optional<double> seconds;  ///< Nothing if only a target ends the run.
  bool at_most = false;           ///< A target may end it earlier.
};

/// "3 min", "up to 3 min", "until its target".
std::string to_string(const Cost& cost);

/// Measures the first iterations of a run, for a tenth of a second, and extrapolates. Runs whose cost does
/// not differ are measured once.
class CostEstimates {
 public:
  /// `problems` outlive it.
  explicit CostEstimates(const SharedProblems& problems) : problems_(problems) {}
  Cost of(const Scenario& scenario);

 private:
  /// How long the parts of a run take, and how much simulated time and how many bits an iteration adds.
  struct Sample {
    double setup, iteration, row;  ///< s
    double simulated, bits;        ///< Per iteration.
  };
  const Sample& sample(const Scenario& scenario);

  const SharedProblems& problems_;
  std::map<std::string, Sample> samples_;
};

}  // namespace gossamer
