// What every problem must satisfy. A new one joins with a line in `cases`.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <numeric>

#include "algorithms/problems/empirical_risk.hpp"
#include "algorithms/problems/linear_models.hpp"
#include "algorithms/problems/process/process_problem.hpp"
#include "algorithms/problems/quadratic.hpp"
#include "tests/problems/samples.hpp"

namespace gossamer {
namespace {

using namespace testing;

struct Case {
  std::string name;
  std::function<std::unique_ptr<Problem>()> make;
};

std::unique_ptr<Problem> linear(Form form, int classes, Loss loss, Regularizer regularizer, bool bias,
                                int nodes, Index rows = 150) {
  auto data = random_data(form, rows, 9, classes);
  return std::make_unique<EmpiricalRisk>(data, contiguous(*data, nodes), loss, regularizer, bias);
}

std::unique_ptr<Problem> least_squares(Form form, Regularizer regularizer, int nodes, Index rows = 150) {
  auto data = random_real_data(form, rows, 9);
  const SquaredLoss loss{data->label_values};
  return std::make_unique<EmpiricalRisk>(data, contiguous(*data, nodes), loss, regularizer);
}

/// A network in NumPy, in processes that all cases share.
std::unique_ptr<Problem> network(PartitionScheme partition, double l2) {
  static Models models;
  const ProcessModel settings{.program = CommandLine{{"/usr/bin/python3", "spiral.py"},
                                                     GOSSAMER_SOURCE_DIR "/scenarios/models/numpy",
                                                     false},
                              .options = {R"({"hidden": 4})"},
                              .holdout = 0,
                              .use = {.precision = Precision::float64,
                                      .partition = std::move(partition),
                                      .l2 = l2,
                                      .evaluation_rows = 100,
                                      .verify_gradients = 1,
                                      .differences = 3}};
  return settings.make(7, 1, models);
}

std::vector<Case> cases() {
  const DataPath nowhere;
  std::vector<Case> all = {
      {"quadratic",
       [=] {
         return Quadratic{.targets = {{0, 1}, {2, 3}, {5, -1}}}.make(3, 1, nowhere);
       }},
      {"quadratic, random", [=] { return Quadratic{.targets = {}, .dimension = 7}.make(20, 1, nowhere); }},
      {"logistic", [=] { return Logistic{.data = {.dataset = "synthetic"}, .l2 = 0.1}.make(7, 1, nowhere); }},
      {"nonconvex", [=] { return LogisticNonconvex{.data = {.dataset = "synthetic"}}.make(7, 1, nowhere); }},
      {"softmax",
       [=] { return Softmax{.data = {.dataset = "synthetic"}, .bias = true}.make(7, 1, nowhere); }},
      {"hinge", [=] { return Hinge{.data = {.dataset = "synthetic"}, .l2 = 0.1}.make(7, 1, nowhere); }},
      {"least_squares on classes",
       [=] { return LeastSquares{.data = {.dataset = "synthetic"}, .l2 = 0.1}.make(7, 1, nowhere); }},
      {"logistic on text",
       [=] {
         return Logistic{.data = {.dataset = "synthetic_text", .synthetic_text = small_text}}.make(7, 1,
                                                                                                   nowhere);
       }},
      {"process", [] { return network(Contiguous{}, 0); }},
      {"process, unequal nodes, regularized", [] { return network(Dirichlet{}, 0.1); }},
      {"logistic, a row a node",
       [] { return linear(Form::dense, 2, LogisticLoss{}, SquaredNorm{0.1}, false, 40, 40); }},
      {"logistic, several pieces",
       [] { return linear(Form::dense, 2, LogisticLoss{}, SquaredNorm{0.1}, false, 7, 600); }},
      {"softmax, several pieces",
       [] { return linear(Form::bytes, 3, SoftmaxLoss{3}, SquaredNorm{0.1}, true, 3, 1000); }},
  };
  for (const Form form : {Form::dense, Form::bytes, Form::sparse, Form::one_hot}) {
    all.push_back({"logistic on " + to_string(form),
                   [=] { return linear(form, 2, LogisticLoss{}, SquaredNorm{0.2}, false, 4); }});
    all.push_back({"logistic_nonconvex on " + to_string(form),
                   [=] { return linear(form, 2, LogisticLoss{}, BoundedSquares{0.2}, false, 4); }});
    all.push_back({"logistic on " + to_string(form) + ", not regularized",
                   [=] { return linear(form, 2, LogisticLoss{}, SquaredNorm{}, false, 4); }});
    all.push_back({"logistic_nonconvex on " + to_string(form) + ", not regularized",
                   [=] { return linear(form, 2, LogisticLoss{}, BoundedSquares{}, false, 4, 600); }});
    all.push_back({"softmax on " + to_string(form) + ", not regularized",
                   [=] { return linear(form, 3, SoftmaxLoss{3}, SquaredNorm{}, true, 2, 300); }});
    all.push_back({"hinge on " + to_string(form),
                   [=] { return linear(form, 2, HingeLoss{}, SquaredNorm{0.2}, false, 4); }});
    all.push_back({"hinge on " + to_string(form) + ", not regularized",
                   [=] { return linear(form, 2, HingeLoss{}, SquaredNorm{}, false, 4, 600); }});
    all.push_back(
        {"least_squares on " + to_string(form), [=] { return least_squares(form, SquaredNorm{0.2}, 4); }});
    all.push_back({"least_squares on " + to_string(form) + ", not regularized",
                   [=] { return least_squares(form, SquaredNorm{}, 4, 600); }});
    // Widths around the kernels' tiles: below one pack, a whole one, overlapping ones, one and two tiles.
    for (const int classes : {2, 3, 4, 5, 10, 13, 24}) {
      all.push_back({"softmax on " + to_string(form) + ", " + std::to_string(classes) + " classes", [=] {
                       return linear(form, classes, SoftmaxLoss{classes}, SquaredNorm{0.2}, classes % 2 == 0,
                                     4);
                     }});
    }
  }
  return all;
}

/// Relative to the largest entry, as the sums that make up small entries are rounded like those of large
/// ones.
void require_close(const Vector& a, const Vector& b, double tolerance) {
  REQUIRE(a.size() == b.size());
  CHECK((a - b).abs().maxCoeff() <= tolerance * (1 + b.abs().maxCoeff()));
}

bool same_bits(const Vector& a, const Vector& b) {
  return a.size() == b.size() && (a == b).all();
}

bool same_bits(const Evaluation& a, const Evaluation& b) {
  const auto same = [](double p, double q) {
    return std::bit_cast<std::uint64_t>(p) == std::bit_cast<std::uint64_t>(q);
  };
  return same(a.loss, b.loss) && same(a.train_accuracy, b.train_accuracy) && same(a.test_loss, b.test_loss) &&
         same(a.test_accuracy, b.test_accuracy) && same_bits(a.gradient, b.gradient);
}

void require_gradients_agree(const Problem& problem, const Vector& x, const Evaluation& at_x) {
  Vector g, mean = Vector::Zero(problem.dimension());
  for (int i = 0; i < problem.nodes(); ++i) {
    problem.gradient(i, x, {}, g);
    mean += g / problem.nodes();
  }
  require_close(at_x.gradient, mean, 1e-13);
}

void require_gradient_is_derivative(const Problem& problem, const Vector& x, const Evaluation& at_x,
                                    Pool& pool) {
  // Central differences with h = 1e-4 along unit vectors: the truncation error is h^2/6 f''' = 2e-9 f''',
  // with f''' < 3 here; rounding adds 2e-16 f / h = 2e-12 f.
  constexpr double h = 1e-4;
  for (const std::uint64_t seed : {10, 11, 12}) {
    Vector direction = random_point(problem.dimension(), seed);
    direction /= norm(direction);
    const double ahead = problem.evaluate(x + h * direction, {false, false}, pool).loss;
    const double behind = problem.evaluate(x - h * direction, {false, false}, pool).loss;
    CHECK((ahead - behind) / (2 * h) == Approx((at_x.gradient * direction).sum()).margin(1e-8));
  }
}

void require_batches_are_means(const Problem& problem, const Vector& x) {
  for (const int node : {0, problem.nodes() - 1}) {
    Vector g, other, mean = Vector::Zero(problem.dimension());
    const auto rows = static_cast<std::int32_t>(problem.samples(node));
    std::vector<std::int32_t> batch, all(static_cast<std::size_t>(rows));
    for (std::int32_t k = rows - 1; k >= 0; k -= 2) batch.push_back(k);
    for (const std::int32_t& k : batch) {
      problem.gradient(node, x, Batch(&k, 1), other);
      mean += other / static_cast<double>(batch.size());
    }
    problem.gradient(node, x, batch, g);
    require_close(g, mean, 1e-13);

    std::iota(all.begin(), all.end(), 0);
    problem.gradient(node, x, all, other);
    problem.gradient(node, x, {}, g);
    require_close(g, other, 1e-13);
  }
}

void require_sparse_gradients_agree(const Problem& problem, const Vector& x) {
  for (const int node : {0, problem.nodes() - 1}) {
    const auto rows = static_cast<std::int32_t>(problem.samples(node));
    std::vector<std::int32_t> several;
    for (std::int32_t k = rows - 1; k >= 0; k -= 2) several.push_back(k);
    for (const Batch batch : {Batch(), Batch(several), Batch(several).first(1)}) {
      Vector g;
      SparseVector sparse_g{{7}, {7}};  // What was there before does not matter.
      problem.gradient(node, x, batch, g);
      problem.sparse_gradient(node, x, batch, sparse_g);
      REQUIRE(sparse_g.indices.size() == sparse_g.values.size());
      CHECK(std::ranges::adjacent_find(sparse_g.indices, std::greater_equal()) == sparse_g.indices.end());
      CHECK(same_bits(to_dense(sparse_g, problem.dimension()), g));
    }
  }
}

TEST_CASE("every problem's gradients and evaluations agree") {
  Pool pool(1);
  for (const Case& test : cases()) {
    INFO(test.name);
    const std::unique_ptr<Problem> problem = test.make();
    const Vector x = random_point(problem->dimension());
    const Evaluation at_x = problem->evaluate(x, {}, pool);
    CHECK(std::isfinite(at_x.loss));
    if (problem->optimal_value()) CHECK(at_x.loss >= *problem->optimal_value());

    require_gradients_agree(*problem, x, at_x);
    require_gradient_is_derivative(*problem, x, at_x, pool);
    require_batches_are_means(*problem, x);
    require_sparse_gradients_agree(*problem, x);

    const Evaluation less = problem->evaluate(x, {.gradient = false, .test = false}, pool);
    CHECK(less.loss == at_x.loss);
    CHECK(less.gradient.size() == 0);
    CHECK(std::isnan(less.test_loss));
    CHECK(std::isnan(less.test_accuracy));
  }
}

TEST_CASE("every problem gives the same bits with any number of threads") {
  Pool one(1), two(2), five(5);
  for (const Case& test : cases()) {
    INFO(test.name);
    const std::unique_ptr<Problem> problem = test.make();
    const Vector x = random_point(problem->dimension());
    const Evaluation expected = problem->evaluate(x, {}, one);
    CHECK(same_bits(problem->evaluate(x, {}, two), expected));
    CHECK(same_bits(problem->evaluate(x, {}, five), expected));

    std::vector<Vector> alone(static_cast<std::size_t>(problem->nodes())), together = alone;
    for (int i = 0; i < problem->nodes(); ++i) problem->gradient(i, x, {}, alone[i]);
    five.for_each(problem->nodes(), [&](int i) { problem->gradient(i, x, {}, together[i]); });
    for (int i = 0; i < problem->nodes(); ++i) CHECK(same_bits(together[i], alone[i]));
  }
}

TEST_CASE("every problem lets a diverged iterate show") {
  Pool pool(1);
  for (const Case& test : cases()) {
    INFO(test.name);
    const std::unique_ptr<Problem> problem = test.make();
    const Vector x = Vector::Constant(problem->dimension(), std::nan(""));
    const Evaluation result = problem->evaluate(x, {}, pool);
    CHECK_FALSE(std::isfinite(result.loss));
    CHECK_FALSE(result.gradient.isFinite().any());
  }
}

}  // namespace
}  // namespace gossamer
