// What every family asks of its fields and of the size of its graph.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <vector>

#include "topologies/graph.hpp"

namespace gossamer {

/// Refuses a field outside its domain: "p: 1.5 is not allowed; allowed: (0, 1]".
template <class Number>
void require(bool allowed, const char* name, Number value, const std::string& domain) {
  if (!allowed) throw TopologyError(fmt::format("{}: {} is not allowed; allowed: {}", name, value, domain));
}

inline void require_nodes(int nodes) {
  require(nodes >= 1, "nodes", nodes, "at least 1");
}

/// An empty list with room for `edges`, in a graph that is not too large.
inline std::vector<Edge> room_for(std::int64_t nodes, std::int64_t edges) {
  require_size(nodes, edges);
  std::vector<Edge> list;
  list.reserve(edges);
  return list;
}

}  // namespace gossamer
