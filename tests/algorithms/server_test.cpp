// Algorithms with a server against recursions written down here with the operators of their papers: G holds
// the workers' gradients, X their iterates, in columns.
#include <bit>
#include <catch2/catch.hpp>
#include <functional>

#include "algorithms/compressors/identity.hpp"
#include "algorithms/compressors/quantizers.hpp"
#include "algorithms/compressors/signs.hpp"
#include "algorithms/compressors/sparse.hpp"
#include "algorithms/problems/quadratic.hpp"
#include "algorithms/server/cd_adam.hpp"
#include "algorithms/server/ef21.hpp"
#include "algorithms/server/onebit_adam.hpp"
#include "algorithms/server/qadam.hpp"
#include "algorithms/server/sgd.hpp"
#include "algorithms/server/signsgd.hpp"
#include "algorithms/server/sparse_ams.hpp"
#include "tests/algorithms/support.hpp"
#include "tests/compressors/definitions.hpp"

using namespace gossamer;
using namespace gossamer::testing;

namespace {

constexpr int d = 3;
constexpr double beta1 = 0.8, beta2 = 0.95, nu = 0.01, decay = 0.02;
constexpr AdamMoments moments{.beta1 = beta1, .beta2 = beta2, .nu = nu, .weight_decay = decay};

/// Changes, as what a constant step size multiplies cannot be seen.
const Schedule alpha = [] {
  Schedule decreasing = 0.1;
  decreasing.kind = Schedule::Kind::piecewise;
  decreasing.factor = 0.4;
  decreasing.at = {7, 20};
  return decreasing;
}();

// ---- The operators, by their definitions.

double sign_of(double x) {
  return x < 0 ? -1 : 1;
}
Vector signs(const Vector& x) {
  return x.unaryExpr(&sign_of);
}
Vector scaled_signs(const Vector& x) {
  return x.abs().sum() / static_cast<double>(x.size()) * signs(x);
}
Vector top_1(const Vector& x) {
  Index largest = 0;
  x.abs().maxCoeff(&largest);
  Vector kept = zeros_like(x);
  kept[largest] = x[largest];
  return kept;
}
Vector all(const Vector& x) {
  return x;
}
using Operator = std::function<Vector(const Vector&)>;

/// Those of all workers at x.
Matrix gradients(const Problem& problem, const Vector& x) {
  Matrix g(x.size(), problem.nodes());
  for (int i = 0; i < problem.nodes(); ++i) {
    Vector g_i;
    problem.gradient(i, x, {}, g_i);
    g.col(i) = g_i;
  }
  return g;
}

struct Adaptive {
  Vector m = Vector::Zero(d), v = m, v_hat = m;
  Vector amsgrad(const Vector& g) {
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g.square();
    v_hat = v_hat.max(v);
    return m / (v_hat + nu).sqrt();
  }
};

/// From x_t and the gradients at it, x_{t+1}; the recursion owns its memory.
using Step = std::function<Vector(const Vector& x, const Matrix& g, Round t)>;

/// Columns of C(g_i + e_i), with feedback of what is left out where `feeds_back`.
struct Feedback {
  explicit Feedback(Operator c, bool feeds_back, Index n = 1)
      : compress(std::move(c)), feed(feeds_back), e(Matrix::Zero(d, n)) {}
  Vector operator()(const Vector& x, Index i = 0) {
    const Vector input = x + e.col(i);
    Vector sent = compress(input);
    if (feed) e.col(i) = input - sent;
    return sent;
  }
  Vector mean(const Matrix& g) {
    Vector sum = Vector::Zero(d);
    for (Index i = 0; i < g.cols(); ++i) sum += (*this)(g.col(i), i) / static_cast<double>(g.cols());
    return sum;
  }
  Operator compress;
  bool feed;
  Matrix e;
};

/// Likewise of Markov compression: the sequences that both sides know.
struct Markov {
  Markov(Operator c, Index n) : compress(std::move(c)), known(Matrix::Zero(d, n)) {}
  Vector mean(const Matrix& g) {
    for (Index i = 0; i < g.cols(); ++i) known.col(i) += compress(g.col(i) - known.col(i)).array();
    return known.rowwise().mean();
  }
  Operator compress;
  Matrix known;
};

struct Expected {
  std::int64_t bits_up, bits_down;  // A worker and round.
  bool server_holds_x;
};

/// Runs algorithm and recursion side by side, with 1 and with 4 workers, and compares iterates, bits and
/// time.
void require_recursion(const auto& algorithm, const std::function<Step(Index n)>& make, Expected expected) {
  for (const int n : {1, 4}) {
    INFO(n << " workers");
    const auto problem = Quadratic{.targets = {}, .dimension = d}.make(n, 5, DataPath());
    const Topology star = Star{n}.build(1);
    const Run run = simulate(algorithm, star, nullptr, *problem);

    const Step step = make(n);
    Vector x = Vector::Constant(d, 0.25), before;
    for (Round t = 1; t <= horizon; ++t) {
      const Matrix g = gradients(*problem, x).colwise() + decay * x;
      before = x;
      x = step(x, g, t);
      // A worker that is sent x has the one it computed its gradient at.
      const Vector& of_worker = expected.server_holds_x ? before : x;
      for (int i = 0; i < n; ++i) REQUIRE((run.watcher.at(i, t) - of_worker).abs().maxCoeff() < 1e-12);
      if (expected.server_holds_x) REQUIRE((run.watcher.at(n, t) - x).abs().maxCoeff() < 1e-12);
    }

    for (int i = 0; i < n; ++i) {
      REQUIRE(run.bits[static_cast<std::size_t>(i)] == horizon * expected.bits_up);
      REQUIRE(run.watcher.work[static_cast<std::size_t>(i)].gradients == horizon);
    }
    REQUIRE(run.bits[static_cast<std::size_t>(n)] == horizon * n * expected.bits_down);
    // Whole bytes each way at 1 Mbit/s after 1 ms, and 1 ms for the gradient.
    const auto transfer = [](std::int64_t bits) {
      return Duration{1ms} + Bits{bits}.bytes() * Duration{8us};
    };
    REQUIRE(run.end ==
            Instant{horizon * (Duration{1ms} + transfer(expected.bits_up) + transfer(expected.bits_down))});
  }
}

constexpr std::int64_t dense = std::int64_t{64} * d, with_sign = 64 + d, with_top_1 = 64 + 2, sign_alone = d;

}  // namespace

