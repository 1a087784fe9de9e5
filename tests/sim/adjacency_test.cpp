#include "sim/adjacency.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "sim/random.hpp"
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

TEST_CASE("arcs of a directed graph lead one way") {
  // 0 -> 2, 2 -> 0, 0 -> 1, 3 -> 1; out by tails: 0 -> 1, 0 -> 2, 2 -> 0, 3 -> 1.
  const std::vector<Adjacency::Pair> arcs{{3, 1}, {0, 2}, {2, 0}, {0, 1}};
  const Adjacency g = Adjacency::directed(4, arcs);
  REQUIRE(g.nodes() == 4);
  REQUIRE(g.arcs() == 4);
  const std::vector<std::vector<NodeId>> out{{1, 2}, {}, {0}, {1}}, in{{2}, {0, 3}, {0}, {}};
  for (NodeId u = 0; u < 4; ++u) {
    CAPTURE(u);
    CHECK(std::ranges::equal(g.out_neighbors(u), out[static_cast<std::size_t>(u)]));
    CHECK(std::ranges::equal(g.in_neighbors(u), in[static_cast<std::size_t>(u)]));
    CHECK(g.out_degree(u) == std::ssize(out[static_cast<std::size_t>(u)]));
    CHECK(g.in_degree(u) == std::ssize(in[static_cast<std::size_t>(u)]));
  }
  CHECK(g.arc(0, 1) == 0);
  CHECK(g.arc(3, 1) == 3);
  CHECK(g.arc(1, 0) == -1);
  // Into 0: 2; into 1: 0, 3; into 2: 0.
  CHECK(g.entry(0, 2) == 0);
  CHECK(g.entry(1, 0) == 1);
  CHECK(g.entry(1, 3) == 2);
  CHECK(g.entry(2, 0) == 3);
  CHECK(g.entry(0, 1) == -1);
}

TEST_CASE("arcs and entries are two numberings of the same") {
  Rng rng(1);
  std::vector<Adjacency::Pair> arcs;
  for (NodeId u = 0; u < 30; ++u) {
    for (NodeId v = 0; v < 30; ++v) {
      if (u != v && rng.below(5) == 0) arcs.emplace_back(u, v);
    }
  }
  const Adjacency g = Adjacency::directed(30, arcs);
  std::vector<bool> seen(arcs.size());
  for (ArcId a = 0; a < g.arcs(); ++a) {
    const auto& [tail, head] = arcs[static_cast<std::size_t>(a)];  // They were listed in their order.
    CHECK(g.arc(tail, head) == a);
    CHECK(g.head(a) == head);
    CHECK(g.entry(a) == g.entry(head, tail));
    CHECK(g.tail_of_entry(g.entry(a)) == tail);
    CHECK((g.first_in(head) <= g.entry(a) && g.entry(a) < g.first_in(head + 1)));
    CHECK_FALSE(seen[static_cast<std::size_t>(g.entry(a))]);
    seen[static_cast<std::size_t>(g.entry(a))] = true;
  }
}

TEST_CASE("what is no simple graph is refused") {
  CHECK_THROWS_WITH(graph(0, {}), "a graph has at least one node");
  CHECK_THROWS_WITH(graph(2, {{0, 2}}), "edge 0 - 2 has an end that is not a node");
  CHECK_THROWS_WITH(graph(2, {{-1, 0}}), "edge -1 - 0 has an end that is not a node");
  CHECK_THROWS_WITH(graph(2, {{1, 1}}), "node 1 is joined to itself");
  CHECK_THROWS_WITH(graph(3, {{1, 2}, {2, 1}}), "edge 1 - 2 is given twice");
  const std::vector<Adjacency::Pair> twice{{2, 1}, {1, 2}, {2, 1}};
  CHECK_THROWS_WITH(Adjacency::directed(3, twice), "edge 2 -> 1 is given twice");
  CHECK_NOTHROW(Adjacency::directed(3, std::span(twice).first(2)));
}

}  // namespace
}  // namespace gossamer
