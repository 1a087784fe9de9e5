// Topology: a graph, and what is known of it besides its edges.
#pragma once

#include <map>
#include <optional>

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
  Graph graph;                                   ///< Connected.
  std::optional<LaplacianExtremes> laplacian{};  ///< Where the family has a closed form.
  std::optional<int> diameter{};                 ///< Where the family has a closed form.
  std::map<Edge, LinkSettings> links{};          ///< Links with settings of their own, (u, v) with u < v.
};

/// The closed form where there is one, else as for the graph alone.
inline Diameter diameter(const Topology& topology) {
  return topology.diameter ? Diameter{*topology.diameter, true} : diameter(topology.graph);
}

}  // namespace gossamer
