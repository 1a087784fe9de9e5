// Progress: how far a run is.
#pragma once

#include <cstdint>

namespace gossamer {

struct Progress {
  double done = 0;  ///< Fraction, as far as it can be told; NaN where only a target ends the run.
  std::int64_t iteration = 0;
  double simulated_seconds = 0;
};

}  // namespace gossamer
