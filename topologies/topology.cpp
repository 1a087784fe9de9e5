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

Topology sequence_of(std::vector<Graph> graphs, bool directed, std::string_view advice,
                     std::span<const std::string> names) {
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
  directed ? require_strongly_connected(topology.graph, advice, names)
           : require_connected(topology.graph, advice, names);
  return topology;
}

std::string note_of_order(std::span<const std::string> names) {
  return fmt::format("its nodes, {} to {}, are numbered 0 to {} in this order", names.front(), names.back(),
                     names.size() - 1);
}

Topology with_server_last(Topology topology) {
  const int last = node_count(topology.graph) - 1;
  int middle = last;
  while (middle > 0 && degree(topology.graph, middle) < last) --middle;
  if (last < 1 || degree(topology.graph, middle) != last || arc_count(topology.graph) != 2 * last) {
    throw TopologyError(
        "its graph is no star: one node, the server, has to be linked to all others, both ways, "
        "and these to it alone");
  }
  if (middle == last) return topology;
  const auto place = [&](int node) { return node == middle ? last : node - (node > middle); };
  std::vector<Edge> edges;
  for (int worker = 0; worker < last; ++worker) edges.emplace_back(worker, last);
  topology.graph = make_graph(last + 1, std::move(edges));
  std::map<Edge, LinkSettings> links;
  for (const auto& [arc, link] : topology.links) links[{place(arc.first), place(arc.second)}] = link;
  topology.links = std::move(links);
  if (topology.names.empty()) {
    for (int node = 0; node <= last; ++node) topology.names.push_back(std::to_string(node));
  }
  std::erase_if(topology.notes, [before = note_of_order(topology.names)](const std::string& note) {
    return note.ends_with(before);
  });
  std::rotate(topology.names.begin() + middle, topology.names.begin() + middle + 1, topology.names.end());
  topology.notes.push_back(fmt::format(
      "topology: note: the middle of its star, {}, is the server and numbered last, {}; the others, {} to "
      "{}, come before it in this order",
      topology.names.back(), last, topology.names.front(),
      topology.names[static_cast<std::size_t>(last - 1)]));
  return topology;
}

}  // namespace gossamer
