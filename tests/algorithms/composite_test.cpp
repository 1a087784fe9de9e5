// Composite AdaGrad against the formulas of its paper, written down here for dense vectors.
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "algorithms/composite/composite_adagrad.hpp"
#include "algorithms/composite/compression_error.hpp"
#include "algorithms/composite/quantized_adagrad.hpp"
#include "algorithms/problems/empirical_risk.hpp"
#include "algorithms/problems/quadratic.hpp"
#include "tests/algorithms/support.hpp"

using namespace gossamer;
using namespace gossamer::testing;
using enum Composite::Rule;

namespace {

/// Xu et al. 2022, Eqs. (16) and (17), and proximal gradient, coordinate by coordinate.
struct Dense {
  Dense(const Composite& settings, const Vector& x0)
      : with(settings), x(x0), squares(zeros_like(x0)), sum(zeros_like(x0)) {}

  Vector after(const Vector& q, Round t) const {
    const double eta = with.step_size(t), rounds = static_cast<double>(t);
    const Vector total = sum + q;
    Vector next(x.size());
    for (Index j = 0; j < x.size(); ++j) {
      const double h = with.rule == proximal ? 1 : with.delta + std::sqrt(squares[j] + q[j] * q[j]);
      if (with.rule == dual_averaging) {
        const double sign = total[j] < 0 ? 1 : -1;
        next[j] = sign * rounds * eta / h * std::max(std::abs(total[j]) / rounds - with.lambda, 0.0);
      } else {
        const double z = x[j] - eta * q[j] / h;
        next[j] = (z < 0 ? -1 : 1) * std::max(std::abs(z) - with.lambda * eta / h, 0.0);
      }
    }
    return next;
  }
  void step(const Vector& q, Round t) {
    x = after(q, t);
    squares += q.square();
    sum += q;
  }

  Composite with;
  Vector x, squares, sum;
};

/// Threshold quantization of the values selected by `in`; the others are 0.
Vector threshold_of_one(const Vector& v, const Eigen::ArrayX<bool>& in) {
  const double count = static_cast<double>(in.count());
  const Vector selected = in.select(v, 0.0);
  const double delta = 0.75 * selected.abs().sum() / count;
  const Eigen::ArrayX<bool> kept = in && v.abs() > delta;
  if (kept.count() == 0) return zeros_like(v);
  const double s = kept.select(v.abs(), 0.0).sum() / static_cast<double>(kept.count());
  return kept.select(v.sign() * s, 0.0);
}

/// The same of each layer.
Vector threshold(const Vector& v, const Eigen::ArrayX<bool>& in, const Layers& layers) {
  Vector result(v.size());
  Index first = 0;
  for (const Index size : layers) {
    result.segment(first, size) = threshold_of_one(v.segment(first, size), in.segment(first, size));
    first += size;
  }
  return result;
}

SparseVector random_sparse(Index d, Rng& rng) {
  Vector v = Vector::Zero(d);
  for (Index j = 0; j < d; ++j) {
    if (rng.uniform() < 0.2) v[j] = rng.normal();
  }
  return to_sparse(v);
}

const Composite cmd{.rule = mirror_descent, .step_size = 0.1, .lambda = 0.05, .delta = 1e-3};
const Composite rda{.rule = dual_averaging, .step_size = 0.1, .lambda = 0.3, .delta = 1e-3};
const Composite prox{.rule = proximal, .step_size = 0.1, .lambda = 0.2};

}  // namespace

TEST_CASE("Steps and indicators are those of the dense formulas, whatever is zero", "[composite]") {
  const Index d = 130;
  Rng rng(1);
  for (const Composite& settings : {cmd, rda, prox}) {
    Composite with = settings;
    Schedule falling(with.step_size(1));
    falling.kind = Schedule::Kind::inverse_sqrt;
    with.step_size = falling;
    Vector x0 = Vector::Zero(d);
    for (Index j = 0; j < d; j += 3) x0[j] = rng.normal();
    CompositeIterate sparse(with, x0);
    Dense reference(with, x0);
    bool some_zero = false, some_not = false;
    for (Round t = 1; t <= 60; ++t) {
      const SparseVector g = random_sparse(d, rng), q = random_sparse(d, rng);
      const Vector trial = reference.after(to_dense(g, d), t);
      const Support selected = sparse.indicator(g, t);
      for (Index j = 0; j < d; ++j) {
        REQUIRE(selected.contains(j) == (reference.x[j] != 0 || trial[j] != 0));
      }
      sparse.step(q, t);
      reference.step(to_dense(q, d), t);
      REQUIRE((sparse.x() - reference.x).abs().maxCoeff() <= 1e-13 * reference.x.abs().maxCoeff());
      REQUIRE(((sparse.x() == 0) == (reference.x == 0)).all());
      some_zero |= (reference.x == 0).any();
      some_not |= (reference.x != 0).any();
    }
    REQUIRE(some_zero);
    REQUIRE(some_not);
  }
}

