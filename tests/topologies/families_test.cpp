#include "topologies/families.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/topologies/support.hpp"

using namespace gossamer;
using Catch::Contains;
using Catch::Equals;

namespace {

/// How a family joins the conformance suite: a name, how to build it for `nodes`, the counts to try, and
/// whether the seed matters.
struct Entry {
  std::string name;
  std::function<Topology(int nodes, std::uint64_t seed)> build;
  std::vector<int> sizes;
  bool random = false;
};

// Awkward counts first: single nodes, pairs, triangles, primes, sides of 2.
const std::vector<int> any_size{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 16, 20, 23, 25, 30};

template <class Family>
auto of_nodes(Family family = {}) {
  return [family](int nodes, std::uint64_t seed) mutable {
    family.nodes = nodes;
    return family.build(seed);
  };
}

const std::vector<Entry> families{
    {"ring", of_nodes<Ring>(), any_size},
    {"path", of_nodes<Path>(), any_size},
    {"torus", of_nodes<Torus>(), any_size},
    {"grid", of_nodes<Grid>(), any_size},
    {"complete", of_nodes<Complete>(), any_size},
    {"hypercube", of_nodes<Hypercube>(), {1, 2, 4, 8, 16, 32}},
    {"star", of_nodes<Star>(), any_size},
    {"tree", of_nodes<Tree>(), any_size},
    {"tree, branching 3", of_nodes(Tree{.nodes = {}, .branching = 3}), any_size},
    {"exponential", of_nodes<Exponential>(), any_size},
    {"erdos_renyi", of_nodes(ErdosRenyi{.nodes = {}, .p = 0.6}), {20, 30}, true},
    {"random_regular, degree 3", of_nodes(RandomRegular{.nodes = {}, .degree = 3}), {10, 20, 30}, true},
    {"random_regular, dense", of_nodes(RandomRegular{.nodes = {}, .degree = 8}), {11, 12, 13}, true},
};

}  // namespace

TEST_CASE("every family keeps the contract of a topology", "[topologies][conformance]") {
  for (const Entry& family : families) {
    for (const int nodes : family.sizes) {
      CAPTURE(family.name, nodes);
      const Topology topology = family.build(nodes, 1);
      const Graph& graph = topology.graph;

      REQUIRE(node_count(graph) == (family.name == "star" ? nodes + 1 : nodes));
      REQUIRE_NOTHROW(require_connected(graph));
      REQUIRE(std::ranges::count(hops(graph, node_count(graph) - 1), -1) == 0);
      REQUIRE(topology.links.empty());
      for (int u = 0; u < node_count(graph); ++u) {
        const auto around = neighbors(graph, u);
        REQUIRE(std::adjacent_find(around.begin(), around.end(), std::greater_equal()) == around.end());
        for (const int v : around) {
          REQUIRE(v != u);
          const auto back = neighbors(graph, v);
          REQUIRE(std::binary_search(back.begin(), back.end(), u));
        }
      }

      REQUIRE(edge_list(family.build(nodes, 1).graph) == edge_list(graph));
      REQUIRE((edge_list(family.build(nodes, 2).graph) != edge_list(graph)) == family.random);
    }
  }
}

TEST_CASE("closed forms of the Laplacian and of the diameter are those of the graph",
          "[topologies][conformance]") {
  for (const Entry& family : families) {
    for (const int nodes : family.sizes) {
      CAPTURE(family.name, nodes);
      const Topology topology = family.build(nodes, 1);
      if (topology.diameter) REQUIRE(*topology.diameter == diameter(topology.graph).value);
      if (!topology.laplacian || node_count(topology.graph) == 1) continue;
      const Eigen::VectorXd eigenvalues = laplacian_eigenvalues(topology.graph);
      REQUIRE(topology.laplacian->smallest_nonzero == Approx(eigenvalues(1)).epsilon(1e-12));
      REQUIRE(topology.laplacian->largest == Approx(eigenvalues(eigenvalues.size() - 1)).epsilon(1e-12));
    }
  }
}

