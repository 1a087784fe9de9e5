// Inputs: what a scenario names and does not hold: its files, and its data set.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "algorithms/problems/data/data_path.hpp"
#include "scenarios/lab/scenario/scenario.hpp"
#include "scenarios/lab/trace/trace.hpp"

namespace gossamer {

struct Inputs {
  std::vector<Trace::File> files;
  /// The SHA-256 of every file by its key, and of the data set's as they lie there, in one line of YAML:
  /// {topology.path: 5f2..., problem.dataset: {mushrooms: 91d...}}. So are the files among the words of a
  /// model's command.
  std::string hashes;
};

/// Where the files lie that the problem of a scenario names: one name may be that of files in several
/// folders.
std::vector<std::filesystem::path> problem_paths(const Scenario& scenario);

/// What a run is recognised by: the hash of its resolved scenario, of the hashes of its inputs, and of the
/// version of the numerics. Runs of equal identities have equal traces, but for the version of the command.
std::string identity_of(const std::string& resolved_scenario, const Inputs& inputs);

/// Reads inputs, each once for all scenarios that name it. Any number of threads may use it.
class InputReader {
 public:
  /// `sets` outlives it. Files that a scenario's text gives one of the names in `known` are not looked for:
  /// their content is given.
  using Contents = std::map<std::string, std::shared_ptr<const std::string>>;
  explicit InputReader(const DataSets& sets, Contents known = {}) : sets_(sets), known_(std::move(known)) {}

  /// Reads all inputs, and puts the content of files into the scenario. Throws BadInput, DataError or
  /// InputFileError where one cannot be read.
  Inputs read(Scenario& scenario) const;

  /// The identity of the run of a scenario, which is `resolved` as YAML. Throws as read().
  std::string identity(Scenario scenario, const std::string& resolved) const {
    return identity_of(resolved, read(scenario));
  }

 private:
  struct Read {
    std::shared_ptr<const std::string> content;
    std::string hash;
  };
  Read read(const InputFile& file) const;
  /// The same of a file that this key of the scenario names. Throws BadInput there.
  Read placed(const Scenario& scenario, const std::string& key, const InputFile& file) const;

  const DataSets& sets_;
  Contents known_;
  mutable std::mutex mutex_;
  mutable std::map<std::pair<bool, std::filesystem::path>, Read> read_;  // By whether it is known, and where.
};

}  // namespace gossamer
