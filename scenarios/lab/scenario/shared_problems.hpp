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
#include "scenarios/lab/scenario/scenario.hpp"

namespace gossamer {

/// Makes the problem of a scenario, unless it is at hand. For any number of threads.
class SharedProblems {
 public:
  /// Keeps the `kept` that were asked for last, also where no run has them; they may be large.
  SharedProblems(DataPath path, std::size_t kept = 0) : data_(std::move(path)), kept_(kept) {}

  /// Throws DataError, or std::invalid_argument, where it cannot be made.
  std::shared_ptr<const Problem> of(const Scenario& scenario, int workers) const;

  /// What it depends on: equal texts, equal problems.
  static std::string key(const Scenario& scenario, int workers);

 private:
  struct Entry {
    std::mutex mutex;  ///< While it is made.
    std::weak_ptr<const Problem> problem;
  };
  void keep(std::shared_ptr<const Problem> problem) const;

  DataSets data_;
  std::size_t kept_;
  mutable std::mutex mutex_;  ///< For all below.
  mutable std::map<std::string, std::shared_ptr<Entry>> entries_;
  mutable std::deque<std::shared_ptr<const Problem>> last_;
};

}  // namespace gossamer
