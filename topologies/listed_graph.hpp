// What a file says of a graph, before it is known to be one.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "topologies/topology.hpp"

namespace gossamer {

/// Nodes by their names, and edges in the order of the file: there may be loops, and the same edge several
/// times.
struct ListedGraph {
  struct Edge {
    int from, to;
    LinkSettings settings{};
    int line = 0;   ///< Where it stands; 0: not known.
    int phase = 0;  ///< Which of the graphs in turn it belongs to.
  };
  /// Whether the file itself says that its edges lead both ways, or one way. one_sided: it should name every
  /// edge from both sides, and does not; undirected all the same, unless the scenario says otherwise.
  enum class Ways { not_said, undirected, one_sided, directed };

  std::vector<std::string> names{};  ///< [node]
  std::vector<Edge> edges{};
  int phases = 1;
  Ways ways = Ways::not_said;
  std::set<std::string> unused{};    ///< Weights and other attributes of edges that say nothing here.
  std::string advice{};              ///< What else may be meant, where it is not connected.
  std::vector<std::string> notes{};  ///< What the reader did not take as it stands.
};

/// Whether "w2" comes before "w10": as in a dictionary, but whole numbers within names count by their value.
bool precedes(std::string_view name, std::string_view other);

}  // namespace gossamer