TEST_CASE("Steps out of the range of numbers do not end at zero", "[composite]") {
  for (Composite with : {cmd, rda, prox}) {
    with.step_size = 1e308;
    with.delta = 1e-8;
    CompositeIterate iterate(with, Vector::Zero(2));
    const SparseVector g{{1}, {0.5}};
    CHECK(iterate.indicator(g, 1).contains(1));
    for (Round t = 1; t <= 2; ++t) iterate.step(SparseVector{{1}, {0.5}}, t);
    CHECK(iterate.x()[0] == 0);
    CHECK_FALSE(std::abs(iterate.x()[1]) < 1e300);
  }
}

TEST_CASE("Proximal gradient, CMD and RDA AdaGrad with a server", "[composite_adagrad]") {
  const int d = 5;
  for (const int n : {1, 3}) {
    for (const Composite& with : {cmd, rda, prox}) {
      const auto problem = Quadratic{.targets = {}, .dimension = d}.make(n, 5, DataPath());
      const Run run = simulate(CompositeAdagrad{with}, Star{n}.build(1), nullptr, *problem);
      Dense reference(with, Vector::Constant(d, 0.25));
      for (Round t = 1; t <= horizon; ++t) {
        Vector mean = Vector::Zero(d), g;
        for (int i = 0; i < n; ++i) {
          problem->gradient(i, reference.x, {}, g);
          mean += g / n;
        }
        reference.step(mean, t);
        for (int i = 0; i < n; ++i) REQUIRE((run.watcher.at(i, t) - reference.x).abs().maxCoeff() < 1e-12);
      }
      for (int i = 0; i < n; ++i) REQUIRE(run.bits[static_cast<std::size_t>(i)] == horizon * 64 * d);
      REQUIRE(run.bits.back() == horizon * n * 64 * d);
    }
  }
}

TEST_CASE("Proximal gradient on least squares is the lasso: a closed form", "[composite_adagrad]") {
  // Four rows e_j with targets b_j, on one or two workers: f(x) = |x - b|^2 / 8, so that a step of size 4
  // leads to b, and x is b_j shrunk by 4 lambda.
  const auto data = std::make_shared<const DataSet>(make_data_set(
      "unit rows", {SparseRows(4, {0, 1, 2, 3, 4}, {0, 1, 2, 3}, {1, 1, 1, 1}), {2.5, -3, 0.5, -0.75}}));
  const Composite lasso{.rule = proximal, .step_size = 4, .lambda = 0.2};
  for (const int n : {1, 2}) {
    const EmpiricalRisk problem(data,
                                Partition::make(Contiguous{}, data->train.labels, data->classes(), n, 1),
                                SquaredLoss{data->label_values}, SquaredNorm{});
    const Run run = simulate(CompositeAdagrad{lasso}, Star{n}.build(1), nullptr, problem);
    const Vector expected{{2.5 - 0.8, -3 + 0.8, 0, 0}};
    REQUIRE((run.watcher.at(0, 1) - expected).abs().maxCoeff() < 1e-14);
    REQUIRE((run.watcher.at(0, horizon) - expected).abs().maxCoeff() < 1e-14);
  }
}

