#include "scenarios/lab/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>

namespace gossamer {

ProgressBar::ProgressBar(bool quiet) : shown_(!quiet && ::isatty(STDERR_FILENO) == 1) {}

ProgressBar::~ProgressBar() {
  if (shown_) fmt::print(stderr, "\r\033[K");
}

void ProgressBar::show(const Progress& progress) {
  const Clock::time_point now = Clock::now();
  if (!shown_ || now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  const double elapsed = std::chrono::duration<double>(now - begin_).count();
  const double rate = static_cast<double>(progress.iteration) / elapsed;
  std::string line = fmt::format("iteration {} | {:.4g} s simulated | {:.4g} iterations/s",
                                 progress.iteration, progress.simulated_seconds, rate);
  if (progress.done > 0) {
    constexpr int width = 24;
    const int full = static_cast<int>(std::lround(width * std::fmin(progress.done, 1)));
    line = fmt::format("[{:#<{}}{:.<{}}] {:3.0f} % | {} | {:.0f} s left", "", full, "", width - full,
                       100 * progress.done, line, elapsed * (1 - progress.done) / progress.done);
  }
  fmt::print(stderr, "\r\033[K{}", line);
  std::fflush(stderr);
}

}  // namespace gossamer
