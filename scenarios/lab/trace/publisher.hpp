// Publisher: makes the partial trace of a long run available while it runs.
#pragma once

#include <chrono>
#include <filesystem>

#include "scenarios/lab/trace/trace.hpp"

namespace gossamer {

/// Writes the partial trace of a run to its path every 20 seconds, unless that would replace
/// an earlier trace.
class Publisher {
 public:
  explicit Publisher(std::filesystem::path path)
      : path_(std::move(path)), new_(!std::filesystem::exists(path_)) {}

  void publish(const Trace& trace) {
    if (!new_ || Clock::now() - last_ < std::chrono::seconds(20)) return;
    replace_file(path_, to_hdf5(trace));
    last_ = Clock::now();
  }

 private:
  using Clock = std::chrono::steady_clock;

  std::filesystem::path path_;
  bool new_;
  Clock::time_point last_ = Clock::now();
};

}  // namespace gossamer