TEST_CASE("SGD, with error feedback and without", "[sgd]") {
  struct Case {
    Compressor compressor;
    Operator c;
    bool feedback;
    std::int64_t bits_up;
  };
  const auto of = GENERATE(0, 1, 2, 3);
  const Case cases[] = {{Identity{}, all, false, dense},
                        {ScaledSign{}, scaled_signs, true, with_sign},
                        {TopK{.k = 1, .fraction = {}}, top_1, true, with_top_1},
                        {Sign{}, signs, false, sign_alone}};
  const Case& now = cases[of];
  const Sgd sgd{.step_size = alpha,
                .compressor = now.compressor,
                .error_feedback = now.feedback,
                .weight_decay = decay};
  require_recursion(sgd,
                    [&](Index n) -> Step {
                      return [feedback = Feedback(now.c, now.feedback, n)](const Vector& x, const Matrix& g,
                                                                           Round t) mutable -> Vector {
                        if (feedback.feed) return x - feedback.mean(alpha(t) * g);
                        return x - alpha(t) * feedback.mean(g);
                      };
                    },
                    {now.bits_up, dense, true});
}

TEST_CASE("signSGD with majority vote", "[signsgd]") {
  require_recursion(SignSgd{.step_size = alpha, .weight_decay = decay},
                    [](Index) -> Step {
                      return [](const Vector& x, const Matrix& g, Round t) -> Vector {
                        return x - alpha(t) * signs(g.unaryExpr(&sign_of).rowwise().sum());
                      };
                    },
                    {sign_alone, sign_alone, false});
}

