#include "sim/adjacency.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>

namespace gossamer {
namespace {

/// Where `node` stands in an ascending row that begins at number `first`, or -1.
ArcId place(std::span<const NodeId> row, ArcId first, NodeId node) {
  const auto found = std::lower_bound(row.begin(), row.end(), node);
  return found == row.end() || *found != node ? -1 : first + static_cast<ArcId>(found - row.begin());
}

void require_ends(NodeId nodes, std::span<const Adjacency::Pair> pairs) {
  if (nodes < 1) throw std::invalid_argument("a graph has at least one node");
  if (pairs.size() > std::numeric_limits<ArcId>::max() / 2) throw std::invalid_argument("too many edges");
  for (const auto& [u, v] : pairs) {
    if (std::min(u, v) < 0 || std::max(u, v) >= nodes) {
      throw std::invalid_argument("edge " + std::to_string(u) + " - " + std::to_string(v) +
                                  " has an end that is not a node");
    }
    if (u == v) throw std::invalid_argument("node " + std::to_string(u) + " is joined to itself");
  }
}

}  // namespace

Adjacency::Adjacency(NodeId nodes, std::span<const Pair> edges) {
  require_ends(nodes, edges);
  std::vector<Pair> arcs;
  arcs.reserve(2 * edges.size());
  for (const auto& [u, v] : edges) {
    arcs.emplace_back(u, v);
    arcs.emplace_back(v, u);
  }
  build(nodes, std::move(arcs), " - ");
}

Adjacency Adjacency::directed(NodeId nodes, std::span<const Pair> arcs) {
  require_ends(nodes, arcs);
  Adjacency graph;
  graph.build(nodes, {arcs.begin(), arcs.end()}, " -> ");
  return graph;
}

void Adjacency::build(NodeId nodes, std::vector<Pair> arcs, const char* joint) {
  std::sort(arcs.begin(), arcs.end());
  if (const auto twice = std::adjacent_find(arcs.begin(), arcs.end()); twice != arcs.end()) {
    throw std::invalid_argument("edge " + std::to_string(twice->first) + joint +
                                std::to_string(twice->second) + " is given twice");
  }
  first_out_.assign(static_cast<std::size_t>(nodes) + 1, 0);
  first_in_ = first_out_;
  heads_.reserve(arcs.size());
  for (const auto& [tail, head] : arcs) {
    ++first_out_[static_cast<std::size_t>(tail) + 1];
    ++first_in_[static_cast<std::size_t>(head) + 1];
    heads_.push_back(head);
  }
  for (std::size_t u = 1; u < first_out_.size(); ++u) {
    first_out_[u] += first_out_[u - 1];
    first_in_[u] += first_in_[u - 1];
  }
  tails_.resize(arcs.size());
  entries_.reserve(arcs.size());
  std::vector<ArcId> next(first_in_.begin(), first_in_.end() - 1);
  for (const auto& [tail, head] : arcs) {  // By tail, so that the tails of each head ascend.
    const ArcId entry = next[static_cast<std::size_t>(head)]++;
    entries_.push_back(entry);
    tails_[static_cast<std::size_t>(entry)] = tail;
  }
}

ArcId Adjacency::arc(NodeId from, NodeId to) const {
  return place(out_neighbors(from), first_out(from), to);
}

ArcId Adjacency::entry(NodeId to, NodeId from) const {
  return place(in_neighbors(to), first_in(to), from);
}

}  // namespace gossamer
