// Topology: a graph, and what is known of it besides its edges.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/units.hpp"
#include "topologies/graph.hpp"

namespace gossamer {

/// The least non-zero and the greatest eigenvalue of the graph Laplacian L = D - A. A single node, whose only
/// eigenvalue is 0, has {infinity, 0}.
struct LaplacianExtremes {
  double smallest_nonzero = 0;
  double largest = 0;
};

/// Settings that a file gives one link.
struct LinkSettings {
  std::optional<Duration> latency{};
  std::optional<Bandwidth> bandwidth{};
};

struct Topology {
  Graph graph;                                   ///< Connected; if directed, strongly.
  std::optional<LaplacianExtremes> laplacian{};  ///< Where the family has a closed form.
  std::optional<int> diameter{};                 ///< Where the family has a closed form.
  std::map<Edge, LinkSettings> links{};  ///< Of the way from u to v, where they have some of their own.
  bool directed = false;                 ///< A node may only send along the arcs out of it.
  /// Of a graph that changes from iteration to iteration: those of iterations 1, 2, ..., P, repeated in turn,
  /// P > 1, which need not be connected. `graph` is then the union of all. Empty if it does not change.
  std::vector<Topology> phases{};
  std::vector<std::string> names{};  ///< [node], as its file calls them; empty: by their numbers.
  std::vector<std::string>
      notes{};  ///< What was not taken as it stands in the file: for people, a line each.
};

/// The closed form where there is one, else as for the graph alone.
inline Diameter diameter(const Topology& topology) {
  return topology.diameter ? Diameter{*topology.diameter, true} : diameter(topology.graph);
}

/// How many iterations it takes until the graph is the same again, and again in the same order: P, or 1.
inline int period(const Topology& topology) {
  return topology.phases.empty() ? 1 : static_cast<int>(topology.phases.size());
}

/// Who may send to whom, as (tail, head) in ascending order if directed; else every edge once, (u, v) with
/// u < v.
inline std::vector<Edge> links_of(const Topology& topology) {
  return topology.directed ? arc_list(topology.graph) : edge_list(topology.graph);
}

/// The topology whose graph in iteration t = 1, 2, ... is graphs[(t - 1) mod P], all P >= 1 of them on the
/// same nodes, directed or not. Throws TopologyError where their union is not connected (`advice` and `names`
/// as in require_connected), or require_sequence_size refuses it.
Topology sequence_of(std::vector<Graph> graphs, bool directed, std::string_view advice = {},
                     std::span<const std::string> names = {});

/// "its nodes, Bern to Rome, are numbered 0 to 2 in this order".
std::string note_of_order(std::span<const std::string> names);

/// The same with the middle of the star, which is its server, numbered last; a note says so, in place of that
/// of the order. Throws TopologyError where the graph is no star.
Topology with_server_last(Topology topology);

/// Throws TopologyError where the entries of all mixing matrices of a sequence, graphs * (nodes + arcs) for
/// as many arcs in each graph, are not below 2^31.
void require_sequence_size(std::int64_t graphs, std::int64_t nodes, std::int64_t arcs);

}  // namespace gossamer
