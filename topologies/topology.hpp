// Topology: a graph, and what is known of it beside its edges.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "topologies/graph.hpp"

namespace gossamer {

/// The least non-zero and the greatest eigenvalue of the graph Laplacian L = D - A. A single node, whose only
/// eigenvalue is 0, has {infinity, 0}.
struct LaplacianExtremes {
  double smallest_nonzero = 0;
  double largest = 0;
};

/// What a file says of one link, as it is written there: "10ms", "1Mbit/s"; empty: nothing.
struct LinkText {
  std::string latency{};
  std::string bandwidth{};
  std::string where{};  ///< "file:line", for error messages.
};

struct Topology {
  Graph graph;                                   ///< Connected.
  std::optional<LaplacianExtremes> laplacian{};  ///< Where the family has a closed form.
  std::optional<int> diameter{};                 ///< Where the family has a closed form.
  std::map<Edge, LinkText> links{};              ///< Links with settings of their own, (u, v) with u < v.
};

/// The closed form where there is one, else as for the graph alone.
inline Diameter diameter(const Topology& topology) {
  return topology.diameter ? Diameter{*topology.diameter, true} : diameter(topology.graph);
}

}  // namespace gossamer
