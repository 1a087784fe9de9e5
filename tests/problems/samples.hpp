// Small data sets in each form that features take, for the tests of this folder.
#pragma once

#include <memory>
#include <string>

#include "algorithms/problems/data/data_set.hpp"
#include "algorithms/problems/data/partition.hpp"
#include "algorithms/problems/data/synthetic.hpp"
#include "sim/random.hpp"

namespace gossamer::testing {

enum class Form { dense, bytes, sparse, one_hot };
inline std::string to_string(Form form) {
  return std::array{"dense", "bytes", "sparse", "one-hot"}[static_cast<std::size_t>(form)];
}

/// `rows` random rows of labels 0, ..., classes - 1, each of which occurs.
inline LabelledRows random_rows(Form form, Index rows, Index columns, int classes, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<double> labels;
  for (Index r = 0; r < rows; ++r) {
    labels.push_back(static_cast<double>(r < classes ? static_cast<std::uint64_t>(r) : rng.below(classes)));
  }
  if (form == Form::dense) {
    std::vector<double> entries(static_cast<std::size_t>(rows * columns));
    for (double& entry : entries) entry = rng.normal();
    return {DenseRows<double>(columns, std::move(entries)), std::move(labels)};
  }
  if (form == Form::bytes) {
    std::vector<std::uint8_t> entries(static_cast<std::size_t>(rows * columns));
    for (std::uint8_t& entry : entries) entry = static_cast<std::uint8_t>(rng.below(256));
    return {DenseRows<std::uint8_t>(columns, std::move(entries)), std::move(labels)};
  }
  std::vector<Index> offsets{0};
  std::vector<std::int32_t> entry_columns;
  std::vector<double> values;
  for (Index r = 0; r < rows; ++r) {
    for (Index j = 0; j < columns && r % 7 != 3; ++j) {  // Every seventh row has no features.
      if (rng.uniform() < 0.6) continue;
      entry_columns.push_back(static_cast<std::int32_t>(j));
      values.push_back(form == Form::one_hot ? 0.5 : rng.normal());
    }
    offsets.push_back(std::ssize(values));
  }
  return {SparseRows(columns, std::move(offsets), std::move(entry_columns), std::move(values)),
          std::move(labels)};
}

inline std::shared_ptr<const DataSet> random_data(Form form, Index rows, Index columns, int classes) {
  return std::make_shared<const DataSet>(make_data_set("random " + to_string(form),
                                                       random_rows(form, rows, columns, classes, 1),
                                                       random_rows(form, rows / 2, columns, classes, 2)));
}

/// The same rows with normal numbers as labels, none of which occurs twice.
inline std::shared_ptr<const DataSet> random_real_data(Form form, Index rows, Index columns) {
  const auto with_real_labels = [&](Index count, std::uint64_t seed) {
    LabelledRows part = random_rows(form, count, columns, 1, seed);
    Rng rng(seed + 100);
    for (double& label : part.labels) label = 2 + rng.normal();
    return part;
  };
  return std::make_shared<const DataSet>(make_data_set(
      "random real " + to_string(form), with_real_labels(rows, 1), with_real_labels(rows / 2, 2)));
}

/// A few hundred texts of many more words than a row has.
inline constexpr SyntheticText small_text{.samples = 300, .test_samples = 100, .features = 500, .words = 20};

inline Partition contiguous(const DataSet& data, int nodes) {
  return Partition::make(Contiguous{}, data.train.labels, data.classes(), nodes, 1);
}

inline Vector random_point(Index dimension, std::uint64_t seed = 3) {
  Rng rng(seed);
  Vector x(dimension);
  for (double& x_j : x) x_j = 0.3 * rng.normal();
  return x;
}

}  // namespace gossamer::testing
