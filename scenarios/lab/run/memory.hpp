// Memory: how much a run will need, estimated before it starts.
#pragma once

#include "scenarios/lab/run/setup.hpp"

namespace gossamer {

/// Bytes that this process needs for a run with x in R^d and states of s numbers, besides what it has
/// already: iterates and the other vectors of the nodes' programs, messages under way, the recorder's copies
/// and the vectors of the trace. Within a quarter where d is large.
double memory_of_run(const Groundwork& ground, double d, double s = 0);

/// Bytes that this process has in memory now: the data among them.
double memory_in_use();

/// "1.2 GB".
std::string text_of_memory(double bytes);

}  // namespace gossamer
