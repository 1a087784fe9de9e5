// Graphs that change from iteration to iteration, directed graphs, and the weights on both.
#include "topologies/sequences.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <vector>

#include "tests/topologies/support.hpp"
#include "topologies/certificate.hpp"
#include "topologies/directed.hpp"
#include "topologies/topology_file.hpp"

using namespace gossamer;
using Catch::Contains;
using Catch::Equals;
using Method = Certificate::Method;

namespace {

template <class Rule>
std::vector<MixingMatrix> weights_of(const Topology& topology, const Rule& rule) {
  std::vector<MixingMatrix> sequence;
  if (topology.phases.empty()) sequence.push_back(rule.build(topology.graph));
  for (const Topology& phase : topology.phases) sequence.push_back(rule.build(phase.graph));
  return sequence;
}

Eigen::MatrixXd product(const std::vector<MixingMatrix>& sequence) {
  Eigen::MatrixXd all = Eigen::MatrixXd::Identity(sequence[0].rows(), sequence[0].rows());
  for (const MixingMatrix& w : sequence) all = w.sparse() * all;
  return all;
}

Topology read(const std::string& text, int nodes = 0) {
  const TemporaryFile file(text);
  return TopologyFile{.path = file.path(), .nodes = nodes}.build(0);
}

}  // namespace

