#include "algorithms/problems/empirical_risk.hpp"

#include <algorithm>
#include <cassert>
#include <stdexcept>

#include "algorithms/problems/kernels.hpp"

namespace gossamer {
namespace {

/// A row and the factor of its loss in the sum.
struct WeightedRow {
  std::int32_t row;
  double weight;
};

}  // namespace

struct EmpiricalRisk::Sums {
  double loss = 0;         ///< Weighted.
  std::int64_t right = 0;  ///< Rows classified right.
};

EmpiricalRisk::EmpiricalRisk(std::shared_ptr<const DataSet> data, Partition partition, Loss loss,
                             Regularizer regularizer, bool bias)
    : data_(std::move(data)),
      partition_(std::move(partition)),
      loss_(loss),
      regularizer_(regularizer),
      bias_(bias),
      width_(std::visit([](const auto& l) { return l.width(); }, loss_)),
      dimension_((data_->columns() + bias_) * width_) {
  const Index scores = std::holds_alternative<LogisticLoss>(loss_) ? 2 : width_;
  if (partition_.rows() != data_->train.rows() || data_->classes() > scores) {
    throw std::invalid_argument("empirical risk: data, partition and loss do not fit together");
  }
}

/// Sums over the rows next(), `count` of them, in blocks. The losses are summed where `measure` asks for it,
/// and their gradients are added to *gradient unless that is null.
template <class Rows, class NextRow>
EmpiricalRisk::Sums EmpiricalRisk::sum_over(const Rows& rows, const std::vector<std::int32_t>& labels,
                                            const Vector& x, Index count, NextRow next, bool measure,
                                            Vector* gradient) const {
  auto block = kernels::block_of(rows);
  constexpr int capacity = decltype(block)::capacity;
  std::array<std::int32_t, capacity> block_rows, block_labels;
  std::array<double, capacity> weights;
  alignas(32) std::array<double, capacity> losses;
  Vector z = Vector::Zero(capacity * width_);  // Scores, then derivatives.
  const Index bias_start = dimension_ - width_;

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
    block.multiply(x.data(), width_, z.data());
    z *= block.scale();
    if (bias_) {
      for (int r = 0; r < size; ++r) z.segment(r * width_, width_) += x.segment(bias_start, width_);
    }

    const std::span<const std::int32_t> of_rows(block_labels.data(), static_cast<std::size_t>(size));
    sums.right += std::visit(
        [&](const auto& loss) {
          return loss.differentiate(of_rows, z.data(), measure ? losses.data() : nullptr);
        },
        loss_);
    for (int r = 0; measure && r < size; ++r) sums.loss += weights[r] * losses[r];

    if (!gradient) continue;
    for (int r = 0; r < size; ++r) {
      for (Index c = 0; c < width_; ++c) z[r * width_ + c] *= weights[r];
    }
    if (bias_) {
      for (int r = 0; r < size; ++r) gradient->segment(bias_start, width_) += z.segment(r * width_, width_);
    }
    z *= block.scale();
    block.add_transposed(z.data(), width_, gradient->data());
  }
  return sums;
}

template <class NextRow>
EmpiricalRisk::Sums EmpiricalRisk::sum(const Samples& samples, const Vector& x, Index count, NextRow next,
                                       bool measure, Vector* gradient) const {
  return std::visit(
      [&](const auto& rows) { return sum_over(rows, samples.labels, x, count, next, measure, gradient); },
      samples.features);
}

void EmpiricalRisk::gradient(int node, const Vector& x, Batch batch, Vector& gradient) const {
  assert(x.size() == dimension_);
  std::visit([&](const auto& regularizer) { regularizer.gradient(x, gradient); }, regularizer_);
  const Index start = partition_.start(node);
  const Index count = batch.empty() ? samples(node) : std::ssize(batch);
  const double weight = 1.0 / static_cast<double>(count);
  const auto next = [&, k = Index{0}]() mutable {
    const Index local = batch.empty() ? k : batch[k];
    ++k;
    return WeightedRow{partition_.row_at(start + local), weight};
  };
  sum(data_->train, x, count, next, false, &gradient);
}

/// Enough pieces to occupy many threads, each with work enough to pay for a gradient of its own.
int EmpiricalRisk::pieces(const Samples& samples) const {
  return static_cast<int>(std::clamp<Index>(entries(samples.features) / (64 * dimension_), 1, 32));
}

Evaluation EmpiricalRisk::evaluate(const Vector& x, Wanted wanted, Pool& pool) const {
  assert(x.size() == dimension_);
  const Samples& train = data_->train;
  const Samples* const test = wanted.test && data_->test ? &*data_->test : nullptr;
  struct Piece {
    Sums sums;
    Vector gradient;
  };
  std::vector<Piece> of_train(static_cast<std::size_t>(pieces(train)));
  std::vector<Piece> of_test(static_cast<std::size_t>(test ? pieces(*test) : 0));

  // Piece i of k covers the positions rows i / k, ..., rows (i + 1) / k - 1.
  const auto sum_train = [&](Index i) {
    Piece& piece = of_train[i];
    if (wanted.gradient) piece.gradient = Vector::Zero(dimension_);
    const Index first = train.rows() * i / std::ssize(of_train);
    const Index last = train.rows() * (i + 1) / std::ssize(of_train);
    const auto weight_at = [&](int node) {
      return 1 / (static_cast<double>(nodes()) * static_cast<double>(samples(node)));
    };
    int node = partition_.node_at(first);
    double weight = weight_at(node);
    const auto next = [&, position = first]() mutable {
      if (position == partition_.start(node + 1)) weight = weight_at(++node);
      return WeightedRow{partition_.row_at(position++), weight};
    };
    piece.sums = sum(train, x, last - first, next, true, wanted.gradient ? &piece.gradient : nullptr);
  };
  const auto sum_test = [&](Index i) {
    const Index first = test->rows() * i / std::ssize(of_test);
    const Index last = test->rows() * (i + 1) / std::ssize(of_test);
    const auto next = [row = static_cast<std::int32_t>(first),
                       weight = 1 / static_cast<double>(test->rows())]() mutable {
      return WeightedRow{row++, weight};
    };
    of_test[i].sums = sum(*test, x, last - first, next, true, nullptr);
  };
  pool.for_each(static_cast<int>(of_train.size() + of_test.size()), [&](int i) {
    if (i < std::ssize(of_train)) {
      sum_train(i);
    } else {
      sum_test(i - std::ssize(of_train));
    }
  });

  const double regularization = std::visit([&](const auto& r) { return r.value(x); }, regularizer_);
  const auto total = [](const std::vector<Piece>& all) {
    Sums sums;
    for (const Piece& piece : all) {
      sums.loss += piece.sums.loss;
      sums.right += piece.sums.right;
    }
    return sums;
  };
  const auto accuracy = [](const Sums& sums, Index rows) {
    return static_cast<double>(sums.right) / static_cast<double>(rows);
  };
  Evaluation result;
  const Sums train_sums = total(of_train);
  result.loss = train_sums.loss + regularization;
  result.train_accuracy = accuracy(train_sums, train.rows());
  if (test) {
    const Sums test_sums = total(of_test);
    result.test_loss = test_sums.loss + regularization;
    result.test_accuracy = accuracy(test_sums, test->rows());
  }
  if (wanted.gradient) {
    std::visit([&](const auto& regularizer) { regularizer.gradient(x, result.gradient); }, regularizer_);
    for (const Piece& piece : of_train) result.gradient += piece.gradient;
  }
  return result;
}

}  // namespace gossamer
