// Watched: vectors that programs keep, such as moments and memories, for `record.vectors`.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "algorithms/vectors/vector.hpp"
#include "sim/node.hpp"

namespace gossamer {

/// Where each node keeps the vectors that are recorded. They are read at the end of each of its iterations.
class Watched {
 public:
  Watched() = default;
  Watched(std::vector<std::string> names, NodeId nodes)
      : names_(std::move(names)), nodes_(static_cast<std::size_t>(nodes), Node(names_.size())) {}

  /// The recorded names, in the order in which the scenario has them.
  const std::vector<std::string>& names() const { return names_; }

  bool has(std::string_view name) const { return std::ranges::count(names_, name) > 0; }

  /// Says where `node` keeps the vector of this name; of no effect if it is not recorded. The vector has to
  /// be there at the end of every iteration.
  void add(NodeId node, std::string_view name, const Vector& vector) {
    const auto found = std::ranges::find(names_, name);
    if (found == names_.end()) return;
    nodes_[static_cast<std::size_t>(node)][static_cast<std::size_t>(found - names_.begin())] = &vector;
  }

  /// The k-th recorded vector of a node; null if the node has none.
  const Vector* of(NodeId node, std::size_t k) const { return nodes_[static_cast<std::size_t>(node)][k]; }

 private:
  using Node = std::vector<const Vector*>;  // [name]
  std::vector<std::string> names_;
  std::vector<Node> nodes_;
};

}  // namespace gossamer
