// Losses of a linear model's scores, and the regularizers that join them.
#pragma once

#include <cstdint>
#include <span>
#include <variant>

#include "algorithms/vectors/vector.hpp"

namespace gossamer {

// What each loss has, besides its parameters:
//
//   classifies: whether it says which rows are classified right.
//   width(): scores z a row.
//   most_labels(): how many different labels rows may have.
//   differentiate(labels, z, losses): turns the scores z, labels.size() x width, row-major, into d loss / dz.
//     Unless `losses` is null it also writes each row's loss there and returns how many rows are classified
//     right, else 0.
//
// Both buffers are long enough to round the number of their elements up to a multiple of four: elements may
// then always be computed by fours, with the same exp, wherever a row stands.

/// Binary classification by one score z a row. Class 1 stands for y = +1, class 0 for y = -1:
///   loss = log(1 + exp(-y z)),    d loss / dz = -y / (1 + exp(y z)).
/// A row is classified as +1 where z > 0, and where z = 0 unless `zero_is_negative`.
struct LogisticLoss {
  static constexpr bool classifies = true;
  bool zero_is_negative = false;
  Index width() const { return 1; }
  Index most_labels() const { return 2; }
  int differentiate(std::span<const std::int32_t> labels, double* z, double* losses) const;
};

/// The same with loss = max(0, 1 - y z), which has the subgradient -y where y z < 1, and 0 elsewhere. A row
/// is classified as +1 where z >= 0.
struct HingeLoss {
  static constexpr bool classifies = true;
  Index width() const { return 1; }
  Index most_labels() const { return 2; }
  int differentiate(std::span<const std::int32_t> labels, double* z, double* losses) const;
};

/// Regression by one score z a row, b = values[label] being its target:
///   loss = (z - b)^2 / 2,    d loss / dz = z - b.
struct SquaredLoss {
  static constexpr bool classifies = false;
  std::span<const double> values;  ///< A data set's label_values, which must outlive this.
  Index width() const { return 1; }
  Index most_labels() const { return std::ssize(values); }
  int differentiate(std::span<const std::int32_t> labels, double* z, double* losses) const;
};

/// Classification by `classes` scores z_c a row, class l being right:
///   loss = log(sum_c exp(z_c)) - z_l,    d loss / dz_c = exp(z_c) / sum_k exp(z_k) - [c = l].
/// A row is classified as the class of the largest score, the first of them in a tie.
struct SoftmaxLoss {
  static constexpr bool classifies = true;
  int classes = 0;
  Index width() const { return classes; }
  Index most_labels() const { return classes; }
  int differentiate(std::span<const std::int32_t> labels, double* z, double* losses) const;
};

using Loss = std::variant<LogisticLoss, HingeLoss, SquaredLoss, SoftmaxLoss>;
/// loss.differentiate(). Not inline: the loops over rows that call it are faster without it in them.
int differentiate(const Loss& loss, std::span<const std::int32_t> labels, double* z, double* losses);

/// (l2 / 2) ||x||^2, the bias included where there is one.
struct SquaredNorm {
  double l2 = 0;
  bool is_zero() const { return l2 == 0; }
  double value(const Vector& x) const { return l2 / 2 * squared_norm(x); }
  void gradient(const Vector& x, Vector& g) const { g = l2 * x; }
};

/// lambda sum_j x_j^2 / (1 + x_j^2): bounded, hence not convex.
struct BoundedSquares {
  double lambda = 0;
  bool is_zero() const { return lambda == 0; }
  double value(const Vector& x) const { return lambda * (x.square() / (1 + x.square())).sum(); }
  void gradient(const Vector& x, Vector& g) const { g = 2 * lambda * x / (1 + x.square()).square(); }
};

}  // namespace gossamer
