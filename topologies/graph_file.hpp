// Graphs with names and attributes, from files as other tools write them.
#pragma once

#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/input_file.hpp"

namespace gossamer {

/// Compares names of attributes, for which capital letters are as good as small ones.
struct BySmallLetters {
  using is_transparent = void;
  bool operator()(std::string_view name, std::string_view other) const;
};
/// By name, as the file has them.
using Attributes = std::map<std::string, std::string, BySmallLetters>;

/// What a file says of a graph. Edges may be loops, or several between the same nodes.
struct AttributedGraph {
  struct Node {
    std::string
        name;  ///< Its label, or else attribute `name`, if all nodes have different ones; else its id.
    Attributes attributes{};
  };
  struct Edge {
    int from, to;
    Attributes attributes{};
    int line = 0;  ///< Where it stands; 0: not known.
  };
  bool directed = false;  ///< Then edges that are not, as GraphML may have them, are two.
  std::vector<Node> nodes{};
  std::vector<Edge> edges{};
};

/// Reads GraphML, as networkx and Gephi write it, and the Internet Topology Zoo; or GML. Nested graphs,
/// hyperedges and ports are refused. Throws InputFileError.
AttributedGraph read_graph_file(const InputFile& file);

/// The names of its edges' attributes other than those that are used.
std::set<std::string> unused_of_edges(const AttributedGraph& graph,
                                      std::initializer_list<std::string_view> used);

}  // namespace gossamer
