#include "scenarios/lab/run/memory.hpp"

#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <fstream>

namespace gossamer {
namespace {

/// Vectors of the trace: rows of those that record.vectors names, in memory to the end of the run.
double recorded_vectors(const Groundwork& ground) {
  const Scenario& scenario = ground.scenario;
  if (!scenario.record.vectors) return 0;  // They take rows by iteration.
  const auto rows = static_cast<double>(scenario.rows_if_known().value_or(2));
  const auto names = static_cast<double>(scenario.record.vectors->size());
  constexpr double copies_of_a_row = 6;  // Those of the recorder, and of writing.
  return (rows + copies_of_a_row) * names * ground.nodes();
}

}  // namespace

double memory_of_run(const Groundwork& ground, double d, double s) {
  // Measured over all algorithms: besides the vectors that its program keeps, a node has x, two copies of it
  // in the recorder, and a gradient or a message about half of the time; and there are ten vectors of
  // evaluations and of the server.
  const int own = ground.scenario.algorithm->vectors_of_worker();
  const double of_node = own + 3.5, of_run = 10;
  const double vectors = ground.workers() * of_node + of_run + recorded_vectors(ground);
  const double states = 4.0 * ground.workers();
  return static_cast<double>(sizeof(double)) * (vectors * d + states * s);
}

double memory_in_use() {
#ifdef __GLIBC__
  ::malloc_trim(0);  // What earlier runs have freed.
#endif
  std::ifstream statm("/proc/self/statm");
  double size = 0, resident = 0;
  statm >> size >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

std::string text_of_memory(double bytes) {
  if (bytes < 1e9) return fmt::format("{:.0f} MB", bytes / 1e6);
  return bytes < 1e10 ? fmt::format("{:.1f} GB", bytes / 1e9) : fmt::format("{:.0f} GB", bytes / 1e9);
}

}  // namespace gossamer
