// Edge lists and adjacency lists: graphs as lines of text, as networkx, SNAP, decentralizepy and spreadsheets
// write them. README.md has the table of what is read.
#pragma once

#include <array>
#include <string_view>

#include "sim/input_file.hpp"
#include "topologies/listed_graph.hpp"

namespace gossamer {

/// What the lines of a text file are: found out, where only one reading makes sense; or edges; or edges below
/// a line with the number of nodes, and perhaps of edges; or a node and its neighbours each.
enum class Lines { automatic, edges, counted_edges, neighbors };
constexpr std::array<std::string_view, 4> names(Lines) {
  return {"auto", "edges", "counted_edges", "neighbors"};
}

struct EdgeListOptions {
  Lines lines = Lines::automatic;
  int nodes = 0;          ///< How many there are; 0: as many as have edges, or as the file says.
  bool directed = false;  ///< Whether u v leads from u to v only.
};

/// Where n is given, in the options or the file, nodes are numbered from 0 to n - 1, or all of them from 1 to
/// n; other numbers are put in ascending order. Names are put in the order of `precedes`. So the graph does
/// not depend on the order of lines. Throws InputFileError, "file:line:column: what; what is allowed".
ListedGraph read_edge_list(const InputFile& file, const EdgeListOptions& options);

}  // namespace gossamer
