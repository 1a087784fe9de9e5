#include "scenarios/lab/sweep/sweep_plan.hpp"

#include <map>
#include <set>

#include "scenarios/lab/scenario/shared_problems.hpp"

namespace gossamer {

SweepPlan::SweepPlan(const Value& document, const std::vector<std::string>& assignments) : sweep(document) {
  for (const std::string& assignment : assignments) {
    const std::string path = assignment.substr(0, assignment.find('='));
    if (const auto swept = sweep.swept_at_or_above(path)) {
      throw BadInput("--set " + assignment + ": has no effect, as the sweep sets " + *swept +
                     "; --set 'sweep." + *swept + "=[...]' changes its values");
    }
  }
  std::set<std::string> names;
  std::map<std::string, std::size_t> problems, scenarios;
  for (std::size_t k = 0; k < sweep.size(); ++k) {
    const Scenario scenario = read_scenario(sweep.document(k));
    const std::string text = to_yaml(resolved(scenario)), name = sweep.name(k);
    const auto [same, is_new] = scenarios.try_emplace(text, k);
    if (!is_new) {
      throw BadInput(sweep.at(), "sweep: " + sweep.name(same->second) + " and " + name +
                                     " are the same run; give it once");
    }
    if (!names.insert(name).second) {
      throw BadInput(sweep.at(), "sweep: two runs would have the name " + name);
    }
    const auto problem = problems.try_emplace(SharedProblems::key(scenario, 0), problems.size()).first;
    runs.push_back({name, text, to_flow_yaml(sweep.labels(k)), problem->second});
  }
}

}  // namespace gossamer
