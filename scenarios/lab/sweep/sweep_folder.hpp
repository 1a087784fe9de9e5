// The folder of a sweep: a trace for each run, and an index of them.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/lab/trace/output_file.hpp"
#include "scenarios/lab/trace/read_trace.hpp"
#include "scenarios/lab/yaml/document.hpp"

namespace gossamer {

/// Several processes may work on one folder at once, also on several machines if its file system has locks.
/// Members throw std::runtime_error, "PATH: what is wrong", where the system refuses.
class SweepFolder {
 public:
  /// `path` need not exist yet.
  explicit SweepFolder(std::filesystem::path path) : path_(std::move(path)) {}
  SweepFolder(const SweepFolder&) = delete;
  SweepFolder& operator=(const SweepFolder&) = delete;
  ~SweepFolder();

  std::filesystem::path trace(const std::string& run) const { return path_ / (run + ".h5"); }
  std::filesystem::path index() const { return path_ / "index.csv"; }

  /// The run's trace, if it can be read and says that the run has come to its end, complete or diverged.
  std::optional<TraceSummary> finished(const std::string& run) const;
  /// Throws where a file that is no trace stands in the place of the run's.
  void require_place(const std::string& run) const;

  /// Throws where there is an index.csv that is none of a sweep's.
  void require_place_of_index() const;

  /// Makes the folder. Before the following.
  void open();

  /// Removes what killed processes have left of their writing; without locks only what is_leftover(), as
  /// another process may be writing the rest. This process works on no run meanwhile.
  void remove_leftovers();

  /// Whether the run is this process's from now on, and no other's, until unlock() or the process's end. For
  /// one thread at a time. A file system without locks gives every process every run: what two of them make
  /// is the same.
  bool lock(const std::string& run);
  void unlock(const std::string& run);

  /// Notes what the run's trace holds, which this process has just written: while the file stays as it is,
  /// write_index() does not read it.
  void note(const std::string& run, TraceSummary summary);

  /// A run of the sweep, and what the index says of it where it has left no trace.
  struct Planned {
    std::string run;
    TraceSummary without_trace;
    std::function<Value()> scenario{};  ///< That of `without_trace` in less time than from its text.
  };
  /// Writes index.csv anew from all the traces that are there: a row for each, with its status, the sweep's
  /// labels, all parameters of the scenario by their dotted paths, and the last values of all metrics; first
  /// those of `runs`, in this order, then the others by their names. Removes leftovers, too.
  struct Index {
    int traces = 0;
    int of_runs = 0;                  ///< Those of `runs` among them.
    std::vector<std::string> unread;  ///< Of each trace that cannot be read, why.
  };
  Index write_index(const std::vector<Planned>& runs);

 private:
  /// What the index has a row of.
  struct Entry {
    std::filesystem::path path;
    std::size_t place;  ///< Among the runs of the sweep; their number for the traces of others.
    bool is_trace = true;
  };
  std::vector<Entry> entries(const std::vector<Planned>& runs) const;
  TraceSummary summary(const std::filesystem::path& trace) const;
  int set_lock(const std::string& name, int type, bool wait);

  std::filesystem::path path_;
  int locks_ = -1;
  bool has_locks_ = true;  ///< Whether the file system has.
  struct Noted {
    FileStamp file;
    TraceSummary summary;
  };
  std::map<std::filesystem::path, Noted> noted_;
};

}  // namespace gossamer
