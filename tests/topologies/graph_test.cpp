#include "topologies/graph.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>
#include <vector>

#include "tests/topologies/support.hpp"
#include "topologies/families.hpp"
#include "topologies/random_families.hpp"

using namespace gossamer;
using Catch::Equals;

namespace {

std::vector<int> around(const Graph& graph, int node) {
  const auto range = neighbors(graph, node);
  return {range.begin(), range.end()};
}

}  // namespace

TEST_CASE("a graph is simple and undirected, whatever the edges' order and direction", "[graph]") {
  const Graph graph = make_graph(4, {{2, 0}, {3, 2}, {0, 2}, {1, 2}, {3, 2}});
  CHECK(node_count(graph) == 4);
  CHECK(edge_count(graph) == 3);
  CHECK(around(graph, 2) == std::vector{0, 1, 3});
  CHECK(around(graph, 0) == std::vector{2});
  CHECK(degree(graph, 2) == 3);
  CHECK(edge_list(graph) == std::vector<Edge>{{0, 2}, {1, 2}, {2, 3}});

  const Graph single = make_graph(1, {});
  CHECK(neighbors(single, 0).empty());
  CHECK_NOTHROW(require_connected(single));
  CHECK(diameter(single).value == 0);
}

TEST_CASE("what is no edge is refused", "[graph]") {
  CHECK_THAT(error_of([] {
               make_graph(3, {{0, 1}, {1, 1}});
             }),
             Equals("edge 1 1 is a loop; edges join two different nodes"));
  CHECK_THAT(error_of([] {
               make_graph(3, {{0, 3}});
             }),
             Equals("edge 0 3 leaves the graph; nodes are numbered 0 to 2"));
  CHECK_THAT(error_of([] {
               make_graph(3, {{-1, 0}});
             }),
             Equals("edge -1 0 leaves the graph; nodes are numbered 0 to 2"));
  CHECK_THAT(error_of([] { make_graph(0, {}); }), Equals("a graph of 0 nodes; allowed: at least 1"));
}

TEST_CASE("a graph that is not connected says so by example", "[graph]") {
  const Graph graph = make_graph(6, {{0, 1}, {0, 3}, {2, 5}});
  // Three components: {0, 1, 3}, {2, 5} and {4}.
  CHECK(hops(graph, 0) == std::vector{0, 1, -1, 1, -1, -1});
  CHECK(hops(graph, 2) == std::vector{-1, -1, 0, -1, -1, 1});
  CHECK(hops(graph, 4) == std::vector{-1, -1, -1, -1, 0, -1});
  const std::string text =
      "the graph is not connected: 3 of 6 nodes cannot be reached from node 0, for instance node 2";
  CHECK_THAT(error_of([&] { require_connected(graph); }), Equals(text));
  CHECK_THAT(error_of([&] { require_connected(graph, "add edges"); }), Equals(text + "; add edges"));
  CHECK_THAT(error_of([&] { diameter(graph); }), Equals(text));
  CHECK(hops(graph, 3) == std::vector{1, 2, -1, 0, -1, -1});
}

TEST_CASE("the diameter is exact for small graphs and for trees, and a lower bound beyond", "[graph]") {
  CHECK(diameter(Ring{11}.build(0).graph).value == 5);

  // A heap of 2^12 - 1 nodes: from leaf to leaf over the root.
  const Diameter tree = diameter(Tree{.nodes = 4095}.build(0));
  CHECK(tree.value == 2 * 11);
  CHECK(tree.exact);

  const Graph torus = Torus{20'000}.build(0).graph;  // 125 x 160.
  const Diameter bound = diameter(torus);
  CHECK_FALSE(bound.exact);
  CHECK(bound.value == 62 + 80);
}

TEST_CASE("what 32-bit indices cannot hold is refused before it is built", "[graph]") {
  CHECK_NOTHROW(require_size(1'000'000, 1'000'000'000));
  const std::string text =
      "a graph of 100000 nodes and 4999950000 edges is too large; allowed: nodes + 2 * edges below 2^31";
  CHECK_THAT(error_of([] { Complete{100'000}.build(0); }), Equals(text));
  static constexpr int huge = std::numeric_limits<int>::max();
  CHECK_THAT(error_of([] { Ring{huge}.build(0); }), Catch::Contains("is too large"));
  CHECK_THAT(error_of([] { Star{.nodes = huge}.build(0); }), Catch::Contains("is too large"));
  CHECK_THAT(error_of([] { Exponential{huge}.build(0); }), Catch::Contains("is too large"));
  CHECK_THAT(error_of([] { RandomRegular{.nodes = huge - 1, .degree = 3}.build(0); }),
             Catch::Contains("is too large"));
}
