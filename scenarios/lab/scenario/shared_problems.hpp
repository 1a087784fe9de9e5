// Shared problems: the objectives of scenarios, shared by the runs that have the same.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "algorithms/problems/data/data_path.hpp"
#include "algorithms/problems/problem.hpp"
#include "algorithms/problems/process/model.hpp"
#include "scenarios/lab/scenario/inputs.hpp"
#include "scenarios/lab/scenario/scenario.hpp"

namespace gossamer {

/// Makes the problem of a scenario, unless it is there already. Any number of threads may use it.
class SharedProblems {
 public:
  /// Keeps the last `kept` problems that were asked for, even if no run uses them; problems may be large.
  /// Files whose content is `known`, by the names that scenarios give them, are not read.
  SharedProblems(DataPath path, std::size_t kept = 0, InputReader::Contents known = {})
      : data_(std::move(path)), inputs_(data_, std::move(known)), kept_(kept) {}

  /// Throws DataError, or std::invalid_argument, where it cannot be made.
  std::shared_ptr<const Problem> of(const Scenario& scenario, int workers) const;

  /// What a problem depends on, as a text: equal texts mean equal problems.
  static std::string key(const Scenario& scenario, int workers);

  const DataSets& data() const { return data_; }
  const InputReader& inputs() const { return inputs_; }

 private:
  struct Entry {
    std::mutex mutex;  ///< Locked while the problem is made.
    std::weak_ptr<const Problem> problem;
  };
  void keep(std::shared_ptr<const Problem> problem) const;

  DataSets data_;
  InputReader inputs_;
  std::size_t kept_;
  mutable Models models_;     ///< They end after all problems below.
  mutable std::mutex mutex_;  ///< For all below.
  mutable std::map<std::string, std::shared_ptr<Entry>> entries_;
  mutable std::deque<std::shared_ptr<const Problem>> last_;
};

}  // namespace gossamer
