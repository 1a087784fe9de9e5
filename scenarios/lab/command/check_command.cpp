#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "algorithms/problems/process/child.hpp"
#include "scenarios/lab/command/commands.hpp"
#include "scenarios/lab/run/setup.hpp"
#include "scenarios/lab/sweep/sweep_plan.hpp"

namespace gossamer {
namespace {

/// ", 406 to 407 rows a node", or nothing where there are no data.
std::string rows_of_nodes(const Problem& problem) {
  Index least = problem.samples(0), most = least;
  for (int i = 1; i < problem.nodes(); ++i) {
    least = std::min(least, problem.samples(i));
    most = std::max(most, problem.samples(i));
  }
  if (most == 1) return "";
  return least == most ? fmt::format(", {} rows a node", most)
                       : fmt::format(", {} to {} rows a node", least, most);
}

/// Builds a run. A model's program is not started: what only it knows stays open.
std::string check(const Scenario& scenario, const SharedProblems& problems) {
  const auto text = [&](const Groundwork& ground, const std::string& of_problem) {
    return fmt::format("{} on {} {}, {} nodes, {}", scenario.algorithm.kind, scenario.problem.kind,
                       scenario.topology.kind, ground.nodes(), of_problem);
  };
  if (const CommandLine* const command = scenario.problem->command()) {
    return text(Groundwork(scenario, problems.inputs()),
                "but for what the program knows, which was not started: " + command->text());
  }
  const Setup setup(scenario, problems);
  return text(setup, fmt::format("d = {}{}", setup.problem->dimension(), rows_of_nodes(*setup.problem)));
}

}  // namespace

int check_command(const std::vector<std::string>& scenarios, const std::vector<std::string>& assignments,
                  const std::optional<std::string>& data) {
  const SharedProblems problems(data_path(data), 1);
  int code = 0;
  for (const std::string& path : scenarios) {
    try {
      const Value document = document_with(path, assignments);
      if (document.find("sweep")) {
        const SweepPlan plan(document, assignments);
        std::multimap<std::size_t, std::size_t> by_problem;  // Then each is made once.
        for (std::size_t run = 0; run < plan.runs.size(); ++run)
          by_problem.emplace(plan.runs[run].problem, run);
        for (const auto& [problem, run] : by_problem) (void)check(plan.scenario(run), problems);
        fmt::print("{}: ok: a sweep of {} runs\n", printable(path), plan.runs.size());
        continue;
      }
      fmt::print("{}: ok: {}\n", printable(path), printable(check(read_scenario(document), problems)));
    } catch (const std::exception& error) {
      complain(error.what());
      code = 2;
    }
  }
  return code;
}

int identity_command(const std::string& scenario, const std::vector<std::string>& assignments,
                     const std::optional<std::string>& data) {
  const SharedProblems problems(data_path(data));
  const Value document = document_with(scenario, assignments);
  if (document.find("sweep")) {
    const SweepPlan plan(document, assignments);
    for (std::size_t run = 0; run < plan.runs.size(); ++run) {
      const SweepPlan::Run& planned = plan.runs[run];
      fmt::print("{}  {}.h5\n", problems.inputs().identity(plan.scenario(run), planned.scenario),
                 planned.name);
    }
    return 0;
  }
  const Scenario one = read_scenario(document);
  fmt::print("{}\n", problems.inputs().identity(one, to_yaml(resolved(one))));
  return 0;
}

}  // namespace gossamer
