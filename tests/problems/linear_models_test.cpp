#include "algorithms/problems/linear_models.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "algorithms/problems/empirical_risk.hpp"
#include "algorithms/problems/quadratic.hpp"
#include "tests/problems/samples.hpp"
#include "tests/shared.hpp"

namespace gossamer {
namespace {

using namespace testing;

/// The objective written down as its definition has it, row by row.
struct Naive {
  double loss = 0;
  double accuracy = 0;
  Vector gradient;
};

/// A loss of the margin y a^T x, y = 1 for the larger label and -1 for the smaller, and its derivative.
template <class Loss, class Slope>
Naive naive_by_margin(const DataSet& data, const Samples& part, const Vector& x, Loss loss, Slope slope) {
  Naive result{0, 0, Vector::Zero(x.size())};
  const double n = static_cast<double>(part.rows());
  for (Index r = 0; r < part.rows(); ++r) {
    const Vector a = expanded_row(part.features, r);
    const double y = data.label_values[part.labels[r]] > data.label_values[0] ? 1 : -1;
    const double z = (a * x).sum();
    result.loss += loss(y * z) / n;
    result.accuracy += ((z >= 0 ? 1 : -1) == y) / n;
    result.gradient += slope(y * z) * y * a / n;
  }
  return result;
}

Naive naive_logistic(const DataSet& data, const Samples& part, const Vector& x) {
  return naive_by_margin(
      data, part, x, [](double margin) { return std::log(1 + std::exp(-margin)); },
      [](double margin) { return -1 / (1 + std::exp(margin)); });
}

Naive naive_hinge(const DataSet& data, const Samples& part, const Vector& x) {
  return naive_by_margin(
      data, part, x, [](double margin) { return std::max(0.0, 1 - margin); },
      [](double margin) { return margin < 1 ? -1.0 : 0.0; });
}

Naive naive_least_squares(const DataSet& data, const Samples& part, const Vector& x) {
  Naive result{0, std::nan(""), Vector::Zero(x.size())};
  const double n = static_cast<double>(part.rows());
  for (Index r = 0; r < part.rows(); ++r) {
    const Vector a = expanded_row(part.features, r);
    const double residual = (a * x).sum() - data.label_values[part.labels[r]];
    result.loss += residual * residual / 2 / n;
    result.gradient += residual * a / n;
  }
  return result;
}

/// x = (W, b), W features x classes by rows.
Naive naive_softmax(const Samples& part, const Vector& x, Index classes, bool bias) {
  Naive result{0, 0, Vector::Zero(x.size())};
  const double n = static_cast<double>(part.rows());
  for (Index r = 0; r < part.rows(); ++r) {
    const Vector a = expanded_row(part.features, r);
    Vector z = Vector::Zero(classes);
    for (Index c = 0; c < classes; ++c) {
      for (Index j = 0; j < a.size(); ++j) z[c] += a[j] * x[j * classes + c];
      if (bias) z[c] += x[a.size() * classes + c];
    }
    const Vector p = z.exp() / z.exp().sum();
    Index best = 0;
    z.maxCoeff(&best);
    result.loss += -std::log(p[part.labels[r]]) / n;
    result.accuracy += (best == part.labels[r]) / n;
    for (Index c = 0; c < classes; ++c) {
      const double d = (p[c] - (c == part.labels[r])) / n;
      for (Index j = 0; j < a.size(); ++j) result.gradient[j * classes + c] += d * a[j];
      if (bias) result.gradient[a.size() * classes + c] += d;
    }
  }
  return result;
}

constexpr Form forms[] = {Form::dense, Form::bytes, Form::sparse, Form::one_hot};

TEST_CASE("logistic regression is what its definition says") {
  Pool pool(2);
  for (const Form form : forms) {
    for (const Index columns : {1, 3, 4, 18, 37}) {
      INFO(to_string(form) << ", " << columns << " columns");
      const auto data = random_data(form, 90, columns, 2);
      const Vector x = random_point(columns);
      const Naive train = naive_logistic(*data, data->train, x), test = naive_logistic(*data, *data->test, x);

      const EmpiricalRisk convex(data, contiguous(*data, 1), LogisticLoss{}, SquaredNorm{0.3});
      const double l2 = 0.3 / 2 * x.square().sum();
      const Evaluation result = convex.evaluate(x, {}, pool);
      CHECK(result.loss == Approx(train.loss + l2).epsilon(1e-13));
      CHECK(result.test_loss == Approx(test.loss + l2).epsilon(1e-13));
      CHECK(result.train_accuracy == Approx(train.accuracy).epsilon(1e-13));
      CHECK(result.test_accuracy == Approx(test.accuracy).epsilon(1e-13));
      CHECK((result.gradient - (train.gradient + 0.3 * x)).abs().maxCoeff() < 1e-14);

      const EmpiricalRisk nonconvex(data, contiguous(*data, 1), LogisticLoss{}, BoundedSquares{0.3});
      const Vector x2 = x.square();
      CHECK(nonconvex.evaluate(x, {}, pool).loss ==
            Approx(train.loss + 0.3 * (x2 / (1 + x2)).sum()).epsilon(1e-13));
      Vector g;
      nonconvex.gradient(0, x, {}, g);
      CHECK((g - (train.gradient + 0.6 * x / (1 + x2).square())).abs().maxCoeff() < 1e-14);
    }
  }
}

TEST_CASE("hinge loss and least squares are what their definitions say") {
  Pool pool(2);
  for (const Form form : forms) {
    for (const Index columns : {1, 3, 4, 18, 37}) {
      INFO(to_string(form) << ", " << columns << " columns");
      const Vector x = random_point(columns);
      const double l2 = 0.3 / 2 * x.square().sum();
      const auto compare = [&](const EmpiricalRisk& problem, const Naive& train, const Naive& test) {
        const Evaluation result = problem.evaluate(x, {}, pool);
        CHECK(result.loss == Approx(train.loss + l2).epsilon(1e-13));
        CHECK(result.test_loss == Approx(test.loss + l2).epsilon(1e-13));
        CHECK(std::isnan(result.train_accuracy) == std::isnan(train.accuracy));
        CHECK(std::isnan(result.test_accuracy) == std::isnan(train.accuracy));
        if (!std::isnan(train.accuracy)) {
          CHECK(result.train_accuracy == Approx(train.accuracy).epsilon(1e-13));
          CHECK(result.test_accuracy == Approx(test.accuracy).epsilon(1e-13));
        }
        CHECK((result.gradient - (train.gradient + 0.3 * x)).abs().maxCoeff() < 1e-13);
      };
      const auto two = random_data(form, 90, columns, 2);
      compare(EmpiricalRisk(two, contiguous(*two, 1), HingeLoss{}, SquaredNorm{0.3}),
              naive_hinge(*two, two->train, x), naive_hinge(*two, *two->test, x));
      const auto real = random_real_data(form, 90, columns);
      compare(EmpiricalRisk(real, contiguous(*real, 1), SquaredLoss{real->label_values}, SquaredNorm{0.3}),
              naive_least_squares(*real, real->train, x), naive_least_squares(*real, *real->test, x));
    }
  }
}

TEST_CASE("hinge loss: a margin of 1 is enough, with the subgradient 0 there") {
  const auto data =
      std::make_shared<const DataSet>(make_data_set("kink", {DenseRows<double>(1, {1, 1, -2}), {1, 0, 1}}));
  const EmpiricalRisk problem(data, contiguous(*data, 3), HingeLoss{}, SquaredNorm{});
  const Vector x = Vector::Constant(1, 1.0);
  Vector g;
  problem.gradient(0, x, {}, g);  // y z = 1
  CHECK(g[0] == 0);
  problem.gradient(1, x, {}, g);  // y z = -1
  CHECK(g[0] == 1);
  problem.gradient(2, x, {}, g);  // y z = -2
  CHECK(g[0] == 2);
  Pool pool(1);
  CHECK(problem.evaluate(x, {}, pool).loss == Approx((0.0 + 2 + 3) / 3));
}

TEST_CASE("real labels are no classes, and whole numbers may be targets") {
  const TemporaryFolder folder;
  const auto write = [&](const std::string& name, const std::string& text) {
    std::filesystem::create_directories(folder.path() / name);
    std::ofstream(folder.path() / name / name) << text;
  };
  write("prices", "3.25 1:1\n1.5 1:2\n3.25 2:1\n-4 2:3\n");
  write("counts", "1 1:1\n2 1:2\n2 2:1\n1 2:3\n");
  const DataPath path({folder.path()});
  const Data prices{.dataset = "prices"}, counts{.dataset = "counts"};

  CHECK_THROWS_WITH(Softmax{prices}.make(1, 1, path),
                    "data set 'prices': the labels are real numbers (3 different values); softmax regression "
                    "takes classes; least_squares takes real labels");
  CHECK_THROWS_WITH(Logistic{prices}.make(1, 1, path),
                    Catch::Contains("real numbers") && Catch::Contains("logistic regression takes classes"));
  CHECK_THROWS_WITH(LogisticNonconvex{prices}.make(1, 1, path), Catch::Contains("takes classes"));
  CHECK_THROWS_WITH(Hinge{prices}.make(1, 1, path), Catch::Contains("the hinge loss takes classes"));
  for (const PartitionScheme& scheme : {PartitionScheme(LabelsPerNode{1}), PartitionScheme(Dirichlet{})}) {
    CHECK_THROWS_WITH(
        (LeastSquares{Data{.dataset = "prices", .partition = scheme}}.make(2, 1, path)),
        "data set 'prices': the labels are real numbers (3 different values); labels_per_node and "
        "dirichlet split classes; contiguous and iid split any rows");
    CHECK_NOTHROW(LeastSquares{Data{.dataset = "counts", .partition = scheme}}.make(2, 1, path));
  }

  // At 0 the loss is half the mean square of the labels, as the file has them.
  Pool pool(1);
  const auto loss_at_zero = [&](const std::unique_ptr<Problem>& problem) {
    return problem->evaluate(Vector::Zero(2), {}, pool).loss;
  };
  CHECK(loss_at_zero(LeastSquares{prices}.make(2, 1, path)) ==
        Approx((3.25 * 3.25 + 1.5 * 1.5 + 3.25 * 3.25 + 16) / 8));
  CHECK(loss_at_zero(LeastSquares{counts}.make(2, 1, path)) == Approx((1.0 + 4 + 4 + 1) / 8));
  CHECK(loss_at_zero(Hinge{counts}.make(2, 1, path)) == 1);
  CHECK(loss_at_zero(LeastSquares{Data{.dataset = "prices", .holdout = 2}}.make(2, 1, path)) > 0);
}

TEST_CASE("softmax regression is what its definition says") {
  Pool pool(2);
  for (const Form form : forms) {
    for (const int classes : {2, 3, 4, 7, 10, 13, 24, 30}) {
      for (const bool bias : {false, true}) {
        INFO(to_string(form) << ", " << classes << " classes, bias " << bias);
        const auto data = random_data(form, 90, 11, classes);
        const EmpiricalRisk problem(data, contiguous(*data, 1), SoftmaxLoss{classes}, SquaredNorm{0.3}, bias);
        REQUIRE(problem.dimension() == (11 + bias) * classes);
        const Vector x = random_point(problem.dimension());
        const Naive train = naive_softmax(data->train, x, classes, bias);
        const Naive test = naive_softmax(*data->test, x, classes, bias);
        const double l2 = 0.3 / 2 * x.square().sum();
        const Evaluation result = problem.evaluate(x, {}, pool);
        CHECK(result.loss == Approx(train.loss + l2).epsilon(1e-13));
        CHECK(result.test_loss == Approx(test.loss + l2).epsilon(1e-13));
        CHECK(result.train_accuracy == Approx(train.accuracy).epsilon(1e-13));
        CHECK(result.test_accuracy == Approx(test.accuracy).epsilon(1e-13));
        CHECK((result.gradient - (train.gradient + 0.3 * x)).abs().maxCoeff() < 1e-14);
      }
    }
  }
}

TEST_CASE(
    "softmax with two classes: mini-batches, sparse gradients and panels are what the definition says") {
  for (const Form form : forms) {
    for (const bool bias : {false, true}) {
      INFO(to_string(form) << ", bias " << bias);
      const auto data = random_data(form, 90, 11, 2);
      const EmpiricalRisk problem(data, contiguous(*data, 2), SoftmaxLoss{2}, SquaredNorm{}, bias);
      const Vector x = random_point(problem.dimension());
      const std::vector<std::int32_t> rows{44, 3, 17, 0, 21, 3};
      for (const Batch batch : {Batch(rows), Batch()}) {
        Vector expected = Vector::Zero(x.size()), g;
        const Index count = batch.empty() ? 45 : std::ssize(batch);
        for (Index k = 0; k < count; ++k) {
          const Index r = 45 + (batch.empty() ? k : batch[k]);  // Of the second node.
          const Vector a = expanded_row(data->train.features, r);
          const Samples one{DenseRows<double>(11, {a.begin(), a.end()}), {data->train.labels[r]}};
          expected += naive_softmax(one, x, 2, bias).gradient / static_cast<double>(count);
        }
        problem.gradient(1, x, batch, g);
        CHECK((g - expected).abs().maxCoeff() < 1e-12);
        SparseVector sparse_g;
        problem.sparse_gradient(1, x, batch, sparse_g);
        CHECK(std::ranges::is_sorted(sparse_g.indices, std::less_equal<>()));
        CHECK((to_dense(sparse_g, x.size()) - expected).abs().maxCoeff() < 1e-12);
      }
    }
  }
}

TEST_CASE("sparse gradients list the columns of their rows, not those of x") {
  const Index columns = 5000000;
  const auto data = std::make_shared<const DataSet>(make_data_set(
      "wide", {SparseRows(columns, {0, 2, 4, 5}, {1, 4000000, 7, 4000000, 3}, {1, 2, 3, 4, 5}), {0, 1, 0}}));
  const EmpiricalRisk problem(data, contiguous(*data, 1), LogisticLoss{}, SquaredNorm{});
  const std::int32_t batch[] = {1, 0};
  SparseVector g;
  problem.sparse_gradient(0, Vector::Zero(columns), batch, g);
  CHECK(g.indices == std::vector<std::int32_t>{1, 7, 4000000});
  CHECK(g.values == std::vector<double>{0.25, -0.75, -0.5});  // (1/2) sum of -+a / 2.
  problem.sparse_gradient(0, Vector::Zero(columns), {}, g);
  CHECK(g.indices == std::vector<std::int32_t>{1, 3, 7, 4000000});
}

TEST_CASE("f is the mean of the nodes' means, not of all rows") {
  // Rows (1) of label +1 at one node, (1), (1) of label -1 at the other: f(x) = (log(1 + e^-x) + log(1 +
  // e^x)) / 2, least at 0. The mean over all rows would be least at -log 2.
  const auto data = std::make_shared<const DataSet>(
      make_data_set("uneven", {DenseRows<double>(1, {1, 1, 1}), {-1, -1, 1}}));
  const EmpiricalRisk problem(data, contiguous(*data, 2), LogisticLoss{}, SquaredNorm{});
  REQUIRE(problem.samples(0) == 2);
  Pool pool(1);
  const Evaluation at_zero = problem.evaluate(Vector::Zero(1), {}, pool);
  CHECK(at_zero.gradient[0] == Approx(0).margin(1e-16));
  const Evaluation result = problem.evaluate(Vector::Constant(1, 2.0), {}, pool);
  CHECK(result.loss == Approx((std::log1p(std::exp(-2.0)) + std::log1p(std::exp(2.0))) / 2));
  CHECK(result.train_accuracy == Approx(1.0 / 3));  // Pooled: a row counts the same wherever it is.
}

TEST_CASE("with nodes weighted by their rows f is the mean over all rows") {
  Pool pool(2);
  std::vector<std::int32_t> nodes_of_rows(90, 0);  // 80, 7 and 3 rows.
  std::fill(nodes_of_rows.begin() + 80, nodes_of_rows.begin() + 87, 1);
  std::fill(nodes_of_rows.begin() + 87, nodes_of_rows.end(), 2);
  InputFile file("p.txt");
  file.content = std::make_shared<const std::string>([&] {
    std::string text;
    for (const std::int32_t node : nodes_of_rows) text += std::to_string(node) + "\n";
    return text;
  }());
  for (const Form form : forms) {
    for (const int classes : {2, 3}) {
      INFO(to_string(form) << ", " << classes << " classes");
      const auto data = random_data(form, 90, 11, classes);
      const Partition uneven =
          Partition::make(PartitionFile{file}, data->train.labels, data->classes(), 3, 1);
      const auto make = [&](const Partition& partition, NodeWeights weights, double l2) {
        return EmpiricalRisk(data, partition, SoftmaxLoss{classes}, SquaredNorm{l2}, false, weights);
      };
      const EmpiricalRisk pooled = make(uneven, NodeWeights::rows, 0.3),
                          one_node = make(contiguous(*data, 1), NodeWeights::equal, 0.3);
      const Vector x = random_point(pooled.dimension());
      const Evaluation result = pooled.evaluate(x, {}, pool), expected = one_node.evaluate(x, {}, pool);
      CHECK(result.loss == Approx(expected.loss).epsilon(1e-13));
      CHECK((result.gradient - expected.gradient).abs().maxCoeff() < 1e-13);

      // f is the mean of the F_i = (n n_i / N) f_i.
      const EmpiricalRisk equal = make(uneven, NodeWeights::equal, 0.3);
      Vector mean = Vector::Zero(x.size()), g, unweighted;
      for (int i = 0; i < 3; ++i) {
        pooled.gradient(i, x, {}, g);
        mean += g / 3;
        equal.gradient(i, x, {}, unweighted);
        const double factor = 3 * static_cast<double>(uneven.size(i)) / 90;
        CHECK((g - factor * unweighted).abs().maxCoeff() < 1e-14);
      }
      CHECK((mean - expected.gradient).abs().maxCoeff() < 1e-13);

      const std::vector<std::int32_t> rows{2, 0};
      const EmpiricalRisk plain = make(uneven, NodeWeights::rows, 0);
      SparseVector sparse;
      for (const Batch batch : {Batch(rows), Batch()}) {
        plain.gradient(2, x, batch, g);
        plain.sparse_gradient(2, x, batch, sparse);
        CHECK((to_dense(sparse, x.size()) - g).abs().maxCoeff() < 1e-14);
      }

      // Where nodes hold equally many rows, nothing changes, to the last bit.
      const EmpiricalRisk even = make(contiguous(*data, 3), NodeWeights::rows, 0.3),
                          same = make(contiguous(*data, 3), NodeWeights::equal, 0.3);
      CHECK(even.evaluate(x, {}, pool).loss == same.evaluate(x, {}, pool).loss);
      even.gradient(1, x, {}, g);
      same.gradient(1, x, {}, unweighted);
      CHECK((g == unweighted).all());
    }
  }
}

TEST_CASE("losses neither overflow nor lose small values") {
  const auto data = std::make_shared<const DataSet>(
      make_data_set("extreme", {DenseRows<double>(1, {1, -1, 1000, -1000}), {1, 0, 0, 1}}));
  Pool pool(1);
  Vector x = Vector::Constant(1, 40.0), g;
  const EmpiricalRisk logistic(data, contiguous(*data, 4), LogisticLoss{}, SquaredNorm{});
  logistic.gradient(0, x, {}, g);
  CHECK(g[0] == Approx(-std::exp(-40.0)).epsilon(1e-12));
  logistic.gradient(2, x, {}, g);
  CHECK(g[0] == 1000);
  // Two losses of log(1 + exp(-40)), two of 40000, which rounding leaves alone.
  CHECK(logistic.evaluate(x, {}, pool).loss == Approx(20000).epsilon(1e-15));

  const EmpiricalRisk softmax(data, contiguous(*data, 4), SoftmaxLoss{2}, SquaredNorm{});
  x = Vector::Zero(2);
  x << 0, 40;
  softmax.gradient(2, x, {}, g);
  CHECK(g[1] == 1000);
  CHECK(softmax.evaluate(x, {}, pool).loss == Approx(20000).epsilon(1e-15));
}

TEST_CASE("ties: a score of zero is +1, the first of equal classes wins") {
  const auto data = std::make_shared<const DataSet>(
      make_data_set("ties", {DenseRows<double>(1, {1, 1, 1, 1}), {0, 1, 1, 1}}));
  Pool pool(1);
  const EmpiricalRisk logistic(data, contiguous(*data, 1), LogisticLoss{}, SquaredNorm{});
  CHECK(logistic.evaluate(Vector::Zero(1), {}, pool).train_accuracy == 0.75);
  const EmpiricalRisk softmax(data, contiguous(*data, 1), SoftmaxLoss{2}, SquaredNorm{});
  CHECK(softmax.evaluate(Vector::Zero(2), {}, pool).train_accuracy == 0.25);
}

TEST_CASE("settings that contradict the data are refused") {
  const DataPath nowhere;
  Data three{.dataset = "synthetic", .synthetic = {.classes = 3}};
  CHECK_THROWS_WITH(Logistic{three}.make(1, 1, nowhere),
                    "data set 'synthetic' has 3 labels; logistic regression needs exactly 2");
  CHECK_THROWS_WITH(LogisticNonconvex{three}.make(1, 1, nowhere), Catch::Contains("needs exactly 2"));
  three.dataset = "mnist";
  CHECK_THROWS_WITH(Softmax{three}.make(1, 1, nowhere), Catch::Contains("'synthetic' has no effect"));
  CHECK_THROWS_WITH((Softmax{Data{.dataset = "synthetic", .dimension = 5}}.make(1, 1, nowhere)),
                    "'dimension' has no effect on dataset 'synthetic'; set synthetic.features");
  CHECK_THROWS_WITH((Softmax{Data{.dataset = "synthetic_text", .holdout = 5}}.make(1, 1, nowhere)),
                    "'holdout' has no effect on dataset 'synthetic_text'; set synthetic_text.test_samples");
  CHECK_THROWS_WITH((Softmax{Data{.dataset = "synthetic", .synthetic_text = small_text}}.make(1, 1, nowhere)),
                    "'synthetic_text' has no effect on dataset 'synthetic'; leave it out, or set dataset: "
                    "synthetic_text");
  CHECK_THROWS_WITH((Softmax{Data{.dataset = "synthetic"}}.make(1001, 1, nowhere)),
                    "1001 nodes cannot share 1000 training rows; 1 to 1000 nodes are allowed");
  const auto data = random_data(Form::dense, 20, 2, 3);
  CHECK_THROWS_AS(EmpiricalRisk(data, contiguous(*data, 2), LogisticLoss{}, SquaredNorm{}),
                  std::invalid_argument);
}

TEST_CASE("settings list their keys") {
  const auto keys = []<class Settings>(const Settings& settings) {
    std::string list;
    Settings::fields(settings, [&](std::string_view name, const auto&, std::string_view, std::string_view) {
      list += std::string(name) + " ";
    });
    return list;
  };
  CHECK(keys(Quadratic{}) == "targets dimension ");
  CHECK(keys(Logistic{}) == "dataset partition weights batch_size test label dimension holdout l2 ");
  CHECK(keys(LogisticNonconvex{}) ==
        "dataset partition weights batch_size test label dimension holdout lambda ");
  CHECK(keys(Hinge{}) == "dataset partition weights batch_size test label dimension holdout l2 ");
  CHECK(keys(LeastSquares{}) == "dataset partition weights batch_size test label dimension holdout l2 ");
  CHECK(keys(Softmax{}) == "dataset partition weights batch_size test label dimension holdout l2 bias ");
  CHECK(keys(Softmax{Data{.dataset = "synthetic"}}) ==
        "dataset partition weights batch_size synthetic l2 bias ");
  CHECK(keys(Logistic{Data{.dataset = "synthetic_text"}}) ==
        "dataset partition weights batch_size synthetic_text l2 ");
  CHECK(keys(Synthetic{}) == "samples features classes density noise test_samples ");
  CHECK(keys(SyntheticText{}) == "like samples test_samples features words exponent informative noise ");
}

TEST_CASE("quadratic: a closed form") {
  // a = (0, 1): f(x) = (x^2 + (x - 1)^2) / 4, least at 1/2 with the value 1/8.
  const auto problem = Quadratic{.targets = {{0}, {1}}}.make(2, 1, DataPath());
  Pool pool(1);
  CHECK(*problem->optimal_value() == 0.125);
  const Evaluation result = problem->evaluate(Vector::Constant(1, 3.0), {}, pool);
  CHECK(result.loss == Approx((9.0 + 4.0) / 4));
  CHECK(result.gradient[0] == 2.5);
  CHECK(std::isnan(result.train_accuracy));
  Vector g;
  problem->gradient(1, Vector::Constant(1, 3.0), {}, g);
  CHECK(g[0] == 2);

  const auto make = [](std::vector<std::vector<double>> targets, int dimension, int nodes) {
    return Quadratic{std::move(targets), dimension}.make(nodes, 1, DataPath());
  };
  CHECK_THROWS_WITH(make({{0}, {1}}, 0, 3), "quadratic: 2 targets for 3 nodes; one for each is needed");
  CHECK_THROWS_WITH(make({{0}, {1, 2}}, 0, 2),
                    "quadratic: target 1 has length 2, the first has 1; all must agree");
  CHECK_THROWS_WITH(make({{}, {}}, 0, 2), "quadratic: targets of length 0; 1 or more is needed");
  CHECK_THROWS_WITH(make({{0}, {1}}, 5, 2), "quadratic: targets of length 1; the dimension, 5, is needed");
  CHECK_THROWS_WITH(make({}, 0, 2), "quadratic: neither targets nor a dimension; one of them is needed");
}

}  // namespace
}  // namespace gossamer
