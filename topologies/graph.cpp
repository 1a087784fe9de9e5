#include "topologies/graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <limits>
#include <numeric>

namespace gossamer {

struct Graph::Stored {
  boost::compressed_sparse_row_graph<boost::directedS, boost::no_property, boost::no_property,
                                     boost::no_property, std::uint32_t, std::uint32_t>
      graph;
};

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

void require_ends(int nodes, const std::vector<Edge>& edges) {
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
}

Graph from_arcs(int nodes, std::vector<Edge> arcs) {
  arcs = sorted_by(&Edge::second, arcs, nodes);
  arcs = sorted_by(&Edge::first, arcs, nodes);
  arcs.erase(std::unique(arcs.begin(), arcs.end()), arcs.end());
  return Graph(std::make_shared<Graph::Stored>(
      Graph::Stored{{boost::edges_are_sorted, arcs.begin(), arcs.end(), static_cast<std::uint32_t>(nodes),
                     static_cast<std::uint32_t>(arcs.size())}}));
}

/// Throws TopologyError where a distance is -1: "the graph is not `what`: 3 of 9 nodes cannot `how`, ...".
void require_reached(const std::vector<int>& distance, std::string_view what, std::string_view how,
                     std::string_view advice, std::span<const std::string> names) {
  const auto missing = std::count(distance.begin(), distance.end(), -1);
  if (missing == 0) return;
  throw TopologyError(fmt::format(
      "the graph is not {}: {} of {} nodes cannot {}, for instance node {}{}{}", what, missing,
      distance.size(), how,
      text_of_node(names,
                   static_cast<int>(std::find(distance.begin(), distance.end(), -1) - distance.begin())),
      advice.empty() ? "" : "; ", advice));
}

}  // namespace

Graph::Graph() : stored_(std::make_shared<Stored>()) {}

void require_size(std::int64_t nodes, std::int64_t edges) {
  if (nodes + 2 * edges <= std::numeric_limits<int>::max()) return;
  throw TopologyError(fmt::format(
      "a graph of {} nodes and {} edges is too large; allowed: nodes + 2 * edges below 2^31", nodes, edges));
}

Graph make_graph(int nodes, std::vector<Edge> edges) {
  require_ends(nodes, edges);
  const auto count = edges.size();
  edges.reserve(2 * count);
  for (std::size_t k = 0; k < count; ++k) edges.emplace_back(edges[k].second, edges[k].first);
  return from_arcs(nodes, std::move(edges));
}

Graph make_directed(int nodes, std::vector<Edge> arcs) {
  require_ends(nodes, arcs);
  return from_arcs(nodes, std::move(arcs));
}

int node_count(const Graph& graph) {
  return static_cast<int>(num_vertices(graph.stored().graph));
}

int arc_count(const Graph& graph) {
  return static_cast<int>(num_edges(graph.stored().graph));
}

int edge_count(const Graph& graph) {
  return arc_count(graph) / 2;
}

std::span<const int> neighbors(const Graph& graph, int node) {
  const auto [first, last] = adjacent_vertices(static_cast<std::uint32_t>(node), graph.stored().graph);
  // Boost wants unsigned vertices, the rest of the program counts in int; both may alias the same object.
  return {reinterpret_cast<const int*>(std::to_address(first)), static_cast<std::size_t>(last - first)};
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

std::vector<Edge> arc_list(const Graph& graph) {
  std::vector<Edge> arcs;
  arcs.reserve(arc_count(graph));
  for (int u = 0; u < node_count(graph); ++u) {
    for (const int v : neighbors(graph, u)) arcs.emplace_back(u, v);
  }
  return arcs;
}

Graph reversed(const Graph& graph) {
  std::vector<Edge> arcs = arc_list(graph);
  for (auto& [u, v] : arcs) std::swap(u, v);
  return from_arcs(node_count(graph), std::move(arcs));
}

std::vector<int> hops(const Graph& graph, int from) {
  std::vector<int> distance(node_count(graph), -1);
  distance[from] = 0;
  const auto record = boost::record_distances(distance.data(), boost::on_tree_edge());
  boost::breadth_first_search(graph.stored().graph, static_cast<std::uint32_t>(from),
                              boost::visitor(boost::make_bfs_visitor(record)));
  return distance;
}

std::string text_of_node(std::span<const std::string> names, int node) {
  return names.empty() ? std::to_string(node)
                       : fmt::format("{} ({})", node, names[static_cast<std::size_t>(node)]);
}

void require_connected(const Graph& graph, std::string_view advice, std::span<const std::string> names) {
  require_reached(hops(graph, 0), "connected", "be reached from node " + text_of_node(names, 0), advice,
                  names);
}

void require_strongly_connected(const Graph& graph, std::string_view advice,
                                std::span<const std::string> names) {
  const std::string first = "node " + text_of_node(names, 0);
  require_reached(hops(graph, 0), "strongly connected", "be reached from " + first, advice, names);
  require_reached(hops(reversed(graph), 0), "strongly connected", "reach " + first, advice, names);
}

Diameter diameter(const Graph& graph) {
  require_connected(graph);
  const auto farthest = [&](int node) {
    const std::vector<int> distance = hops(graph, node);
    const auto last = std::max_element(distance.begin(), distance.end());
    return std::pair(static_cast<int>(last - distance.begin()), *last);
  };
  constexpr std::int64_t affordable = 100'000'000;
  const std::int64_t nodes = node_count(graph), arcs = arc_count(graph);
  const bool is_tree = arcs == 2 * (nodes - 1) && arc_list(reversed(graph)) == arc_list(graph);
  if (is_tree || nodes * (nodes + arcs) > affordable) return {farthest(farthest(0).first).second, is_tree};
  Diameter result;
  for (int node = 0; node < nodes; ++node) result.value = std::max(result.value, farthest(node).second);
  return result;
}

}  // namespace gossamer
