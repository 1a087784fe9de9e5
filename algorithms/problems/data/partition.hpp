// Which rows of the training data each node holds.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "algorithms/vectors/vector.hpp"
#include "sim/input_file.hpp"
#include "sim/required.hpp"

namespace gossamer {

/// File order, near-equal parts: the first (N mod n) nodes hold one row more.
struct Contiguous {
  static void fields(auto&, auto&&) {}
};

/// A seeded shuffle of the rows, then parts as for `Contiguous`: which rows a node holds is drawn, how many
/// is not.
struct Iid {
  static void fields(auto&, auto&&) {}
};

/// Node i holds the classes (i L + k) mod C, k = 0, ..., L - 1. The rows of a class, shuffled, are split
/// near-equally over the nodes that hold it; who gets one more is drawn. n L >= C, or rows would be lost.
struct LabelsPerNode {
  int labels = 2;  ///< L, in [1, C].
  static void fields(auto& self, auto&& visit) {
    visit("labels", self.labels, "[1, inf)", "classes that each node holds");
  }
};

/// The rows of each class, shuffled, are split in proportions drawn from Dir(alpha, ..., alpha) over the
/// nodes, independently for each class [Hsu, Qi, Brown 2019]: small alpha, few classes a node. The numbers of
/// rows are these shares, rounded at random so that each is right in expectation.
struct Dirichlet {
  double alpha = 0.5;
  static void fields(auto& self, auto&& visit) {
    visit("alpha", self.alpha, "(0, inf)", "concentration; small values give each node few classes");
  }
};

/// Line k of a file is the number of the node that holds row k; rows and nodes count from 0.
struct PartitionFile {
  Required<InputFile> path;
  static void fields(auto& self, auto&& visit) {
    visit("path", self.path, "", "file whose line k is the node, from 0, of training row k");
  }
};

using PartitionScheme = std::variant<Contiguous, Iid, LabelsPerNode, Dirichlet, PartitionFile>;

/// How much each node counts in f = (1/n) sum_i f_i: all alike, or by the rows that it holds.
enum class NodeWeights { equal, rows };
constexpr std::array<std::string_view, 2> names(NodeWeights) {
  return {"equal", "rows"};
}

/// Every row is at exactly one node and no node is empty. The positions 0, ..., N - 1 list the rows node by
/// node, in ascending order within a node.
class Partition {
 public:
  /// Splits rows with these labels in {0, ..., classes - 1} over `nodes` >= 1 nodes. A node that the last two
  /// schemes would leave empty receives a row from the node that then holds most. Which row, and from which
  /// of nodes with equally many, is drawn: all nodes have equal chances.
  /// Throws DataError where there are more nodes than rows, or where the scheme's own condition fails, and
  /// InputFileError where a file does not say for each row one of the nodes, or leaves a node without rows.
  static Partition make(const PartitionScheme& scheme, std::span<const std::int32_t> labels, int classes,
                        int nodes, std::uint64_t seed);

  int nodes() const { return static_cast<int>(starts_.size()) - 1; }
  Index rows() const { return starts_.back(); }

  /// Node i's positions are start(i), ..., start(i + 1) - 1.
  Index start(int node) const { return starts_[node]; }
  Index size(int node) const { return starts_[node + 1] - starts_[node]; }
  /// What f_i is multiplied with: 1, or n n_i / N, the rows of node i beside those that a node has on
  /// average.
  double factor(NodeWeights weights, int node) const {
    if (weights == NodeWeights::equal) return 1;
    return static_cast<double>(nodes()) * static_cast<double>(size(node)) / static_cast<double>(rows());
  }
  /// What each row of node i then has in f: 1 / (n n_i), or 1 / N.
  double row_weight(NodeWeights weights, int node) const {
    if (weights == NodeWeights::rows) return 1 / static_cast<double>(rows());
    return 1 / (static_cast<double>(nodes()) * static_cast<double>(size(node)));
  }
  int node_at(Index position) const;
  std::int32_t row_at(Index position) const {
    return order_.empty() ? static_cast<std::int32_t>(position) : order_[position];
  }

 private:
  std::vector<Index> starts_;
  std::vector<std::int32_t> order_;  ///< Row at each position; empty: the position itself.
};

}  // namespace gossamer