TEST_CASE("signSGD: a tied vote is sign(0) = +1, whoever voted how", "[signsgd]") {
  // At x_0 = 1/4 the worker with target 1 votes -1, with target -1 +1. Each coordinate is another way of
  // choosing half of the workers, so that x_1 = x_0 - alpha_1 in all.
  for (const int n : {2, 6, 10}) {
    std::vector<std::vector<double>> targets(static_cast<std::size_t>(n));
    for (unsigned choice = 0; choice < 1U << n; ++choice) {
      if (std::popcount(choice) != n / 2) continue;
      for (std::size_t i = 0; i < targets.size(); ++i) targets[i].push_back((choice >> i & 1) != 0 ? 1 : -1);
    }
    const auto problem = Quadratic{.targets = targets, .dimension = 0}.make(n, 1, DataPath());
    const Run run = simulate(SignSgd{.step_size = alpha}, Star{n}.build(1), nullptr, *problem);
    REQUIRE((run.watcher.at(0, 1) == 0.25 - alpha(1)).all());
  }
}

TEST_CASE("SPARS-AMS, naive compression, AMSGrad, and the single-machine form", "[sparse_ams]") {
  const bool feedback = GENERATE(true, false), compresses = GENERATE(true, false);
  const Operator c = compresses ? Operator(top_1) : Operator(all);
  const Compressor compressor =
      compresses ? Compressor(TopK{.k = 1, .fraction = {}}) : Compressor(Identity{});
  require_recursion(SparseAms{moments, alpha, compressor, feedback},
                    [&](Index n) -> Step {
                      return [of_workers = Feedback(c, feedback, n), server = Adaptive()](
                                 const Vector& x, const Matrix& g, Round t) mutable -> Vector {
                        return x - alpha(t) * server.amsgrad(of_workers.mean(g));
                      };
                    },
                    {compresses ? with_top_1 : dense, dense, true});
}

TEST_CASE("CD-Adam", "[cd_adam]") {
  require_recursion(CdAdam{moments, alpha},
                    [](Index n) -> Step {
                      return [up = Markov(scaled_signs, n), down = Markov(scaled_signs, 1),
                              workers = Adaptive()](const Vector& x, const Matrix& g,
                                                    Round t) mutable -> Vector {
                        return x - alpha(t) * workers.amsgrad(down.mean(up.mean(g)));
                      };
                    },
                    {with_sign, with_sign, false});
}

TEST_CASE("Where each coordinate is a layer of its own, a scaled sign loses nothing", "[layers]") {
  const auto problem = Quadratic{.targets = {}, .dimension = d}.make(4, 5, DataPath());
  const Topology star = Star{4}.build(1);
  const CdAdam algorithm{moments, alpha, scaled_sign()};
  const Run exact = simulate(CdAdam{moments, alpha, identity()}, star, nullptr, *problem);
  const Run whole = simulate(algorithm, star, nullptr, *problem);
  const Run layered = simulate(algorithm, star, nullptr, *problem, {.layers = {1, 1, 1}});
  for (Round t = 1; t <= horizon; ++t) {
    REQUIRE((layered.watcher.at(0, t) - exact.watcher.at(0, t)).abs().maxCoeff() < 1e-14);
  }
  CHECK((whole.watcher.at(0, horizon) - exact.watcher.at(0, horizon)).abs().maxCoeff() > 1e-4);
  CHECK(layered.bits[0] == horizon * 3 * (64 + 1));
  const Run two = simulate(algorithm, star, nullptr, *problem, {.layers = {2, 1}});
  CHECK(two.bits[0] == horizon * (2 * 64 + 3));
}

