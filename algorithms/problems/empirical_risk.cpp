#include "algorithms/problems/empirical_risk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <stdexcept>

#include "algorithms/problems/kernels/kernels.hpp"

namespace gossamer {
namespace {

/// What an evaluation of one part is cut into at most.
constexpr Index most_pieces = 32;

/// A row and the factor of its loss in the sum.
struct WeightedRow {
  std::int32_t row;
  double weight;
};

bool is_two_class_softmax(const Loss& loss) {
  const auto* const softmax = std::get_if<SoftmaxLoss>(&loss);
  return softmax && softmax->classes == 2;
}

}  // namespace

struct EmpiricalRisk::Sums {
  double loss = 0;         ///< Weighted.
  std::int64_t right = 0;  ///< Rows classified right.
  Sums& operator+=(const Sums& other) {
    loss += other.loss;
    right += other.right;
    return *this;
  }
};

EmpiricalRisk::EmpiricalRisk(std::shared_ptr<const DataSet> data, Partition partition, Loss loss,
                             Regularizer regularizer, bool bias, NodeWeights weights)
    : data_(std::move(data)),
      partition_(std::move(partition)),
      differences_(is_two_class_softmax(loss)),
      loss_(differences_ ? LogisticLoss{.zero_is_negative = true} : loss),
      regularizer_(regularizer),
      bias_(bias),
      node_weights_(weights),
      width_(std::visit([](const auto& l) { return l.width(); }, loss_)),
      length_((data_->columns() + bias_) * width_) {
  const Index most_labels = std::visit([](const auto& l) { return l.most_labels(); }, loss_);
  if (partition_.rows() != data_->train.rows() || data_->classes() > most_labels) {
    throw std::invalid_argument("empirical risk: data, partition and loss do not fit together");
  }
  const auto* const sparse = std::get_if<SparseRows>(&data_->train.features);
  if (sparse && width_ == 1 && !bias_) {
    panels_ = SparsePanels::make(*sparse, data_->train.labels, partition_);
  }
}

const Vector& EmpiricalRisk::weights(const Vector& x, Vector& room) const {
  assert(x.size() == dimension());
  if (!differences_) return x;
  const kernels::Differences w{x};
  room.resize(length_);
  for (Index j = 0; j < length_; ++j) room[j] = w[j];
  return room;
}

std::vector<std::string> EmpiricalRisk::notes() const {
  std::vector<std::string> notes = data_->notes;
  constexpr int many = 100, few_rows = 20;  // As of ages, or prices.
  const int classes = data_->classes();
  if (std::holds_alternative<SoftmaxLoss>(loss_) && classes > many &&
      data_->train.rows() < Index{few_rows} * classes) {
    notes.push_back(fmt::format(
        "data set '{}': note: its labels are taken as {} classes, of {:.1f} rows each in the mean; "
        "least_squares takes them as numbers",
        data_->name, classes, static_cast<double>(data_->train.rows()) / classes));
  }
  return notes;
}

void EmpiricalRisk::add_differences(const Vector& g, Vector& gradient) {
  for (Index j = 0; j < g.size(); ++j) {
    gradient[2 * j] -= g[j];
    gradient[2 * j + 1] += g[j];
  }
}

/// Sums over the rows next(), `count` of them, in blocks. The losses are summed where `measure` asks for it,
/// and their gradients are added to *gradient, a Vector or a SparseSum, unless that is null.
template <class Rows, class Weights, class NextRow, class Gradient>
EmpiricalRisk::Sums EmpiricalRisk::sum_over(const Rows& rows, const std::vector<std::int32_t>& labels,
                                            const Weights& w, Index count, NextRow next, bool measure,
                                            Gradient* gradient) const {
  auto block = kernels::block_of(rows);
  constexpr int capacity = decltype(block)::capacity;
  std::array<std::int32_t, capacity> block_rows, block_labels;
  std::array<double, capacity> weights, losses;
  Vector z = Vector::Zero(capacity * width_);  // Scores, then derivatives.
  const Index bias_start = length_ - width_;

  Sums sums;
  for (Index done = 0; done < count; done += capacity) {
    const int size = static_cast<int>(std::min<Index>(capacity, count - done));
    for (int r = 0; r < size; ++r) {
      const WeightedRow row = next();
      block_rows[r] = row.row;
      block_labels[r] = labels[row.row];
      weights[r] = row.weight;
    }
    block.take({block_rows.data(), static_cast<std::size_t>(size)});
    block.multiply(w, width_, z.data());
    z *= block.scale();
    for (int r = 0; bias_ && r < size; ++r) {
      for (Index c = 0; c < width_; ++c) z[r * width_ + c] += w[bias_start + c];
    }

    const std::span<const std::int32_t> of_rows(block_labels.data(), static_cast<std::size_t>(size));
    sums.right += differentiate(loss_, of_rows, z.data(), measure ? losses.data() : nullptr);
    for (int r = 0; measure && r < size; ++r) sums.loss += weights[r] * losses[r];

    if (!gradient) continue;
    for (int r = 0; r < size; ++r) {
      for (Index c = 0; c < width_; ++c) z[r * width_ + c] *= weights[r];
    }
    for (int r = 0; bias_ && r < size; ++r) {
      for (Index c = 0; c < width_; ++c) add_at(*gradient, bias_start + c, z[r * width_ + c]);
    }
    z *= block.scale();
    block.add_transposed(z.data(), width_, *gradient);
  }
  return sums;
}

template <class NextRow>
EmpiricalRisk::Sums EmpiricalRisk::sum(const Samples& samples, const Vector& w, Index count, NextRow next,
                                       bool measure, Vector* gradient) const {
  return std::visit(
      [&](const auto& rows) { return sum_over(rows, samples.labels, w, count, next, measure, gradient); },
      samples.features);
}

/// The same sums over the rows of a panel, each of the same weight. But *gradient is replaced, by the
/// gradient in the columns that the panel knows.
template <class Weights>
EmpiricalRisk::Sums EmpiricalRisk::sum_panel(Index p, const Weights& w, double weight, bool measure,
                                             Vector* gradient) const {
  const std::span<const std::int32_t> labels = panels_->labels(p);
  Vector z;  // Scores, then derivatives.
  panels_->multiply(p, w, z);
  Vector losses(measure ? z.size() : 0);
  Sums sums;
  sums.right = differentiate(loss_, labels, z.data(), measure ? losses.data() : nullptr);
  if (measure) sums.loss = weight * losses.head(std::ssize(labels)).sum();
  if (gradient) panels_->multiply_transposed(p, weight, z, *gradient);
  return sums;
}

/// Adds the mean of the losses' gradients, without the regularizer's. `rows` are the training rows.
template <class Rows, class Weights, class Gradient>
void EmpiricalRisk::add_mean_gradient(const Rows& rows, int node, const Weights& w, Batch batch,
                                      Gradient& gradient) const {
  const Index start = partition_.start(node);
  const Index count = batch.empty() ? samples(node) : std::ssize(batch);
  const double weight = 1.0 / static_cast<double>(count);
  if (panels_ && batch.empty()) {
    Vector of_panel;
    for (Index p = panels_->start(node); p < panels_->start(node + 1); ++p) {
      sum_panel(p, w, weight, false, &of_panel);
      panels_->add(p, of_panel, gradient);
    }
    return;
  }
  const auto next = [&, k = Index{0}]() mutable {
    const Index local = batch.empty() ? k : batch[k];
    ++k;
    return WeightedRow{partition_.row_at(start + local), weight};
  };
  sum_over(rows, data_->train.labels, w, count, next, false, &gradient);
}

void EmpiricalRisk::gradient(int node, const Vector& x, Batch batch, Vector& gradient) const {
  std::visit([&](const auto& regularizer) { regularizer.gradient(x, gradient); }, regularizer_);
  Vector room, of_differences = Vector::Zero(differences_ ? length_ : 0);
  const Vector& w = weights(x, room);
  Vector& sum = differences_ ? of_differences : gradient;
  std::visit([&](const auto& rows) { add_mean_gradient(rows, node, w, batch, sum); }, data_->train.features);
  add_differences(of_differences, gradient);
  if (node_weights_ == NodeWeights::rows) gradient *= partition_.factor(node_weights_, node);
}

void EmpiricalRisk::sparse_gradient(int node, const Vector& x, Batch batch, SparseVector& gradient) const {
  const auto* const rows = std::get_if<SparseRows>(&data_->train.features);
  if (!rows || !std::visit([](const auto& regularizer) { return regularizer.is_zero(); }, regularizer_)) {
    return Problem::sparse_gradient(node, x, batch, gradient);
  }
  SparseSum sum;
  if (differences_) {
    add_mean_gradient(*rows, node, kernels::Differences{x}, batch, sum);
    SparseVector g;
    sum.move_to(g);
    gradient.indices.clear();
    gradient.values.clear();
    for (Index k = 0; k < g.size(); ++k) {
      gradient.indices.insert(gradient.indices.end(), {2 * g.indices[k], 2 * g.indices[k] + 1});
      gradient.values.insert(gradient.values.end(), {-g.values[k], g.values[k]});
    }
  } else {
    add_mean_gradient(*rows, node, x, batch, sum);
    sum.move_to(gradient);
  }
  if (node_weights_ == NodeWeights::rows) {
    const double factor = partition_.factor(node_weights_, node);
    for (double& value : gradient.values) value *= factor;
  }
}

/// Enough pieces to occupy many threads, each with work enough to pay for a gradient of its own.
int EmpiricalRisk::pieces(const Samples& samples) const {
  return static_cast<int>(std::clamp<Index>(entries(samples.features) / (64 * length_), 1, most_pieces));
}

struct EmpiricalRisk::Piece {
  Sums sums;
  Vector gradient;  ///< In R^d, or in the columns of a panel.
};

EmpiricalRisk::Piece EmpiricalRisk::train_piece(Index i, Index count, const Vector& w,
                                                bool with_gradient) const {
  Piece piece;
  Vector* const gradient = with_gradient ? &piece.gradient : nullptr;
  if (panels_) {
    piece.sums = sum_panel(i, w, weight(panels_->node(i)), true, gradient);
    return piece;
  }
  const Samples& train = data_->train;
  if (gradient) *gradient = Vector::Zero(length_);
  // Piece i of k covers the positions rows i / k, ..., rows (i + 1) / k - 1.
  const Index first = train.rows() * i / count, last = train.rows() * (i + 1) / count;
  int node = partition_.node_at(first);
  double present = weight(node);
  const auto next = [&, position = first]() mutable {
    if (position == partition_.start(node + 1)) present = weight(++node);
    return WeightedRow{partition_.row_at(position++), present};
  };
  piece.sums = sum(train, w, last - first, next, true, gradient);
  return piece;
}

EmpiricalRisk::Sums EmpiricalRisk::test_piece(Index i, Index count, const Vector& w) const {
  const Samples& test = *data_->test;
  const Index first = test.rows() * i / count, last = test.rows() * (i + 1) / count;
  const auto next = [row = static_cast<std::int32_t>(first),
                     weight = 1 / static_cast<double>(test.rows())]() mutable {
    return WeightedRow{row++, weight};
  };
  return sum(test, w, last - first, next, true, nullptr);
}

Evaluation EmpiricalRisk::evaluate(const Vector& x, Wanted wanted, Pool& pool) const {
  Vector room;
  const Vector& w = weights(x, room);
  const Samples& train = data_->train;
  const Samples* const test = wanted.test && data_->test ? &*data_->test : nullptr;
  const bool trains = wanted.train || wanted.gradient;
  std::vector<Piece> of_train(static_cast<std::size_t>(!trains   ? 0
                                                       : panels_ ? panels_->size()
                                                                 : pieces(train)));
  std::vector<Sums> of_test(static_cast<std::size_t>(test ? pieces(*test) : 0));
  // Panels may be many and small, so a job takes several.
  const Index count = std::ssize(of_train), train_jobs = std::min(count, most_pieces);
  pool.for_each(static_cast<int>(train_jobs + std::ssize(of_test)), [&](int job) {
    if (job >= train_jobs) {
      const Index i = job - train_jobs;
      of_test[i] = test_piece(i, std::ssize(of_test), w);
    } else {
      const Index last = count * (job + 1) / train_jobs;
      for (Index i = count * job / train_jobs; i < last; ++i) {
        of_train[i] = train_piece(i, count, w, wanted.gradient);
      }
    }
  });

  const double regularization = std::visit([&](const auto& r) { return r.value(x); }, regularizer_);
  Evaluation result;
  Sums sums;
  for (const Piece& piece : of_train) sums += piece.sums;
  if (trains) result.loss = sums.loss + regularization;
  const bool classifies = std::visit([](const auto& loss) { return loss.classifies; }, loss_);
  if (trains && classifies)
    result.train_accuracy = static_cast<double>(sums.right) / static_cast<double>(train.rows());
  if (test) {
    Sums test_sums;
    for (const Sums& piece : of_test) test_sums += piece;
    result.test_loss = test_sums.loss + regularization;
    if (classifies) {
      result.test_accuracy = static_cast<double>(test_sums.right) / static_cast<double>(test->rows());
    }
  }
  if (wanted.gradient) {
    std::visit([&](const auto& regularizer) { regularizer.gradient(x, result.gradient); }, regularizer_);
    Vector of_differences = Vector::Zero(differences_ ? length_ : 0);
    Vector& gradient = differences_ ? of_differences : result.gradient;
    for (Index i = 0; i < count; ++i) {
      if (panels_) {
        panels_->add(i, of_train[i].gradient, gradient);
      } else {
        gradient += of_train[i].gradient;
      }
    }
    add_differences(of_differences, result.gradient);
  }
  return result;
}

}  // namespace gossamer
