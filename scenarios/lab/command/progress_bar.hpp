// A progress bar for terminals.
#pragma once

#include <chrono>
#include <string>

#include "scenarios/lab/run/progress.hpp"

namespace gossamer {

/// Draws on standard error, ten times a second at most, and wipes itself away when it is destroyed. Draws
/// nothing where standard error is not a terminal, or `quiet` is set.
class ProgressBar {
 public:
  explicit ProgressBar(bool quiet);
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar();
  void show(const Progress& progress);

  /// For other work. If it is time to draw, draws `done`, the fraction that is done (0 if unknown), and
  /// `text`; returns whether it did.
  bool due() const;
  void draw(double done, const std::string& text);
  /// Wipes the bar away, so that other lines can be printed.
  void wipe();

  double elapsed_seconds() const;

 private:
  using Clock = std::chrono::steady_clock;

  bool shown_;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point last_{};
};

}  // namespace gossamer