TEST_CASE("families number their nodes as documented", "[topologies]") {
  using Edges = std::vector<Edge>;
  CHECK(edge_list(Ring{1}.build(0).graph).empty());
  CHECK(edge_list(Ring{2}.build(0).graph) == Edges{{0, 1}});
  CHECK(edge_list(Ring{4}.build(0).graph) == Edges{{0, 1}, {0, 3}, {1, 2}, {2, 3}});
  CHECK(edge_list(Path{3}.build(0).graph) == Edges{{0, 1}, {1, 2}});
  // 2 x 3: rows are rings, columns single edges.
  CHECK(edge_list(Torus{6}.build(0).graph) ==
        Edges{{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 4}, {2, 5}, {3, 4}, {3, 5}, {4, 5}});
  CHECK(edge_list(Torus{7}.build(0).graph) == edge_list(Ring{7}.build(0).graph));
  CHECK(edge_list(Grid{6}.build(0).graph) == Edges{{0, 1}, {0, 3}, {1, 2}, {1, 4}, {2, 5}, {3, 4}, {4, 5}});
  CHECK(edge_list(Star{.nodes = 3}.build(0).graph) == Edges{{0, 3}, {1, 3}, {2, 3}});
  CHECK(edge_list(Tree{.nodes = 6}.build(0).graph) == Edges{{0, 1}, {0, 2}, {1, 3}, {1, 4}, {2, 5}});
  CHECK(edge_list(Hypercube{.nodes = 4}.build(0).graph) == Edges{{0, 1}, {0, 2}, {1, 3}, {2, 3}});
  // 9 nodes: offsets 1, 2, 4, 8 and their opposites are 1, 2, 4, 5, 7, 8.
  const Topology exponential = Exponential{9}.build(0);
  const auto around = neighbors(exponential.graph, 0);
  CHECK(std::vector<int>(around.begin(), around.end()) == std::vector{1, 2, 4, 5, 7, 8});
}

TEST_CASE("random families draw the same graphs on every platform", "[topologies]") {
  CHECK(edge_list(ErdosRenyi{.nodes = 8, .p = 0.4}.build(1).graph) == std::vector<Edge>{{0, 1},
                                                                                        {0, 2},
                                                                                        {0, 6},
                                                                                        {0, 7},
                                                                                        {1, 2},
                                                                                        {1, 3},
                                                                                        {1, 4},
                                                                                        {1, 6},
                                                                                        {1, 7},
                                                                                        {2, 3},
                                                                                        {2, 4},
                                                                                        {3, 5},
                                                                                        {4, 5},
                                                                                        {4, 7},
                                                                                        {5, 6},
                                                                                        {6, 7}});
  CHECK(edge_list(RandomRegular{.nodes = 8, .degree = 3}.build(1).graph) ==
        std::vector<Edge>{
            {0, 2}, {0, 3}, {0, 4}, {1, 3}, {1, 6}, {1, 7}, {2, 3}, {2, 4}, {4, 5}, {5, 6}, {5, 7}, {6, 7}});
}

TEST_CASE("fields list a family's keys, domains and meanings", "[topologies]") {
  Tree tree;
  std::string listed;
  const auto initial = [](const auto& field) -> std::string {
    if constexpr (requires { field.given(); }) {
      if (!field.given()) return "to be given";
    }
    return std::to_string(field);
  };
  Tree::fields(tree, [&](std::string_view key, auto& field, std::string_view domain, std::string_view) {
    listed += std::string(key) + " " + std::string(domain) + " " + initial(field) + "; ";
    field = 3;
  });
  CHECK(listed == "nodes [1, inf) to be given; branching [1, inf) 2; ");
  CHECK(edge_count(tree.build(0).graph) == 2);
}

TEST_CASE("fields outside their domain are refused in one line", "[topologies]") {
  CHECK_THAT(error_of([] { Ring{0}.build(0); }), Equals("nodes: 0 is not allowed; allowed: at least 1"));
  CHECK_THAT(error_of([] { Hypercube{.nodes = 12}.build(0); }),
             Equals("nodes: 12 is not allowed; allowed: powers of 2, for instance 8 or 16"));
  CHECK_THAT(error_of([] { Tree{.nodes = 3, .branching = 0}.build(0); }),
             Equals("branching: 0 is not allowed; allowed: at least 1"));
  CHECK_THAT(error_of([] { ErdosRenyi{.nodes = 3, .p = 1.5}.build(0); }),
             Equals("p: 1.5 is not allowed; allowed: (0, 1]"));
  CHECK_THAT(error_of([] { RandomRegular{.nodes = 5, .degree = 3}.build(0); }),
             Equals("degree: 3 is not allowed; allowed: even ones, since nodes = 5 is odd"));
  CHECK_THAT(error_of([] { RandomRegular{.nodes = 4, .degree = 4}.build(0); }),
             Equals("degree: 4 is not allowed; allowed: 1 to 3, below nodes"));
}

