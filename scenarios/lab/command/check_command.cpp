#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "algorithms/problems/process/child.hpp"
#include "scenarios/lab/command/commands.hpp"
#include "scenarios/lab/run/memory.hpp"
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

/// ", 4 graphs in turn, whose mean contraction is 0.5", or nothing where the graph does not change.
std::string sequence_of_graphs(const Graphs& graphs) {
  if (!graphs.certificate || graphs.certificate->period == 1) return "";
  const auto lambda = graphs.certificate->lambda();
  return fmt::format(", {} graphs in turn, whose mean contraction is {}", graphs.certificate->period,
                     lambda ? fmt::format("{:.6g}", *lambda) : "not certified");
}

/// What is known of a run, and how much memory it will need; 0 where that is not known.
struct Checked {
  std::string text;
  double memory = 0;
  const char* beside = "";
};

/// Builds a run, and says what `said` has not yet. A model's program is not started: what only it knows stays
/// open.
Checked check(const Scenario& scenario, const SharedProblems& problems, std::set<std::string>& said) {
  const auto text = [&](const Groundwork& ground, const std::string& of_problem) {
    return fmt::format("{} on {} {}, {} nodes{}, {}", scenario.algorithm.kind, scenario.problem.kind,
                       scenario.topology.kind, ground.nodes(), sequence_of_graphs(ground.graphs), of_problem);
  };
  if (const CommandLine* const command = scenario.problem->command()) {
    const Groundwork ground(scenario, problems.inputs());
    say_notes(ground.graphs, said);
    const std::string not_started =
        "but for what the program knows, which was not started: " + command->text();
    const auto d = scenario.problem->dimension();
    if (!d) return {text(ground, not_started), 0, ""};
    return {text(ground, fmt::format("d = {}, {}", *d, not_started)),
            memory_in_use() + memory_of_run(ground, static_cast<double>(*d)), " beside its program"};
  }
  const Setup setup(scenario, problems);
  say_notes(setup.graphs, said);
  const Index d = setup.problem->dimension();
  return {text(setup, fmt::format("d = {}{}", d, rows_of_nodes(*setup.problem))),
          memory_in_use() + memory_of_run(setup, static_cast<double>(d)), ""};
}

std::string text_of_need(const Checked& checked, const char* who) {
  if (checked.memory == 0) return "";
  return fmt::format("; {}needs about {}{}", who, text_of_memory(checked.memory), checked.beside);
}

}  // namespace

int check_command(const std::vector<std::string>& scenarios, const std::vector<std::string>& assignments,
                  const std::optional<std::string>& data) {
  const DataPath directories = data_path(data);
  int code = 0;
  std::set<std::string> said;
  for (const std::string& path : scenarios) {
    try {
      // Of this file alone: others' data are none of its needs.
      const SharedProblems problems(directories, 1);
      const Value document = document_with(path, assignments);
      if (document.find("sweep")) {
        const SweepPlan plan(document, assignments);
        std::multimap<std::size_t, std::size_t> by_problem;  // Then each is made once.
        for (std::size_t run = 0; run < plan.runs.size(); ++run)
          by_problem.emplace(plan.runs[run].problem, run);
        Checked largest;
        for (const auto& [problem, run] : by_problem) {
          Checked one = check(plan.scenario(run), problems, said);
          if (one.memory > largest.memory) largest = std::move(one);
        }
        fmt::print("{}: ok: a sweep of {} runs{}\n", printable(path), plan.runs.size(),
                   text_of_need(largest, "the largest "));
        continue;
      }
      const Checked checked = check(read_scenario(document), problems, said);
      fmt::print("{}: ok: {}{}\n", printable(path), printable(checked.text), text_of_need(checked, ""));
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
