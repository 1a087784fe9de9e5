#include "scenarios/lab/command/commands.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "algorithms/problems/process/child.hpp"
#include "scenarios/lab/scenario/short_forms.hpp"
#include "scenarios/lab/trace/read_trace.hpp"

namespace gossamer {

bool is_trace(const std::string& path) {
  try {
    return begins_as_hdf5(path);
  } catch (const TraceError&) {  // Whoever reads it as a scenario will say what is wrong.
    return false;
  }
}

Value document_with(const std::string& path, const std::vector<std::string>& assignments) {
  if (is_trace(path)) throw BadInput(path + ": is a trace; only run takes one, all others a scenario");
  Value document = read_document(path);
  for (const std::string& assignment : assignments) set_spelled_out(document, assignment);
  return document;
}

void announce(const Scenario& scenario) {
  const CommandLine* const command = scenario.problem->command();
  if (!command) return;
  try {
    scenario.problem->require();
  } catch (const std::exception&) {  // It will not start; the run says why.
    return;
  }
  fmt::print("starts {}\n", printable(command->text()));
  std::fflush(stdout);  // Before the program says or does anything.
}

void say_notes(const Graphs& graphs, std::set<std::string>& said) {
  for (const std::string& note : graphs.notes) {
    if (said.insert(note).second) complain(note);
  }
}

DataPath data_path(const std::optional<std::string>& data) {
  if (data && !std::filesystem::is_directory(*data)) {
    throw BadInput("--data " + *data + ": there is no such directory");
  }
  return DataPath(default_directories(data));
}

}  // namespace gossamer