TEST_CASE("EF21, one way and both ways", "[ef21]") {
  const bool bidirectional = GENERATE(false, true);
  require_recursion(Ef21{.step_size = alpha,
                         .compressor = TopK{.k = 1, .fraction = {}},
                         .bidirectional = bidirectional,
                         .weight_decay = decay},
                    [&](Index n) -> Step {
                      return [up = Markov(top_1, n),
                              down = Markov(bidirectional ? Operator(top_1) : Operator(all), 1)](
                                 const Vector& x, const Matrix& g, Round t) mutable -> Vector {
                        return x - alpha(t) * down.mean(up.mean(g));
                      };
                    },
                    {with_top_1, bidirectional ? with_top_1 : dense, false});
}

TEST_CASE("1-bit Adam", "[onebit_adam]") {
  // The warm-up is long enough to end in the middle of the run, or as long as the run.
  require_recursion(OnebitAdam{moments, alpha, horizon},
                    [](Index) -> Step {
                      return [m = Vector(Vector::Zero(d)), v = Vector(Vector::Zero(d))](
                                 const Vector& x, const Matrix& g, Round t) mutable -> Vector {
                        const Vector mean = g.rowwise().mean();
                        m = beta1 * m + (1 - beta1) * mean;
                        v = beta2 * v + (1 - beta2) * mean.square();
                        return x - alpha(t) * m / (v + nu).sqrt();
                      };
                    },
                    {dense, dense, false});

  const Round warmup = 12;
  const auto problem = Quadratic{.targets = {}, .dimension = d}.make(4, 5, DataPath());
  AdamMoments without_decay = moments;
  without_decay.weight_decay = 0;
  const OnebitAdam onebit{without_decay, alpha, warmup};
  const Run run = simulate(onebit, Star{4}.build(1), nullptr, *problem);
  Vector x = Vector::Constant(d, 0.25), m = Vector::Zero(d), v = m;
  Feedback up(scaled_signs, true, 4), down(scaled_signs, true);
  for (Round t = 1; t <= horizon; ++t) {
    const Matrix g = gradients(*problem, x);
    if (t <= warmup) {
      const Vector mean = g.rowwise().mean();
      m = beta1 * m + (1 - beta1) * mean;
      v = beta2 * v + (1 - beta2) * mean.square();
    } else {
      const Matrix local = ((1 - beta1) * g).colwise() + beta1 * m;
      m = down(up.mean(local));
    }
    x -= alpha(t) * m / (v + nu).sqrt();
    REQUIRE((run.watcher.at(0, t) - x).abs().maxCoeff() < 1e-12);
  }
  REQUIRE(run.bits[0] == warmup * dense + (horizon - warmup) * with_sign);
  REQUIRE(run.bits[4] == 4 * run.bits[0]);
}

TEST_CASE("Quantized Adam", "[qadam]") {
  require_recursion(QAdam{moments, alpha},
                    [](Index n) -> Step {
                      return [of_workers = Feedback(scaled_signs, true, n), m = Matrix(Matrix::Zero(d, n)),
                              v = Matrix(Matrix::Zero(d, n))](const Vector& x, const Matrix& g,
                                                              Round t) mutable -> Vector {
                        m = beta1 * m + (1 - beta1) * g;
                        v = beta2 * v + (1 - beta2) * g.square();
                        return x - of_workers.mean(alpha(t) * m / (v + nu).sqrt());
                      };
                    },
                    {with_sign, dense, false});
}

TEST_CASE("A narrow wire rounds what travels, and both sides know it", "[wire]") {
  const Wire wire = GENERATE(Wire::float16, Wire::bfloat16, Wire::float32);
  // One worker with the identity: g^ and g~ are the gradient as the wire carries it, not as it was.
  const auto problem = Quadratic{.targets = {{0.1, 0.2, 0.3}}, .dimension = 0}.make(1, 5, DataPath());
  const Run run = simulate(Ef21{.step_size = alpha, .compressor = Identity{}, .bidirectional = true},
                           Star{1}.build(1), nullptr, *problem, {.wire = wire});
  Vector x = Vector::Constant(d, 0.25), known = Vector::Zero(d), told = known;
  const auto rounded = [&](const Vector& v) -> Vector {
    return v.unaryExpr([&](double v_j) { return nearest(v_j, wire); });
  };
  for (Round t = 1; t <= horizon; ++t) {
    Vector g;
    problem->gradient(0, x, {}, g);
    known += rounded(g - known);
    told += rounded(known - told);
    x -= alpha(t) * told;
    REQUIRE((run.watcher.at(0, t) == x).all());
  }
  REQUIRE(run.bits[0] == horizon * width(wire) * d);
}

