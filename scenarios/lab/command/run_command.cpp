#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <stdexcept>

#include "scenarios/lab/command/commands.hpp"
#include "scenarios/lab/command/progress_bar.hpp"
#include "scenarios/lab/run/run.hpp"
#include "scenarios/lab/run/setup.hpp"
#include "scenarios/lab/trace/publisher.hpp"

namespace gossamer {
namespace {

void print_summary(const Trace& trace, const std::string& path, double wall_seconds) {
  const std::string reason = trace.end ? fmt::format(", ended by {},", to_string(*trace.end)) : "";
  fmt::print("{}: {}{} after {} iterations in {:.3g} s\n", path, to_string(trace.status), reason,
             trace.last("iteration"), wall_seconds);
  for (std::size_t k = 1; k < trace.metrics.size(); ++k) {
    const double last = trace.metrics[k].values.back();
    if (!std::isnan(last)) fmt::print("  {:<16} {:.6g}\n", trace.metrics[k].name, last);
  }
}

}  // namespace

int run_command(const RunCommand& command, const std::optional<std::string>& data) {
  const Value document = document_with(command.scenario, command.assignments);
  const Setup setup(read_scenario(document), SharedProblems(data_path(data)));
  const std::string output =
      command.output.value_or(std::filesystem::path(command.scenario).stem().string() + ".h5");
  if (output.empty()) throw BadInput("--output '': it takes the path of a file");
  try {
    require_writable(output);
  } catch (const std::runtime_error& error) {
    throw BadInput(error.what());
  }

  Publisher publisher(output);
  const auto begin = std::chrono::steady_clock::now();
  const Outcome outcome = [&] {
    ProgressBar bar(command.quiet);  // Wiped away before anything else is said.
    return run(setup,
               {.threads = command.threads, .watch = [&](const Progress& progress, const Trace& trace) {
                  bar.show(progress);
                  publisher.publish(trace);
                }});
  }();
  replace_file(output, to_hdf5(outcome.trace));
  if (!outcome.reason.empty()) {
    complain(command.scenario + ": " + to_string(outcome.trace.status) + ": " + outcome.reason);
  }
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (!command.quiet) print_summary(outcome.trace, output, wall);
  return outcome.trace.status == Trace::Status::failed ? 1 : 0;
}

}  // namespace gossamer
