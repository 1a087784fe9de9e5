// Training a linear model: the problem behind every regression and classification.
#pragma once

#include <memory>
#include <optional>
#include <variant>

#include "algorithms/problems/data/data_set.hpp"
#include "algorithms/problems/data/partition.hpp"
#include "algorithms/problems/kernels/losses.hpp"
#include "algorithms/problems/kernels/sparse_panels.hpp"
#include "algorithms/problems/problem.hpp"

namespace gossamer {

using Regularizer = std::variant<SquaredNorm, BoundedSquares>;

/// f_i(x) = mean over node i's rows (a, l) of loss(W^T a + b, l) + regularizer(x),  f = (1/n) sum_i f_i.
///
/// x holds the weights W (features x scores, row-major: the scores' weights of one feature side by side),
/// then the bias b where the model has one. f is the mean of the nodes' means: where nodes hold unequal
/// numbers of rows it is not the mean over all rows. It is with NodeWeights::rows, which multiply each f_i
/// with n n_i / N, its regularizer included.
///
/// Softmax with two classes depends on the difference of their scores alone, z = z_1 - z_0: it is logistic
/// regression in w_j = x_j1 - x_j0, and computed like that. If g is the gradient with respect to w, that with
/// respect to x is -g for class 0 and g for class 1.
class EmpiricalRisk final : public Problem {
 public:
  /// `partition` splits data->train, whose labels are no more than the loss takes. The labels of SquaredLoss
  /// are those of data->label_values.
  /// Throws std::invalid_argument where these do not fit together.
  EmpiricalRisk(std::shared_ptr<const DataSet> data, Partition partition, Loss loss, Regularizer regularizer,
                bool bias = false, NodeWeights weights = NodeWeights::equal);

  Index dimension() const override { return differences_ ? 2 * length_ : length_; }
  int nodes() const override { return partition_.nodes(); }
  Index samples(int node) const override { return partition_.size(node); }
  void gradient(int node, const Vector& x, Batch batch, Vector& gradient) const override;
  /// Costs no more than to sort the batch's entries where features are sparse and the regularizer is zero.
  void sparse_gradient(int node, const Vector& x, Batch batch, SparseVector& gradient) const override;
  Evaluation evaluate(const Vector& x, Wanted wanted, Pool& pool) const override;
  MeasuredRows measured_rows() const override {
    return {.train = data_->train.rows(), .test = data_->test ? data_->test->rows() : 0};
  }
  /// Those of the data, and one where softmax has hardly a row for each of very many classes.
  std::vector<std::string> notes() const override;

 private:
  struct Sums;
  /// w, which scores are made of: x itself, or its differences, for which `room` is used.
  const Vector& weights(const Vector& x, Vector& room) const;
  /// Adds -g and g, the gradient in w, to the gradient in x.
  static void add_differences(const Vector& g, Vector& gradient);
  template <class NextRow>
  Sums sum(const Samples& samples, const Vector& w, Index count, NextRow next, bool measure,
           Vector* gradient) const;
  template <class Rows, class Weights, class NextRow, class Gradient>
  Sums sum_over(const Rows& rows, const std::vector<std::int32_t>& labels, const Weights& w, Index count,
                NextRow next, bool measure, Gradient* gradient) const;
  template <class Weights>
  Sums sum_panel(Index p, const Weights& w, double weight, bool measure, Vector* gradient) const;
  template <class Rows, class Weights, class Gradient>
  void add_mean_gradient(const Rows& rows, int node, const Weights& w, Batch batch, Gradient& gradient) const;
  int pieces(const Samples& samples) const;
  struct Piece;
  /// Of f, a row of this node's.
  double weight(int node) const { return partition_.row_weight(node_weights_, node); }
  /// The i-th of `count` pieces of the sums over all training rows, and over all test rows.
  Piece train_piece(Index i, Index count, const Vector& w, bool with_gradient) const;
  Sums test_piece(Index i, Index count, const Vector& w) const;

  std::shared_ptr<const DataSet> data_;
  Partition partition_;
  bool differences_;  ///< Whether w are differences of x.
  Loss loss_;         ///< Of the scores that w gives.
  Regularizer regularizer_;
  bool bias_;
  NodeWeights node_weights_;
  Index width_;   ///< Scores a row.
  Index length_;  ///< Of w.
  /// The training rows for sums over all of a node's, where they are sparse and w is one column.
  std::optional<SparsePanels> panels_;
};

}  // namespace gossamer
