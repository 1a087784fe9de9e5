#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <vector>

#include "tests/topologies/support.hpp"
#include "topologies/certificate.hpp"
#include "topologies/families.hpp"
#include "topologies/random_families.hpp"
#include "topologies/social_graphs.hpp"

using namespace gossamer;
using Catch::Contains;
using Catch::Equals;
using Method = Certificate::Method;

namespace {

/// max(|lambda_2|, |lambda_n|) from all eigenvalues of W itself.
double dense_lambda(const MixingMatrix& mixing) {
  if (mixing.rows() == 1) return 0;
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(Eigen::MatrixXd(mixing.sparse()),
                                                              Eigen::EigenvaluesOnly);
  const Eigen::VectorXd& ascending = solver.eigenvalues();
  return std::max(std::abs(ascending(0)), std::abs(ascending(ascending.size() - 2)));
}

/// The same topology, its closed forms forgotten.
Topology anonymous(Topology topology) {
  topology.laplacian.reset();
  return topology;
}

MixingMatrix from_dense(const Eigen::MatrixXd& dense) {
  std::vector<Eigen::Triplet<double>> triplets;
  for (int i = 0; i < dense.rows(); ++i) {
    for (int j = 0; j < dense.cols(); ++j) {
      if (i == j || dense(i, j) != 0) triplets.emplace_back(i, j, dense(i, j));
    }
  }
  MixingMatrix::Sparse sparse(dense.rows(), dense.cols());
  sparse.setFromTriplets(triplets.begin(), triplets.end());
  return MixingMatrix(std::move(sparse));
}

/// W = (1/2) (I + P), P the shift along a ring: doubly stochastic, normal, not symmetric.
MixingMatrix one_way_ring(int nodes) {
  Eigen::MatrixXd dense = Eigen::MatrixXd::Zero(nodes, nodes);
  for (int i = 0; i < nodes; ++i) dense(i, i) = dense(i, (i + 1) % nodes) = 0.5;
  return from_dense(dense);
}

/// How a rule joins the conformance suite.
struct Rule {
  std::string name;
  std::function<MixingMatrix(const Graph&)> build;
  bool regular_only = false;
};

const std::vector<Rule> rules{
    {"metropolis", [](const Graph& graph) { return Metropolis{}.build(graph); }},
    {"uniform_neighbors", [](const Graph& graph) { return UniformNeighbors{}.build(graph); }, true},
    {"max_degree", [](const Graph& graph) { return MaxDegree{}.build(graph); }},
    {"lazy", [](const Graph& graph) { return Lazy{}.build(graph); }},
    {"optimal", [](const Graph& graph) { return Optimal{}.build(graph); }},
};

std::vector<Topology> topologies() {
  std::vector<Topology> list;
  for (const int nodes : {1, 2, 3, 4, 5, 6, 7, 9, 12, 16, 25}) {
    list.push_back(Ring{nodes}.build(0));
    list.push_back(Path{nodes}.build(0));
    list.push_back(Torus{nodes}.build(0));
    list.push_back(Grid{nodes}.build(0));
    list.push_back(Complete{nodes}.build(0));
    list.push_back(Star{.nodes = nodes}.build(0));
    list.push_back(Tree{.nodes = nodes}.build(0));
    list.push_back(Exponential{nodes}.build(0));
  }
  for (const int nodes : {1, 2, 4, 8, 16, 32}) list.push_back(Hypercube{.nodes = nodes}.build(0));
  for (const std::uint64_t seed : {1, 2, 3}) {
    list.push_back(ErdosRenyi{.nodes = 30, .p = 0.3}.build(seed));
    list.push_back(RandomRegular{.nodes = 30, .degree = 3}.build(seed));
  }
  return list;
}

bool is_regular(const Graph& graph) {
  for (int node = 1; node < node_count(graph); ++node) {
    if (degree(graph, node) != degree(graph, 0)) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("every rule earns its certificate on every topology, with the right spectral gap",
          "[mixing][conformance]") {
  int closed_forms = 0;
  for (const Topology& topology : topologies()) {
    for (const Rule& rule : rules) {
      if (rule.regular_only && !is_regular(topology.graph)) continue;
      CAPTURE(rule.name, edge_list(topology.graph));
      const MixingMatrix mixing = rule.build(topology.graph);
      const Certificate certificate = certify(mixing, topology);
      const double lambda = dense_lambda(mixing);
      REQUIRE(certificate.symmetric);
      REQUIRE(certificate.spectral_gap);
      REQUIRE(certificate.error < 1e-13);
      REQUIRE(std::abs(*certificate.lambda() - lambda) < 1e-13);
      closed_forms += certificate.method == Method::closed_form;

      const Certificate dense = certify(mixing, anonymous(topology));
      REQUIRE(std::abs(*dense.lambda() - lambda) < 1e-13);
      if (mixing.rows() > 1) REQUIRE(dense.method == Method::dense);

      for (int i = 0; i < mixing.rows(); ++i) {
        const auto [columns, weights] = mixing.row(i);
        REQUIRE(columns.size() == weights.size());
        REQUIRE(std::adjacent_find(columns.begin(), columns.end(), std::greater_equal()) == columns.end());
        REQUIRE(std::binary_search(columns.begin(), columns.end(), i));
      }
    }
  }
  CHECK(closed_forms > 200);
}

TEST_CASE("weights are those of the rules' definitions", "[mixing]") {
  // 0 - 1 - 2 - 3 and 1 - 3: degrees 1, 3, 2, 2.
  const Graph graph = make_graph(4, {{0, 1}, {1, 2}, {2, 3}, {1, 3}});
  Eigen::Matrix4d metropolis;
  metropolis << 3. / 4, 1. / 4, 0, 0,  //
      1. / 4, 1. / 4, 1. / 4, 1. / 4,  //
      0, 1. / 4, 5. / 12, 1. / 3,      //
      0, 1. / 4, 1. / 3, 5. / 12;
  CHECK((Eigen::MatrixXd(Metropolis{}.build(graph).sparse()) - metropolis).norm() < 1e-15);
  const Eigen::Matrix4d lazy = (Eigen::Matrix4d::Identity() + metropolis) / 2;
  CHECK((Eigen::MatrixXd(Lazy{}.build(graph).sparse()) - lazy).norm() < 1e-15);
  Eigen::Matrix4d max_degree;
  max_degree << 3, 1, 0, 0, 1, 1, 1, 1, 0, 1, 2, 1, 0, 1, 1, 2;
  CHECK((Eigen::MatrixXd(MaxDegree{}.build(graph).sparse()) - max_degree / 4).norm() < 1e-15);

  CHECK_THAT(error_of([&] { UniformNeighbors{}.build(graph); }),
             Equals("uniform_neighbors: node 0 has degree 1, node 1 has degree 3; allowed: regular graphs "
                    "(metropolis and max_degree take any)"));
  const MixingMatrix ring = UniformNeighbors{}.build(Ring{5}.build(0).graph);
  CHECK(Eigen::MatrixXd(ring.sparse()).row(3) == Eigen::RowVectorXd{{0, 0, 1. / 3, 1. / 3, 1. / 3}});
  const MixingMatrix pair = UniformNeighbors{}.build(Ring{2}.build(0).graph);
  CHECK(Eigen::MatrixXd(pair.sparse()) == Eigen::Matrix2d::Constant(0.5));
}

TEST_CASE("known spectral gaps", "[mixing]") {
  const auto gap = [](const Topology& topology) {
    return *certify(Metropolis{}.build(topology.graph), topology).spectral_gap;
  };
  // Ring, W = 1/3: lambda_2 = (1 + 2 cos(2 pi / 5)) / 3.
  CHECK(gap(Ring{5}.build(0)) == Approx(1 - (1 + 2 * std::cos(2 * M_PI / 5)) / 3).epsilon(1e-14));
  CHECK(gap(Ring{1}.build(0)) == 1);
  CHECK(gap(Ring{2}.build(0)) == 1);
  CHECK(gap(Complete{10}.build(0)) == Approx(1));
  // Hypercube, w = 1 / (1 + k): the eigenvalues 1 - 2 j / (1 + k) end in -(k - 1) / (k + 1).
  CHECK(gap(Hypercube{.nodes = 1024}.build(0)) == Approx(2. / 11));
  CHECK(gap(Star{.nodes = 9}.build(0)) == Approx(1. / 10));
}

TEST_CASE("Lanczos finds the closed forms of large graphs", "[mixing]") {
  for (const Topology& topology :
       {Hypercube{.nodes = 2048}.build(0), Torus{2500}.build(0), Exponential{3000}.build(0)}) {
    for (const Rule& rule : {rules[0], rules[3]}) {
      const MixingMatrix mixing = rule.build(topology.graph);
      const Certificate closed = certify(mixing, topology), lanczos = certify(mixing, anonymous(topology));
      CAPTURE(rule.name, mixing.rows());
      REQUIRE(closed.method == Method::closed_form);
      REQUIRE(lanczos.method == Method::lanczos);
      CHECK(lanczos.error < 2e-9);
      CHECK(std::abs(*lanczos.spectral_gap - *closed.spectral_gap) <= lanczos.error + closed.error);
    }
  }
}

TEST_CASE("a million nodes are certified in closed form", "[mixing]") {
  const Topology ring = Ring{1'000'000}.build(0);
  const MixingMatrix mixing = Metropolis{}.build(ring.graph);
  CHECK(mixing.sparse().nonZeros() == 3'000'000);
  const Certificate certificate = certify(mixing, ring);
  CHECK(certificate.method == Method::closed_form);
  // (4 / 3) sin^2(pi / n) = (4 / 3) (pi / n)^2 here, with all its digits although 1 - lambda cancels eleven.
  CHECK(*certificate.spectral_gap == Approx(4. / 3 * M_PI * M_PI * 1e-12).epsilon(1e-10));
}

TEST_CASE("rounding does not add up along a long row", "[mixing]") {
  // The server's row and column hold 10^5 weights of 1 / (10^5 + 1).
  const Topology star = Star{.nodes = 100'000}.build(0);
  const Certificate certificate = certify(Metropolis{}.build(star.graph), star);
  CHECK(certificate.error < 1e-14);
  CHECK(*certificate.spectral_gap == Approx(1 / 100'001.));
}

TEST_CASE("a gap of 0 is a result, not an error", "[mixing]") {
  // A bipartite W with lambda_n = -1 swaps for ever; the identity never moves.
  const Topology pair = Ring{2}.build(0), square = Ring{4}.build(0);
  const MixingMatrix swap = from_dense((Eigen::Matrix2d() << 0, 1, 1, 0).finished());
  CHECK(*certify(swap, pair).spectral_gap == 0);
  CHECK(*certify(from_dense(Eigen::Matrix4d::Identity()), square).spectral_gap == Approx(0).margin(1e-15));
  CHECK(std::isinf(consensus_rounds(0, 0.5)));
}

TEST_CASE("a W that is not symmetric is certified where it is small", "[mixing]") {
  // The eigenvalues of (I + P) / 2 are (1 + exp(2 pi i k / n)) / 2, of modulus |cos(pi k / n)|.
  const Topology ring = Ring{12}.build(0);
  const Certificate certificate = certify(one_way_ring(12), ring);
  CHECK_FALSE(certificate.symmetric);
  CHECK(certificate.method == Method::dense);
  CHECK(certificate.error < 1e-12);
  CHECK(*certificate.lambda() == Approx(std::cos(M_PI / 12)).epsilon(1e-12));

  const Certificate large = certify(one_way_ring(1500), Ring{1500}.build(0));
  CHECK(large.method == Method::not_certified);
  CHECK_FALSE(large.spectral_gap);
  CHECK_FALSE(large.lambda());
  CHECK_THAT(large.reason, Equals("W is neither symmetric nor of at most 1000 rows"));
  CHECK(to_string(large.method) == "not certified");
}

TEST_CASE("eigenvalues that rounding decides are not certified", "[mixing]") {
  // Averaging over the de Bruijn graph reaches consensus in 4 steps: lambda = 0, a Jordan block of size 4,
  // and computed eigenvalues of modulus around epsilon^(1/4).
  Eigen::MatrixXd dense = Eigen::MatrixXd::Zero(16, 16);
  for (int i = 0; i < 16; ++i) dense(i, 2 * i % 16) = dense(i, (2 * i + 1) % 16) = 0.5;
  const Certificate certificate = certify(from_dense(dense), Complete{16}.build(0));
  CHECK(certificate.method == Method::not_certified);
  CHECK_THAT(certificate.reason, Contains("rounding decides"));
}

TEST_CASE("what Lanczos cannot resolve is not certified", "[mixing]") {
  // W = I - w L of a ring with w = 1e-6: all eigenvalues lie within 4e-6 of 1, the gap is 2e-11, and
  // eigenvalues are found to 1e-9.
  const Topology ring = Ring{1500}.build(0);
  MixingMatrix::Sparse weights = Metropolis{}.build(ring.graph).sparse();
  for (int i = 0; i < 1500; ++i) {
    for (MixingMatrix::Sparse::InnerIterator entry(weights, i); entry; ++entry) {
      entry.valueRef() = entry.col() == i ? 1 - 2e-6 : 1e-6;
    }
  }
  const MixingMatrix mixing(std::move(weights));
  CHECK(certify(mixing, ring).method == Method::closed_form);
  const Certificate certificate = certify(mixing, anonymous(ring));
  CHECK(certificate.method == Method::not_certified);
  CHECK_FALSE(certificate.spectral_gap);
  CHECK_THAT(certificate.reason, Contains("is too small for Lanczos"));
}

TEST_CASE("Lanczos gives up in good time", "[mixing][.slow]") {
  const Topology path = Path{1'000'000}.build(0);
  const Certificate certificate = certify(Metropolis{}.build(path.graph), anonymous(path));
  CHECK(certificate.method == Method::not_certified);
  CHECK_THAT(certificate.reason, Contains("did not converge"));
}

TEST_CASE("a W that is not doubly stochastic on the graph is refused by name", "[mixing]") {
  const Topology path = Path{4}.build(0);
  const Eigen::MatrixXd good = Metropolis{}.build(path.graph).sparse();
  const auto refusal = [&](auto change) {
    Eigen::MatrixXd bad = good;
    change(bad);
    return error_of([&] { certify(from_dense(bad), path); });
  };
  CHECK_THAT(refusal([](auto&) {}), Equals("no error"));
  CHECK_THAT(refusal([](auto& w) { w(3, 3) -= 0.07; }),
             Equals("mixing matrix: row 3 sums to 0.93, not to 1 (within 1e-12); of a file with few digits, "
                    "normalize: true makes it 1"));
  CHECK_THAT(refusal([](auto& w) { w(2, 2) += 2e-12; }), Contains("row 2 sums to 1.000000000002"));
  CHECK_THAT(refusal([](auto& w) { w(2, 2) += 5e-13; }), Equals("no error"));
  CHECK_THAT(refusal([](auto& w) { w(1, 0) += 0.1, w(1, 1) -= 0.1; }),
             Contains("mixing matrix: column 0 sums to 1.1, not to 1 (within 1e-12)"));
  CHECK_THAT(refusal([](auto& w) { w(1, 2) = -0.25; }),
             Equals("mixing matrix: entry (1, 2) is -0.25; allowed: at least 0 (or, of a file, "
                    "negative_weights: true)"));
  CHECK_THAT(refusal([](auto& w) { w(1, 2) = std::nan(""); }), Contains("entry (1, 2) is nan"));
  CHECK_THAT(refusal([](auto& w) { w(0, 3) = 0.125; }),
             Equals("mixing matrix: entry (0, 3) is 0.125, but nodes 0 and 3 are not linked; allowed: 0"));
  CHECK_THAT(error_of([&] { certify(from_dense(Eigen::Matrix2d::Identity()), path); }),
             Equals("mixing matrix: it has 2 rows; the graph has 4 nodes"));

  CHECK_THROWS_AS(MixingMatrix(MixingMatrix::Sparse(2, 3)), std::invalid_argument);
  CHECK_THROWS_AS(MixingMatrix(MixingMatrix::Sparse(2, 2)), std::invalid_argument);  // No diagonal.
}

TEST_CASE("a W is read from rows or from entries", "[mixing][file]") {
  const Graph path = Path{4}.build(0).graph;
  const TemporaryFile rows(
      "# Metropolis would be 1/3\n"
      "0.5 0.5 0 0\n"
      "0.5 0.25 0.25 0\n\r\n"
      "0 0.25 0.25 5e-1\r\n"
      "0 0 0.5 0.5\n");
  const TemporaryFile entries(
      "3 2 0.5\n0 0 0.5\n0 1 0.5 # in any order\n1 0 0.5\n1 1 0.25\n1 2 0.25\n"
      "2 1 0.25\n2 2 0.25\n2 3 0.5\n3 3 0.5\n");
  const MixingMatrix dense = MixingFile{rows.path()}.build(path),
                     sparse = MixingFile{entries.path()}.build(path);
  CHECK(dense.sparse().nonZeros() == 10);
  CHECK(MixingMatrix::Sparse(dense.sparse() - sparse.sparse()).norm() == 0);
  CHECK(certify(dense, {path}).symmetric);

  // Three numbers on each of three lines are always the matrix itself.
  const TemporaryFile three("0 1 0\n1 0 0\n0 0 1\n");
  CHECK(MixingFile{three.path()}.build(Path{3}.build(0).graph).sparse().nonZeros() == 5);
}

TEST_CASE("a W file's mistakes are said with file and line", "[mixing][file]") {
  const auto refusal = [](int nodes, const std::string& text) {
    const TemporaryFile file(text);
    const Graph graph = Path{nodes}.build(0).graph;
    const std::string error = error_of([&] { MixingFile{file.path()}.build(graph); });
    REQUIRE_THAT(error, Catch::StartsWith(file.path() + ":"));
    return error.substr(file.path().size() + 1);
  };
  CHECK_THAT(refusal(2, "0.5 0.5\n0.5 x\n"), Equals("2:5: 'x' is no number"));
  CHECK_THAT(refusal(2, "0.5 0.5\n0.5\n"),
             Equals("2: words in this line: 1; allowed: 2 numbers on each of 2 lines"));
  CHECK_THAT(
      refusal(4, "0 0 1\n1 1 1 1\n"),
      Equals("2: words in this line: 4; allowed: 4 numbers on each of 4 lines, or i j W_ij on every line"));
  CHECK_THAT(refusal(2, "0 0 1\n"), Contains("1: words in this line: 3"));
  CHECK_THAT(refusal(2, "1 0\n0 1\n0 0\n"), Equals("3: one row too many; allowed: 2, one for each node"));
  CHECK_THAT(refusal(2, "1 0\n"), Equals("1: the matrix ends after 1 of 2 rows"));
  CHECK_THAT(refusal(2, "# nothing\n"), Equals("1: the matrix ends after 0 of 2 rows"));
  CHECK_THAT(refusal(4, "0 0 1\n0 4 1\n"), Equals("2:3: '4' is no node; allowed: whole numbers from 0 to 3"));
  CHECK_THAT(refusal(4, "0 0 1\n1 1 1\n0 0 1\n2 2 1\n"),
             Equals("3: entry (0, 0) is given in line 1 already"));
  CHECK_THAT(
      refusal(4, "1 0 0\n0 1 0\n0 0 1\n"),
      Equals("1: 3 lines of 3 numbers, where the graph has 4 nodes; allowed: 4 lines of 4 numbers, or i j "
             "W_ij on every line"));
  CHECK_THAT(error_of([] { MixingFile{"/nowhere/w.txt"}.build(Ring{2}.build(0).graph); }),
             Equals("/nowhere/w.txt: cannot be opened: No such file or directory"));
}

TEST_CASE("an empty W has no line", "[mixing][file]") {
  const TemporaryFile file("");
  CHECK_THAT(error_of([&] { MixingFile{file.path()}.build(Path{2}.build(0).graph); }),
             Equals(file.path() + ": the matrix ends after 0 of 2 rows"));
}

TEST_CASE("a W of other programs: commas, a byte order mark, Matrix Market", "[mixing][file]") {
  const Graph pair = Path{2}.build(0).graph;
  const Eigen::MatrixXd expected = Eigen::Matrix2d{{0.25, 0.75}, {0.75, 0.25}};
  for (const char* text :
       {"\xef\xbb\xbf"
        "0.25,0.75\n0.75, 0.25\r\n",
        "0.25;0.75\n0.75;0.25\n",
        "%%MatrixMarket matrix coordinate real symmetric\n2 2 3\n1 1 .25\n2 1 .75\n2 2 .25\n"}) {
    const TemporaryFile file(text);
    CHECK(Eigen::MatrixXd(MixingFile{file.path()}.build(pair).sparse()) == expected);
  }
  const TemporaryFile small("%%MatrixMarket matrix coordinate real symmetric\n1 1 1\n1 1 1\n");
  CHECK_THAT(error_of([&] { MixingFile{small.path()}.build(pair); }),
             Contains(":1: a matrix of 1 rows and 1 columns; the graph has 2 nodes"));
}

TEST_CASE("a W whose digits were lost in print is normalized on request", "[mixing][file]") {
  const Topology ring = Ring{4}.build(0);
  const auto normalized = [&](const std::string& text) {
    const TemporaryFile file(text);
    return MixingFile{.path = file.path(), .normalize = true}.build(ring.graph);
  };
  const std::string thirds =
      "0.333333 0.333333 0 0.333333\n0.333333 0.333333 0.333333 0\n"
      "0 0.333333 0.333333 0.333333\n0.333333 0 0.333333 0.333333\n";
  const TemporaryFile file(thirds);
  CHECK_THAT(
      error_of([&] { certify(MixingFile{file.path()}.build(ring.graph), ring); }),
      Equals("mixing matrix: row 0 sums to 0.999999, not to 1 (within 1e-12); of a file with few digits, "
             "normalize: true makes it 1"));
  const MixingMatrix w = normalized(thirds);
  CHECK(*w.facts().change == Approx(1. / 3 - 0.333333));
  const Certificate certificate = certify(w, ring);
  CHECK(certificate.symmetric);
  CHECK(*certificate.lambda() == Approx(1. / 3));

  // Neither symmetric nor of equal sums: D W E has the cross ratios of W, which scaling does not change.
  const std::string uneven = "0.51 0.24 0 0.26\n0.2 0.49 0.3 0\n0 0.26 0.5 0.24\n0.3 0 0.21 0.5\n";
  const MixingMatrix other = normalized(uneven);
  CHECK(certify(other, ring).doubly_stochastic);
  const Eigen::MatrixXd d = other.sparse();
  CHECK(d(0, 0) * d(1, 1) / (d(0, 1) * d(1, 0)) == Approx(0.51 * 0.49 / (0.24 * 0.2)));
  const Eigen::MatrixXd change =
      d -
      Eigen::Matrix4d{{0.51, 0.24, 0, 0.26}, {0.2, 0.49, 0.3, 0}, {0, 0.26, 0.5, 0.24}, {0.3, 0, 0.21, 0.5}};
  CHECK(*other.facts().change == change.cwiseAbs().maxCoeff());
  // Metropolis weights of any graph, cut to four digits, come back within what was cut, and symmetric.
  const Topology club = KarateClub{}.build(0);
  const Eigen::MatrixXd exact = Metropolis{}.build(club.graph).sparse();
  std::string cut;
  for (int i = 0; i < exact.rows(); ++i) {
    for (int j = 0; j < exact.cols(); ++j) cut += fmt::format("{:.4f} ", exact(i, j));
    cut += "\n";
  }
  const TemporaryFile printed(cut);
  const MixingMatrix back = MixingFile{.path = printed.path(), .normalize = true}.build(club.graph);
  CHECK(certify(back, club).symmetric);
  CHECK((Eigen::MatrixXd(back.sparse()) - exact).cwiseAbs().maxCoeff() < 1e-3);

  // Two digits, and one: sums of 0.99, of 0.9 and of 1.1.
  const Topology triangle = Complete{3}.build(0);
  const TemporaryFile two("0.33 0.33 0.33\n0.33 0.33 0.33\n0.33 0.33 0.33\n");
  CHECK_THAT(
      error_of([&] { certify(MixingFile{two.path()}.build(triangle.graph), triangle); }),
      Contains("row 0 sums to 0.99, not to 1 (within 1e-12); of a file with few digits, normalize: true"));
  for (const char* const digit :
       {"0.3 0.3 0.3\n0.3 0.3 0.3\n0.3 0.3 0.3\n", "0.3 0.4 0.4\n0.4 0.3 0.4\n0.4 0.4 0.3\n"}) {
    const TemporaryFile one(digit);
    CHECK(
        certify(MixingFile{.path = one.path(), .normalize = true}.build(triangle.graph), triangle).symmetric);
  }

  CHECK(*normalized("1 0 0 0\n0 1 0 0\n0 0 1 0\n0 0 0 1\n").facts().change == 0);
  CHECK_THAT(error_of([&] { normalized("0.8 0 0 0\n0 1 0 0\n0 0 1 0\n0 0 0 1\n"); }),
             Contains("normalize: sums of rows and columns differ from 1 by up to 0.2; allowed: up to 0.1"));
}

TEST_CASE("negative weights are taken where they are meant, and lambda is certified", "[mixing][file]") {
  const Topology ring = Ring{4}.build(0);
  const auto read = [&](double own, bool negative) {
    const double side = (1 - own) / 2;
    const TemporaryFile file(
        fmt::format("{0:.17g} {1:.17g} 0 {1:.17g}\n{1:.17g} {0:.17g} {1:.17g} 0\n"
                    "0 {1:.17g} {0:.17g} {1:.17g}\n{1:.17g} 0 {1:.17g} {0:.17g}\n",
                    own, side));
    return MixingFile{.path = file.path(), .negative_weights = negative}.build(ring.graph);
  };
  CHECK_THAT(
      error_of([&] { certify(read(-0.2, false), ring); }),
      Equals("mixing matrix: entry (0, 0) is -0.2; allowed: at least 0 (or, of a file, negative_weights: "
             "true)"));
  // The eigenvalues are own + (1 - own) cos(2 pi k / 4): 1, own, 2 own - 1.
  for (const double own : {-0.2, 0.25, 1.5}) {
    for (const bool closed : {true, false}) {
      Topology topology = ring;
      if (!closed) topology.laplacian.reset();
      const Certificate certificate = certify(read(own, true), topology);
      CHECK(*certificate.lambda() == Approx(std::max(std::abs(own), std::abs(2 * own - 1))));
      CHECK((certificate.method == Certificate::Method::closed_form) == closed);
    }
  }
  CHECK(std::isinf(consensus_rounds(*certify(read(-0.2, true), ring).spectral_gap, 0.5)));
}

TEST_CASE("consensus takes the fewest rounds t with lambda^t <= factor", "[mixing]") {
  CHECK(consensus_rounds(0.5, 0.125) == 3);
  CHECK(consensus_rounds(0.5, 0.12) == 4);
  CHECK(consensus_rounds(1, 1e-9) == 1);
  // -1 / ln(lambda) for a factor of 1/e, here about 1 / gap.
  CHECK(consensus_rounds(1e-11, std::exp(-1)) == Approx(1e11));
}
