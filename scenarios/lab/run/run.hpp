// Run: a setup becomes a trace.
#pragma once

#include <functional>
#include <string>

#include "scenarios/lab/run/progress.hpp"
#include "scenarios/lab/trace/trace.hpp"

namespace gossamer {

struct Setup;

struct RunOptions {
  int threads = 1;
  std::string labels = {};  ///< Becomes Trace::sweep.
  /// Called now and then, with how far the run is and what the trace would be if it ended now.
  std::function<void(const Progress&, const Trace&)> watch = [](const Progress&, const Trace&) {};
};

/// The result of a run.
struct Outcome {
  Trace trace;         ///< Complete, diverged or failed.
  std::string reason;  ///< Why it diverged or failed: "node 3, at 0.5 ms: ...".
};

/// Runs it to its end. The trace is the same, bit for bit, for any number of threads. It refers to the
/// setup's mixing matrices.
Outcome run(const Setup& setup, const RunOptions& options);

}  // namespace gossamer