TEST_CASE("Compressors that do not shrink their error cannot be fed back", "[require]") {
  const Adjacency star(2, std::vector<Adjacency::Pair>{{0, 1}});
  const auto refuses = [&](const auto& algorithm, Index dimension) {
    try {
      algorithm.require(star, dimension);
    } catch (const std::invalid_argument&) {
      return true;
    }
    return false;
  };
  for (const Compressor& compressor : {Compressor(Sign{}), Compressor(Qsgd{.levels = 1}),
                                       Compressor(SparsifyUniform{.k = 2, .fraction = {}})}) {
    CHECK(refuses(CdAdam{{}, {}, compressor}, 100));
    CHECK(refuses(Ef21{.step_size = {}, .compressor = compressor}, 100));
    CHECK(refuses(OnebitAdam{{}, {}, {}, compressor}, 100));
    CHECK(refuses(QAdam{{}, {}, compressor}, 100));
    CHECK(refuses(Sgd{.step_size = {}, .compressor = compressor}, 100));
    CHECK(refuses(SparseAms{{}, {}, compressor}, 100));
    CHECK_FALSE(refuses(Sgd{.step_size = {}, .compressor = compressor, .error_feedback = false}, 100));
    CHECK_FALSE(refuses(SparseAms{{}, {}, compressor, false}, 100));
  }
  const Compressor large = TopK{.k = 101, .fraction = {}};
  CHECK(refuses(Sgd{.step_size = {}, .compressor = large, .error_feedback = false}, 100));
  CHECK(refuses(CdAdam{{}, {}, large}, 100));
  CHECK_FALSE(refuses(CdAdam{{}, {}, large}, 101));
}

TEST_CASE("What a server cannot send ends the run, with its place", "[divergence]") {
  // The gradients of the first iteration fit the wire; x after it does not.
  const auto problem = Quadratic{.targets = {{0}, {0}}, .dimension = 0}.make(2, 1, DataPath());
  for (const auto& [wire, step_size] : {std::pair{Wire::float32, 1e40}, {Wire::float16, 1e6}}) {
    REQUIRE_THROWS_WITH(
        simulate(Sgd{.step_size = step_size, .compressor = Identity{}, .error_feedback = false},
                 Star{2}.build(1), nullptr, *problem, {.wire = wire}),
        Catch::Contains("node 2, at ") && Catch::Contains(": iteration 2: ") &&
            Catch::Contains(std::string(names(wire)[static_cast<std::size_t>(wire)])));
  }
}

TEST_CASE("Iterates and random compression do not depend on network or threads", "[determinism]") {
  const auto problem = Quadratic{.targets = {}, .dimension = 40}.make(5, 5, DataPath());
  const Sgd sgd{.step_size = alpha, .compressor = Qsgd{.levels = 3}, .error_feedback = false};
  const Topology star = Star{5}.build(1);
  const Run reference = simulate(sgd, star, nullptr, *problem);
  for (const int threads : {2, 5}) {
    const Run again = simulate(sgd, star, nullptr, *problem, {.threads = threads});
    REQUIRE(again.fingerprint == reference.fingerprint);
    REQUIRE((again.watcher.at(horizon) == reference.watcher.at(horizon)).all());
  }
  const Run slow = simulate(sgd, star, nullptr, *problem, {.link = {7s, {1000}}});
  REQUIRE(slow.end != reference.end);
  REQUIRE((slow.watcher.at(horizon) == reference.watcher.at(horizon)).all());
}
