// Publisher: puts a run's trace in its place: snapshots of a long run while it goes on, and in the end the
// whole.
#pragma once

#include <chrono>
#include <filesystem>

#include "scenarios/lab/trace/output_file.hpp"
#include "scenarios/lab/trace/trace.hpp"

namespace gossamer {

class Publisher {
 public:
  explicit Publisher(std::filesystem::path path);

  /// Writes a snapshot every 20 seconds, unless that would replace what is not one of its own. Where it
  /// cannot be written, the next one may.
  void publish(const Trace& trace);

  /// Writes the trace. A full disk is given some seconds to get room. Throws std::system_error as
  /// replace_file() does.
  void finish(const Trace& trace) const;

 private:
  using Clock = std::chrono::steady_clock;

  std::filesystem::path path_;
  FileStamp last_written_;
  bool is_new_;
  Clock::time_point last_ = Clock::now();
};

}  // namespace gossamer
