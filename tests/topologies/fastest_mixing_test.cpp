#include "topologies/fastest_mixing.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "sim/random.hpp"
#include "tests/topologies/support.hpp"
#include "topologies/certificate.hpp"
#include "topologies/families.hpp"
#include "topologies/random_families.hpp"
#include "topologies/sequences.hpp"
#include "topologies/social_graphs.hpp"

using namespace gossamer;
using Catch::Equals;

namespace {

/// The spectral radius of W - (1/n) 1 1^T for these weights off the diagonal.
double lambda_of(const Eigen::MatrixXd& weights) {
  Eigen::MatrixXd deflated = weights.array() - 1 / static_cast<double>(weights.rows());
  deflated.diagonal().array() += 1 - weights.rowwise().sum().array();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(deflated, Eigen::EigenvaluesOnly);
  return solver.eigenvalues().cwiseAbs().maxCoeff();
}

/// The least lambda where all edges have to have one weight: that of w = 2 / (mu_2 + mu_n) [Xiao, Boyd 2004],
/// or, so that W >= 0, of 1 / (greatest degree). Where automorphisms carry every edge to every other, this is
/// the optimum: the mean of W over them is no worse, as lambda is convex.
double best_common_weight(const Topology& topology) {
  int greatest = 0;
  for (int i = 0; i < node_count(topology.graph); ++i)
    greatest = std::max(greatest, degree(topology.graph, i));
  const auto [least, most] = *topology.laplacian;
  const double w = std::min(2 / (least + most), 1. / greatest);
  return std::max(std::abs(1 - w * least), std::abs(1 - w * most));
}

/// Connected graphs of all kinds, none with more than 100 edges.
std::vector<Graph> some_graphs() {
  std::vector<Graph> graphs{KarateClub{}.build(0).graph,         DavisSouthernWomen{}.build(0).graph,
                            FlorentineFamilies{}.build(0).graph, TwoCliques{9}.build(0).graph,
                            Tree{.nodes = 20}.build(0).graph,    Grid{12}.build(0).graph};
  for (const std::uint64_t seed : {1, 2, 3, 4}) {
    graphs.push_back(ErdosRenyi{.nodes = 16, .p = 0.4}.build(seed).graph);
    graphs.push_back(BarabasiAlbert{.nodes = 20, .m = 2}.build(seed).graph);
    graphs.push_back(WattsStrogatz{.nodes = 20, .k = 4, .p = 0.3}.build(seed).graph);
    graphs.push_back(Geometric{.nodes = 15, .radius = 0.6}.build(seed).graph);
    graphs.push_back(RandomRegular{.nodes = 14, .degree = 3}.build(seed).graph);
  }
  return graphs;
}

void check_optimal(const Graph& graph, double least) {
  CAPTURE(edge_list(graph), least);
  const FastestMixing fastest = fastest_mixing(graph);
  const double lambda = lambda_of(fastest.weights);
  CHECK(fastest.lambda_bound <= least + 1e-14);
  CHECK(lambda >= least - 1e-14);
  CHECK(lambda - fastest.lambda_bound <= 1e-6 * (1 - lambda));
}

}  // namespace

TEST_CASE("the fastest mixing of edge-transitive graphs has one weight", "[mixing]") {
  for (const int nodes : {2, 3, 4, 5, 6, 7, 12, 25})
    check_optimal(Ring{nodes}.build(0).graph, best_common_weight(Ring{nodes}.build(0)));
  for (const int nodes : {1, 2, 3, 10, 30})
    check_optimal(Star{nodes}.build(0).graph, best_common_weight(Star{nodes}.build(0)));
  for (const int nodes : {2, 4, 8, 16})
    check_optimal(Hypercube{nodes}.build(0).graph, best_common_weight(Hypercube{nodes}.build(0)));
  for (const int nodes : {9, 16, 25})
    check_optimal(Torus{nodes}.build(0).graph, best_common_weight(Torus{nodes}.build(0)));
  for (const int nodes : {2, 3, 5, 12}) check_optimal(Complete{nodes}.build(0).graph, 0);
  // As numbers. A star of n workers: 1 - 1/n, its server keeps nothing. A hypercube of dimension k: (k - 1) /
  // (k + 1).
  CHECK(best_common_weight(Star{10}.build(0)) == Approx(0.9));
  CHECK(best_common_weight(Hypercube{16}.build(0)) == Approx(0.6));
}

TEST_CASE("the fastest mixing of a path has all weights 1/2", "[mixing]") {
  // lambda = cos(pi / n) [Boyd, Diaconis, Sun, Xiao 2006].
  for (const int nodes : {2, 3, 4, 5, 9, 20, 40}) {
    check_optimal(Path{nodes}.build(0).graph, std::cos(M_PI / nodes));
    const FastestMixing fastest = fastest_mixing(Path{nodes}.build(0).graph);
    for (int i = 1; i < nodes; ++i) CHECK(fastest.weights(i - 1, i) == Approx(0.5).epsilon(1e-3));
  }
}

