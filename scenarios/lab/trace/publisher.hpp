// Publisher: puts a run's trace in its place: snapshots of a long run while it goes on, and in the end the
// whole.
#pragma once

#include <chrono>
#include <filesystem>

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
  /// What tells a file from all others, also from later ones of its name.
  struct Identity {
    std::uint64_t device = 0, node = 0;
    std::int64_t changed = 0;  // ns.
    friend bool operator==(const Identity&, const Identity&) = default;
  };
  Identity there() const;

  std::filesystem::path path_;
  Identity last_written_;  // All 0: there is no file.
  bool is_new_;
  Clock::time_point last_ = Clock::now();
};

}  // namespace gossamer
