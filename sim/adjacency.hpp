// Who may send to whom, in the compact form that the engine works on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "sim/message.hpp"

namespace gossamer {

/// A directed graph as compressed rows, of the arcs out of each node and of those into it. An undirected edge
/// is two arcs.
///
/// Arcs are numbered by their tails, those of one tail by their heads, ascending: out of node u lead the arcs
/// first_out(u), ..., first_out(u + 1) - 1. Counted by their heads instead, those of one head by their tails,
/// arcs are called entries: into node v lead the entries first_in(v), ..., first_in(v + 1) - 1.
class Adjacency {
 public:
  using Pair = std::pair<NodeId, NodeId>;

  /// Undirected edges, each given once, in either direction. `nodes` >= 1.
  /// Throws std::invalid_argument for ends out of range, loops and repeated edges.
  Adjacency(NodeId nodes, std::span<const Pair> edges);
  /// Arcs (tail, head), each given once. Otherwise as above.
  static Adjacency directed(NodeId nodes, std::span<const Pair> arcs);

  NodeId nodes() const { return static_cast<NodeId>(first_out_.size()) - 1; }
  ArcId arcs() const { return first_out_.back(); }

  ArcId first_out(NodeId node) const { return first_out_[static_cast<std::size_t>(node)]; }
  ArcId first_in(NodeId node) const { return first_in_[static_cast<std::size_t>(node)]; }
  ArcId out_degree(NodeId node) const { return first_out(node + 1) - first_out(node); }
  ArcId in_degree(NodeId node) const { return first_in(node + 1) - first_in(node); }
  /// The nodes that `node` may send to, and those that may send to it; ascending.
  std::span<const NodeId> out_neighbors(NodeId node) const {
    return {heads_.data() + first_out(node), static_cast<std::size_t>(out_degree(node))};
  }
  std::span<const NodeId> in_neighbors(NodeId node) const {
    return {tails_.data() + first_in(node), static_cast<std::size_t>(in_degree(node))};
  }

  /// The node that `arc` leads to.
  NodeId head(ArcId arc) const { return heads_[static_cast<std::size_t>(arc)]; }
  /// The node that `entry` comes from.
  NodeId tail_of_entry(ArcId entry) const { return tails_[static_cast<std::size_t>(entry)]; }
  /// The number of `arc` among the entries.
  ArcId entry(ArcId arc) const { return entries_[static_cast<std::size_t>(arc)]; }
  /// The arc from `from` to `to`, or -1.
  ArcId arc(NodeId from, NodeId to) const;
  /// The entry of the arc from `from` into `to`, or -1.
  ArcId entry(NodeId to, NodeId from) const;

 private:
  Adjacency() = default;
  void build(NodeId nodes, std::vector<Pair> arcs, const char* joint);

  std::vector<ArcId> first_out_, first_in_;  // [nodes + 1]
  std::vector<NodeId> heads_;                // [arc]
  std::vector<NodeId> tails_;                // [entry]
  std::vector<ArcId> entries_;               // [arc]
};

}  // namespace gossamer
