// Runs of scenarios that nobody watches.
#pragma once

#include <string>

#include "scenarios/lab/run/setup.hpp"
#include "tests/benchmarks/benchmarks.hpp"

namespace gossamer {

/// What the text of a scenario describes.
Setup setup_of(const std::string& scenario);

/// Seconds of the programs alone, by the given clock: nobody watches, so nothing is evaluated.
double run_seconds(const Setup& setup, int threads, double (*clock)() = wall_seconds);

}  // namespace gossamer
