#include "sim/adjacency.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/sim/support.hpp"

namespace gossamer {
namespace {

Adjacency graph(NodeId nodes, const Edges& edges) {
  return {nodes, edges};
}

TEST_CASE("arcs are numbered by tail, then by head") {
  // 0 - 1, 0 - 3, 1 - 3, and 2 alone.
  const Adjacency g = graph(4, {{3, 1}, {0, 3}, {1, 0}});
  REQUIRE(g.nodes() == 4);
  REQUIRE(g.arcs() == 6);
  const std::vector<std::vector<NodeId>> neighbors{{1, 3}, {0, 3}, {}, {0, 1}};
  ArcId next = 0;
  for (NodeId u = 0; u < 4; ++u) {
    CHECK(std::ranges::equal(g.out_neighbors(u), neighbors[static_cast<std::size_t>(u)]));
    CHECK(std::ranges::equal(g.in_neighbors(u), neighbors[static_cast<std::size_t>(u)]));
    CHECK(g.first_out(u) == next);
    for (const NodeId v : g.out_neighbors(u)) {
      CHECK(g.arc(u, v) == next);
      CHECK(g.head(next) == v);
      CHECK(g.entry(next) == g.entry(v, u));
      CHECK(g.tail_of_entry(g.entry(next)) == u);
      ++next;
    }
  }
  CHECK(g.arc(0, 2) == -1);
  CHECK(g.entry(0, 2) == -1);
  CHECK(g.arc(2, 2) == -1);
}

TEST_CASE("what is no simple graph is refused") {
  CHECK_THROWS_WITH(graph(0, {}), "a graph has at least one node");
  CHECK_THROWS_WITH(graph(2, {{0, 2}}), "edge 0 - 2 has an end that is not a node");
  CHECK_THROWS_WITH(graph(2, {{-1, 0}}), "edge -1 - 0 has an end that is not a node");
  CHECK_THROWS_WITH(graph(2, {{1, 1}}), "node 1 is joined to itself");
  CHECK_THROWS_WITH(graph(3, {{1, 2}, {2, 1}}), "edge 1 - 2 is given twice");
}

}  // namespace
}  // namespace gossamer
