#include "scenarios/lab/scenario/shared_problems.hpp"

#include <algorithm>

namespace gossamer {

std::string SharedProblems::key(const Scenario& scenario, int workers) {
  Value problem;
  Writer out(problem);
  problems().write(out, scenario.problem);
  std::string key = to_flow_yaml(problem) + " " + std::to_string(scenario.seed_of(scenario.of_problem)) +
                    " " + std::to_string(workers);
  if (scenario.problem->command()) key += " " + std::to_string(scenario.seed_of(scenario.of_algorithm));
  for (const std::filesystem::path& path : problem_paths(scenario)) key += " " + path.string();
  return key;
}

std::shared_ptr<const Problem> SharedProblems::of(const Scenario& scenario, int workers) const {
  std::shared_ptr<Entry> entry;
  {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<Entry>& known = entries_[key(scenario, workers)];
    if (!known) known = std::make_shared<Entry>();
    entry = known;
  }
  const std::lock_guard lock(entry->mutex);
  std::shared_ptr<const Problem> problem = entry->problem.lock();
  if (!problem) {
    problem = scenario.problem->make(workers, scenario.seed_of(scenario.of_problem),
                                     {data_, models_, scenario.seed_of(scenario.of_algorithm)});
    entry->problem = problem;
  }
  keep(problem);
  return problem;
}

void SharedProblems::keep(std::shared_ptr<const Problem> problem) const {
  std::deque<std::shared_ptr<const Problem>> dropped;  // Destroyed without the lock.
  const std::lock_guard lock(mutex_);
  std::erase(last_, problem);
  last_.push_back(std::move(problem));
  for (; last_.size() > kept_; last_.pop_front()) dropped.push_back(std::move(last_.front()));
}

}  // namespace gossamer
