// The problems that a scenario can name.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "scenarios/lab/yaml/kinds.hpp"

namespace gossamer {

class DataSets;
class Problem;
struct BatchSize;

/// What a problem is made of.
class ProblemSettings {
 public:
  virtual ~ProblemSettings() = default;
  /// Throws DataError, or std::invalid_argument, where it cannot be made.
  virtual std::shared_ptr<const Problem> make(int nodes, std::uint64_t seed, const DataSets& sets) const = 0;
  /// The name of the data set that it reads, where it reads one.
  virtual std::optional<std::string> dataset() const = 0;
  /// "full" where a problem has no rows.
  virtual BatchSize batch_size() const = 0;
};

const Catalogue<ProblemSettings>& problems();

}  // namespace gossamer
