// Compression error: the distance of what the nodes step along from the mean of the workers' gradients.
#pragma once

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "algorithms/agent/measures.hpp"
#include "algorithms/vectors/sparse_vector.hpp"
#include "algorithms/vectors/vector.hpp"

namespace gossamer {

/// |q_t - (1/n) sum_i g_{t,i}|^2, averaged over the steps up to now: the error of Xu et al. 2022, Table 3.
class CompressionError final : public Measure {
 public:
  static constexpr std::string_view name = "compression_error";

  CompressionError(Index d, int workers)
      : difference_(Vector::Zero(d)), gradients_(static_cast<std::size_t>(workers)) {}

  /// The gradient of worker i in the present step.
  void keep(int i, SparseVector gradient) { gradients_[static_cast<std::size_t>(i)] = std::move(gradient); }
  /// q_t, along which all nodes step. Ends the step.
  void compare(const SparseVector& q) {
    // In node order, not in the order of arrival.
    for (const SparseVector& g_i : gradients_) add(g_i, 1 / static_cast<double>(gradients_.size()));
    add(q, -1);
    for (const std::int32_t j : touched_) {
      total_ += difference_[j] * difference_[j];
      difference_[j] = 0;
    }
    touched_.clear();
    ++steps_;
  }
  /// NaN before the first step.
  double value() const override {
    return steps_ > 0 ? total_ / static_cast<double>(steps_) : std::numeric_limits<double>::quiet_NaN();
  }

 private:
  void add(const SparseVector& vector, double weight) {
    for (std::size_t k = 0; k < vector.indices.size(); ++k)
      difference_[vector.indices[k]] += weight * vector.values[k];
    touched_.insert(touched_.end(), vector.indices.begin(), vector.indices.end());
  }

  Vector difference_;
  std::vector<SparseVector> gradients_;  ///< [worker]
  std::vector<std::int32_t> touched_;    ///< Where it may not be zero; some twice.
  double total_ = 0;
  std::int64_t steps_ = 0;
};

}  // namespace gossamer
