// Benchmarks print ratios against a baseline that is measured in the same run, beside their targets.
#pragma once

#include <algorithm>
#include <ctime>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace gossamer {

/// CPU seconds of this process, all threads.
inline double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

inline double wall_seconds() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// The least seconds of a call, by the given clock, of the calls that take a second together.
template <class Work>
double least_seconds(Work work, double (*clock)() = wall_seconds) {
  double least = std::numeric_limits<double>::infinity();
  for (const double end = wall_seconds() + 1; wall_seconds() < end;) {
    const double begin = clock();
    work();
    least = std::min(least, clock() - begin);
  }
  return least;
}

struct Measured {
  double seconds = 0;     ///< What `work` returned.
  double peak_bytes = 0;  ///< Memory of the process that did it.
};

/// Runs `work`, which returns seconds, in a process of its own.
Measured measure_apart(const std::function<double()>& work);

/// The milliseconds that a script of this folder, with its arguments, prints under each of `keys`; nothing
/// where one is missing, as where NumPy is.
std::vector<double> python_milliseconds(const std::string& script, const std::vector<std::string>& keys);

void benchmark_codecs();
void benchmark_dense();
void benchmark_engine();
void benchmark_gradients();
void benchmark_process();
void benchmark_runs();
/// What a message costs on rings of 10 to 10^6 nodes, as CSV. scaling.py draws it.
void benchmark_scaling();
void benchmark_servers();
void benchmark_sharing();

}  // namespace gossamer
