#include "topologies/graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/connected_components.hpp>
#include <limits>
#include <numeric>

namespace gossamer {
namespace {

/// The arcs in ascending order of one of their ends, stably: one digit of a radix sort, linear in the graph.
std::vector<Edge> sorted_by(int Edge::*end, const std::vector<Edge>& arcs, int nodes) {
  std::vector<std::size_t> place(nodes + std::size_t{1});
  for (const Edge& arc : arcs) ++place[arc.*end + 1];
  std::partial_sum(place.begin(), place.end(), place.begin());
  std::vector<Edge> sorted(arcs.size());
  for (const Edge& arc : arcs) sorted[place[arc.*end]++] = arc;
  return sorted;
}

}  // namespace

void require_size(std::int64_t nodes, std::int64_t edges) {
  if (nodes + 2 * edges <= std::numeric_limits<int>::max()) return;
  throw TopologyError(fmt::format(
      "a graph of {} nodes and {} edges is too large; allowed: nodes + 2 * edges below 2^31", nodes, edges));
}

Graph make_graph(int nodes, std::vector<Edge> edges) {
  if (nodes < 1) throw TopologyError(fmt::format("a graph of {} nodes; allowed: at least 1", nodes));
  for (const auto& [u, v] : edges) {
    if (std::min(u, v) < 0 || std::max(u, v) >= nodes) {
      throw TopologyError(
          fmt::format("edge {} {} leaves the graph; nodes are numbered 0 to {}", u, v, nodes - 1));
    }
    if (u == v)
      throw TopologyError(fmt::format("edge {} {} is a loop; edges join two different nodes", u, v));
  }
  require_size(nodes, static_cast<std::int64_t>(edges.size()));

  std::vector<Edge> arcs = std::move(edges);
  const auto count = arcs.size();
  arcs.reserve(2 * count);
  for (std::size_t k = 0; k < count; ++k) arcs.emplace_back(arcs[k].second, arcs[k].first);
  arcs = sorted_by(&Edge::second, arcs, nodes);
  arcs = sorted_by(&Edge::first, arcs, nodes);
  arcs.erase(std::unique(arcs.begin(), arcs.end()), arcs.end());
  return Graph(boost::edges_are_sorted, arcs.begin(), arcs.end(), static_cast<std::uint32_t>(nodes),
               static_cast<std::uint32_t>(arcs.size()));
}

std::vector<Edge> edge_list(const Graph& graph) {
  std::vector<Edge> edges;
  edges.reserve(edge_count(graph));
  for (int u = 0; u < node_count(graph); ++u) {
    for (const int v : neighbors(graph, u)) {
      if (u < v) edges.emplace_back(u, v);
    }
  }
  return edges;
}

std::vector<int> hops(const Graph& graph, int from) {
  std::vector<int> distance(num_vertices(graph), -1);
  distance[from] = 0;
  const auto record = boost::record_distances(distance.data(), boost::on_tree_edge());
  boost::breadth_first_search(graph, static_cast<std::uint32_t>(from),
                              boost::visitor(boost::make_bfs_visitor(record)));
  return distance;
}

void require_connected(const Graph& graph, std::string_view advice) {
  const std::vector<int> distance = hops(graph, 0);
  const auto missing = std::count(distance.begin(), distance.end(), -1);
  if (missing == 0) return;
  throw TopologyError(fmt::format(
      "the graph is not connected: {} of {} nodes cannot be reached from node 0, for instance node {}{}{}",
      missing, distance.size(), std::find(distance.begin(), distance.end(), -1) - distance.begin(),
      advice.empty() ? "" : "; ", advice));
}

Diameter diameter(const Graph& graph) {
  require_connected(graph);
  const auto farthest = [&](int node) {
    const std::vector<int> distance = hops(graph, node);
    const auto last = std::max_element(distance.begin(), distance.end());
    return std::pair(static_cast<int>(last - distance.begin()), *last);
  };
  constexpr std::int64_t affordable = 100'000'000;
  const std::int64_t nodes = node_count(graph), edges = edge_count(graph);
  if (edges == nodes - 1 || nodes * (nodes + 2 * edges) > affordable) {
    return {farthest(farthest(0).first).second, edges == nodes - 1};
  }
  Diameter result;
  for (int node = 0; node < nodes; ++node) result.value = std::max(result.value, farthest(node).second);
  return result;
}

}  // namespace gossamer
