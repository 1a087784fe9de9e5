// Graphs: who can talk to whom; connectivity, distances and shortest routes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gossamer {

/// A graph or a mixing matrix is not what it has to be. The text says what is wrong and what is allowed.
class TopologyError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A simple graph on the nodes 0, ..., n - 1, stored as arcs, each node's neighbours in ascending order: 4
/// bytes per node and per arc. An undirected edge is two arcs; in a directed graph the neighbours of a node
/// are those that its arcs lead to. Made by `make_graph` and `make_directed`. Copies share what they hold.
class Graph {
 public:
  /// Of no nodes.
  Graph();

  /// A graph of Boost.Graph, whose algorithms run on it. Known to graph.cpp alone, as its headers take long
  /// to compile.
  struct Stored;
  explicit Graph(std::shared_ptr<const Stored> stored) : stored_(std::move(stored)) {}
  const Stored& stored() const { return *stored_; }

 private:
  std::shared_ptr<const Stored> stored_;
};

/// The two ends of an edge.
using Edge = std::pair<int, int>;

/// The graph with these edges, in any order and direction; repeated ones count once. Throws TopologyError for
/// loops, ends outside {0, ..., nodes - 1}, nodes < 1, and sizes that `require_size` refuses.
Graph make_graph(int nodes, std::vector<Edge> edges);

/// The same of arcs (tail, head), each in its own direction only.
Graph make_directed(int nodes, std::vector<Edge> arcs);

/// Throws TopologyError where a graph is too large for 32-bit indices: nodes + 2 edges, the number of entries
/// of its mixing matrix, must be below 2^31.
void require_size(std::int64_t nodes, std::int64_t edges);

int node_count(const Graph& graph);
int edge_count(const Graph& graph);
int arc_count(const Graph& graph);

/// In ascending order.
std::span<const int> neighbors(const Graph& graph, int node);

inline int degree(const Graph& graph, int node) {
  return static_cast<int>(neighbors(graph, node).size());
}

/// Every edge once, as (u, v) with u < v, in ascending order.
std::vector<Edge> edge_list(const Graph& graph);

/// Every arc as (tail, head), in ascending order.
std::vector<Edge> arc_list(const Graph& graph);

/// All arcs turned round.
Graph reversed(const Graph& graph);

/// The number of edges on a shortest route from `from` to each node; -1: there is none.
std::vector<int> hops(const Graph& graph, int from);

/// "2", or of a node with a name "2 (Bern)".
std::string text_of_node(std::span<const std::string> names, int node);

/// Throws TopologyError: "the graph is not connected: 12 of 100 nodes cannot be reached from node 0, for
/// instance node 7; advice", the advice where there is one; of nodes with names "node 7 (Bern)".
void require_connected(const Graph& graph, std::string_view advice = {},
                       std::span<const std::string> names = {});

/// The same for a directed graph, in which every node has to reach every other: "the graph is not strongly
/// connected: 12 of 100 nodes cannot reach node 0, for instance node 7; advice".
void require_strongly_connected(const Graph& graph, std::string_view advice = {},
                                std::span<const std::string> names = {});

/// The greatest distance between two nodes, or a lower bound on it.
struct Diameter {
  int value = 0;
  bool exact = true;
};

/// Exact for trees, and for graphs small enough for a search from every node (n (n + 2 edges) <= 10^8);
/// otherwise the double sweep's lower bound: the distance to the node that is farthest from the node that is
/// farthest from node 0. Throws TopologyError if the graph is not connected. A directed graph is strongly
/// connected, and its distances are those along its arcs.
Diameter diameter(const Graph& graph);

}  // namespace gossamer
