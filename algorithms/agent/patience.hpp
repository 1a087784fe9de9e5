// Patience as algorithms have it: the keys `wait_for` and `wait_at_most`.
#pragma once

#include "sim/node.hpp"

namespace gossamer {

/// The fields of a server that may not wait for all of its workers.
void visit_patience_of_server(auto& patience, auto&& visit) {
  visit("wait_for", patience.first, "[1, inf)", "how many workers the server waits for; if none, for all");
  visit("wait_at_most", patience.at_most, "(0, inf)",
        "how long the server waits for workers; if none, for ever");
}

/// The fields of nodes that may not wait for all of their neighbours.
void visit_patience_of_nodes(auto& patience, auto&& visit) {
  visit("wait_for", patience.first, "[1, inf)", "how many neighbours a node waits for; if none, for all");
  visit("wait_at_most", patience.at_most, "(0, inf)",
        "how long a node waits for neighbours; if none, for ever");
}

/// Throws std::invalid_argument where no node of the graph has as many neighbours as nodes wait for. Nodes
/// with fewer neighbours wait for all of theirs.
void require_patience_of_nodes(const Patience& patience, const Adjacency& graph);

/// Throws std::invalid_argument where there is no server, or it has fewer workers than it waits for.
void require_patience_of_server(const Patience& patience, const Adjacency& graph, bool has_server);

}  // namespace gossamer
