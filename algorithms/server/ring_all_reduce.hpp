// Sums over all nodes without a server: every node sends to the next one of a ring.
#pragma once

#include <array>
#include <string_view>

#include "algorithms/agent/agent.hpp"

namespace gossamer {

/// How a method finds the mean over its workers: a server gathers what they send, or they are the nodes of a
/// ring, sum with ring_all_reduce(), and each keeps x and makes the same step.
enum class Average { server, ring_all_reduce };
constexpr std::array<std::string_view, 2> names(Average) {
  return {"server", "ring_all_reduce"};
}

/// sum_i x_i on every node i = 0, ..., n - 1, each of which calls it with its own x in R^d: the ring
/// all-reduce [Patarasuk, Yuan 2009], known in this field since Baidu's of 2017. The nodes cut x into n
/// chunks of d/n coordinates, give or take one. In n - 1 steps they send chunks to the right and add their
/// own to what comes from the left (reduce-scatter); then each has the sum of one chunk, which goes round in
/// n - 1 more steps (all-gather). So a node sends about 2 (n - 1)/n w d bits, in 2 (n - 1) messages, empty
/// ones included where d < n.
///
/// Sums travel at the wire's precision. Who completes a chunk uses it as the wire rounds it, as all others
/// do: the results of all nodes have the same bits. One node keeps x as it is. Throws Divergence where a sum
/// leaves the wire's range.
Task<Vector> ring_all_reduce(Agent self, Vector x);

/// Throws std::invalid_argument unless the graph is the ring 0 - 1 - ... - (n - 1) - 0.
void require_ring(const Adjacency& graph);

}  // namespace gossamer
