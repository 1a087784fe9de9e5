// Gradients on sparse data: full batches beside the same gradients row by row, mini-batches of text as sparse
// vectors beside dense ones.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "algorithms/problems/batches.hpp"
#include "algorithms/problems/data/data_path.hpp"
#include "algorithms/problems/data/synthetic.hpp"
#include "algorithms/problems/empirical_risk.hpp"
#include "sim/random.hpp"
#include "tests/benchmarks/benchmarks.hpp"

namespace gossamer {
namespace {

/// As many rows, columns and non-zeros as w8a, at random places; each is 1, or drawn from N(0, 1).
std::shared_ptr<const DataSet> like_w8a(const std::string& name, bool ones) {
  constexpr Index columns = 300, rows = 49749;
  Rng rng(1);
  std::vector<Index> offsets{0};
  std::vector<std::int32_t> entry_columns;
  std::vector<double> values, labels;
  for (Index r = 0; r < rows; ++r) {
    const double density = 2 * 11.65 / columns * rng.uniform();
    for (std::int32_t j = 0; j < columns; ++j) {
      if (rng.uniform() >= density) continue;
      entry_columns.push_back(j);
      values.push_back(ones ? 1 : rng.normal());
    }
    offsets.push_back(std::ssize(entry_columns));
    labels.push_back(static_cast<double>(r % 2));
  }
  return std::make_shared<const DataSet>(make_data_set(
      name, {SparseRows(columns, std::move(offsets), std::move(entry_columns), std::move(values)), labels}));
}

void compare(const std::shared_ptr<const DataSet>& data, int nodes) {
  const EmpiricalRisk problem(data,
                              Partition::make(Contiguous{}, data->train.labels, data->classes(), nodes, 1),
                              LogisticLoss{}, BoundedSquares{0.1});
  const Vector x = Vector::LinSpaced(problem.dimension(), -0.5, 0.5);
  Vector g;
  // Only the empty batch stands for all rows; one that lists them is summed row by row.
  std::vector<std::int32_t> rows(static_cast<std::size_t>(problem.samples(0)));
  std::iota(rows.begin(), rows.end(), 0);
  const double row_by_row = least_seconds([&] {
    for (int i = 0; i < nodes; ++i) {
      problem.gradient(i, x, Batch(rows).first(static_cast<std::size_t>(problem.samples(i))), g);
    }
  });
  const double full_batch = least_seconds([&] {
    for (int i = 0; i < nodes; ++i) problem.gradient(i, x, {}, g);
  });
  Pool pool(1);
  const double evaluation = least_seconds([&] { (void)problem.evaluate(x, {.test = false}, pool); });
  const auto count = static_cast<double>(entries(data->train.features));
  fmt::print("{:<22} {:>5} {:>9.0f} | {:>9.3f} {:>9.3f} {:>6.2f} {:>8.3f} | {:>9.3f}\n", data->name, nodes,
             count, 1e3 * row_by_row, 1e3 * full_batch, row_by_row / full_batch, 1e9 * full_batch / count,
             1e3 * evaluation);
}

void compare_mini_batches(SyntheticText::Like like) {
  const auto data = std::make_shared<const DataSet>(
      SyntheticText{.like = like, .samples = 4000, .test_samples = 0}.make(1));
  const EmpiricalRisk problem(data, Partition::make(Contiguous{}, data->train.labels, 2, 1, 1),
                              LogisticLoss{}, SquaredNorm{});
  const Vector x = Vector::LinSpaced(problem.dimension(), -0.5, 0.5);
  BatchSampler batches(problem.samples(0), BatchSize{20});
  Rng rng(1);
  // Over an epoch: the next batch is not in the caches.
  const auto mean_seconds = [&](auto gradient) {
    constexpr int count = 200;
    const double begin = wall_seconds();
    for (int k = 0; k < count; ++k) gradient(batches.next(rng));
    return (wall_seconds() - begin) / count;
  };
  Vector g;
  SparseVector sparse_g;
  const double dense = mean_seconds([&](Batch batch) { problem.gradient(0, x, batch, g); });
  const double sparse = mean_seconds([&](Batch batch) { problem.sparse_gradient(0, x, batch, sparse_g); });
  fmt::print("like {:<17} {:>9} {:>9} | {:>9.3f} {:>9.3f} {:>6.2f}\n",
             names(like)[static_cast<std::size_t>(like)], problem.dimension(), sparse_g.size(), 1e3 * dense,
             1e3 * sparse, dense / sparse);
}

}  // namespace

void benchmark_gradients() {
  fmt::print(
      "Nonconvex logistic, full-batch gradients of all nodes, one after the other on one thread. Target: 0.5 "
      "ms on\nw8a with 20 nodes.\n\n");
  fmt::print("{:<22} {:>5} {:>9} | {:>9} {:>9} {:>6} {:>8} | {:>9}\n", "", "nodes", "non-zeros", "rows, ms",
             "all, ms", "ratio", "ns/n.-z.", "eval., ms");
  const DataPath path(default_directories());
  for (const std::string name : {"w8a", "a9a", "mushrooms", "phishing"}) {
    if (!path.find(name)) continue;
    for (const int nodes : {20, 142}) compare(path.load(name), nodes);
  }
  for (const bool ones : {true, false}) {
    const auto data = like_w8a(ones ? "w8a's shape, ones" : "w8a's shape, values", ones);
    for (const int nodes : {20, 142}) compare(data, nodes);
  }
  fmt::print("\nLogistic, synthetic text, gradients of 20 rows. Target: 0.2 ms on text like news20's.\n\n");
  fmt::print("{:<22} {:>9} {:>9} | {:>9} {:>9} {:>6}\n", "", "d", "listed", "dense, ms", "sparse,ms",
             "ratio");
  for (const auto like : {SyntheticText::Like::rcv1, SyntheticText::Like::news20}) compare_mini_batches(like);
  fmt::print("\n");
}

}  // namespace gossamer
