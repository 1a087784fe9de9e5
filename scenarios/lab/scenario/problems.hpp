// The problems that a scenario can name.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "scenarios/lab/yaml/kinds.hpp"

namespace gossamer {

class DataSets;
class Models;
class Problem;
struct BatchSize;
struct CommandLine;

/// What problems are made from: data that are read, and models in other processes. Both are shared.
struct ProblemSources {
  const DataSets& data;
  Models& models;
};

/// What a problem is made of.
class ProblemSettings {
 public:
  virtual ~ProblemSettings() = default;
  /// Throws DataError, or std::invalid_argument, where it cannot be made; ProcessError where a model fails.
  virtual std::shared_ptr<const Problem> make(int nodes, std::uint64_t seed,
                                              const ProblemSources& sources) const = 0;
  /// The name of the data set that it reads, where it reads one.
  virtual std::optional<std::string> dataset() const = 0;
  /// What make() starts, where its model is a program; else null.
  virtual const CommandLine* command() const = 0;
  /// d, where it is known although make() would have to start a program.
  virtual std::optional<std::ptrdiff_t> dimension() const = 0;
  /// "full" where a problem has no rows.
  virtual BatchSize batch_size() const = 0;
};

const Catalogue<ProblemSettings>& problems();

}  // namespace gossamer