TEST_CASE("erdos_renyi has the edges of G(n, p)", "[topologies][statistical]") {
  // Over 60 graphs the number of edges is binomial(60 * 19900, 0.1): mean 119400, standard deviation 327.8.
  // Edges among the first 100 nodes: binomial(60 * 4950, 0.1), 29700 and 163.5. Five standard deviations: a
  // right generator fails with probability 6e-7 each.
  double edges = 0, first_half = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    for (const auto& [u, v] : edge_list(ErdosRenyi{.nodes = 200, .p = 0.1}.build(seed).graph)) {
      edges += 1;
      first_half += v < 100;
    }
  }
  CHECK(std::abs(edges - 119'400) < 5 * 327.8);
  CHECK(std::abs(first_half - 29'700) < 5 * 163.5);
}

TEST_CASE("erdos_renyi at the ends of its domain", "[topologies]") {
  CHECK(edge_count(ErdosRenyi{.nodes = 9, .p = 1}.build(3).graph) == 36);
  CHECK(node_count(ErdosRenyi{.nodes = 1, .p = 0.5}.build(3).graph) == 1);
  const std::string advice =
      "; raise p (G(n, p) becomes connected around p = ln(n) / n = 0.046) or change the seed";
  CHECK_THAT(error_of([] { ErdosRenyi{.nodes = 100, .p = 1e-300}.build(1); }),
             Equals("the graph is not connected: 99 of 100 nodes cannot be reached from node 0, for instance "
                    "node 1" +
                    advice));
  CHECK_THAT(error_of([] { ErdosRenyi{.nodes = 100, .p = 0.01}.build(1); }), Contains(advice));
}

TEST_CASE("random_regular has the degree asked for", "[topologies]") {
  // The last ones are as dense as the pairing takes, or drawn as complements.
  for (const auto& [nodes, degree] : {Edge{2, 1},
                                      {4, 3},
                                      {5, 2},
                                      {5, 4},
                                      {6, 3},
                                      {9, 4},
                                      {10, 9},
                                      {50, 3},
                                      {51, 4},
                                      {40, 19},
                                      {40, 20},
                                      {41, 20},
                                      {41, 38}}) {
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      CAPTURE(nodes, degree, seed);
      const Topology topology = RandomRegular{.nodes = nodes, .degree = degree}.build(seed);
      for (int node = 0; node < nodes; ++node) REQUIRE(gossamer::degree(topology.graph, node) == degree);
    }
  }
  CHECK_THAT(error_of([] { RandomRegular{.nodes = 10, .degree = 1}.build(0); }),
             Contains("8 of 10 nodes") && Contains("; raise degree or change the seed"));
}

TEST_CASE("random_regular has the triangles of a random regular graph", "[topologies][statistical]") {
  // For a fixed degree d the number of triangles tends to Poisson((d - 1)^3 / 6) [Bollobas 1980]; d = 4: 4.5.
  // Mean of 200 graphs: standard deviation 0.15. Within 5 of them, a false alarm has probability 6e-7.
  double triangles = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Graph graph = RandomRegular{.nodes = 200, .degree = 4}.build(seed).graph;
    for (const auto& [u, v] : edge_list(graph)) {
      for (const int w : neighbors(graph, v)) {
        const auto around = neighbors(graph, u);
        triangles += w > v && std::binary_search(around.begin(), around.end(), w);
      }
    }
  }
  CHECK(std::abs(triangles / 200 - 4.5) < 5 * 0.15);
}

TEST_CASE("an edge list is read with its links' settings", "[topologies][file]") {
  const TemporaryFile file(
      "# a triangle and a tail\r\n"
      "\n"
      "0 1\n"
      "2 1 latency=10ms bandwidth=1Mbit/s   # slow\r\n"
      "1 2\n"
      "\t2\t0 bandwidth=unlimited\n"
      "3 0");
  const Topology topology = EdgeListFile{.path = file.path()}.build(0);
  CHECK(edge_list(topology.graph) == std::vector<Edge>{{0, 1}, {0, 2}, {0, 3}, {1, 2}});
  REQUIRE(topology.links.size() == 2);
  const LinkSettings& slow = topology.links.at({1, 2});
  CHECK(slow.latency == Duration{10'000'000});
  CHECK(slow.bandwidth == Bandwidth{1'000'000});
  CHECK_FALSE(topology.links.at({0, 2}).latency);
  CHECK(topology.links.at({0, 2}).bandwidth == Bandwidth::unlimited());

  const TemporaryFile single("# no edge\n");
  CHECK(node_count(EdgeListFile{.path = single.path(), .nodes = 1}.build(0).graph) == 1);
}

TEST_CASE("an edge list's mistakes are said with file and line", "[topologies][file]") {
  const auto refusal = [](const std::string& text, int nodes = 0) {
    const TemporaryFile file(text);
    const std::string error = error_of([&] { EdgeListFile{.path = file.path(), .nodes = nodes}.build(0); });
    REQUIRE_THAT(error, Catch::StartsWith(file.path() + ":"));
    return error.substr(file.path().size() + 1);
  };
  CHECK_THAT(refusal("0 1\n1\n"),
             Equals("2: an edge has two ends; allowed: u v [latency=10ms] [bandwidth=1Mbit/s]"));
  CHECK_THAT(refusal("0 1\n\n1 x\n"),
             Equals("3: 'x' is no node; allowed: whole numbers from 0 to 2147483646"));
  CHECK_THAT(refusal("0 1.5"), Contains("1: '1.5' is no node"));
  CHECK_THAT(refusal("0 -1"), Contains("1: '-1' is no node"));
  CHECK_THAT(refusal("0 99999999999"), Contains("1: '99999999999' is no node"));
  CHECK_THAT(refusal("0 1\n1 2\n", 2), Equals("2: '2' is no node; allowed: whole numbers from 0 to 1"));
  CHECK_THAT(refusal("0 1\n1 1\n"), Equals("2: edge 1 1 is a loop; edges join two different nodes"));
  CHECK_THAT(refusal("0 1 delay=3ms"),
             Equals("1: 'delay=3ms' is no link setting; allowed: latency=10ms, bandwidth=1Mbit/s"));
  CHECK_THAT(refusal("0 1 10ms"), Contains("1: '10ms' is no link setting"));
  CHECK_THAT(refusal("0 1 latency="), Contains("1: 'latency=' is no link setting"));
  CHECK_THAT(refusal("0 1\n1 2 latency=10"), Equals("2: '10' is not allowed; it takes latency=10ms"));
  CHECK_THAT(refusal("0 1\n1 2 bandwidth=fast"),
             Equals("2: 'fast' is not allowed; it takes bandwidth=1Mbit/s or bandwidth=unlimited"));
  CHECK_THAT(refusal("0 1 latency=1ms latency=2ms"), Equals("1: latency is given twice; allowed: once"));
  CHECK_THAT(refusal("0 1 latency=1ms\n1 0 latency=2ms"),
             Contains("2: this edge has its settings in ") && Contains(":1; allowed: once"));
  CHECK_THAT(refusal("# nothing\n"), Equals(" holds no edge; allowed: one `u v` per line"));
  CHECK_THAT(refusal("0 1\n2 3\n"), Equals(" the graph is not connected: 2 of 4 nodes cannot be reached from "
                                           "node 0, for instance node 2"));
  CHECK_THAT(refusal("0 1\n0 2000000000\n"),
             Equals(" too few edges to connect 2000000001 nodes; nodes are numbered from 0 without gaps"));
  CHECK_THAT(error_of([] { EdgeListFile{.path = "/nowhere/links.txt"}.build(0); }),
             Equals("/nowhere/links.txt: cannot be opened: No such file or directory"));
  CHECK_THAT(error_of([] { EdgeListFile{.path = "/tmp"}.build(0); }), Equals("/tmp: cannot be read: it is not a file"));
}