TEST_CASE("no rule mixes faster than the optimum, nor does any W fall below its bound", "[mixing]") {
  Rng rng(1);
  for (const Graph& graph : some_graphs()) {
    CAPTURE(edge_list(graph));
    const FastestMixing fastest = fastest_mixing(graph);
    const double lambda = lambda_of(fastest.weights);
    REQUIRE(fastest.lambda_bound <= lambda);
    REQUIRE(lambda - fastest.lambda_bound <= 1e-6 * (1 - lambda));
    for (const MixingMatrix& mixing :
         {Metropolis{}.build(graph), MaxDegree{}.build(graph), Lazy{}.build(graph)}) {
      REQUIRE(lambda <= *certify(mixing, {graph}).lambda() + 1e-6 * (1 - lambda));
    }

    // Feasible W around the optimum, at all distances: none is better than the bound.
    for (int attempt = 0; attempt < 100; ++attempt) {
      const double distance = std::pow(10, -8 * rng.uniform());
      Eigen::MatrixXd weights = fastest.weights;
      for (const auto& [i, j] : edge_list(graph)) {
        if (attempt % 2 == 1 && rng.uniform() < 0.8) continue;  // Few edges at a time.
        weights(i, j) = weights(j, i) = std::max(weights(i, j) + distance * (rng.uniform() - 0.5), 0.);
      }
      weights /= std::max(weights.rowwise().sum().maxCoeff(), 1.);
      REQUIRE(lambda_of(weights) >= fastest.lambda_bound);
    }
  }
}

TEST_CASE("any multipliers prove a lower bound", "[mixing]") {
  // A ring, P_1 the projection to the two eigenvectors of mu_2, P_2 to that of mu_n = 4. Alone P_1 needs
  // v_i = mu_2 / n and proves 1 - mu_2 / 2. With mu_2 / 2 of P_2 in balance it needs no v, and proves the
  // optimum, (mu_n - mu_2) / (mu_n + mu_2).
  const int n = 8;
  const Graph ring = Ring{n}.build(0).graph;
  Eigen::MatrixXd P1(n, n), P2(n, n);
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      P1(i, j) = 2. / n * std::cos(2 * M_PI * (i - j) / n);
      P2(i, j) = (i - j) % 2 == 0 ? 1. / n : -1. / n;
    }
  }
  const Eigen::MatrixXd tiny = 1e-14 * Eigen::MatrixXd::Identity(n, n);  // Cholesky factors want full rank.
  const Eigen::VectorXd none = Eigen::VectorXd::Zero(n);
  const double mu = 2 - std::sqrt(2.);
  CHECK(lambda_bound(ring, {P1 + tiny, tiny}, none.array() + mu / n) == Approx(1 - mu / 2).epsilon(1e-10));
  CHECK(lambda_bound(ring, {P1 + tiny, tiny}, none) < 1 - mu / 2);
  CHECK(lambda_bound(ring, {P1 + tiny, mu / 2 * P2 + tiny}, none) ==
        Approx((4 - mu) / (4 + mu)).epsilon(1e-10));
  // A v that is greater than it has to be weakens the bound: by its sum, 0.8, over the traces, 2.
  CHECK(lambda_bound(ring, {P1 + tiny, tiny}, none.array() + 0.1) == Approx(0.6).epsilon(1e-10));

  Rng rng(3);
  for (const Graph& graph : some_graphs()) {
    CAPTURE(edge_list(graph));
    const int nodes = node_count(graph);
    const double lambda = lambda_of(fastest_mixing(graph).weights);
    const auto random = [&](int columns) {
      Eigen::MatrixXd numbers(nodes, columns);
      for (double& number : numbers.reshaped()) number = rng.normal();
      return numbers;
    };
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> slow(
        -Eigen::MatrixXd(Metropolis{}.build(graph).sparse()));
    for (int attempt = 0; attempt < 50; ++attempt) {
      // Around the slowest eigenvector of the Metropolis W, where good bounds are.
      const Eigen::VectorXd x =
          slow.eigenvectors().col(1) + std::pow(10, -3 * rng.uniform()) * random(1) / nodes;
      const Eigen::MatrixXd noise = random(nodes) * std::pow(10, -4 * rng.uniform()) / nodes;
      const Eigen::MatrixXd P = x * x.transpose() + noise * noise.transpose();
      const Eigen::VectorXd v = 0.01 * random(1);  // Also negative ones, which count as 0.
      REQUIRE(lambda_bound(graph, {P, tiny(0, 0) * Eigen::MatrixXd::Identity(nodes, nodes)}, v) <= lambda);
    }
  }
}

