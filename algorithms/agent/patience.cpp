#include "algorithms/agent/patience.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace gossamer {
namespace {

void require_at_most(const Patience& patience, NodeId most, const std::string& there_are) {
  if (patience.first && *patience.first > most) {
    throw std::invalid_argument("wait_for: " + there_are + "; it takes at most so many");
  }
}

}  // namespace

void require_patience_of_nodes(const Patience& patience, const Adjacency& graph) {
  ArcId most = 0;
  for (NodeId i = 0; i < graph.nodes(); ++i) most = std::max(most, graph.in_degree(i));
  require_at_most(patience, most, "no node has more than " + std::to_string(most) + " neighbours");
}

void require_patience_of_server(const Patience& patience, const Adjacency& graph, bool has_server) {
  if (!has_server && patience.any()) {
    throw std::invalid_argument("wait_for, wait_at_most: they say how long a server waits; there is none");
  }
  const NodeId workers = graph.nodes() - 1;
  require_at_most(patience, workers, "there are " + std::to_string(workers) + " workers");
}

}  // namespace gossamer
