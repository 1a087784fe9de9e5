#include "topologies/random_families.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "sim/random.hpp"
#include "tests/topologies/support.hpp"

using namespace gossamer;
using Catch::Contains;
using Catch::Equals;

TEST_CASE("random families draw the same graphs on every platform", "[topologies]") {
  const auto edges = [](const auto& family) {
    std::string text;
    for (const auto& [u, v] : edge_list(family.build(1).graph)) text += fmt::format("{}-{} ", u, v);
    return text;
  };
  CHECK(edges(ErdosRenyi{.nodes = 8, .p = 0.4}) ==
        "0-1 0-2 0-6 0-7 1-2 1-3 1-4 1-6 1-7 2-3 2-4 3-5 4-5 4-7 5-6 6-7 ");
  CHECK(edges(RandomRegular{.nodes = 8, .degree = 3}) == "0-2 0-3 0-4 1-3 1-6 1-7 2-3 2-4 4-5 5-6 5-7 6-7 ");
  CHECK(edges(WattsStrogatz{.nodes = 8, .k = 4, .p = 0.5}) ==
        "0-1 0-3 0-7 1-2 1-4 1-6 2-5 2-6 2-7 3-5 3-6 3-7 4-5 4-6 5-6 5-7 ");
  CHECK(edges(BarabasiAlbert{.nodes = 8, .m = 2}) == "0-2 0-4 0-6 1-2 1-3 1-5 1-7 2-3 2-7 3-4 3-5 5-6 ");
  CHECK(edges(Geometric{.nodes = 8, .radius = 0.65}) ==
        "0-2 0-3 0-5 1-2 1-4 1-6 1-7 2-4 2-6 2-7 3-5 4-6 4-7 6-7 ");
}

