#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <stdexcept>

#include "scenarios/lab/command/commands.hpp"
#include "scenarios/lab/command/progress_bar.hpp"
#include "scenarios/lab/run/run.hpp"
#include "scenarios/lab/run/setup.hpp"
#include "scenarios/lab/scenario/short_forms.hpp"
#include "scenarios/lab/trace/output_file.hpp"
#include "scenarios/lab/trace/publisher.hpp"
#include "scenarios/lab/trace/read_trace.hpp"

namespace gossamer {
namespace {

void print_summary(const Trace& trace, const std::string& path, double wall_seconds) {
  const double rows_to = trace.last("iteration");
  const std::string reason = trace.end ? fmt::format(", ended by {},", to_string(*trace.end)) : "";
  const std::string end =
      trace.diverged_at ? fmt::format(" at iteration {} (recorded up to {})", *trace.diverged_at, rows_to)
                        : fmt::format("{} after {} iterations", reason, rows_to);
  fmt::print("{}: {}{} in {:.3g} s\n", printable(path), to_string(trace.status), end, wall_seconds);
  for (std::size_t k = 1; k < trace.metrics.size(); ++k) {
    const double last = trace.metrics[k].values.back();
    if (!std::isnan(last)) fmt::print("  {:<16} {:.6g}\n", trace.metrics[k].name, last);
  }
}

/// What is in a trace, if the file is one.
std::optional<Recipe> recipe_in(const std::string& path) {
  if (!is_trace(path)) return std::nullopt;
  try {
    return read_recipe(path);
  } catch (const TraceError& error) {
    throw BadInput(error.what());
  }
}

/// Throws where the trace's run had another data set of the same name, or another program.
void require_same_data(const Recipe& recipe, const Setup& setup, const std::string& path) {
  const Value before = parse_document(recipe.inputs, path), now = parse_document(setup.inputs.hashes, path);
  const Value* const program = before.find("problem.command");
  if (const Value* const is = now.find("problem.command");
      program && is && to_flow_yaml(*program) != to_flow_yaml(*is)) {
    throw BadInput(
        fmt::format("{}: was made with other files of its command: their SHA-256 were {}, here, "
                    "beside the trace, they are {}",
                    path, to_flow_yaml(*program), to_flow_yaml(*is)));
  }
  const Value* const had = before.find("problem.dataset");
  const Value* const has = now.find("problem.dataset");
  const Value scenario = parse_document(recipe.scenario, path);
  const Value* const problem = scenario.find("problem");
  const Value* const name = problem ? problem->find("dataset") : nullptr;
  if (!had || !has || !name || name->scalar != setup.scenario.problem->dataset()->set.name) return;
  const std::string were = to_flow_yaml(*had), are = to_flow_yaml(*has);
  if (were == are) return;
  throw BadInput(
      fmt::format("{}: was made with other files of data set {}: their SHA-256 were {}, here they are {}",
                  path, name->scalar, were, are));
}

}  // namespace

int run_command(const RunCommand& command, const std::optional<std::string>& data) {
  const std::optional<Recipe> recipe = recipe_in(command.scenario);
  Value document =
      recipe ? parse_document(recipe->scenario, command.scenario) : read_document(command.scenario);
  for (const std::string& assignment : command.assignments) set_spelled_out(document, assignment);
  const SharedProblems problems(data_path(data), 0, recipe ? recipe->files : InputReader::Contents{});
  Scenario scenario = read_scenario(document);
  if (!command.quiet) announce(scenario);
  const Setup setup(std::move(scenario), problems);
  std::set<std::string> said;
  say_notes(setup.graphs, said);
  if (recipe) require_same_data(*recipe, setup, command.scenario);
  const std::string output = command.output.value_or(std::filesystem::path(command.scenario).stem().string() +
                                                     (recipe ? "-again.h5" : ".h5"));
  if (output.empty()) throw BadInput("--output '': it takes the path of a file");
  try {
    require_writable(output);
  } catch (const std::runtime_error& error) {
    throw BadInput(error.what());
  }

  remove_leftovers(output);
  keep_aside_if_damaged(output, complain);
  Publisher publisher(output);
  const auto begin = std::chrono::steady_clock::now();
  const Outcome outcome = [&] {
    ProgressBar bar(command.quiet);  // Wiped away before anything else is said.
    return run(setup, {.threads = command.threads,
                       .labels = recipe && command.assignments.empty() ? recipe->sweep : "",
                       .watch = [&](const Progress& progress, const Trace& trace) {
                         bar.show(progress);
                         publisher.publish(trace);
                       }});
  }();
  publisher.finish(outcome.trace);
  if (!outcome.reason.empty()) {
    complain(command.scenario + ": " + to_string(outcome.trace.status) + ": " + outcome.reason);
  }
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (!command.quiet) print_summary(outcome.trace, output, wall);
  return outcome.trace.status == Trace::Status::failed ? 1 : 0;
}

}  // namespace gossamer
