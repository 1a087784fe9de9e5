#include "sim/adjacency.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>

namespace gossamer {

Adjacency::Adjacency(NodeId nodes, std::span<const std::pair<NodeId, NodeId>> edges) {
  if (nodes < 1) throw std::invalid_argument("a graph has at least one node");
  if (edges.size() > std::numeric_limits<ArcId>::max() / 2) throw std::invalid_argument("too many edges");
  const auto name = [](NodeId u, NodeId v) { return std::to_string(u) + " - " + std::to_string(v); };
  first_.assign(static_cast<std::size_t>(nodes) + 1, 0);
  for (const auto& [u, v] : edges) {
    if (std::min(u, v) < 0 || std::max(u, v) >= nodes) {
      throw std::invalid_argument("edge " + name(u, v) + " has an end that is not a node");
    }
    if (u == v) throw std::invalid_argument("node " + std::to_string(u) + " is joined to itself");
    ++first_[static_cast<std::size_t>(u) + 1];
    ++first_[static_cast<std::size_t>(v) + 1];
  }
  for (std::size_t u = 1; u < first_.size(); ++u) first_[u] += first_[u - 1];

  heads_.resize(2 * edges.size());
  std::vector<ArcId> next(first_.begin(), first_.end() - 1);
  for (const auto& [u, v] : edges) {
    heads_[static_cast<std::size_t>(next[static_cast<std::size_t>(u)]++)] = v;
    heads_[static_cast<std::size_t>(next[static_cast<std::size_t>(v)]++)] = u;
  }
  reverse_.resize(heads_.size());
  for (NodeId u = 0; u < nodes; ++u) {
    const auto begin = heads_.begin() + first(u), end = heads_.begin() + first(u + 1);
    std::sort(begin, end);
    if (const auto twice = std::adjacent_find(begin, end); twice != end) {
      throw std::invalid_argument("edge " + name(u, *twice) + " is given twice");
    }
  }
  for (NodeId u = 0; u < nodes; ++u) {
    for (ArcId a = first(u); a < first(u + 1); ++a) reverse_[static_cast<std::size_t>(a)] = arc(head(a), u);
  }
}

ArcId Adjacency::arc(NodeId from, NodeId to) const {
  const auto row = neighbors(from);
  const auto found = std::lower_bound(row.begin(), row.end(), to);
  if (found == row.end() || *found != to) return -1;
  return first(from) + static_cast<ArcId>(found - row.begin());
}

}  // namespace gossamer
