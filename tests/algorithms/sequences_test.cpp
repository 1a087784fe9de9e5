// Programs on graphs that change from iteration to iteration, and on directed graphs, against the recursions
// with W_t: the columns of X are the nodes' iterates.
#include "topologies/sequences.hpp"

#include <catch2/catch.hpp>
#include <functional>

#include "algorithms/decentralized/decentralized_adaptive.hpp"
#include "algorithms/decentralized/dgd.hpp"
#include "algorithms/decentralized/gradient_push.hpp"
#include "algorithms/decentralized/gradient_tracking.hpp"
#include "algorithms/problems/quadratic.hpp"
#include "tests/algorithms/support.hpp"

using namespace gossamer;
using namespace gossamer::testing;

namespace {

/// A topology with its weights.
struct Case {
  Topology topology;
  std::vector<MixingMatrix> mixing;
  int nodes() const { return node_count(topology.graph); }
};

template <class Rule>
Case with(Topology topology, const Rule& rule) {
  std::vector<MixingMatrix> mixing;
  if (topology.phases.empty()) mixing.push_back(rule.build(topology.graph));
  for (const Topology& phase : topology.phases) mixing.push_back(rule.build(phase.graph));
  return {std::move(topology), std::move(mixing)};
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const int n : {1, 2, 6, 8}) all.push_back(with(OnePeerExponential{n}.build(1), ColumnStochastic{}));
  for (const int n : {2, 7, 8}) all.push_back(with(RandomMatchings{{n}, 9}.build(4), Metropolis{}));
  return all;
}

/// A directed graph whose nodes hear from 1 to 3 others and are heard by 1 to 3.
Case irregular() {
  const Graph graph = make_directed(5, {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 0}, {0, 2}, {0, 3}, {1, 3}});
  return with({.graph = graph, .directed = true}, ColumnStochastic{});
}

/// One step of a recursion, from X in iteration t, with W_t: X W' has the mixed iterates as its columns.
using Step = std::function<void(Matrix& x, const Matrix& g, const Eigen::MatrixXd& w_transposed, Round t)>;

std::unique_ptr<Problem> quadratic(int nodes) {
  return Quadratic{.targets = {}, .dimension = 3}.make(nodes, 5, DataPath());
}

Matrix gradients(const Problem& problem, const Matrix& x) {
  Matrix g = x;
  for (int i = 0; i < x.cols(); ++i) {
    Vector g_i;
    problem.gradient(i, x.col(i), {}, g_i);
    g.col(i) = g_i;
  }
  return g;
}

/// Runs the program and the recursion side by side, and counts what was sent: `size` numbers along every arc
/// that carries weight in an iteration, and nothing along the others.
void require_recursion(const Case& on, const auto& algorithm, int size, const Step& step) {
  const int n = on.nodes();
  CAPTURE(n, on.mixing.size());
  const auto problem = quadratic(n);
  const Run run = simulate(algorithm, on.topology, on.mixing, *problem);
  Matrix x = Matrix::Constant(3, n, 0.25);
  std::vector<std::int64_t> messages(n);
  for (Round t = 1; t <= horizon; ++t) {
    const MixingMatrix& w = on.mixing[static_cast<std::size_t>(t - 1) % on.mixing.size()];
    step(x, gradients(*problem, x), Eigen::MatrixXd(w.sparse()).transpose(), t);
    REQUIRE((run.watcher.at(t) - x).abs().maxCoeff() < 1e-12);
    for (int i = 0; i < n; ++i) {
      for (const int j : w.row(i).columns) messages[static_cast<std::size_t>(j)] += i != j;
    }
  }
  REQUIRE(run.messages == messages);
  for (int i = 0; i < n; ++i) REQUIRE(run.bits[i] == messages[i] * size * 64);
}

}  // namespace

TEST_CASE("DGD, gradient tracking and decentralized AMSGrad use W_t in iteration t", "[sequences]") {
  for (const Case& on : cases()) {
    require_recursion(on, Dgd{.step_size = 0.1}, 3,
                      [](Matrix& x, const Matrix& g, const Eigen::MatrixXd& w, Round) {
                        x = (x.matrix() * w).array() - 0.1 * g;
                      });

    const Matrix zero = Matrix::Zero(3, on.nodes());
    require_recursion(
        on, GradientTracking{.step_size = 0.1}, 6,
        [y = zero, before = zero](Matrix& x, const Matrix& g, const Eigen::MatrixXd& w, Round) mutable {
          y = (y.matrix() * w).array() + g - before;
          x = (x.matrix() * w).array() - 0.1 * y;
          before = g;
        });

    const DecentralizedAdaptive amsgrad{.step_size = 0.1, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 0.01};
    require_recursion(on, amsgrad, 6,
                      [m = zero, v = zero, v_hat = Matrix(zero + 0.01), u = Matrix(zero + 0.01)](
                          Matrix& x, const Matrix& g, const Eigen::MatrixXd& w, Round) mutable {
                        const Matrix before = v_hat;
                        m = 0.8 * m + 0.2 * g;
                        v = 0.95 * v + 0.05 * g.square();
                        v_hat = v_hat.max(v);
                        u = (u.matrix() * w).array();
                        x = (x.matrix() * w).array() - 0.1 * m / u.max(0.01).sqrt();
                        u += v_hat - before;
                      });
  }
}

