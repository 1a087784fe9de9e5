// Reading traces, ours and what others put in their place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/lab/trace/trace.hpp"

namespace gossamer {

/// A file that cannot be read as a trace: "PATH: what is wrong".
class TraceError : public std::runtime_error {
 public:
  /// Whether it could not even be opened, so that nothing is known of it; or it is no trace; or one that has
  /// been damaged; or one that lacks what is asked for.
  enum class Cause { unreadable, foreign, damaged, lacking };
  TraceError(Cause why, const std::string& what) : std::runtime_error(what), cause(why) {}
  Cause cause;
};

/// What a file says of its run.
struct TraceSummary {
  std::string scenario, identity, sweep;      ///< As in Trace; no identity in traces of format version 1.
  std::map<std::string, std::int64_t> sizes;  ///< As in Trace.
  Trace::Status status = Trace::Status::partial;
  std::vector<std::pair<std::string, double>> last_row;  ///< [metric], in the order of the trace.

  /// Whether the run came to its end.
  bool finished() const { return status == Trace::Status::complete || status == Trace::Status::diverged; }
};

/// The same as read_summary() of the trace's file.
TraceSummary summary_of(const Trace& trace);
/// Throws TraceError.
TraceSummary read_summary(const std::filesystem::path& path);

/// What is needed to make the run of a trace again.
struct Recipe {
  std::string scenario, sweep, inputs;                              ///< As in Trace.
  std::map<std::string, std::shared_ptr<const std::string>> files;  ///< By the names that the scenario has.
};

/// Throws TraceError.
Recipe read_recipe(const std::filesystem::path& path);

/// Whether a file has HDF5's first bytes. Throws TraceError where it cannot be opened.
bool begins_as_hdf5(const std::filesystem::path& path);

/// Gives a damaged trace another name, so that it is not lost when its run is made again, and says so. Throws
/// std::filesystem::filesystem_error where that fails.
void keep_aside_if_damaged(const std::filesystem::path& path, const std::function<void(std::string)>& say);

/// Adds the seal of a trace: a line behind HDF5's bytes with their SHA-256, by which damage is noticed. HDF5
/// does not see it, and removes it when it changes the file. The largest traces have none.
void add_seal(std::vector<std::byte>& bytes);

}  // namespace gossamer
