#include "topologies/topology.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace gossamer {

void require_sequence_size(std::int64_t graphs, std::int64_t nodes, std::int64_t arcs) {
  if (graphs * (nodes + arcs) <= std::numeric_limits<int>::max()) return;
  throw TopologyError(fmt::format(
      "a sequence of {} graphs of {} nodes is too large; allowed: period * (nodes + arcs) below 2^31", graphs,
      nodes));
}

Topology sequence_of(std::vector<Graph> graphs, bool directed, std::string_view advice) {
  const int nodes = node_count(graphs.front());
  std::int64_t arcs = 0;
  for (const Graph& graph : graphs) arcs = std::max<std::int64_t>(arcs, arc_count(graph));
  require_sequence_size(std::ssize(graphs), nodes, arcs);

  Topology topology{.graph = graphs.front(), .directed = directed};
  if (graphs.size() > 1) {
    std::vector<Edge> links;
    for (Graph& graph : graphs) {
      const Topology& phase =
          topology.phases.emplace_back(Topology{.graph = std::move(graph), .directed = directed});
      const std::vector<Edge> its = links_of(phase);
      links.insert(links.end(), its.begin(), its.end());
    }
    topology.graph = directed ? make_directed(nodes, std::move(links)) : make_graph(nodes, std::move(links));
  }
  directed ? require_strongly_connected(topology.graph, advice) : require_connected(topology.graph, advice);
  return topology;
}

}  // namespace gossamer
