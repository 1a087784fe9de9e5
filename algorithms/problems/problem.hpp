// What the nodes minimise together: f(x) = (1/n) sum_i f_i(x), node i knowing only f_i.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "algorithms/vectors/sparse_vector.hpp"
#include "algorithms/vectors/vector.hpp"
#include "sim/pool.hpp"

namespace gossamer {

/// The local samples of a node that a mini-batch gradient averages over, as numbers in
/// {0, ..., samples(node) - 1}; empty: all of them, whose sum may be rounded otherwise than that of a list.
using Batch = std::span<const std::int32_t>;

/// A number that a problem's evaluations give besides losses and accuracies: its mean over rows.
struct Score {
  std::string name;
  bool higher_is_better = false;

  friend bool operator==(const Score&, const Score&) = default;
};

/// f, and other measurements at the same point. NaN: the problem has no such quantity.
struct Evaluation {
  static constexpr double none = std::numeric_limits<double>::quiet_NaN();
  double loss = none;                 ///< f(x).
  double train_accuracy = none;       ///< Fraction of training rows classified right, pooled over the nodes.
  double test_loss = none;            ///< Mean loss over the test rows, regularization included.
  double test_accuracy = none;        ///< Fraction of test rows classified right.
  double validation_accuracy = none;  ///< The same of rows that are kept apart for choices.
  std::vector<double> train_scores = {},
                      test_scores = {};  ///< [score of the problem], if those rows were evaluated.
  Vector gradient;                       ///< grad f(x), in R^d; empty unless asked for.
};

/// What to evaluate.
struct Wanted {
  bool gradient = true;
  bool test = true;
  bool validation = true;
  bool train = true;  ///< Loss and accuracy on the training rows; they come with the gradient, too.
  /// The state that is no parameter; null: the initial one. Of no effect where a problem has none.
  const Vector* state = nullptr;
};

/// How many rows an evaluation measures on. 0: none.
struct MeasuredRows {
  Index train = 0, test = 0, validation = 0;
};

/// What a gradient depends on in training besides x and its rows, where a problem has a state.
struct Training {
  std::uint64_t seed = 0;  ///< Of what is drawn: dropout, augmentation.
  Vector state;            ///< The node's, before the call and after it.
};

/// An objective split over nodes. Immutable: every member may be called from several threads at once.
class Problem {
 public:
  virtual ~Problem() = default;

  virtual Index dimension() const = 0;  ///< d.
  virtual int nodes() const = 0;        ///< n, the number of f_i.

  /// Rows of data that node i holds; 1 where f_i is not made from data.
  virtual Index samples(int node) const = 0;

  /// gradient <- the mean over `batch` of the gradients of node i's local losses at x, plus the
  /// regularizer's. `gradient` is resized to d. The result depends on the arguments alone, bit for bit.
  virtual void gradient(int node, const Vector& x, Batch batch, Vector& gradient) const = 0;

  /// The same vector, for finite x, with every coordinate listed that is not zero. Problems whose gradients
  /// are sparse override this so that it costs as much as the batch has entries, whatever d.
  virtual void sparse_gradient(int node, const Vector& x, Batch batch, SparseVector& gradient) const {
    Vector dense;
    this->gradient(node, x, batch, dense);
    gradient = to_sparse(dense);
  }

  /// The state with which every node starts and that is no parameter, such as BatchNorm's running statistics.
  /// It may be empty. Null: a gradient depends on nothing but x and its rows.
  virtual const Vector* initial_state() const { return nullptr; }

  /// The gradient as a node's program needs it where there is a state, with what is drawn in training. The
  /// result, and training.state after it, depend on the arguments alone, bit for bit.
  virtual void training_gradient(int node, const Vector& x, Batch batch, [[maybe_unused]] Training& training,
                                 Vector& gradient) const {
    this->gradient(node, x, batch, gradient);
  }

  /// The layers of a model that compression can treat one by one: their sizes, which add up to d. Empty: x
  /// has no such parts.
  virtual const Layers& layers() const {
    static const Layers none;
    return none;
  }

  /// A point to start from, in R^d.
  virtual Vector initial_point() const { return Vector::Zero(dimension()); }

  /// f and its companions at x. Work is cut into pieces that do not depend on the number of threads, and
  /// their sums are added in a fixed order: the result is bit-identical for any pool.
  virtual Evaluation evaluate(const Vector& x, Wanted wanted, Pool& pool) const = 0;

  /// What else evaluate() gives.
  virtual const std::vector<Score>& scores() const {
    static const std::vector<Score> none;
    return none;
  }

  /// On how many rows evaluate() measures; none where f is not made from data.
  virtual MeasuredRows measured_rows() const { return {}; }

  /// How its data were taken, where that may surprise: for people, a line each.
  virtual std::vector<std::string> notes() const { return {}; }

  /// f*, the least value of f, where it is known.
  virtual std::optional<double> optimal_value() const { return std::nullopt; }
};

}  // namespace gossamer
