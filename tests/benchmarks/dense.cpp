// Linear models on dense rows, beside the same gradients in NumPy and one pass over the bytes of the rows.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "algorithms/problems/data/data_path.hpp"
#include "algorithms/problems/data/synthetic.hpp"
#include "algorithms/problems/empirical_risk.hpp"
#include "sim/random.hpp"
#include "tests/benchmarks/benchmarks.hpp"
#include "tests/benchmarks/runs.hpp"

namespace gossamer {
namespace {

/// CPU milliseconds.
template <class Work>
double least_ms(Work work) {
  return 1e3 * least_seconds(work, cpu_seconds);
}

EmpiricalRisk problem_of(const std::shared_ptr<const DataSet>& data, int nodes, Loss loss) {
  return EmpiricalRisk(data, Partition::make(Contiguous{}, data->train.labels, data->classes(), nodes, 1),
                       loss, SquaredNorm{});
}

/// The gradients of all nodes, one after the other.
double full_ms(const EmpiricalRisk& problem) {
  const Vector x = Vector::LinSpaced(problem.dimension(), -0.5, 0.5);
  Vector g;
  return least_ms([&] {
    for (int i = 0; i < problem.nodes(); ++i) problem.gradient(i, x, {}, g);
  });
}

/// The same of other 64 rows each time.
double batch_ms(const EmpiricalRisk& problem) {
  const Vector x = Vector::LinSpaced(problem.dimension(), -0.5, 0.5);
  Vector g;
  Rng rng(1);
  std::array<std::int32_t, 64> batch;
  return least_ms([&] {
    for (int i = 0; i < problem.nodes(); ++i) {
      for (std::int32_t& row : batch) {
        row = static_cast<std::int32_t>(rng.below(static_cast<std::uint64_t>(problem.samples(i))));
      }
      problem.gradient(i, x, batch, g);
    }
  });
}

/// One pass over the bytes of dense rows: their sum.
double pass_ms(const Features& features) {
  volatile double total = 0;
  return least_ms([&] {
    std::visit(
        [&]<class Rows>(const Rows& rows) {
          if constexpr (!std::same_as<Rows, SparseRows>) {
            const auto* const words = reinterpret_cast<const std::uint64_t*>(rows.row(0));
            const std::size_t bytes = static_cast<std::size_t>(rows.entries()) * sizeof *rows.row(0);
            total = static_cast<double>(std::accumulate(words, words + bytes / 8, std::uint64_t{0}));
          }
        },
        features);
  });
}

std::shared_ptr<const DataSet> clusters(const Synthetic& synthetic) {
  return std::make_shared<const DataSet>(synthetic.make(1));
}

/// MNIST, or random pixels of its shape, of which a fifth are not black.
std::shared_ptr<const DataSet> mnist() {
  const DataPath path(default_directories());
  if (path.find("mnist")) return path.load("mnist");
  Rng rng(1);
  std::vector<std::uint8_t> pixels(60000 * 784);
  for (std::uint8_t& pixel : pixels) {
    pixel = rng.uniform() < 0.2 ? static_cast<std::uint8_t>(rng.below(256)) : 0;
  }
  std::vector<double> labels(60000);
  for (double& label : labels) label = static_cast<double>(rng.below(10));
  return std::make_shared<const DataSet>(
      make_data_set("MNIST's shape", {DenseRows<std::uint8_t>(784, std::move(pixels)), std::move(labels)}));
}

/// The same numbers rounded to floats, and kept as such.
std::shared_ptr<const DataSet> floats(const DataSet& data) {
  const DenseRows<double>& rows = std::get<DenseRows<double>>(data.train.features);
  std::vector<double> entries(rows.row(0), rows.row(0) + rows.entries());
  for (double& entry : entries) entry = static_cast<float>(entry);
  std::vector<double> labels(data.train.labels.begin(), data.train.labels.end());
  return std::make_shared<const DataSet>(
      make_data_set("floats", {DenseRows<double>(rows.columns(), std::move(entries)), std::move(labels)}));
}

/// An iteration of DGD on a ring of 20 nodes, full batches of logistic regression.
double ring_ms(const std::shared_ptr<const DataSet>& data) {
  constexpr int iterations = 200;
  Setup setup = setup_of(fmt::format(
      "topology: {{kind: ring, nodes: 20}}\nalgorithm: {{kind: dgd, step_size: 0.1}}\nproblem: {{kind: "
      "logistic, dataset: synthetic, synthetic: {{samples: 20, features: {}}}}}\nstop: {{iterations: {}}}",
      data->columns(), iterations));
  setup.problem = std::make_shared<const EmpiricalRisk>(problem_of(data, 20, LogisticLoss{}));
  double least = std::numeric_limits<double>::infinity();
  for (int repeat = 0; repeat < 10; ++repeat) least = std::min(least, run_seconds(setup, 1, cpu_seconds));
  return 1e3 * least / iterations;
}

/// Repeated in turn with NumPy, so that what else the machine does strikes both alike.
struct Pairs {
  /// ms, the least: ring, ring of floats, softmax with 2 classes, full and mini-batches.
  std::vector<double> ours, numpy;
  double numpy_floats = std::numeric_limits<double>::infinity();

