#include "algorithms/problems/process/neural_network.hpp"

#include <fmt/format.h>

#define BOOST_BIND_GLOBAL_PLACEHOLDERS  // Without it Boost 1.74 complains of its own reader of JSON.
#include <algorithm>
#include <boost/property_tree/json_parser.hpp>
#include <cmath>
#include <sstream>
#include <utility>

#include "algorithms/problems/data/data_set.hpp"
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

struct ImageShape {
  Index channels, side;
};

/// Nothing where the rows are no images: a data set in LIBSVM's format, whose file has its name.
std::optional<ImageShape> images_of(const KnownDataSet& known) {
  if (known.files.front().stem == known.name) return std::nullopt;
  for (const Index channels : {1, 3}) {
    const Index pixels = known.features / channels;
    const auto side = std::llround(std::sqrt(static_cast<double>(pixels)));
    if (side * side * channels == known.features) return ImageShape{channels, side};
  }
  return std::nullopt;
}

std::string_view text_of(const auto& value) {
  return names(value)[static_cast<std::size_t>(value)];
}

/// Whether it has BatchNorm of fully connected layers.
bool norms_rows(Architecture model) {
  return model == Architecture::lenet_bn || model == Architecture::alexnet_bn;
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
  const KnownDataSet* const known = known_data_set(*dataset);
  const auto images = known ? images_of(*known) : std::nullopt;
  if (!images) return std::nullopt;
  return parameters_of(*model, images->channels, images->side, known->classes, hidden, width);
}

void NeuralNetwork::require() const {
  command().require_program();
  require_images();
  require_batches();
}

void NeuralNetwork::require_images() const {
  const KnownDataSet* const known = known_data_set(*dataset);
  if (!known) return;
  const auto images = images_of(*known);
  if (!images) {
    throw DataError(fmt::format("dataset: {} has no images; it takes MNIST's format or CIFAR-10's", *dataset),
                    "dataset");
  }
  const Index side = images->side;
  const bool is_lenet = *model == Architecture::lenet_bn,
             takes_any = *model == Architecture::mlp || *model == Architecture::cnn3;
  if (!takes_any && side != 32 && !(is_lenet && side == 28)) {
    throw DataError(fmt::format("model: {} takes images of {}32 x 32 pixels; those of {} have {} x {}",
                                text_of(*model), is_lenet ? "28 x 28 or " : "", *dataset, side, side),
                    "model");
  }
  if (crop >= side) {
    throw DataError(fmt::format("crop: moves an image of {} x {} pixels out of sight; up to {} are allowed",
                                side, side, side - 1),
                    "crop");
  }
}

/// Refuses batches of which BatchNorm has no statistics. One row has none where layers are fully connected;
/// behind a convolution it has those of its pixels.
void NeuralNetwork::require_batches() const {
  const bool by_batch = batch_norm == BatchNorm::batch;
  if (by_batch && (*model == Architecture::mlp || *model == Architecture::cnn3)) {
    throw DataError(fmt::format("batch_norm: {} has no BatchNorm; leave it out", text_of(*model)),
                    "batch_norm");
  }
  if (!norms_rows(*model)) return;
  const auto refuse = [&](const char* key, const char* allowed) {
    throw DataError(fmt::format("{}: BatchNorm of {} needs two rows or more at a time; it takes {}", key,
                                text_of(*model), allowed),
                    key);
  };
  if (use.batch_size.rows == 1) refuse("batch_size", "full, or 2 or more");
  if (!by_batch) return;
  if (use.evaluation_rows < 3) refuse("evaluation_rows", "3 or more, as an odd number of rows has to be cut");
  if (use.measured_rows == 1) refuse("measured_rows", "0 for all, or 2 or more");
  if (use.validation == 1) refuse("validation", "0 for none, or 2 or more");
}

/// The same of the batch that ends an epoch, which is known with the rows of each node.
void NeuralNetwork::require_last_batches(const Problem& problem) const {
  if (!norms_rows(*model)) return;
  for (int node = 0; node < problem.nodes(); ++node) {
    const Index rows = problem.samples(node), last = use.batch_size.rows ? rows % *use.batch_size.rows : rows;
    if (last != 1) continue;
    throw DataError(
        fmt::format("batch_size: node {} has {} rows, of which the last batch of an epoch has one; BatchNorm "
                    "of {} needs two or more; another size, partition or validation leaves more",
                    node, rows, text_of(*model)),
        "batch_size");
  }
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
  options.put("model", std::string(text_of(*model)));
  options.put("dataset", *dataset);
  options.put("width", width);
  options.put("crop", crop);
  options.put("flip", flip);
  options.put("batch_norm", std::string(text_of(batch_norm)));
  std::vector<std::string> widths, directories;
  for (const std::int64_t each : hidden) widths.push_back(std::to_string(each));
  for (const std::filesystem::path& directory : sets.directories()) {
    directories.push_back(std::filesystem::absolute(directory).string());
  }
  options.put_child("hidden", list(widths));
  options.put_child("directories", list(directories));
  std::ostringstream text;
  boost::property_tree::write_json(text, options, false);
  std::unique_ptr<Problem> problem =
      use.make({command(), text.str(), use.precision, use.timeout}, 0, nodes, seed, models, start_seed);
  require_last_batches(*problem);
  return problem;
}

}  // namespace gossamer