TEST_CASE("Gradient push: Z = X / w, X <- (X - alpha_t G(Z)) W', w <- w W'", "[gradient_push]") {
  Schedule step_size(0.3);
  step_size.kind = Schedule::Kind::inverse_sqrt;
  std::vector<Case> all = cases();
  all.push_back(irregular());
  all.push_back(with(Path{4}.build(1), ColumnStochastic{}));
  for (const Case& on : all) {
    const int n = on.nodes();
    Matrix push = Matrix::Constant(3, n, 0.25);
    Eigen::RowVectorXd weight = Eigen::RowVectorXd::Ones(n);
    require_recursion(on, GradientPush{.step_size = step_size}, 4,
                      [&](Matrix& z, const Matrix& g, const Eigen::MatrixXd& w, Round t) {
                        push = ((push - 0.3 / std::sqrt(static_cast<double>(t)) * g).matrix() * w).array();
                        weight = weight * w;
                        z = push.rowwise() / weight.array();
                      });
  }
}

TEST_CASE("Gradient push on a doubly stochastic W is DGD that steps before it mixes", "[gradient_push]") {
  for (const Case& on : cases()) {
    require_recursion(on, GradientPush{.step_size = 0.1}, 4,
                      [](Matrix& x, const Matrix& g, const Eigen::MatrixXd& w, Round) {
                        x = ((x - 0.1 * g).matrix() * w).array();
                      });
  }
}

TEST_CASE("Gradient push leads every node to the minimum of f where DGD with the same W does not",
          "[gradient_push]") {
  // The rows of W do not sum to 1, so that x <- W x leads nodes to different multiples of the mean;
  // push-sum's weights are those multiples.
  const Case on = irregular();
  const auto problem = quadratic(on.nodes());
  const Matrix zero = Matrix::Zero(3, on.nodes());
  const Vector minimum =
      -gradients(*problem, zero).rowwise().mean();  // f_i(x) = |x - a_i|^2 / 2: the mean of the a_i.
  Schedule step_size(0.5);
  step_size.kind = Schedule::Kind::inverse_sqrt;
  const auto distance = [&](const Run& run) {
    return (run.watcher.at(horizon).colwise() - minimum).abs().maxCoeff();
  };
  const double push =
      distance(simulate(GradientPush{.step_size = step_size}, on.topology, on.mixing, *problem));
  const double dgd = distance(simulate(Dgd{.step_size = step_size}, on.topology, on.mixing, *problem));
  CAPTURE(push, dgd);
  CHECK(push < 0.3);
  CHECK(dgd > 2 * push);
}

TEST_CASE("One-peer exponential gossip averages exactly, and neither links nor threads change it",
          "[sequences]") {
  const Case on = with(OnePeerExponential{16}.build(1), ColumnStochastic{});
  const auto problem = quadratic(16);
  // Whole numbers, so that no sum is rounded.
  struct Gossip {
    static Process program(Agent self) {
      Vector x = Vector::Constant(self.dimension(), self.id() * self.id());
      for (Round t = 1; t <= self.horizon(); ++t) {
        self.broadcast(x);
        auto received = co_await self.gather();
        x = self.mix(x, received);
        self.finished(t, x);
      }
    }
  };
  const Run run = simulate(Gossip{}, on.topology, on.mixing, *problem);
  CHECK((run.watcher.at(3) - 77.5).abs().maxCoeff() > 0);
  CHECK((run.watcher.at(4) == 77.5).all());  // sum_i i^2 / 16.
  CHECK((run.watcher.at(horizon) == 77.5).all());

  for (const Case& with_sequence : cases()) {
    const auto of = quadratic(with_sequence.nodes());
    const GradientPush push{.step_size = 0.1};
    const Run once = simulate(push, with_sequence.topology, with_sequence.mixing, *of);
    const Run again = simulate(push, with_sequence.topology, with_sequence.mixing, *of, {.threads = 3});
    const Run slow =
        simulate(push, with_sequence.topology, with_sequence.mixing, *of, {.link = {7s, {1000}}});
    CHECK(again.fingerprint == once.fingerprint);
    CHECK((again.watcher.at(horizon) == once.watcher.at(horizon)).all());
    CHECK((slow.watcher.at(horizon) == once.watcher.at(horizon)).all());
  }
}
