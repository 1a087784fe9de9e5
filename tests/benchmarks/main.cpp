#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

#include "tests/benchmarks/benchmarks.hpp"

namespace gossamer {

Measured measure_apart(const std::function<double()>& work) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    const double seconds = work();
    const bool sent = ::write(ends[1], &seconds, sizeof seconds) == sizeof seconds;
    ::_exit(sent ? 0 : 1);
  }
  Measured measured;
  int status = 0;
  rusage usage{};
  if (::read(ends[0], &measured.seconds, sizeof measured.seconds) != sizeof measured.seconds ||
      ::wait4(child, &status, 0, &usage) != child) {
    throw std::runtime_error("a benchmark failed");
  }
  ::close(ends[0]);
  ::close(ends[1]);
  measured.peak_bytes = 1024.0 * static_cast<double>(usage.ru_maxrss);
  return measured;
}

}  // namespace gossamer

int main(int argc, char** argv) {
  const std::string only = argc > 1 ? argv[1] : "";
  if (only.empty() || only == "codecs") gossamer::benchmark_codecs();
  if (only.empty() || only == "engine") gossamer::benchmark_engine();
  if (only.empty() || only == "gradients") gossamer::benchmark_gradients();
  if (only.empty() || only == "process") gossamer::benchmark_process();
  if (only.empty() || only == "runs") gossamer::benchmark_runs();
  if (only.empty() || only == "servers") gossamer::benchmark_servers();
}