TEST_CASE("one_peer_exponential: in iteration t node i sends to i + 2^((t - 1) mod tau)", "[sequences]") {
  for (const int n : {1, 2, 3, 4, 5, 8, 12, 16, 33}) {
    CAPTURE(n);
    const Topology topology = OnePeerExponential{n}.build(1);
    const int tau = static_cast<int>(std::ceil(std::log2(n)));
    REQUIRE(topology.directed);
    REQUIRE(period(topology) == std::max(tau, 1));
    if (tau < 2) REQUIRE(topology.phases.empty());
    std::vector<Edge> all;
    for (std::size_t k = 0; k < topology.phases.size(); ++k) {
      std::vector<Edge> expected;
      for (int i = 0; i < n; ++i) expected.emplace_back(i, (i + (1 << k)) % n);
      REQUIRE(arc_list(topology.phases[k].graph) == expected);
      all.insert(all.end(), expected.begin(), expected.end());
    }
    std::ranges::sort(all);
    if (tau > 1) REQUIRE(links_of(topology) == all);
  }
  CHECK_THAT(error_of([] { OnePeerExponential{0}.build(1); }),
             Equals("nodes: 0 is not allowed; allowed: at least 1"));
  CHECK_THAT(error_of([] { OnePeerExponential{2'000'000'000}.build(1); }), Contains("too large"));
}

TEST_CASE("one_peer_exponential averages exactly after log2 n iterations where n is a power of 2",
          "[sequences]") {
  for (const int n : {1, 2, 4, 8, 64, 512}) {
    CAPTURE(n);
    const Topology topology = OnePeerExponential{n}.build(1);
    const auto sequence = weights_of(topology, ColumnStochastic{});
    REQUIRE(product(sequence) == Eigen::MatrixXd::Constant(n, n, 1. / n));
    const Certificate certificate = certify(sequence, topology);
    CHECK(certificate.doubly_stochastic);
    CHECK(certificate.lambda() == 0);
    CHECK(certificate.error < 1e-13);
  }
}

TEST_CASE("the mean contraction of one_peer_exponential is that of its closed form", "[sequences]") {
  // The W_t are circulant, so eigenvalues multiply: prod_k cos(2^k a) = sin(2^tau a) / (2^tau sin(a)), a = pi
  // j / n.
  for (const int n : {3, 5, 6, 7, 12, 24, 100}) {
    CAPTURE(n);
    const Topology topology = OnePeerExponential{n}.build(1);
    const int tau = period(topology);
    double largest = 0;
    for (int j = 1; j < n; ++j) {
      largest = std::max(
          largest, std::abs(std::sin(M_PI * ((j << tau) % n) / n)) / ((1 << tau) * std::sin(M_PI * j / n)));
    }
    const Certificate certificate = certify(weights_of(topology, ColumnStochastic{}), topology);
    REQUIRE(certificate.method == Method::dense);
    CHECK(certificate.period == tau);
    CHECK_FALSE(certificate.symmetric);
    CHECK(*certificate.lambda() == Approx(std::pow(largest, 1. / tau)).epsilon(1e-11));
    CHECK(certificate.error < 1e-11);
  }
}

TEST_CASE("random_matchings: every iteration pairs all nodes, or all but one, uniformly", "[sequences]") {
  for (const int n : {1, 2, 5, 6}) {
    const Topology topology = RandomMatchings{{n}, 3000}.build(7);
    REQUIRE(period(topology) == 3000);
    REQUIRE_FALSE(topology.directed);
    std::map<std::vector<Edge>, int> counts;
    for (const Topology& phase : topology.phases) {
      REQUIRE(edge_count(phase.graph) == n / 2);
      for (int i = 0; i < n; ++i) REQUIRE(degree(phase.graph, i) <= 1);
      ++counts[edge_list(phase.graph)];
    }
    // 15 matchings of 5 nodes (of each 4 of them 3), and 15 of 6: each is drawn 200 times, with a standard
    // deviation of 13.7. One of 30 counts is 70 away (5.1 deviations) with a probability below 2e-5.
    if (n < 5) continue;
    REQUIRE(counts.size() == 15);
    for (const auto& [matching, count] : counts) CHECK(std::abs(count - 200) < 70);
  }
  const auto drawn = [](std::uint64_t seed) { return RandomMatchings{{8}, 5}.build(seed).phases; };
  const auto first = drawn(1), again = drawn(1), other = drawn(2);
  for (std::size_t k = 0; k < 5; ++k) CHECK(edge_list(first[k].graph) == edge_list(again[k].graph));
  CHECK(edge_list(first[0].graph) != edge_list(other[0].graph));
  CHECK(edge_list(first[0].graph) == std::vector<Edge>{{0, 1}, {2, 6}, {3, 4}, {5, 7}});

  CHECK_THAT(error_of([] {
               RandomMatchings{{8}, 0}.build(1);
             }),
             Equals("period: 0 is not allowed; allowed: at least 1"));
  CHECK_THAT(error_of([] {
               RandomMatchings{{8}, 1}.build(1);
             }),
             Contains("not connected") && Contains("; raise period or change the seed"));
  CHECK_THAT(error_of([] { RandomMatchings{{1'000'000}, 10'000}.build(1); }), Contains("too large"));
}

TEST_CASE("the W of every matching averages pairs, and the mean contraction is that of their product",
          "[sequences]") {
  const Topology topology = RandomMatchings{{7}, 12}.build(3);
  const auto sequence = weights_of(topology, Metropolis{});
  for (std::size_t k = 0; k < sequence.size(); ++k) {
    const Eigen::MatrixXd w(sequence[k].sparse());
    REQUIRE((w * w - w).norm() == 0);  // To average pairs twice is to average them once.
    REQUIRE(w.trace() == 4);           // Three pairs, and one node that stays as it is.
  }
  const Certificate certificate = certify(sequence, topology);
  CHECK(certificate.symmetric);
  CHECK(certificate.period == 12);
  const Eigen::MatrixXd apart = product(sequence).array() - 1. / 7;
  const double radius = Eigen::EigenSolver<Eigen::MatrixXd>(apart).eigenvalues().cwiseAbs().maxCoeff();
  CHECK(*certificate.lambda() == Approx(std::pow(radius, 1. / 12)).epsilon(1e-9));

  // Two nodes agree at once, one always does, and products of a thousand matrices neither vanish nor lose
  // their digits: with n odd, E|W x|^2 = x'E[W]x = |x|^2 / 2, so lambda is below sqrt(1/2).
  CHECK(certify(weights_of(RandomMatchings{{2}, 3}.build(1), Metropolis{}), RandomMatchings{{2}, 3}.build(1))
            .lambda() == 0);
  const Topology of_one = RandomMatchings{{1}, 3}.build(1), many = RandomMatchings{{9}, 2000}.build(1);
  CHECK(certify(weights_of(of_one, Metropolis{}), of_one).lambda() == 0);
  const Certificate of_many = certify(weights_of(many, Metropolis{}), many);
  REQUIRE(of_many.lambda());
  CHECK(of_many.error < 1e-9);
  CHECK((*of_many.lambda() > 0.5 && *of_many.lambda() < std::sqrt(0.5)));
}

TEST_CASE("a sequence's W is refused with its iteration, and too long a product is not certified",
          "[sequences]") {
  const Topology topology = OnePeerExponential{5}.build(1);
  std::vector<MixingMatrix> sequence = weights_of(topology, ColumnStochastic{});
  std::swap(sequence[1], sequence[2]);
  CHECK_THAT(error_of([&] { certify(sequence, topology); }),
             Equals("iteration 2: mixing matrix: entry (0, 1) is 0.5, but node 1 does not send to node 0; "
                    "allowed: 0"));
  sequence.pop_back();
  CHECK_THROWS_AS(certify(sequence, topology), std::invalid_argument);

  const Topology large = OnePeerExponential{1024}.build(1);
  const Certificate certificate = certify(weights_of(large, ColumnStochastic{}), large);
  CHECK(certificate.method == Method::not_certified);
  CHECK(certificate.doubly_stochastic);
  CHECK_FALSE(certificate.spectral_gap);
  CHECK_THAT(certificate.reason, Contains("of 1024 rows takes too long"));
}

TEST_CASE("a file may hold the graph of every iteration", "[sequences][file]") {
  const Topology topology = read("0 1\n# nobody talks in the second\nnext\nnext\n1 2 latency=3ms\n0 1\n");
  REQUIRE(period(topology) == 3);
  CHECK(edge_list(topology.phases[0].graph) == std::vector<Edge>{{0, 1}});
  CHECK(edge_list(topology.phases[1].graph).empty());
  CHECK(edge_list(topology.phases[2].graph) == std::vector<Edge>{{0, 1}, {1, 2}});
  CHECK(node_count(topology.phases[0].graph) == 3);
  CHECK(edge_list(topology.graph) == std::vector<Edge>{{0, 1}, {1, 2}});
  CHECK(topology.links.at({1, 2}).latency == Duration{3'000'000});
  CHECK(read("0 1\n").phases.empty());

  CHECK_THAT(error_of([] { read("0 1\nnext 1 2\n"); }),
             Contains(":2:6: `next`, which begins another graph, stands alone on its line"));
  CHECK_THAT(error_of([] { read("0 1\nnext\n2 3\n"); }), Contains("the graph is not connected"));
}

TEST_CASE("column_stochastic: every node splits what it has among itself and those it sends to", "[mixing]") {
  const Topology path = Path{3}.build(1);
  const MixingMatrix w = ColumnStochastic{}.build(path.graph);
  Eigen::Matrix3d expected;
  expected << 1. / 2, 1. / 3, 0, 1. / 2, 1. / 3, 1. / 2, 0, 1. / 3, 1. / 2;
  CHECK((Eigen::MatrixXd(w.sparse()) - expected).norm() < 1e-15);
  CHECK_THAT(
      error_of([&] { certify(w, path); }),
      Equals("mixing matrix: row 0 sums to 0.833333333333333, not to 1 (within 1e-12); all columns do, "
             "which is enough for push-sum methods only"));
  const Certificate certificate = certify(w, path, Stochastic::columns);
  CHECK_FALSE(certificate.doubly_stochastic);
  // The trace is 4/3 and the determinant -1/12: besides 1 there are the roots of x^2 - x/3 - 1/12, 1/2 and
  // -1/6.
  CHECK(*certificate.lambda() == Approx(0.5).epsilon(1e-14));
  // Also where all nodes have as many neighbours is it doubly stochastic.
  CHECK(certify(ColumnStochastic{}.build(Ring{5}.build(1).graph), Ring{5}.build(1)).doubly_stochastic);
}

TEST_CASE("directed_ring and directed_exponential", "[directed]") {
  CHECK(links_of(DirectedRing{4}.build(1)) == std::vector<Edge>{{0, 1}, {1, 2}, {2, 3}, {3, 0}});
  CHECK(links_of(DirectedExponential{5}.build(1)) == std::vector<Edge>{{0, 1},
                                                                       {0, 2},
                                                                       {0, 4},
                                                                       {1, 0},
                                                                       {1, 2},
                                                                       {1, 3},
                                                                       {2, 1},
                                                                       {2, 3},
                                                                       {2, 4},
                                                                       {3, 0},
                                                                       {3, 2},
                                                                       {3, 4},
                                                                       {4, 0},
                                                                       {4, 1},
                                                                       {4, 3}});
  for (const int n : {1, 2, 3, 4, 7, 8, 16, 25}) {
    CAPTURE(n);
    const Topology ring = DirectedRing{n}.build(1), exponential = DirectedExponential{n}.build(1);
    for (const Topology* topology : {&ring, &exponential}) {
      REQUIRE(topology->directed);
      REQUIRE(topology->phases.empty());
      REQUIRE_NOTHROW(require_strongly_connected(topology->graph));
      REQUIRE(diameter(*topology).value == diameter(topology->graph).value);
      REQUIRE(edge_list(topology->graph).size() <= links_of(*topology).size());
    }
    CHECK(*ring.diameter == n - 1);
    // W = (I + P) / 2: |1 + exp(2 pi i / n)| / 2 = cos(pi / n).
    const Certificate certificate = certify(ColumnStochastic{}.build(ring.graph), ring);
    CHECK(certificate.doubly_stochastic);
    CHECK(*certificate.lambda() == Approx(n == 1 ? 0 : std::cos(M_PI / n)).margin(1e-12));
    CHECK(certify(ColumnStochastic{}.build(exponential.graph), exponential).doubly_stochastic);
  }
  CHECK_THAT(error_of([] { DirectedRing{0}.build(1); }),
             Equals("nodes: 0 is not allowed; allowed: at least 1"));
  CHECK_THAT(error_of([] { DirectedExponential{2'000'000'000}.build(1); }), Contains("too large"));
}

TEST_CASE("the file of a directed graph says who sends to whom", "[directed][file]") {
  const auto directed = [](const std::string& text) {
    const TemporaryFile file(text);
    return TopologyFile{.path = file.path(), .nodes = 0, .directed = true}.build(0);
  };
  const Topology topology = directed("0 1 latency=1ms\n1 2\n2 0\n1 0 latency=2ms\n0 1\n");
  CHECK(links_of(topology) == std::vector<Edge>{{0, 1}, {1, 0}, {1, 2}, {2, 0}});
  CHECK(topology.links.at({0, 1}).latency == Duration{1'000'000});
  CHECK(topology.links.at({1, 0}).latency == Duration{2'000'000});
  CHECK(diameter(topology).value == 2);
  CHECK(diameter(topology).exact);
  CHECK(period(directed("0 1\nnext\n1 0\n")) == 2);

  CHECK_THAT(
      error_of([&] { directed("0 1\n0 2\n1 0\n"); }),
      Contains("the graph is not strongly connected: 1 of 3 nodes cannot reach node 0, for instance node 2"));
  CHECK_THAT(error_of([&] { directed("1 0\n"); }),
             Contains("the graph is not strongly connected: 1 of 2 nodes cannot be reached from node 0"));

  // Four nodes and six arcs, as many as a tree has, but no tree: node 3 is 3 away from node 0.
  const Graph no_tree = make_directed(4, {{0, 1}, {1, 2}, {2, 3}, {3, 0}, {2, 0}, {3, 1}});
  CHECK(diameter(no_tree).value == 3);
  CHECK(arc_list(reversed(no_tree)) == std::vector<Edge>{{0, 2}, {0, 3}, {1, 0}, {1, 3}, {2, 1}, {3, 2}});
}
