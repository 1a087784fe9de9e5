// Sums over all of a node's sparse rows, against the same sums row by row.
#include "algorithms/problems/kernels/sparse_panels.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "algorithms/problems/empirical_risk.hpp"
#include "tests/problems/samples.hpp"

namespace gossamer {
namespace {

using namespace testing;

/// Row r has lengths[r] entries at random places: normal, or all equal.
SparseRows random_sparse(const std::vector<Index>& lengths, Index columns, bool equal, Rng& rng) {
  std::vector<Index> offsets{0};
  std::vector<std::int32_t> entry_columns;
  std::vector<double> values;
  for (const Index length : lengths) {
    for (Index j = 0, missing = length; missing > 0; ++j) {
      if (rng.uniform() * static_cast<double>(columns - j) >= static_cast<double>(missing)) continue;
      entry_columns.push_back(static_cast<std::int32_t>(j));
      values.push_back(equal ? 0.7 : rng.normal());
      --missing;
    }
    offsets.push_back(std::ssize(values));
  }
  return SparseRows(columns, std::move(offsets), std::move(entry_columns), std::move(values));
}

struct Case {
  std::string name;
  std::vector<Index> lengths;
  Index columns;
  int nodes = 1;
};

std::vector<Case> cases() {
  const auto lengths = [](Index rows, Index most) {
    Rng rng(5);
    std::vector<Index> all;
    for (Index r = 0; r < rows; ++r) all.push_back(static_cast<Index>(rng.below(most + 1)));
    return all;
  };
  std::vector<Index> each_length(200);
  std::iota(each_length.begin(), each_length.end(), 0);
  return {
      {"one row", {3}, 5},
      {"one row without entries", {0}, 5},
      {"no entries", {0, 0, 0, 0, 0, 0}, 5, 2},
      {"rows of each length", each_length, 199},
      {"rows of each length, several nodes", each_length, 199, 7},
      {"a row a node", lengths(50, 9), 20, 50},
      {"empty columns", lengths(40, 3), 1000, 3},
      {"many rows", lengths(70'000, 5), 6},
      {"many columns", lengths(100, 4000), 150'000, 2},
      {"as many entries in a row as 16 bits can number", {2, 65'535, 0, 100}, 70'000},
      {"one more", {2, 65'536, 0, 100}, 70'000},
  };
}

std::shared_ptr<const DataSet> data_of(const Case& test, bool equal) {
  Rng rng(7);
  std::vector<double> labels;
  for (std::size_t r = 0; r < test.lengths.size(); ++r) {
    labels.push_back(r < 2 ? static_cast<double>(r) : static_cast<double>(rng.below(2)));
  }
  return std::make_shared<const DataSet>(
      make_data_set(test.name, {random_sparse(test.lengths, test.columns, equal, rng), std::move(labels)}));
}

/// Of f_i without regularizer.
struct Naive {
  double loss = 0;
  Index right = 0;
  Vector gradient;
};

Naive naive_logistic(const DataSet& data, const Partition& partition, int node, const Vector& x) {
  const SparseRows& rows = std::get<SparseRows>(data.train.features);
  Naive result{0, 0, Vector::Zero(x.size())};
  const double n = static_cast<double>(partition.size(node));
  for (Index position = partition.start(node); position < partition.start(node + 1); ++position) {
    const std::int32_t r = partition.row_at(position);
    const SparseRows::Row row = rows.row(r);
    const double y = data.train.labels[r] == 1 ? 1 : -1;
    const auto entry = [&](Index k) { return rows.scale() * (row.values ? row.values[k] : 1); };
    double z = 0;
    for (Index k = 0; k < row.size; ++k) z += entry(k) * x[row.columns[k]];
    result.loss += std::log(1 + std::exp(-y * z)) / n;
    result.right += (z >= 0 ? 1 : -1) == y;
    for (Index k = 0; k < row.size; ++k) {
      result.gradient[row.columns[k]] -= y / (1 + std::exp(y * z)) * entry(k) / n;
    }
  }
  return result;
}

TEST_CASE("full-batch gradients and evaluations are what they are row by row") {
  Pool one(1), two(2), five(5);
  for (const Case& test : cases()) {
    for (const bool equal : {false, true}) {
      INFO(test.name << (equal ? ", equal values" : ""));
      const auto data = data_of(test, equal);
      const Partition partition = Partition::make(Iid{}, data->train.labels, data->classes(), test.nodes, 1);
      const EmpiricalRisk problem(data, partition, LogisticLoss{}, SquaredNorm{0.3});
      const Vector x = random_point(test.columns) / 10;

      Naive mean{0, 0, 0.3 * x};
      for (int i = 0; i < test.nodes; ++i) {
        const Naive naive = naive_logistic(*data, partition, i, x);
        Vector g;
        problem.gradient(i, x, {}, g);
        CHECK((g - (naive.gradient + 0.3 * x)).abs().maxCoeff() < 1e-13);
        mean.loss += naive.loss / test.nodes;
        mean.right += naive.right;
        mean.gradient += naive.gradient / test.nodes;
      }

      const Evaluation result = problem.evaluate(x, {}, one);
      CHECK(result.loss == Approx(mean.loss + 0.3 / 2 * x.square().sum()).epsilon(1e-12));
      CHECK(result.train_accuracy ==
            static_cast<double>(mean.right) / static_cast<double>(test.lengths.size()));
      CHECK((result.gradient - mean.gradient).abs().maxCoeff() < 1e-13);
      for (Pool* const pool : {&two, &five}) {
        const Evaluation other = problem.evaluate(x, {}, *pool);
        CHECK(other.loss == result.loss);
        CHECK((other.gradient == result.gradient).all());
      }
    }
  }
}

TEST_CASE("a product of sliced matrices") {
  // Rows of 100, 33, 32, ..., 0 entries in columns 0, 1, ...; x_j = 2^-j, so a row of k entries sums to
  // 2 - 2^(1-k), without rounding up to 53. With the values 2^j it sums to k.
  constexpr Index columns = 100;
  SlicedMatrices::CompressedRows ones{{0}, {}, {}}, powers;
  for (const Index length : {100, 34, 33, 32, 31, 9, 8, 7, 6, 5, 1, 1, 0, 0, 0}) {
    for (Index j = 0; j < length; ++j) ones.columns.push_back(static_cast<std::uint16_t>(j));
    ones.offsets.push_back(static_cast<std::int32_t>(ones.columns.size()));
  }
  powers = ones;
  for (const std::uint16_t j : ones.columns) powers.values.push_back(std::ldexp(1, j));
  Vector x(columns + 1);
  for (Index j = 0; j < columns; ++j) x[j] = std::ldexp(1, -static_cast<int>(j));
  x[columns] = 0;

  const SlicedMatrices::CompressedRows no_rows{{0}, {}, {}};
  for (const auto& rows : {ones, powers}) {
    SlicedMatrices matrices;
    matrices.append(rows, columns);
    matrices.append(no_rows, 0);
    matrices.append(rows, columns);
    for (const Index m : {0, 2}) {
      Vector y = Vector::Zero(rows.rows() + 3);
      matrices.multiply(m, x.data(), y.data());
      for (Index r = 0; r < rows.rows(); ++r) {
        const auto length = static_cast<double>(rows.length(r));
        CHECK(y[r] == (rows.values.empty() ? 2 - std::exp2(1 - length) : length));
      }
    }
  }
}

TEST_CASE("panels hold every row once, the longest and the fullest first, within their limits") {
  for (const Case& test : cases()) {
    INFO(test.name);
    const auto data = data_of(test, true);
    const auto& rows = std::get<SparseRows>(data->train.features);
    const Partition partition = contiguous(*data, test.nodes);
    const auto panels = SparsePanels::make(rows, data->train.labels, partition);
    REQUIRE(panels.has_value() == (test.name != "one more"));
    if (!panels) continue;
    CHECK(panels->start(test.nodes) == panels->size());
    for (int node = 0; node < test.nodes; ++node) {
      Index count = 0;
      for (Index p = panels->start(node); p < panels->start(node + 1); ++p) {
        CHECK(panels->node(p) == node);
        CHECK(std::ssize(panels->columns(p)) <= SlicedMatrices::most_columns);
        count += std::ssize(panels->labels(p));
        // With x = 1 a score is proportional to the row's length, with d = 1 a derivative to the column's.
        Vector z, g;
        panels->multiply(p, Vector::Ones(test.columns), z);
        CHECK(std::is_sorted(z.begin(), z.begin() + std::ssize(panels->labels(p)), std::greater()));
        z.setOnes();
        panels->multiply_transposed(p, 1, z, g);
        CHECK(std::is_sorted(g.begin(), g.begin() + std::ssize(panels->columns(p)), std::greater()));
        for (Index k = 0; k < std::ssize(panels->columns(p)); ++k) CHECK(g[k] > 0);
      }
      CHECK(count == partition.size(node));
    }
  }
}

}  // namespace
}  // namespace gossamer
