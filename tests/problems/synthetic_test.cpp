#include "algorithms/problems/data/synthetic.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <numeric>
#include <sstream>

#include "algorithms/problems/data/known_data_sets.hpp"
#include "algorithms/problems/empirical_risk.hpp"
#include "tests/problems/samples.hpp"

namespace gossamer {
namespace {

TEST_CASE("synthetic data have the shape asked for") {
  const DataSet data = Synthetic{.samples = 50, .features = 4, .classes = 3, .test_samples = 20}.make(1);
  CHECK(data.train.rows() == 50);
  CHECK(data.test->rows() == 20);
  CHECK(data.columns() == 4);
  CHECK(data.classes() == 3);
  CHECK(std::holds_alternative<DenseRows<double>>(data.train.features));
  CHECK_FALSE(Synthetic{.test_samples = 0}.make(1).test);
  CHECK_THROWS_WITH((Synthetic{.samples = 2, .classes = 3}.make(1)),
                    "synthetic: 2 samples of 3 classes; at least one of each is needed");
}

TEST_CASE("synthetic data depend on the seed alone") {
  const auto first_row = [](std::uint64_t seed) {
    return expanded_row(Synthetic{}.make(seed).train.features, 0);
  };
  CHECK((first_row(1) == first_row(1)).all());
  CHECK((first_row(1) != first_row(2)).any());
  // The test part, and the number of rows, leave the training rows alone.
  CHECK((expanded_row(Synthetic{.samples = 10, .test_samples = 0}.make(1).train.features, 0) == first_row(1))
            .all());
}

TEST_CASE("density and noise are the fractions they claim to be") {
  // 200,000 entries kept with probability 0.1: the fraction's standard deviation is 0.0007; 20,000 labels
  // wrong with probability 0.2: 0.0028. Six of them: a false alarm for one seed in 10^8.
  const DataSet data =
      Synthetic{
          .samples = 20000, .features = 10, .classes = 4, .density = 0.1, .noise = 0.2, .test_samples = 1}
          .make(1);
  REQUIRE(std::holds_alternative<SparseRows>(data.train.features));
  CHECK(static_cast<double>(entries(data.train.features)) / 200000 == Approx(0.1).margin(0.004));
  double wrong = 0;
  for (Index r = 0; r < 20000; ++r) wrong += data.train.labels[r] != r % 4;
  CHECK(wrong / 20000 == Approx(0.2).margin(0.017));
}

const SparseRows& sparse_rows(const Samples& samples) {
  return std::get<SparseRows>(samples.features);
}

/// How many rows of either class have each word.
std::vector<std::array<double, 2>> rows_with_word(const Samples& samples) {
  std::vector<std::array<double, 2>> counts(static_cast<std::size_t>(columns(samples.features)));
  for (Index r = 0; r < samples.rows(); ++r) {
    const SparseRows::Row row = sparse_rows(samples).row(r);
    for (Index k = 0; k < row.size; ++k) ++counts[row.columns[k]][samples.labels[r]];
  }
  return counts;
}

/// 20,000 rows of 30 words on average: the mean's standard deviation is below 0.04.
constexpr SyntheticText many_texts{
    .samples = 20000, .test_samples = 0, .features = 2000, .words = 30, .exponent = 1.2};

TEST_CASE("synthetic text has the shape asked for, and rows of unit length") {
  const DataSet data = many_texts.make(1);
  CHECK(data.train.rows() == 20000);
  CHECK(data.columns() == 2000);
  CHECK(data.label_values == std::vector<double>{-1, 1});
  CHECK_FALSE(data.test);
  CHECK(testing::small_text.make(1).test->rows() == 100);

  const SparseRows& rows = sparse_rows(data.train);
  CHECK(static_cast<double>(rows.entries()) / 20000 == Approx(30).margin(0.25));
  Index shortest = 2000, longest = 0;
  for (Index r = 0; r < rows.rows(); ++r) {
    const SparseRows::Row row = rows.row(r);
    double squares = 0;
    for (Index k = 0; k < row.size; ++k) {
      REQUIRE(row.values[k] > 0);
      squares += row.values[k] * row.values[k];
    }
    REQUIRE(std::abs(squares - 1) < 1e-14);
    shortest = std::min(shortest, row.size);
    longest = std::max(longest, row.size);
  }
  CHECK(shortest < 20);
  CHECK(longest > 40);
}

TEST_CASE("frequencies of synthetic words follow the power law, whatever the features' numbers") {
  std::vector<std::pair<double, Index>> words;  // How many rows have the word, and its feature.
  for (const auto& [negative, positive] : rows_with_word(many_texts.make(1).train)) {
    words.emplace_back(negative + positive, std::ssize(words));
  }
  std::ranges::sort(words, std::greater());
  // Ranks 20 to 200: below, words are in every row; above, they are so rare that chance decides their order.
  double n = 0, x_sum = 0, y_sum = 0, xx_sum = 0, xy_sum = 0;
  for (std::size_t rank = 20; rank <= 200; ++rank) {
    const double x = std::log(static_cast<double>(rank)), y = std::log(words[rank - 1].first);
    n += 1, x_sum += x, y_sum += y, xx_sum += x * x, xy_sum += x * y;
  }
  // Counts of 300 and more: the slope's standard deviation is below 0.01.
  CHECK((n * xy_sum - x_sum * y_sum) / (n * xx_sum - x_sum * x_sum) == Approx(-1.2).margin(0.05));

  // The mean of 100 numbers in {0, ..., 1999} has the standard deviation 58.
  double mean = 0;
  for (int k = 0; k < 100; ++k) mean += static_cast<double>(words[k].second) / 100;
  CHECK(mean == Approx(999.5).margin(6 * 58));
}

TEST_CASE("synthetic words lean to a class, and labels are as wrong as they are said to be") {
  SyntheticText text = many_texts;
  text.informative = 1;
  text.noise = 0;
  int leaning = 0;
  for (const auto& [negative, positive] : rows_with_word(text.make(1).train)) {
    // From 500 of 10,000 rows to 1 / 1.8 of all. The logarithm of the ratio has a standard deviation below
    // 0.15.
    if (negative + positive < 500 || negative + positive > 10000) continue;
    CHECK(std::abs(std::log(positive / negative)) == Approx(std::log(9)).margin(0.9));
    ++leaning;
  }
  CHECK(leaning > 50);

  const std::vector<std::int32_t> labels = many_texts.make(1).train.labels;
  double wrong = 0;
  for (std::size_t r = 0; r < labels.size(); ++r) wrong += labels[r] != static_cast<int>(r % 2);
  CHECK(wrong / 20000 == Approx(0.03).margin(0.0073));  // Six standard deviations.
}

TEST_CASE("synthetic text depends on the seed alone, to the last bit") {
  const auto checksum = [](const SparseRows& rows) {
    std::string bytes;
    for (Index r = 0; r < rows.rows(); ++r) {
      const SparseRows::Row row = rows.row(r);
      bytes.append(reinterpret_cast<const char*>(row.columns), sizeof(*row.columns) * row.size);
      bytes.append(reinterpret_cast<const char*>(row.values), sizeof(*row.values) * row.size);
    }
    std::istringstream in(bytes);
    return sha256(in);
  };
  SyntheticText text = testing::small_text;
  const DataSet data = text.make(1);
  // On any machine, with any compiler and any library.
  CHECK(checksum(sparse_rows(data.train)) ==
        "4810bb5fc760fcee73d585abd301098196b967ef926d097d251fc143ebe3630d");
  CHECK(checksum(sparse_rows(*data.test)) ==
        "8651323b16d32eb90f922d7399c289240056b3d9020065a7897ad8fff874923d");
  CHECK(checksum(sparse_rows(text.make(2).train)) != checksum(sparse_rows(data.train)));

  // The number of rows leaves the other part alone, and those that are there.
  text.samples = 2;
  const DataSet less = text.make(1);
  CHECK(checksum(sparse_rows(*less.test)) == checksum(sparse_rows(*data.test)));
  CHECK((expanded_row(less.train.features, 1) == expanded_row(data.train.features, 1)).all());
}

TEST_CASE("synthetic text at the ends of its parameters' domains") {
  const auto make = [](int features, int words, double exponent) {
    return SyntheticText{
        .samples = 200, .test_samples = 1, .features = features, .words = words, .exponent = exponent}
        .make(1);
  };
  CHECK(entries(make(7, 7, 1).train.features) == Index{200} * 7);
  CHECK(entries(make(1, 1, 0).train.features) == 200);
  // The first five are in every row, but for a chance of 1e-8, and no others.
  CHECK(entries(make(10, 5, 100).train.features) == Index{200} * 5);
  // Equal frequencies, and rows without words: exp(-1) of them.
  const DataSet data = make(1000, 1, 0);
  Index empty = 0;
  for (Index r = 0; r < 200; ++r) empty += sparse_rows(data.train).row(r).size == 0;
  CHECK(static_cast<double>(empty) / 200 == Approx(std::exp(-1)).margin(0.2));
  CHECK_THROWS_WITH(make(19, 20, 1), "synthetic_text: 20 words a row of 19 features; at most 19 are allowed");
}

TEST_CASE("logistic regression learns from synthetic text, though not everything") {
  SyntheticText text{.samples = 2000, .test_samples = 1000, .features = 3000, .words = 50};
  const auto data = std::make_shared<const DataSet>(text.make(1));
  const EmpiricalRisk problem(data, testing::contiguous(*data, 1), LogisticLoss{}, SquaredNorm{1e-4});
  Vector x = Vector::Zero(problem.dimension()), g;
  for (int t = 0; t < 300; ++t) {
    problem.gradient(0, x, {}, g);
    x -= 4 * g;  // Rows have unit length, so the gradient is 1/4-Lipschitz.
  }
  Pool pool(1);
  const Evaluation result = problem.evaluate(x, {.gradient = false}, pool);
  CHECK(result.test_accuracy > 0.85);
  CHECK(result.test_accuracy < 0.99);
}

TEST_CASE("text like a collection has its sizes") {
  const DataSet data = SyntheticText{}.make(1);
  CHECK(data.train.rows() == 20242);
  CHECK(data.columns() == 47236);
  // rcv1 has 1,498,952 non-zeros.
  CHECK(static_cast<double>(entries(data.train.features)) == Approx(1498952).epsilon(0.005));
  CHECK(
      SyntheticText{.like = SyntheticText::Like::news20, .samples = 2, .test_samples = 0}.make(1).columns() ==
      1355191);
}

}  // namespace
}  // namespace gossamer
