#include "algorithms/problems/synthetic.hpp"

#include <fmt/format.h>

#include <cmath>
#include <numeric>

#include "sim/random.hpp"

namespace gossamer {
namespace {

Eigen::ArrayXXd cluster_means(const Synthetic& synthetic, Rng rng) {
  const double deviation = 2 / std::sqrt(static_cast<double>(synthetic.features));
  Eigen::ArrayXXd means(synthetic.features, synthetic.classes);
  for (Index c = 0; c < means.cols(); ++c) {
    for (Index j = 0; j < means.rows(); ++j) means(j, c) = deviation * rng.normal();
  }
  return means;
}

/// How many features are zero before the next one that is kept: geometric, by inversion.
std::int64_t zeros_before_next(double density, Rng& rng) {
  if (density >= 1) return 0;
  return static_cast<std::int64_t>(std::min(std::log1p(-rng.uniform()) / std::log1p(-density), 4e18));
}

Samples draw(const Synthetic& synthetic, int rows, const Eigen::ArrayXXd& means, Rng rng) {
  std::vector<Index> offsets{0};
  std::vector<std::int32_t> columns, labels;
  std::vector<double> values;
  for (int r = 0; r < rows; ++r) {
    const int cluster = r % synthetic.classes;
    for (std::int64_t j = zeros_before_next(synthetic.density, rng); j < synthetic.features;
         j += 1 + zeros_before_next(synthetic.density, rng)) {
      columns.push_back(static_cast<std::int32_t>(j));
      values.push_back(means(j, cluster) + rng.normal());
    }
    offsets.push_back(std::ssize(columns));
    int label = cluster;
    if (rng.uniform() < synthetic.noise) {
      const auto step = 1 + rng.below(static_cast<std::uint64_t>(synthetic.classes) - 1);
      label = static_cast<int>((static_cast<std::uint64_t>(cluster) + step) % synthetic.classes);
    }
    labels.push_back(label);
  }
  if (synthetic.density >= 1) {
    return {DenseRows<double>(synthetic.features, std::move(values)), std::move(labels)};
  }
  return {SparseRows(synthetic.features, std::move(offsets), std::move(columns), std::move(values)),
          std::move(labels)};
}

}  // namespace

DataSet Synthetic::make(std::uint64_t seed) const {
  if (samples < classes) {
    throw DataError(
        fmt::format("synthetic: {} samples of {} classes; at least one of each is needed", samples, classes));
  }
  const Eigen::ArrayXXd means = cluster_means(*this, named_stream(seed, -1, "synthetic means"));
  DataSet data{
      "synthetic", draw(*this, samples, means, named_stream(seed, -1, "synthetic training rows")), {}, {}};
  if (test_samples > 0) {
    data.test = draw(*this, test_samples, means, named_stream(seed, -1, "synthetic test rows"));
  }
  data.label_values.resize(static_cast<std::size_t>(classes));
  std::iota(data.label_values.begin(), data.label_values.end(), 0.0);
  return data;
}

}  // namespace gossamer
