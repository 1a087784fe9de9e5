#include "scenarios/lab/command/progress_bar.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>

#include "scenarios/lab/command/terminal.hpp"

namespace gossamer {

ProgressBar::ProgressBar(bool quiet) : shown_(!quiet && ::isatty(STDERR_FILENO) == 1) {}

ProgressBar::~ProgressBar() {
  wipe();
}

void ProgressBar::wipe() {
  if (shown_) write_error("\r\033[K");
  last_ = {};
}

void ProgressBar::show(const Progress& progress) {
  if (!due()) return;
  const double rate = static_cast<double>(progress.iteration) / elapsed_seconds();
  draw(progress.done, fmt::format("iteration {} | {:.4g} s simulated | {:.4g} iterations/s",
                                  progress.iteration, progress.simulated_seconds, rate));
}

bool ProgressBar::due() const {
  return shown_ && Clock::now() - last_ >= std::chrono::milliseconds(100);
}

void ProgressBar::draw(double done, const std::string& text) {
  if (!shown_) return;
  last_ = Clock::now();
  std::string line = text;
  if (done > 0) {
    constexpr int width = 24;
    const int full = static_cast<int>(std::lround(width * std::fmin(done, 1)));
    line = fmt::format("[{:#<{}}{:.<{}}] {:3.0f} % | {} | {:.0f} s left", "", full, "", width - full,
                       100 * done, line, elapsed_seconds() * (1 - done) / done);
  }
  write_error("\r\033[K" + line);
}

double ProgressBar::elapsed_seconds() const {
  return std::chrono::duration<double>(Clock::now() - begin_).count();
}

}  // namespace gossamer
