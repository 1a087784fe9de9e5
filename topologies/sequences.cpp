#include "topologies/sequences.hpp"

#include <fmt/format.h>

#include <bit>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <numeric>

namespace gossamer {

Topology OnePeerExponential::build(std::uint64_t) const {
  if (nodes < 1) throw TopologyError(fmt::format("nodes: {} is not allowed; allowed: at least 1", *nodes));
  const std::int64_t n = nodes;
  require_sequence_size(std::bit_width(static_cast<unsigned>(nodes)), n, n);
  std::vector<Graph> graphs;
  for (std::int64_t offset = 1; offset < n || graphs.empty(); offset *= 2) {
    std::vector<Edge> arcs;
    arcs.reserve(nodes);
    for (std::int64_t i = 0; i < n && n > 1; ++i) arcs.emplace_back(i, (i + offset) % n);
    graphs.push_back(make_directed(nodes, std::move(arcs)));
  }
  return sequence_of(std::move(graphs), true);
}

Topology RandomMatchings::build(std::uint64_t seed) const {
  if (nodes < 1) throw TopologyError(fmt::format("nodes: {} is not allowed; allowed: at least 1", *nodes));
  if (period < 1) throw TopologyError(fmt::format("period: {} is not allowed; allowed: at least 1", period));
  require_sequence_size(period, nodes, nodes);
  boost::random::mt19937_64 generator(seed);
  const auto below = [&](int bound) {
    return boost::random::uniform_int_distribution<int>(0, bound - 1)(generator);
  };
  std::vector<Graph> graphs;
  std::vector<int> order(*nodes);
  for (int t = 0; t < period; ++t) {
    std::iota(order.begin(), order.end(), 0);
    for (int left = nodes; left > 1; --left) std::swap(order[left - 1], order[below(left)]);
    std::vector<Edge> pairs;  // Of neighbours in a uniformly random order.
    for (int k = 0; k + 1 < nodes; k += 2) pairs.emplace_back(order[k], order[k + 1]);
    graphs.push_back(make_graph(nodes, std::move(pairs)));
  }
  return sequence_of(std::move(graphs), false, "raise period or change the seed");
}

}  // namespace gossamer