  void measure(const std::shared_ptr<const DataSet>& rows, const std::shared_ptr<const DataSet>& narrow,
               const std::shared_ptr<const DataSet>& images) {
    const EmpiricalRisk softmax = problem_of(images, 8, SoftmaxLoss{images->classes()});
    keep_least(ours, {ring_ms(rows), ring_ms(narrow), full_ms(problem_of(rows, 20, SoftmaxLoss{2})),
                      full_ms(softmax), batch_ms(softmax)});
    const std::vector<double> its = python_milliseconds(
        "dense_numpy.py", {"logistic_ms", "logistic_ms", "softmax2_ms", "full_ms", "batch_ms", "floats_ms"});
    if (its.empty()) return;
    keep_least(numpy, {its.begin(), its.end() - 1});
    numpy_floats = std::min(numpy_floats, its.back());
  }
  static void keep_least(std::vector<double>& least, const std::vector<double>& more) {
    least.resize(more.size(), std::numeric_limits<double>::infinity());
    std::ranges::transform(least, more, least.begin(), [](double a, double b) { return std::min(a, b); });
  }
};

void compare_losses(const std::string& name, const std::shared_ptr<const DataSet>& data) {
  const EmpiricalRisk logistic = problem_of(data, 20, LogisticLoss{});
  const EmpiricalRisk softmax = problem_of(data, 20, SoftmaxLoss{2});
  const double full[] = {full_ms(logistic), full_ms(softmax)};
  const double batch[] = {batch_ms(logistic), batch_ms(softmax)};
  fmt::print("{:<40} {:>9.3f} {:>9.3f} {:>6.2f} | {:>9.3f} {:>9.3f} {:>6.2f}\n", name, full[0], full[1],
             full[1] / full[0], batch[0], batch[1], batch[1] / batch[0]);
}

}  // namespace

void benchmark_dense() {
  const auto rows = clusters({.samples = 8100, .features = 112}), narrow = floats(*rows), images = mnist();
  Pairs times;
  for (int repeat = 0; repeat < 3; ++repeat) times.measure(rows, narrow, images);
  fmt::print(
      "Linear models on dense rows, CPU ms of one thread, beside the same gradients in NumPy.\n"
      "Targets: 0.5 and 1.5 passes over the bytes; 0.3 for full batches of {}, 0.45 for mini-batches.\n\n",
      images->name);
  fmt::print("{:<40} {:>9} {:>9} {:>6} | {:>9} {:>6}\n", "", "ms", "NumPy", "ratio", "pass, ms", "ratio");
  const double of_rows = pass_ms(rows->train.features);
  const double passes[] = {of_rows, pass_ms(narrow->train.features), of_rows,
                           pass_ms(images->train.features)};
  const char* const names[] = {"logistic, 8,100 x 112, ring of 20", "the same, features that floats hold",
                               "softmax of 2 classes, the same rows",
                               "softmax, MNIST, full batches of 8 nodes",
                               "softmax, MNIST, 64 rows of 8 nodes"};
  for (std::size_t k = 0; k < std::size(names); ++k) {
    const double numpy = times.numpy.empty() ? std::nan("") : times.numpy[k];
    fmt::print("{:<40} {:>9.3f} {:>9.3f} {:>6.2f} |", names[k], times.ours[k], numpy, times.ours[k] / numpy);
    if (k < std::size(passes)) fmt::print(" {:>9.3f} {:>6.2f}", passes[k], times.ours[k] / passes[k]);
    fmt::print("\n");
  }
  fmt::print("\nNumPy's logistic regression wholly in floats, 7 digits: {:.3f} ms.\n", times.numpy_floats);
  fmt::print("\nSoftmax with two classes beside logistic regression, 20 nodes. Target: 1.6.\n\n");
  fmt::print("{:<40} {:>9} {:>9} {:>6} | {:>9} {:>9} {:>6}\n", "", "full, ms", "softmax", "ratio", "64 rows",
             "softmax", "ratio");
  compare_losses("dense, 8,100 x 112", rows);
  compare_losses("the same, features that floats hold", narrow);
  const DataPath path(default_directories());
  if (path.find("a9a")) compare_losses("a9a", path.load("a9a"));
  compare_losses("sparse, the size of a9a", clusters({.samples = 32561, .features = 123, .density = 0.113}));
  fmt::print("\n");
}

}  // namespace gossamer
