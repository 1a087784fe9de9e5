#include "algorithms/problems/process/neural_network.hpp"

#include <boost/property_tree/json_parser.hpp>
#include <sstream>

namespace gossamer {
namespace {

using Tree = boost::property_tree::ptree;

Tree list(const auto& values) {
  Tree items;
  for (const auto& value : values) items.push_back({"", Tree(value)});
  return items;
}

}  // namespace

const CommandLine& NeuralNetwork::command() {
  static const CommandLine program = [] {
    std::error_code ignored;
    const std::filesystem::path here = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
    return CommandLine{.words = {(here / "gossamer-networks").string()}, .folder = {}, .is_ours = true};
  }();
  return program;
}

std::unique_ptr<Problem> NeuralNetwork::make(int nodes, std::uint64_t seed, const DataSets& sets,
                                             Models& models) const {
  Tree options;
  options.put("model", std::string(names(*model)[static_cast<std::size_t>(*model)]));
  options.put("dataset", *dataset);
  options.put("width", width);
  options.put("crop", crop);
  options.put("flip", flip);
  options.put("batch_norm", std::string(names(batch_norm)[static_cast<std::size_t>(batch_norm)]));
  std::vector<std::string> widths, directories;
  for (const std::int64_t each : hidden) widths.push_back(std::to_string(each));
  for (const std::filesystem::path& directory : sets.directories()) {
    directories.push_back(std::filesystem::absolute(directory).string());
  }
  options.put_child("hidden", list(widths));
  options.put_child("directories", list(directories));
  std::ostringstream text;
  boost::property_tree::write_json(text, options, false);
  return use.make({command(), text.str(), use.precision, use.timeout}, 0, nodes, seed, models);
}

}  // namespace gossamer