TEST_CASE("the fastest mixing of a small graph is that of an exhaustive search", "[mixing]") {
  // A triangle 1, 2, 3 with a tail 0 - 1. By symmetry W has three weights: a of the tail, b of the triangle's
  // edges at node 1, c of the one that is opposite. lambda is convex in them; a grid shrinks around its best
  // point.
  const Graph graph = make_graph(4, {{0, 1}, {1, 2}, {1, 3}, {2, 3}});
  const auto lambda = [](const Eigen::Vector3d& x) {
    Eigen::Matrix4d weights = Eigen::Matrix4d::Zero();
    weights(0, 1) = weights(1, 0) = x[0];
    for (const int other : {2, 3}) weights(1, other) = weights(other, 1) = x[1];
    weights(2, 3) = weights(3, 2) = x[2];
    const bool feasible = x.minCoeff() >= 0 && weights.rowwise().sum().maxCoeff() <= 1;
    return feasible ? lambda_of(weights) : 2;
  };
  Eigen::Vector3d best(0.25, 0.25, 0.25);
  // NOLINTNEXTLINE(clang-analyzer-security.FloatLoopCounter): it need not end on a number.
  for (double width = 0.25; width > 1e-10; width *= 0.7) {
    const Eigen::Vector3d center = best;
    for (int a = -3; a <= 3; ++a) {
      for (int b = -3; b <= 3; ++b) {
        for (int c = -3; c <= 3; ++c) {
          const Eigen::Vector3d x = center + width / 3 * Eigen::Vector3d(a, b, c);
          if (lambda(x) < lambda(best)) best = x;
        }
      }
    }
  }
  const FastestMixing fastest = fastest_mixing(graph);
  CHECK(lambda_of(fastest.weights) == Approx(lambda(best)).margin(1e-6));
  CHECK(lambda(best) >= fastest.lambda_bound);
}

TEST_CASE("the fastest mixing is exactly symmetric and stochastic, and always the same", "[mixing]") {
  for (const Graph& graph : some_graphs()) {
    CAPTURE(edge_list(graph));
    const MixingMatrix mixing = Optimal{}.build(graph);
    const Certificate certificate = certify(mixing, {graph});
    REQUIRE(certificate.symmetric);
    REQUIRE(certificate.lambda_bound.has_value());
    REQUIRE(certificate.lambda_bound == mixing.facts().lambda_bound);
    REQUIRE(*certificate.lambda_bound <= *certificate.lambda() + certificate.error);
    for (int i = 0; i < mixing.rows(); ++i) {
      double sum = 0;
      for (const double weight : mixing.row(i).weights) {
        REQUIRE(weight >= 0);
        REQUIRE(std::fmod(weight, 0x1p-50) == 0);
        sum += weight;
      }
      REQUIRE(sum == 1);
    }
    const MixingMatrix again = Optimal{}.build(graph);
    REQUIRE(Eigen::MatrixXd(again.sparse()) == Eigen::MatrixXd(mixing.sparse()));
    REQUIRE(again.facts().lambda_bound == mixing.facts().lambda_bound);
  }
  CHECK_FALSE(certify(Metropolis{}.build(Ring{5}.build(0).graph), Ring{5}.build(0)).lambda_bound);
}

TEST_CASE("the number of a node does not matter to the fastest mixing", "[mixing]") {
  Rng rng(2);
  const Graph graph = KarateClub{}.build(0).graph;
  std::vector<int> places(node_count(graph));
  for (int i = 0; i < node_count(graph); ++i) places[i] = i;
  shuffle(places, rng);
  std::vector<Edge> edges;
  for (const auto& [u, v] : edge_list(graph)) edges.emplace_back(places[v], places[u]);
  const double renamed = lambda_of(fastest_mixing(make_graph(node_count(graph), edges)).weights);
  CHECK(renamed == Approx(lambda_of(fastest_mixing(graph).weights)).margin(1e-7));
  CHECK(renamed == Approx(0.953552318).margin(1e-7));  // Found by another implementation, in NumPy.
}

TEST_CASE("graphs that are too large for the fastest mixing are refused", "[mixing]") {
  CHECK_THAT(
      error_of([] { Optimal{}.build(Ring{401}.build(0).graph); }),
      Equals("optimal: 401 nodes and 401 edges are too many; allowed: at most 400 nodes and 3000 edges "
             "(metropolis takes any)"));
  CHECK_THAT(
      error_of([] { Optimal{}.build(Complete{78}.build(0).graph); }),
      Equals("optimal: 78 nodes and 3003 edges are too many; allowed: at most 400 nodes and 3000 edges "
             "(metropolis takes any)"));
  CHECK(Optimal{}.build(Path{1}.build(0).graph).facts().lambda_bound == 0);
}

TEST_CASE("a graph that is not connected is named as such, as a matching is", "[mixing]") {
  const Topology matchings = RandomMatchings{{4}, 3}.build(1);
  CHECK_THAT(error_of([&] { Optimal{}.build(matchings.phases.front().graph); }),
             Catch::StartsWith("the graph is not connected: 2 of 4 nodes cannot be reached from node 0") &&
                 Catch::EndsWith("; optimal takes graphs that are, each by itself (metropolis takes any)"));
}

TEST_CASE("an optimum that rounding hides is refused, not guessed", "[mixing][.slow]") {
  // Its gap is 1 - cos(pi / 400) = 3.1e-5.
  CHECK_THAT(
      error_of([] { Optimal{}.build(Path{400}.build(0).graph); }),
      Equals("optimal: rounding hides the optimum of this graph, where no spectral gap is above 3.1e-05; "
             "allowed: graphs on which averaging is faster (metropolis takes any)"));
}
