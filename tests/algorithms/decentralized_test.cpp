// Programs on the network against the matrix recursions of their papers: the columns of X are the nodes'
// iterates.
#include <catch2/catch.hpp>
#include <functional>
#include <numeric>

#include "algorithms/decentralized/dadam.hpp"
#include "algorithms/decentralized/decentralized_adaptive.hpp"
#include "algorithms/decentralized/dgd.hpp"
#include "algorithms/problems/quadratic.hpp"
#include "tests/algorithms/support.hpp"
#include "topologies/random_families.hpp"

using namespace gossamer;
using namespace gossamer::testing;

namespace {

/// One step of a recursion: from X and the gradients G at it, in iteration t.
using Step = std::function<void(Matrix& x, const Matrix& g, Round t)>;

/// Runs the program and the recursion side by side on several graphs.
void require_recursion(const auto& algorithm,
                       const std::function<Step(const Matrix& like, const Eigen::MatrixXd& w)>& make,
                       double vectors) {
  const std::vector<Topology> topologies{Ring{1}.build(1), Ring{2}.build(1), Ring{7}.build(1),
                                         Star{4}.build(1), Grid{6}.build(1), ErdosRenyi{9, 0.6}.build(3)};
  for (const Topology& topology : topologies) {
    const int n = node_count(topology.graph);
    INFO(n << " nodes, " << edge_count(topology.graph) << " edges");
    const MixingMatrix mixing = Metropolis{}.build(topology.graph);
    const auto problem = Quadratic{.targets = {}, .dimension = 3}.make(n, 5, DataPath());
    const Run run = simulate(algorithm, topology, &mixing, *problem);

    Matrix x = Matrix::Constant(3, n, 0.25), g = x;
    const Step step = make(x, Eigen::MatrixXd(mixing.sparse()));
    for (Round t = 1; t <= horizon; ++t) {
      for (int i = 0; i < n; ++i) {
        Vector g_i;
        problem->gradient(i, x.col(i), {}, g_i);
        g.col(i) = g_i;
      }
      step(x, g, t);
      REQUIRE((run.watcher.at(t) - x).abs().maxCoeff() < 1e-12);
    }

    // Every node sends `vectors` vectors of 3 64-bit numbers to each neighbour and then computes for 1 ms: a
    // round lasts as long as the transfer, or as long as the computation where there is nobody to talk to.
    const double arcs = 2.0 * edge_count(topology.graph);
    REQUIRE(static_cast<double>(std::accumulate(run.bits.begin(), run.bits.end(), std::int64_t{0})) ==
            horizon * arcs * vectors * 3 * 64);
    for (const Work& work : run.watcher.work) REQUIRE(work.gradients == horizon);
    const Duration round =
        n == 1 ? Duration{1ms} : Duration{1ms} + static_cast<int>(vectors) * Duration{192us};
    REQUIRE(run.end == Instant{horizon * round});
  }
}

}  // namespace

TEST_CASE("DGD: X <- X W - alpha_t G", "[dgd]") {
  Schedule step_size(0.5);
  step_size.kind = Schedule::Kind::inverse_sqrt;
  require_recursion(
      Dgd{.step_size = step_size},
      [](const Matrix&, const Eigen::MatrixXd& w) -> Step {
        return [w](Matrix& x, const Matrix& g, Round t) {
          x = (x.matrix() * w).array() - 0.5 / std::sqrt(static_cast<double>(t)) * g;
        };
      },
      1);
}

TEST_CASE("DADAM: X <- X W - alpha M / sqrt(V_hat), Algorithm 1", "[dadam]") {
  const Dadam dadam{.step_size = 0.1, .beta1 = 0.8, .beta2 = 0.95, .beta3 = 0.5, .epsilon = 0.01};
  require_recursion(
      dadam,
      [&](const Matrix& like, const Eigen::MatrixXd& w) -> Step {
        const Matrix zero = Matrix::Zero(like.rows(), like.cols());
        return [=, m = zero, v = zero, v_hat = Matrix(zero + dadam.epsilon)](Matrix& x, const Matrix& g,
                                                                             Round) mutable {
          m = dadam.beta1 * m + (1 - dadam.beta1) * g;
          v = dadam.beta2 * v + (1 - dadam.beta2) * g.square();
          v_hat = dadam.beta3 * v_hat + (1 - dadam.beta3) * v_hat.max(v);
          x = (x.matrix() * w).array() - 0.1 * m / v_hat.sqrt();
        };
      },
      1);
}

