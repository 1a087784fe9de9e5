#include "algorithms/problems/process/neural_network.hpp"

#include <algorithm>
#include <boost/property_tree/json_parser.hpp>
#include <cmath>
#include <sstream>
#include <utility>

#include "algorithms/problems/data/known_data_sets.hpp"

namespace gossamer {
namespace {

using Tree = boost::property_tree::ptree;

Tree list(const auto& values) {
  Tree items;
  for (const auto& value : values) items.push_back({"", Tree(value)});
  return items;
}

Index linear(Index in, Index out) {
  return (in + 1) * out;
}
/// With a bias, or with BatchNorm behind it in place of the bias.
Index conv(Index in, Index out, Index kernel) {
  return (in * kernel * kernel + 1) * out;
}
Index conv_bn(Index in, Index out, Index kernel) {
  return (in * kernel * kernel + 2) * out;
}

Index mlp(Index in, const std::vector<std::int64_t>& hidden, Index classes) {
  Index sum = 0;
  for (const Index next : hidden) {
    sum += linear(in, next);
    in = next;
  }
  return sum + linear(in, classes);
}

Index cnn3(Index channels, Index side, Index classes, Index w) {
  return conv(channels, w, 3) + conv(w, 2 * w, 3) + conv(2 * w, 4 * w, 3) +
         linear(4 * w * (side / 8) * (side / 8), classes);
}

Index lenet_bn(Index channels, Index classes) {
  const Index norms = 2 * (channels + 6 + 400 + 120 + 84);
  return norms + conv(channels, 6, 5) + conv(6, 16, 5) + linear(400, 120) + linear(120, 84) +
         linear(84, classes);
}

Index alexnet_bn(Index channels, Index classes, Index w) {
  Index sum = 0;
  for (const Index next : {w, 3 * w, 6 * w, 4 * w, 4 * w}) {
    sum += 2 * channels + conv(channels, next, 3);
    channels = next;
  }
  const Index features = 16 * w;
  return sum + 6 * features + 2 * linear(features, features) + linear(features, classes);
}

Index resnet18(Index channels, Index classes, Index w) {
  Index sum = conv_bn(channels, w, 3), in = w;
  for (const Index out : {w, 2 * w, 4 * w, 8 * w}) {
    sum += conv_bn(in, out, 3) + 3 * conv_bn(out, out, 3);
    if (in != out) sum += conv_bn(in, out, 1);
    in = out;
  }
  return sum + linear(in, classes);
}

Index wrn_16_4(Index channels, Index classes, Index w) {
  Index sum = 9 * channels * w, in = w;
  for (const Index out : {4 * w, 8 * w, 16 * w}) {
    for (const Index from : {in, out}) sum += 2 * from + conv_bn(from, out, 3) + 9 * out * out;
    sum += in * out;  // The shortcut of the first block.
    in = out;
  }
  return sum + 2 * in + linear(in, classes);
}

Index vgg16(Index channels, Index classes, Index w) {
  Index sum = 0;
  for (const auto& [factor, count] : {std::pair{1, 2}, {2, 2}, {4, 3}, {8, 3}, {8, 3}}) {
    for (int k = 0; k < count; ++k) {
      sum += conv_bn(channels, factor * w, 3);
      channels = factor * w;
    }
  }
  return sum + linear(channels, classes);
}

}  // namespace

Index parameters_of(Architecture model, Index channels, Index side, Index classes,
                    const std::vector<std::int64_t>& hidden, Index width) {
  const auto or_known = [width](Index known) { return width > 0 ? width : known; };
  switch (model) {
    case Architecture::mlp:
      return mlp(channels * side * side, hidden, classes);
    case Architecture::cnn3:
      return cnn3(channels, side, classes, or_known(16));
    case Architecture::lenet_bn:
      return lenet_bn(channels, classes);
    case Architecture::alexnet_bn:
      return alexnet_bn(channels, classes, or_known(64));
    case Architecture::resnet18:
      return resnet18(channels, classes, or_known(64));
    case Architecture::wrn_16_4:
      return wrn_16_4(channels, classes, or_known(16));
    case Architecture::vgg16:
      return vgg16(channels, classes, or_known(64));
  }
  return 0;
}

std::optional<Index> NeuralNetwork::dimension_if_known() const {
  const auto known = std::ranges::find(known_data_sets(), *dataset, &KnownDataSet::name);
  if (known == known_data_sets().end()) return std::nullopt;
  for (const Index channels : {1, 3}) {
    const Index pixels = known->features / channels;
    const auto side = std::llround(std::sqrt(static_cast<double>(pixels)));
    if (side * side * channels != known->features) continue;
    return parameters_of(*model, channels, side, known->classes, hidden, width);
  }
  return std::nullopt;
}

const CommandLine& NeuralNetwork::command() {
  static const CommandLine program = [] {
    std::error_code ignored;
    const std::filesystem::path here = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
    return CommandLine{.words = {(here / "gossamer-networks").string()}, .folder = {}, .is_ours = true};
  }();
  return program;
}

std::unique_ptr<Problem> NeuralNetwork::make(int nodes, std::uint64_t seed, const DataSets& sets,
                                             Models& models, std::optional<std::uint64_t> start_seed) const {
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
  return use.make({command(), text.str(), use.precision, use.timeout}, 0, nodes, seed, models, start_seed);
}

}  // namespace gossamer
