// The problems that a scenario can name.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "algorithms/problems/data/data_path.hpp"
#include "scenarios/lab/yaml/kinds.hpp"

namespace gossamer {

class Models;
class Problem;
struct BatchSize;
struct CommandLine;

/// What problems are made from: data that are read, and models in other processes. Both are shared. And the
/// seed of a model's own initial point; all else is drawn by the problem's seed.
struct ProblemSources {
  const DataSets& data;
  Models& models;
  std::uint64_t start_seed;
};

/// What a problem is made of.
class ProblemSettings {
 public:
  virtual ~ProblemSettings() = default;
  /// Throws DataError, or std::invalid_argument, where it cannot be made; ProcessError where a model fails.
  virtual std::shared_ptr<const Problem> make(int nodes, std::uint64_t seed,
                                              const ProblemSources& sources) const = 0;
  /// The data set that it reads, where it reads one.
  virtual std::optional<DataRequest> dataset() const = 0;
  /// Throws DataError where it is certain that it cannot be made, although make() would have to start a
  /// program.
  virtual void require() const = 0;
  /// Whether its model is a program, which has an initial point of its own.
  virtual bool is_program() const = 0;
  /// What make() starts, where its model is a program; else null.
  virtual const CommandLine* command() const = 0;
  /// d, where it is known although make() would have to start a program.
  virtual std::optional<std::ptrdiff_t> dimension() const = 0;
  /// "full" where a problem has no rows.
  virtual BatchSize batch_size() const = 0;
};

const Catalogue<ProblemSettings>& problems();

}  // namespace gossamer