TEST_CASE("Decentralized AMSGrad, Adam and AdaGrad: Algorithms 2 and 3", "[decentralized_adaptive]") {
  using enum DecentralizedAdaptive::Rule;
  for (const auto rule : {amsgrad, adam, adagrad}) {
    const DecentralizedAdaptive algorithm{
        .step_size = 0.1, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 0.01, .rule = rule};
    require_recursion(
        algorithm,
        [&](const Matrix& like, const Eigen::MatrixXd& w) -> Step {
          const Matrix zero = Matrix::Zero(like.rows(), like.cols()), epsilon = zero + algorithm.epsilon;
          return [=, m = zero, v = zero, squares = zero, v_hat = epsilon, u = epsilon](
                     Matrix& x, const Matrix& g, Round t) mutable {
            const Matrix before = v_hat;
            m = algorithm.beta1 * m + (1 - algorithm.beta1) * g;
            v = algorithm.beta2 * v + (1 - algorithm.beta2) * g.square();
            squares += g.square();
            if (rule == amsgrad) v_hat = v_hat.max(v);
            if (rule == adam) v_hat = v;
            if (rule == adagrad) v_hat = squares / static_cast<double>(t);
            u = (u.matrix() * w).array();
            x = (x.matrix() * w).array() - 0.1 * m / u.max(algorithm.epsilon).sqrt();
            u += v_hat - before;
          };
        },
        2);
  }
}

TEST_CASE("Iterates do not depend on the network, nor anything on the number of threads", "[determinism]") {
  const Topology topology = Grid{6}.build(1);
  const MixingMatrix mixing = Metropolis{}.build(topology.graph);
  const auto problem = Quadratic{.targets = {}, .dimension = 3}.make(6, 5, DataPath());
  const DecentralizedAdaptive algorithm{.step_size = 0.1};
  const Run reference = simulate(algorithm, topology, &mixing, *problem);
  for (const int threads : {1, 2, 5}) {
    const Run again = simulate(algorithm, topology, &mixing, *problem, {.threads = threads});
    REQUIRE(again.fingerprint == reference.fingerprint);
    REQUIRE(again.watcher.iterates.size() == 6);
    REQUIRE((again.watcher.at(horizon) == reference.watcher.at(horizon)).all());
  }
  const Run slow = simulate(algorithm, topology, &mixing, *problem, {.link = {7s, {1000}}});
  REQUIRE(slow.end != reference.end);
  REQUIRE((slow.watcher.at(horizon) == reference.watcher.at(horizon)).all());
}

TEST_CASE("Nodes that average exactly stay in exact agreement", "[mix]") {
  // On a complete graph all rows of W are equal, and every node adds the same numbers in the same order, but
  // for its own: with the wire as exact as the state there is no difference to see.
  const Topology topology = Complete{5}.build(1);
  const MixingMatrix mixing = UniformNeighbors{}.build(topology.graph);
  const auto problem =
      Quadratic{.targets = std::vector<std::vector<double>>(5, {1, 2, 3}), .dimension = 0}.make(5, 5,
                                                                                                DataPath());
  const Run run = simulate(Dgd{.step_size = 0.3}, topology, &mixing, *problem);
  for (Index i = 1; i < 5; ++i)
    REQUIRE((run.watcher.at(horizon).col(i) == run.watcher.at(horizon).col(0)).all());
}

TEST_CASE("What the wire cannot carry ends the run, with its place", "[divergence]") {
  const Topology topology = Ring{3}.build(1);
  const MixingMatrix mixing = Metropolis{}.build(topology.graph);
  const auto problem = Quadratic{.targets = {{0}, {0}, {0}}, .dimension = 0}.make(3, 1, DataPath());
  // x grows by 10^5 each iteration, from 1/4: beyond 3.4e38, the largest 32-bit float, at the start of the
  // ninth, and beyond 1.3e154, whose square is the largest double, at the end of the 31st.
  const Dgd explosive{.step_size = 1e5};
  REQUIRE_THROWS_WITH(simulate(explosive, topology, &mixing, *problem, {.link = {}, .wire = Wire::float32}),
                      Catch::Contains("node 0, at 8.000000 ms: iteration 9: coordinate 0 of a message") &&
                          Catch::Contains("is not a finite float32"));
  REQUIRE_NOTHROW(simulate(explosive, topology, &mixing, *problem, {.link = {}}));
  REQUIRE_THROWS_WITH(
      simulate(Dgd{.step_size = 2e5}, topology, &mixing, *problem, {.link = {}}),
      Catch::Contains("node 0, at 30.000000 ms: iteration 30: the iterate is so large that its norm"));
}