TEST_CASE("QCMD and QRDA AdaGrad, both ways and one way: Algorithm 1, and w + d + 2 k bits",
          "[quantized_adagrad]") {
  const Layers layers = GENERATE(Layers{9}, Layers{4, 1, 4});
  const int d = 9, scales = 64 * static_cast<int>(layers.size());
  Composite nothing = rda;  // x = 0, and no coordinate travels.
  nothing.lambda = 1e3;
  for (const auto& [n, both_ways] : {std::pair{1, true}, {3, true}, {3, false}}) {
    for (const Composite& with : {cmd, rda, nothing}) {
      const auto problem = Quadratic{.targets = {}, .dimension = d}.make(n, 5, DataPath());
      const Run run = simulate(QuantizedAdagrad{with, Threshold{}, both_ways}, Star{n}.build(1), nullptr,
                               *problem, {.layers = layers.size() > 1 ? layers : Layers{}});
      Dense reference(with, Vector::Constant(d, 0.25));
      std::int64_t bits_up = 0, bits_down = 0;
      for (Round t = 1; t <= horizon; ++t) {
        Vector mean = Vector::Zero(d), g;
        Eigen::ArrayX<bool> all = Eigen::ArrayX<bool>::Constant(d, false);
        for (int i = 0; i < n; ++i) {
          problem->gradient(i, reference.x, {}, g);
          const Eigen::ArrayX<bool> selected = reference.x != 0 || reference.after(g, t) != 0;
          mean += threshold(g, selected, layers) / n;
          all = all || selected;
          bits_up += scales + d + 2 * selected.count();
        }
        bits_down += n * (both_ways ? scales + d + 2 * all.count() : 64 * d);
        reference.step(both_ways ? threshold(mean, all, layers) : mean, t);
        for (int i = 0; i < n; ++i) REQUIRE((run.watcher.at(i, t) - reference.x).abs().maxCoeff() < 1e-12);
      }
      REQUIRE(std::accumulate(run.bits.begin(), run.bits.end() - 1, std::int64_t{0}) == bits_up);
      REQUIRE(run.bits.back() == bits_down);
      if (n > 1) REQUIRE(bits_up < horizon * n * (scales + 3 * d));  // Something was left out.
    }
  }
}

TEST_CASE("The compression error is the mean squared distance of q from the mean gradient",
          "[compression_error]") {
  CompressionError error(4, 2);
  REQUIRE(std::isnan(error.value()));
  error.keep(1, {{2, 3}, {2, -2}});
  error.keep(0, {{0, 2}, {2, 4}});
  error.compare({{0, 1}, {1, 1}});  // (1, 0, 3, -1) against (1, 1, 0, 0).
  REQUIRE(error.value() == 11);
  error.keep(0, {{1}, {2}});
  error.keep(1, {{1}, {4}});
  error.compare({{1}, {3}});
  REQUIRE(error.value() == 5.5);
}

TEST_CASE("A support is a set of coordinates", "[support]") {
  for (const Index d : {1, 63, 64, 65, 200}) {
    Vector x = Vector::Zero(d);
    for (Index j = 0; j < d; j += 7) x[j] = -1;
    Support support = support_of(x);
    REQUIRE(support.size() == (d + 6) / 7);
    Support last(d);
    last.insert(d - 1);
    support.unite(last);
    std::vector<Index> seen;
    support.for_each([&](Index j) {
      seen.push_back(j);
      if (j % 2 == 1) support.erase(j);
    });
    REQUIRE(std::is_sorted(seen.begin(), seen.end()));
    REQUIRE(seen.back() == d - 1);
    support.for_each([&](Index j) { REQUIRE((j % 2 == 0 && (j % 7 == 0 || j == d - 1))); });
  }
}

TEST_CASE("A selection numbers the coordinates in a support", "[support]") {
  Rng rng(3);
  for (const Index d : {0, 1, 63, 64, 65, 1000}) {
    for (const double density : {0.0, 0.05, 0.5, 1.0}) {
      Support support(d);
      for (Index j = 0; j < d; ++j) {
        if (rng.uniform() < density) support.insert(j);
      }
      const SparseVector v = random_sparse(d, rng);
      const Selection selection = select(v, support);
      std::vector<Index> coordinates;
      support.for_each([&](Index j) { coordinates.push_back(j); });
      const Vector dense = to_dense(v, d), selected = to_dense(selection.values, support.size());
      for (Index r = 0; r < support.size(); ++r) REQUIRE(selected[r] == dense[coordinates[r]]);
      const Vector back = to_dense(selection.sparse(), d);
      for (Index j = 0; j < d; ++j) REQUIRE(back[j] == (support.contains(j) ? dense[j] : 0));
    }
  }
}
