// The family `file`: graphs that other programs or people have written.
#pragma once

#include <cstdint>

#include "sim/input_file.hpp"
#include "sim/required.hpp"
#include "topologies/edge_list.hpp"
#include "topologies/topology.hpp"

namespace gossamer {

/// A graph from a file. Its format is known by its content: GraphML, GML, Matrix Market; all else are edge
/// lists or adjacency lists. README.md says what is read, and how. Nodes keep their names; loops are left out
/// and repeated edges count once, of which the topology's notes tell. A link may have its own latency and
/// bandwidth: what is said of u v holds for v u, too, unless v u has its own.
struct TopologyFile {
  static constexpr bool may_have_server = true;  ///< Where its graph is a star.
  Required<InputFile> path{};
  int nodes = 0;
  bool directed = false;
  Lines lines = Lines::automatic;
  static void fields(auto& self, auto&& visit) {
    visit("path", self.path, "",
          "an edge list, u v [latency=10ms] [bandwidth=1Mbit/s] in each line, or an adjacency list, GraphML, "
          "GML, Matrix Market");
    visit("nodes", self.nodes, "[0, inf)", "number of nodes; 0: as many as the file has");
    visit("directed", self.directed, "", "whether u v says that u sends to v, and no more");
    visit("lines", self.lines, "",
          "what the lines of a text are: edges; edges below a line that counts nodes, or nodes and edges; a "
          "node and its neighbors each");
  }
  Topology build(std::uint64_t seed) const;
};

}  // namespace gossamer
