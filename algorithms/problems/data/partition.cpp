#include "algorithms/problems/data/partition.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <queue>
#include <tuple>

#include "algorithms/problems/data/data_set.hpp"
#include "algorithms/problems/data/table_text.hpp"
#include "sim/random.hpp"
#include "sim/text_file.hpp"

namespace gossamer {
namespace {

using Rows = std::vector<std::int32_t>;

/// What the schemes split, and with which random numbers.
struct Task {
  std::span<const std::int32_t> labels;
  int classes;
  int nodes;
  Rng rng;

  Rows all_rows() const {
    Rows all(labels.size());
    std::iota(all.begin(), all.end(), 0);
    return all;
  }

  /// The rows of each class, shuffled.
  std::vector<Rows> shuffled_classes() {
    std::vector<Rows> result(static_cast<std::size_t>(classes));
    for (std::size_t row = 0; row < labels.size(); ++row) {
      result[labels[row]].push_back(static_cast<std::int32_t>(row));
    }
    for (Rows& class_rows : result) shuffle(class_rows, rng);
    return result;
  }
};

/// Hands the rows first, ..., last - 1 to a node.
void give(Rows& node, const Rows& rows, Index first, Index last) {
  node.insert(node.end(), rows.begin() + first, rows.begin() + last);
}

/// Splits a class's rows over some nodes in these proportions. A node's number of rows is its share rounded
/// up or down, by systematic rounding: with the random offset its expected number is its share, whichever
/// place it has among the nodes.
void give_shares(std::vector<Rows>& parts, const Rows& class_rows, std::span<const int> nodes,
                 std::span<const double> shares, Rng& rng) {
  const double total = std::accumulate(shares.begin(), shares.end(), 0.0), offset = rng.uniform();
  const Index count = std::ssize(class_rows);
  double below = 0;
  Index first = 0;
  for (std::size_t k = 0; k < nodes.size(); ++k) {
    below += shares[k];
    const auto rounded = static_cast<Index>(below * static_cast<double>(count) / total + offset);
    const Index last = k + 1 == nodes.size() ? count : std::min(rounded, count);
    give(parts[nodes[k]], class_rows, first, last);
    first = last;
  }
}

/// The first (N mod n) parts have one row more.
std::vector<Rows> near_equal_parts(const Rows& rows, int nodes) {
  std::vector<Rows> parts(static_cast<std::size_t>(nodes));
  Index first = 0;
  for (int i = 0; i < nodes; ++i) {
    const Index count = std::ssize(rows) / nodes + (i < std::ssize(rows) % nodes);
    give(parts[i], rows, first, first + count);
    first += count;
  }
  return parts;
}

std::vector<Rows> split(const Contiguous&, Task& task) {
  return near_equal_parts(task.all_rows(), task.nodes);
}

std::vector<Rows> split(const Iid&, Task& task) {
  Rows all = task.all_rows();
  shuffle(all, task.rng);
  return near_equal_parts(all, task.nodes);
}

std::vector<Rows> split(const LabelsPerNode& scheme, Task& task) {
  if (scheme.labels < 1 || scheme.labels > task.classes) {
    throw DataError(
        fmt::format("labels_per_node: {} labels a node, but the data have {}; 1 to {} are allowed",
                    scheme.labels, task.classes, task.classes),
        "partition");
  }
  if (std::int64_t{task.nodes} * scheme.labels < task.classes) {
    throw DataError(
        fmt::format("labels_per_node: {} nodes with {} labels each cannot hold all of the {} labels; "
                    "nodes x labels must be at least {}",
                    task.nodes, scheme.labels, task.classes, task.classes),
        "partition");
  }
  std::vector<std::vector<int>> holders(static_cast<std::size_t>(task.classes));
  for (int i = 0; i < task.nodes; ++i) {
    for (int k = 0; k < scheme.labels; ++k) {
      holders[(std::int64_t{i} * scheme.labels + k) % task.classes].push_back(i);
    }
  }
  std::vector<Rows> parts(static_cast<std::size_t>(task.nodes));
  const std::vector<Rows> classes = task.shuffled_classes();
  for (std::size_t c = 0; c < classes.size(); ++c) {
    const std::vector<double> equal(holders[c].size(), 1.0);
    give_shares(parts, classes[c], holders[c], equal, task.rng);
  }
  return parts;
}

std::vector<Rows> split(const Dirichlet& scheme, Task& task) {
  if (!(scheme.alpha > 0)) throw DataError("dirichlet: alpha must be above 0", "partition");
  // Gamma variables divided by their sum. Below 1e-300, where all rows of a class are at one node anyway,
  // even their logarithms would leave the range of double.
  const double shape = std::max(scheme.alpha, 1e-300);
  std::vector<Rows> parts(static_cast<std::size_t>(task.nodes));
  std::vector<int> all(parts.size());
  std::iota(all.begin(), all.end(), 0);
  std::vector<double> share(parts.size());
  for (const Rows& class_rows : task.shuffled_classes()) {
    for (double& s : share) s = task.rng.log_gamma(shape);
    const double largest = *std::max_element(share.begin(), share.end());
    for (double& s : share) s = std::exp(s - largest);
    give_shares(parts, class_rows, all, share, task.rng);
  }
  return parts;
}

std::vector<Rows> split(const PartitionFile& scheme, Task& task) {
  TextFile file(*scheme.path);
  const std::size_t rows = task.labels.size();
  std::vector<Rows> parts(static_cast<std::size_t>(task.nodes));
  std::size_t row = 0;
  for (; file.next(); ++row) {
    if (file.words().size() > 1) {
      file.fail(file.words()[1], "a line is the number of one node, that of one row");
    }
    const std::string_view word = file.words().front();
    const auto node = parse_number<double>(word);  // NumPy writes whole numbers as 3.0e+00.
    if (!node || *node != std::trunc(*node) || *node < 0 || *node >= task.nodes) {
      file.fail(word, fmt::format("{} is no node; 0 to {} are allowed", in_quotes(word), task.nodes - 1));
    }
    if (row == rows) {
      file.fail(fmt::format("there are more lines than the {} training rows; one for each is needed", rows));
    }
    parts[static_cast<std::size_t>(*node)].push_back(static_cast<std::int32_t>(row));
  }
  if (row < rows) {
    file.fail(
        fmt::format("the file ends after {} rows, and there are {} training rows; a line for each is "
                    "needed",
                    row, rows));
  }
  std::string empty;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].empty()) empty += fmt::format("{}{}", empty.empty() ? "" : ", ", i);
  }
  constexpr std::size_t longest = 60;
  if (empty.size() > longest) empty = empty.substr(0, empty.rfind(',', longest)) + ", ...";
  if (!empty.empty()) {
    throw InputFileError(fmt::format("{}: nodes without rows: {}; each of the {} nodes needs one",
                                     scheme.path->path.string(), empty, task.nodes));
  }
  return parts;
}

