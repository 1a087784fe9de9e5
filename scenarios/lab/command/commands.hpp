// The commands of `gossamer`.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "algorithms/problems/data/data_path.hpp"
#include "scenarios/lab/command/terminal.hpp"
#include "scenarios/lab/run/setup.hpp"
#include "scenarios/lab/scenario/scenario.hpp"
#include "scenarios/lab/yaml/document.hpp"

namespace gossamer {

struct RunCommand {
  std::string scenario;  ///< Or a trace, whose run is made again.
  /// Default: in the working directory, the scenario's file name with .h5, or a trace's with -again.h5.
  std::optional<std::string> output;
  std::vector<std::string> assignments;
  int threads = 1;
  bool quiet = false;
};

/// Who makes the runs of a sweep: this process; the tasks of a job array; or this process as one such task,
/// which leaves alone the runs that others work on, and leaves the index to the launcher.
enum class Launcher { local, slurm, task };

struct SweepCommand {
  std::string scenario;
  std::optional<std::string> output;  ///< Default: the scenario's file name without its ending.
  std::vector<std::string> assignments;
  std::optional<int> jobs;  ///< Default: as many as there are cores; with slurm, as there are runs.
  Launcher launcher = Launcher::local;
  bool dry_run = false;
  bool fresh = false;  ///< Whether runs are made again whose traces are there.
  bool quiet = false;
};

/// Whether a file begins as traces do.
bool is_trace(const std::string& path);

/// The scenario in a file, with what --set changes. Throws BadInput.
Value document_with(const std::string& path, const std::vector<std::string>& assignments);

/// Says which program the run of a scenario starts, if its model is one.
void announce(const Scenario& scenario);

/// Prints what was not taken as the files of a scenario have it, in a line each on standard error, but for
/// what has been `said` already.
void say_notes(const Graphs& graphs, std::set<std::string>& said);

/// Where --data, if it is given, and the environment say that data sets are. Throws BadInput.
DataPath data_path(const std::optional<std::string>& data);

// Each returns the exit code, 0 or 1. BadInput, DataError, TopologyError and InputFileError, which they may
// throw, mean exit code 2.
int run_command(const RunCommand& command, const std::optional<std::string>& data);
int sweep_command(const SweepCommand& command, const std::optional<std::string>& data);
int check_command(const std::vector<std::string>& scenarios, const std::vector<std::string>& assignments,
                  const std::optional<std::string>& data);
/// Prints what the finished trace of a scenario's run is recognised by; for each run of a sweep, beside the
/// trace's name.
int identity_command(const std::string& scenario, const std::vector<std::string>& assignments,
                     const std::optional<std::string>& data);
int list_command(const std::string& what);
/// Prints the JSON schema of scenarios.
int schema_command();
std::vector<std::string> list_names();
/// Writes a scenario to start from, with comments; to standard output where `path` is empty. Throws BadInput
/// where something is there.
int new_command(const std::string& path);
int topology_command(const std::string& scenario, const std::vector<std::string>& assignments);
int datasets_list_command(const std::optional<std::string>& data);
/// Verifies the data sets of these names or, without names, all that are found.
int datasets_verify_command(const std::vector<std::string>& names, const std::optional<std::string>& data);
/// Fetches the files of the data set `name` that are not there yet, from its own URL unless one is given.
int datasets_fetch_command(const std::string& name, const std::optional<std::string>& url,
                           const std::optional<std::string>& data);

}  // namespace gossamer
