#include "algorithms/problems/data/partition.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <queue>

#include "algorithms/problems/data/data_set.hpp"
#include "sim/random.hpp"

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

/// Where the i-th of `parts` near-equal parts of `count` things starts; the first (count mod parts)
/// have one more.
Index near_equal_start(Index count, Index parts, Index i) {
  return i * (count / parts) + std::min(i, count % parts);
}

/// Hands a class's rows first, ..., last - 1 to a node.
void give(Rows& node, const Rows& class_rows, Index first, Index last) {
  node.insert(node.end(), class_rows.begin() + first, class_rows.begin() + last);
}

std::vector<Rows> near_equal_parts(const Rows& rows, int nodes) {
  std::vector<Rows> parts(static_cast<std::size_t>(nodes));
  for (int i = 0; i < nodes; ++i) {
    give(parts[i], rows, near_equal_start(std::ssize(rows), nodes, i),
         near_equal_start(std::ssize(rows), nodes, i + 1));
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
    const Index count = std::ssize(classes[c]), shares = std::ssize(holders[c]);
    for (Index h = 0; h < shares; ++h) {
      give(parts[holders[c][h]], classes[c], near_equal_start(count, shares, h),
           near_equal_start(count, shares, h + 1));
    }
  }
  return parts;
}

std::vector<Rows> split(const Dirichlet& scheme, Task& task) {
  if (!(scheme.alpha > 0)) throw DataError("dirichlet: alpha must be above 0", "partition");
  // Gamma variables divided by their sum. Below 1e-300, where all rows of a class are at one node anyway,
  // even their logarithms would leave the range of double.
  const double shape = std::max(scheme.alpha, 1e-300);
  std::vector<Rows> parts(static_cast<std::size_t>(task.nodes));
  std::vector<double> share(static_cast<std::size_t>(task.nodes));
  for (const Rows& class_rows : task.shuffled_classes()) {
    for (double& s : share) s = task.rng.log_gamma(shape);
    const double largest = *std::max_element(share.begin(), share.end());
    for (double& s : share) s = std::exp(s - largest);
    const double total = std::accumulate(share.begin(), share.end(), 0.0);
    double below = 0;
    Index first = 0;
    for (int i = 0; i < task.nodes; ++i) {
      below += share[i];
      const Index last = i + 1 == task.nodes
                             ? std::ssize(class_rows)
                             : static_cast<Index>(below / total * static_cast<double>(class_rows.size()));
      give(parts[i], class_rows, first, last);
      first = last;
    }
  }
  return parts;
}

/// Moves a row to each empty part from the one that is then the largest, the first of them.
void fill_empty(std::vector<Rows>& parts) {
  const auto smaller = [&](std::size_t a, std::size_t b) {
    return parts[a].size() != parts[b].size() ? parts[a].size() < parts[b].size() : a > b;
  };
  // Parts that can give. With no fewer rows than parts there is one as long as any part is empty.
  std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(smaller)> givers(smaller);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].size() > 1) givers.push(i);
  }
  for (Rows& part : parts) {
    if (!part.empty()) continue;
    const std::size_t largest = givers.top();
    givers.pop();
    part.push_back(parts[largest].back());
    parts[largest].pop_back();
    if (parts[largest].size() > 1) givers.push(largest);
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
  fill_empty(parts);

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