TEST_CASE("fields of random families outside their domain are refused in one line", "[topologies]") {
  CHECK_THAT(error_of([] { ErdosRenyi{.nodes = 3, .p = 1.5}.build(0); }),
             Equals("p: 1.5 is not allowed; allowed: (0, 1]"));
  CHECK_THAT(error_of([] { RandomRegular{.nodes = 5, .degree = 3}.build(0); }),
             Equals("degree: 3 is not allowed; allowed: even ones, since nodes = 5 is odd"));
  CHECK_THAT(error_of([] { RandomRegular{.nodes = 4, .degree = 4}.build(0); }),
             Equals("degree: 4 is not allowed; allowed: 1 to 3, below nodes"));
  const auto watts_strogatz = [](int nodes, int k, double p) {
    return error_of([&] { WattsStrogatz{.nodes = nodes, .k = k, .p = p}.build(0); });
  };
  CHECK_THAT(watts_strogatz(2, 2, 0), Equals("nodes: 2 is not allowed; allowed: at least 3"));
  CHECK_THAT(watts_strogatz(8, 3, 0), Equals("k: 3 is not allowed; allowed: even numbers from 2 to 6"));
  CHECK_THAT(watts_strogatz(9, 10, 0), Equals("k: 10 is not allowed; allowed: even numbers from 2 to 8"));
  CHECK_THAT(watts_strogatz(9, 0, 0), Contains("k: 0 is not allowed"));
  CHECK_THAT(watts_strogatz(9, -2, 0), Contains("k: -2 is not allowed"));
  CHECK_THAT(watts_strogatz(9, 2, -0.1), Equals("p: -0.1 is not allowed; allowed: [0, 1]"));
  CHECK_THAT(watts_strogatz(9, 2, 1.1), Contains("p: 1.1 is not allowed"));
  CHECK_THAT(watts_strogatz(9, 2, std::nan("")), Contains("p: nan is not allowed"));
  CHECK_THAT(watts_strogatz(2'000'000'000, 2, 0), Contains("is too large"));

  CHECK_THAT(error_of([] { BarabasiAlbert{.nodes = 1, .m = 1}.build(0); }),
             Equals("nodes: 1 is not allowed; allowed: at least 2"));
  CHECK_THAT(error_of([] { BarabasiAlbert{.nodes = 5, .m = 5}.build(0); }),
             Equals("m: 5 is not allowed; allowed: 1 to 4, below nodes"));
  CHECK_THAT(error_of([] { BarabasiAlbert{.nodes = 5, .m = 0}.build(0); }), Contains("m: 0 is not allowed"));
  CHECK_THAT(error_of([] { BarabasiAlbert{.nodes = 2'000'000'000, .m = 1}.build(0); }),
             Contains("is too large"));

  const auto geometric = [](int nodes, double radius) {
    return error_of([&] { Geometric{.nodes = nodes, .radius = radius}.build(0); });
  };
  CHECK_THAT(geometric(0, 1), Equals("nodes: 0 is not allowed; allowed: at least 1"));
  CHECK_THAT(geometric(3, 0), Equals("radius: 0 is not allowed; allowed: (0, inf)"));
  CHECK_THAT(geometric(3, INFINITY), Contains("radius: inf is not allowed"));
  CHECK_THAT(geometric(3, std::nan("")), Contains("radius: nan is not allowed"));
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
  double sum = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    sum += triangles(RandomRegular{.nodes = 200, .degree = 4}.build(seed).graph);
  }
  CHECK(std::abs(sum / 200 - 4.5) < 5 * 0.15);
}

TEST_CASE("a graph that is not connected is refused with advice", "[topologies]") {
  // k = 2 leaves every node one edge of its own; with all edges rewired, 1000 nodes fall apart.
  CHECK_THAT(error_of([] { WattsStrogatz{.nodes = 1000, .k = 2, .p = 1}.build(0); }),
             Contains("the graph is not connected") && Contains("; raise k, lower p or change the seed"));
  CHECK_THAT(
      error_of([] { Geometric{.nodes = 100, .radius = 1e-9}.build(0); }),
      Equals("the graph is not connected: 99 of 100 nodes cannot be reached from node 0, for instance "
             "node 1; raise radius (geometric graphs become connected around radius = sqrt(ln(n) / (pi n)) "
             "= 0.12) or change the seed"));
}

namespace {

int ring_distance(const Edge& edge, int nodes) {
  const int ahead = edge.second - edge.first;
  return std::min(ahead, nodes - ahead);
}

}  // namespace

TEST_CASE("watts_strogatz rewires the edges of its ring", "[topologies]") {
  const auto edges = [](int nodes, int k, double p, std::uint64_t seed) {
    return edge_list(WattsStrogatz{.nodes = nodes, .k = k, .p = p}.build(seed).graph);
  };
  CHECK(edges(7, 4, 0, 1) == std::vector<Edge>{{0, 1},
                                               {0, 2},
                                               {0, 5},
                                               {0, 6},
                                               {1, 2},
                                               {1, 3},
                                               {1, 6},
                                               {2, 3},
                                               {2, 4},
                                               {3, 4},
                                               {3, 5},
                                               {4, 5},
                                               {4, 6},
                                               {5, 6}});
  for (const double p : {0., 0.01, 0.5, 1.}) {
    for (const auto& [nodes, k] : {Edge{5, 4}, {6, 4}, {9, 8}, {50, 4}, {51, 48}, {301, 298}}) {
      for (std::uint64_t seed = 0; seed < 3; ++seed) {
        CAPTURE(nodes, k, p, seed);
        const Graph graph = WattsStrogatz{.nodes = nodes, .k = k, .p = p}.build(seed).graph;
        REQUIRE(edge_count(graph) == nodes * k / 2);
        // A node keeps the k/2 edges that are rewired at its end.
        for (int node = 0; node < nodes; ++node) REQUIRE(degree(graph, node) >= k / 2);
      }
    }
  }
}

TEST_CASE("watts_strogatz rewires each edge with probability p, to a uniform node",
          "[topologies][statistical]") {
  // 60 graphs of 2000 edges, p = 0.1: the rewired edges are binomial(120000, 0.1), mean 12000, standard
  // deviation 103.9. One of them ends in a place of the ring that was left with probability below 0.001: at
  // most 12 are not seen. Five standard deviations: a false alarm has probability 6e-7, and 9e-7 with the 12.
  double rewired = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const Graph graph = WattsStrogatz{.nodes = 1000, .k = 4, .p = 0.1}.build(seed).graph;
    for (const Edge& edge : edge_list(graph)) rewired += ring_distance(edge, 1000) > 2;
  }
  CHECK(std::abs(rewired - 12'000) < 5 * 103.9);

  // All edges rewired: 499 of the 999 other nodes are farther than 250. A node is joined to few, so an edge
  // ends there with probability 0.5 +- 0.002. Over 120000 edges: 60000 +- 240, standard deviation 173. Five
  // of them beyond the 240: 6e-7.
  double far = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const Graph graph = WattsStrogatz{.nodes = 1000, .k = 4, .p = 1}.build(seed).graph;
    for (const Edge& edge : edge_list(graph)) far += ring_distance(edge, 1000) > 250;
  }
  CHECK(std::abs(far - 60'000) < 240 + 5 * 173.2);
}

TEST_CASE("barabasi_albert grows by m edges a node", "[topologies]") {
  for (const auto& [nodes, m] :
       {Edge{2, 1}, {3, 1}, {3, 2}, {10, 9}, {100, 1}, {100, 5}, {100, 50}, {100, 98}}) {
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      CAPTURE(nodes, m, seed);
      const Graph graph = BarabasiAlbert{.nodes = nodes, .m = m}.build(seed).graph;
      REQUIRE(edge_count(graph) == m * (nodes - m));
      // Each node from m on has m edges to earlier ones.
      for (int node = m; node < nodes; ++node) {
        const auto around = neighbors(graph, node);
        REQUIRE(std::lower_bound(around.begin(), around.end(), node) - around.begin() == m);
      }
    }
  }
}

TEST_CASE("barabasi_albert attaches in proportion to degrees", "[topologies][statistical]") {
  // m = 1. A node of degree d among e edges gets the next edge with probability d / 2e. So E d grows by the
  // factor 1 + 1/2e, and E d(d + 1) by 1 + 1/e, to 2 (n - 1). Of node 0, n = 100: mean 11.2, standard
  // deviation 5.5. The mean of 2000 graphs within 5 standard deviations: a false alarm has probability 6e-7.
  double mean = 1;
  for (int e = 1; e <= 98; ++e) mean *= 1 + 1 / (2. * e);
  const double deviation = std::sqrt((2 * 99 - mean - mean * mean) / 2000);
  double sum = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    sum += degree(BarabasiAlbert{.nodes = 100, .m = 1}.build(seed).graph, 0);
  }
  CHECK(std::abs(sum / 2000 - mean) < 5 * deviation);

  // The share of nodes with degree k tends to 2m(m + 1) / (k(k + 1)(k + 2)), here 1/2, 1/5, 1/10 for k = 2,
  // 3, 4. As each edge that is drawn changes the number of such nodes by at most 2, the number is farther
  // than x from its mean with probability at most 2 exp(-x^2 / 8mn) [Bollobas, Riordan, Spencer, Tusnady
  // 2001]: n = 10^5, x = 5200: 1e-7. Attachment to uniform nodes would leave 1/3 with degree 2.
  const Graph graph = BarabasiAlbert{.nodes = 100'000, .m = 2}.build(1).graph;
  std::vector<double> nodes_of_degree(5);
  for (int node = 0; node < 100'000; ++node) {
    if (degree(graph, node) < 5) ++nodes_of_degree[degree(graph, node)];
  }
  CHECK(std::abs(nodes_of_degree[2] - 50'000) < 5200);
  CHECK(std::abs(nodes_of_degree[3] - 20'000) < 5200);
  CHECK(std::abs(nodes_of_degree[4] - 10'000) < 5200);
}

TEST_CASE("geometric joins the points within its radius", "[topologies]") {
  for (const auto& [nodes, radius] :
       {std::pair{2, 1.2}, {3, 1.0}, {10, 0.99}, {50, 0.5}, {100, 0.34}, {100, 0.333}, {2000, 0.06}}) {
    CAPTURE(nodes, radius);
    Rng rng(5);
    std::vector<Eigen::Vector2d> points(nodes);
    for (auto& point : points) {
      point.x() = rng.uniform();
      point.y() = rng.uniform();
    }
    std::vector<Edge> expected;
    for (int i = 0; i < nodes; ++i) {
      for (int j = i + 1; j < nodes; ++j) {
        if ((points[i] - points[j]).norm() <= radius) expected.emplace_back(i, j);
      }
    }
    REQUIRE(edge_list(Geometric{.nodes = nodes, .radius = radius}.build(5).graph) == expected);
  }
}

TEST_CASE("geometric has the edges of uniform points", "[topologies][statistical]") {
  // Two points are joined with probability pi r^2 - 8 r^3 / 3 + r^4 / 2, r <= 1. Pairs
  // that share a point are not independent: with A the part of a point's disc inside the square, the variance
  // of their number is C(n, 2) q (1 - q) + n (n - 1) (n - 2) Var A = 1872 + 4268 for r = 0.2 and n = 200 (Var
  // A = 5.416e-4 by quadrature). Over 100 graphs: mean 209209, standard deviation 784. Five of them: 6e-7.
  const double r = 0.2, joined = M_PI * r * r - 8 * r * r * r / 3 + r * r * r * r / 2;
  double edges = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    edges += edge_count(Geometric{.nodes = 200, .radius = r}.build(seed).graph);
  }
  CHECK(std::abs(edges - 100 * 19'900 * joined) < 5 * 784);
}