/// Moves a row to each empty part from the one that is then the largest. Chance decides which row, and
/// between parts of one size, so that neither the order of the nodes nor that of the classes matters.
void fill_empty(std::vector<Rows>& parts, Rng& rng) {
  std::vector<std::size_t> empty;
  // (size, lot, part) of parts that can give. With no fewer rows than parts there is one as long as any part
  // is empty.
  std::priority_queue<std::tuple<std::size_t, std::uint64_t, std::size_t>> givers;
  const auto may_give = [&](std::size_t i) {
    if (parts[i].size() > 1) givers.emplace(parts[i].size(), rng.next(), i);
  };
  for (std::size_t i = 0; i < parts.size(); ++i) {
    may_give(i);
    if (parts[i].empty()) empty.push_back(i);
  }
  shuffle(empty, rng);
  for (const std::size_t i : empty) {
    const std::size_t largest = std::get<2>(givers.top());
    givers.pop();
    Rows& giver = parts[largest];
    std::swap(giver[rng.below(giver.size())], giver.back());
    parts[i].push_back(giver.back());
    giver.pop_back();
    may_give(largest);
  }
}

}  // namespace

Partition Partition::make(const PartitionScheme& scheme, std::span<const std::int32_t> labels, int classes,
                          int nodes, std::uint64_t seed) {
  if (nodes < 1 || nodes > std::ssize(labels)) {
    throw DataError(fmt::format("{} nodes cannot share {} training rows; 1 to {} nodes are allowed", nodes,
                                labels.size(), labels.size()));
  }
  Task task{labels, classes, nodes, named_stream(seed, -1, "partition")};
  std::vector<Rows> parts = std::visit([&](const auto& s) { return split(s, task); }, scheme);
  fill_empty(parts, task.rng);

  Partition partition;
  partition.order_.reserve(labels.size());
  for (Rows& part : parts) {
    // A node's rows are a set; ascending order is kindest to the caches.
    std::ranges::sort(part);
    partition.starts_.push_back(std::ssize(partition.order_));
    partition.order_.insert(partition.order_.end(), part.begin(), part.end());
  }
  partition.starts_.push_back(std::ssize(partition.order_));
  if (std::ranges::is_sorted(partition.order_)) partition.order_ = {};
  return partition;
}

int Partition::node_at(Index position) const {
  return static_cast<int>(std::ranges::upper_bound(starts_, position) - starts_.begin()) - 1;
}

}  // namespace gossamer
