// Who is joined to whom, in the compact form that the engine works on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "sim/message.hpp"

namespace gossamer {

/// Number of an arc: a directed edge. The arcs out of node 0 come first, then those of node 1, and so on,
/// each node's in ascending order of their heads.
using ArcId = std::int32_t;

/// An undirected graph as compressed rows. Node u's arcs are first(u), ..., first(u + 1) - 1.
class Adjacency {
 public:
  /// `nodes` >= 1. Edges are undirected; each is given once, in either direction.
  /// Throws std::invalid_argument for ends out of range, loops and repeated edges.
  Adjacency(NodeId nodes, std::span<const std::pair<NodeId, NodeId>> edges);

  NodeId nodes() const { return static_cast<NodeId>(first_.size()) - 1; }
  ArcId arcs() const { return first_.back(); }
  ArcId first(NodeId node) const { return first_[static_cast<std::size_t>(node)]; }
  ArcId degree(NodeId node) const { return first(node + 1) - first(node); }
  /// The node that `arc` leads to.
  NodeId head(ArcId arc) const { return heads_[static_cast<std::size_t>(arc)]; }
  /// The same edge in the other direction.
  ArcId reverse(ArcId arc) const { return reverse_[static_cast<std::size_t>(arc)]; }
  /// Ascending.
  std::span<const NodeId> neighbors(NodeId node) const {
    return std::span(heads_).subspan(static_cast<std::size_t>(first(node)),
                                     static_cast<std::size_t>(degree(node)));
  }
  /// The arc from `from` to `to`, or -1.
  ArcId arc(NodeId from, NodeId to) const;

 private:
  std::vector<ArcId> first_;  // [nodes + 1]
  std::vector<NodeId> heads_;
  std::vector<ArcId> reverse_;
};

}  // namespace gossamer
