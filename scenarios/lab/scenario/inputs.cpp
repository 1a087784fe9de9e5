#include "scenarios/lab/scenario/inputs.hpp"

#include <functional>

#include "algorithms/problems/data/known_data_sets.hpp"
#include "algorithms/problems/process/child.hpp"
#include "scenarios/lab/scenario/texts.hpp"
#include "scenarios/lab/trace/revision.hpp"
#include "sim/text_file.hpp"

namespace gossamer {
namespace {

/// Goes through the files among the fields of a section.
class Files final : public FieldVisitor {
 public:
  Files(std::string path, std::function<void(const std::string& key, InputFile& file)> each)
      : path_(std::move(path)), each_(std::move(each)) {}

 private:
  void visit(const Field& field) override {
    const std::string key = path_ + "." + std::string(field.key);
    if (InputFile* const file = field.type.file ? field.type.file(field.value) : nullptr) each_(key, *file);
    if (!field.type.fields) return;
    Files section(key, each_);
    field.type.fields(field.value, section);
  }

  std::string path_;
  std::function<void(const std::string&, InputFile&)> each_;
};

template <class I, class Each>
void visit_files(const Catalogue<I>& catalogue, Chosen<I>& chosen, const std::string& path, Each each) {
  Files files(path, each);
  chosen.value = catalogue.at(chosen.kind).visited(*chosen.value, files);
}

}  // namespace

InputReader::Read InputReader::read(const InputFile& file) const {
  const auto given = file.named_in_file ? known_.find(file.name) : known_.end();
  const bool is_known = given != known_.end();
  const std::lock_guard lock(mutex_);
  Read& read = read_[{is_known, is_known ? std::filesystem::path(file.name) : file.path}];
  if (!read.content) {
    read.content = is_known ? given->second : bytes_of(file);
    read.hash = sha256(*read.content);
  }
  return read;
}

InputReader::Read InputReader::placed(const Scenario& scenario, const std::string& key,
                                      const InputFile& file) const {
  try {
    return read(file);
  } catch (const InputFileError& error) {
    throw BadInput(scenario.at(key), error.what());
  }
}

Inputs InputReader::read(Scenario& scenario) const {
  Inputs inputs;
  Value hashes;
  Writer list(hashes);
  const auto read_one = [&](const std::string& key, InputFile& file) {
    const Read found = placed(scenario, key, file);
    file.content = found.content;
    inputs.files.push_back({key, file.name, found.content});
    list.add(key, scalar_value(found.hash));
  };
  visit_files(topologies(), scenario.topology, "topology", read_one);
  if (scenario.mixing) visit_files(mixings(), *scenario.mixing, "mixing", read_one);
  visit_files(networks(), scenario.network, "network", read_one);
  visit_files(compute_times(), scenario.compute, "compute", read_one);
  if (scenario.faults) {
    Files files("faults", read_one);
    Faults::fields(*scenario.faults, files);
  }
  if (scenario.problem.value) visit_files(problems(), scenario.problem, "problem", read_one);
  if (const auto set = scenario.problem.value ? scenario.problem->dataset() : std::nullopt) {
    Value of_set;
    Writer files(of_set);
    for (const auto& [file, hash] : sets_.hashes(*set)) files.add(file, scalar_value(hash));
    list.add("problem.dataset", std::move(of_set));
  }
  if (const CommandLine* const command = scenario.problem.value ? scenario.problem->command() : nullptr) {
    Value of_command;
    Writer files(of_command);
    for (const std::string& file : command->files()) {
      files.add(file, scalar_value(read(InputFile(command->path(file))).hash));
    }
    list.add("problem.command", std::move(of_command));
  }
  inputs.hashes = to_flow_yaml(hashes);
  return inputs;
}

std::vector<std::filesystem::path> problem_paths(const Scenario& scenario) {
  std::vector<std::filesystem::path> paths;
  if (const auto data = scenario.problem->dataset()) {
    paths.push_back(data->set.path);
    if (data->test) paths.push_back(data->test->path);
  }
  Chosen<ProblemSettings> problem = scenario.problem;
  visit_files(problems(), problem, "problem",
              [&](const std::string&, const InputFile& file) { paths.push_back(file.path); });
  return paths;
}

std::string identity_of(const std::string& resolved_scenario, const Inputs& inputs) {
  // Not of how numbers are written, which has changed.
  return sha256("numerics " + std::to_string(numerics) + "\n" + with_shortest_numbers(resolved_scenario) +
                inputs.hashes);
}

}  // namespace gossamer
