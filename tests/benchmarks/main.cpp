#include <string>

#include "tests/benchmarks/benchmarks.hpp"

int main(int argc, char** argv) {
  const std::string only = argc > 1 ? argv[1] : "";
  if (only.empty() || only == "codecs") gossamer::benchmark_codecs();
  if (only.empty() || only == "dense") gossamer::benchmark_dense();
  if (only.empty() || only == "engine") gossamer::benchmark_engine();
  if (only.empty() || only == "gradients") gossamer::benchmark_gradients();
  if (only.empty() || only == "process") gossamer::benchmark_process();
  if (only.empty() || only == "runs") gossamer::benchmark_runs();
  if (only == "scaling") gossamer::benchmark_scaling();
  if (only.empty() || only == "servers") gossamer::benchmark_servers();
  if (only.empty() || only == "sharing") gossamer::benchmark_sharing();
}
