#include "topologies/directed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace gossamer {
namespace {

/// i -> i + s mod n, for these offsets s, all in {1, ..., n - 1} and different. Every node sees the same
/// graph, so the distances from one give the diameter.
Topology circulant(int nodes, const std::vector<int>& offsets) {
  std::vector<Edge> arcs;
  arcs.reserve(nodes * offsets.size());
  for (std::int64_t i = 0; i < nodes; ++i) {
    for (const int s : offsets) arcs.emplace_back(static_cast<int>(i), static_cast<int>((i + s) % nodes));
  }
  Topology topology{.graph = make_directed(nodes, std::move(arcs)), .directed = true};
  const std::vector<int> distance = hops(topology.graph, 0);
  topology.diameter = *std::max_element(distance.begin(), distance.end());
  return topology;
}

void require(int nodes, std::int64_t offsets) {
  if (nodes < 1) throw TopologyError(fmt::format("nodes: {} is not allowed; allowed: at least 1", nodes));
  require_sequence_size(1, nodes, nodes * offsets);
}

}  // namespace

Topology DirectedRing::build(std::uint64_t) const {
  require(nodes, 1);
  return circulant(nodes, nodes == 1 ? std::vector<int>{} : std::vector{1});
}

Topology DirectedExponential::build(std::uint64_t) const {
  require(nodes, std::bit_width(static_cast<unsigned>(*nodes)));
  std::vector<int> offsets;
  for (std::int64_t offset = 1; offset < nodes; offset *= 2) offsets.push_back(static_cast<int>(offset));
  return circulant(nodes, offsets);
}

}  // namespace gossamer
