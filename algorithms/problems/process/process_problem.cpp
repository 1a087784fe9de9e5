#include "algorithms/problems/process/process_problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <numeric>
#include <utility>

#include "algorithms/problems/data/data_set.hpp"
#include "sim/random.hpp"

namespace gossamer {
namespace {

using Rows = std::vector<std::int32_t>;

/// Evaluation is cut into at most so many jobs, whatever the number of threads: each holds a gradient.
constexpr Index most_jobs = 16;

/// The rows of the model that train and those that test, in the order of the problem's own.
struct Parts {
  Rows train, test, validation;
  Part part_of_test = Part::test;  ///< Of the model.
};

Parts test_part_of(const Description& model, int holdout, std::uint64_t seed) {
  const auto all = [](std::int64_t count) {
    Rows rows(static_cast<std::size_t>(count));
    std::iota(rows.begin(), rows.end(), 0);
    return rows;
  };
  if (holdout == 0) return {all(model.train_rows), all(model.test_rows), {}};
  if (model.test_rows > 0) {
    throw DataError("the model has a test part; only if there is none can rows be held out", "holdout");
  }
  auto [train, test] = split_rows(model.train_rows, holdout, seed, "the model");
  return {std::move(train), std::move(test), {}, Part::train};
}

/// Takes rows out of those that train.
void keep_apart(Parts& parts, int validation, std::uint64_t seed) {
  if (validation == 0) return;
  const auto [kept, apart] = split_rows(std::ssize(parts.train), validation,
                                        stream_seed(seed, -1, "validation"), "validation", "validation");
  Rows train;
  for (const std::int32_t k : kept) train.push_back(parts.train[k]);
  for (const std::int32_t k : apart) parts.validation.push_back(parts.train[k]);
  parts.train = std::move(train);
}

Parts parts_of(const Description& model, const ModelUse& settings, int holdout, std::uint64_t seed) {
  Parts parts = test_part_of(model, holdout, seed);
  keep_apart(parts, settings.validation, seed);
  return parts;
}

Partition partition_of(const ModelUse& settings, const Description& model, const Rows& train, int nodes,
                       std::uint64_t seed) {
  const bool by_class = std::holds_alternative<LabelsPerNode>(settings.partition) ||
                        std::holds_alternative<Dirichlet>(settings.partition);
  if (by_class && model.labels.empty()) {
    throw DataError(
        "the model's rows have no classes; labels_per_node and dirichlet split classes; contiguous and iid "
        "split any rows",
        "partition");
  }
  if (std::holds_alternative<PartitionFile>(settings.partition) && std::ssize(train) < model.train_rows) {
    throw DataError(
        "a file says where each row of the model is; with holdout or validation it is open which "
        "rows these are; leave them out, or take another partition",
        "partition");
  }
  Rows labels(train.size());
  if (!model.labels.empty()) {
    std::ranges::transform(train, labels.begin(), [&](std::int32_t row) { return model.labels[row]; });
  }
  return Partition::make(settings.partition, labels, std::max(model.classes, 1), nodes, seed);
}

bool same_bits(const Vector& a, const Vector& b) {
  // Not memcmp(), as an empty vector has no data.
  return std::ranges::equal(a, b, {}, std::bit_cast<std::uint64_t, double>,
                            std::bit_cast<std::uint64_t, double>);
}

class ProcessProblem final : public Problem {
 public:
  ProcessProblem(std::shared_ptr<const Model> model, const ModelUse& settings, int holdout, int nodes,
                 std::uint64_t seed, std::uint64_t start_seed)
      : model_(std::move(model)),
        parts_(parts_of(description(), settings, holdout, seed)),
        partition_(partition_of(settings, description(), parts_.train, nodes, seed)),
        weights_(settings.weights.value_or(NodeWeights::equal)),
        l2_(settings.l2),
        verify_(static_cast<std::uint64_t>(settings.verify_gradients)) {
    cut_train(settings, seed);
    const auto mean = [](const Rows& rows) { return 1 / static_cast<double>(rows.size()); };
    cut(parts_.part_of_test, parts_.test, settings.evaluation_rows, mean(parts_.test), test_);
    cut(Part::train, parts_.validation, settings.evaluation_rows, mean(parts_.validation), validation_);
    model_->with_process([&](ModelProcess& process) {
      process.initial_point(stream_seed(start_seed, -1, "initial point"), x0_, state0_);
      if (!x0_.allFinite() || !state0_.allFinite()) process.fail("its initial point is not finite");
      return true;
    });
    compare_with_differences(settings, seed);
  }

  Index dimension() const override { return description().dimension; }
  int nodes() const override { return partition_.nodes(); }
  Index samples(int node) const override { return partition_.size(node); }
  const Layers& layers() const override { return description().layers; }
  const std::vector<Score>& scores() const override { return description().scores; }
  const Vector* initial_state() const override { return &state0_; }
  Vector initial_point() const override { return x0_; }
  void gradient(int node, const Vector& x, Batch batch, Vector& gradient) const override;
  void training_gradient(int node, const Vector& x, Batch batch, Training& training,
                         Vector& gradient) const override;
  Evaluation evaluate(const Vector& x, Wanted wanted, Pool& pool) const override;
  MeasuredRows measured_rows() const override {
    return {.train = measured_, .test = std::ssize(parts_.test), .validation = std::ssize(parts_.validation)};
  }

 private:
  /// Rows that one call evaluates, each of the same weight in f.
  struct Piece {
    Part part;
    Rows rows;
    double weight;
  };
  struct Sums {
    double loss = 0;
    std::int64_t right = 0;
    std::vector<double> scores;  ///< [score]
    Vector gradient;
  };

  const Description& description() const { return model_->description(); }
  void cut_train(const ModelUse& settings, std::uint64_t seed);
  static void cut(Part part, const Rows& rows, Index most_rows, double weight, std::vector<Piece>& pieces);
  Rows rows_of(int node, Batch batch) const;
  void complete(int node, const Vector& x, Vector& gradient) const;
  void verify(const Point& at, const Call& call, const Rows& rows, const Vector& gradient,
              const Vector& state) const;
  void compare_with_differences(const ModelUse& settings, std::uint64_t seed) const;
  Sums sum(std::span<const Piece> pieces, const Point& at, bool with_gradient) const;
  std::vector<Sums> sums(std::span<const Piece> pieces, const Point& at, bool with_gradient,
                         Pool& pool) const;

  std::shared_ptr<const Model> model_;
  Parts parts_;
  Partition partition_;
  std::vector<Piece> train_, test_, validation_;
  Index measured_ = 0;  ///< Rows in train_.
  NodeWeights weights_;
  double l2_;
  std::uint64_t verify_;
  Vector x0_, state0_;
  mutable std::atomic<std::uint64_t> gradients_ = 0;  ///< How many there were, for verify_.
};

/// Cuts the training rows that f is measured over into pieces. Neighbouring nodes with equal numbers of rows
/// share theirs. Where only some rows are measured, their mean stands for f.
void ProcessProblem::cut_train(const ModelUse& settings, std::uint64_t seed) {
  const Index most_rows = settings.evaluation_rows;
  if (settings.measured_rows > std::ssize(parts_.train)) {
    throw DataError(
        fmt::format("measured_rows: there are {} training rows; 0 takes all of them", parts_.train.size()),
        "measured_rows");
  }
  if (settings.measured_rows > 0 && settings.measured_rows < std::ssize(parts_.train)) {
    measured_ = settings.measured_rows;
    Rng rng = named_stream(seed, -1, "measured rows");
    Rows rows = parts_.train;
    shuffle(rows, rng);
    rows.resize(static_cast<std::size_t>(measured_));
    std::ranges::sort(rows);
    cut(Part::train, rows, most_rows, 1 / static_cast<double>(measured_), train_);
    return;
  }
  const int n = nodes();
  measured_ = std::ssize(parts_.train);
  for (int node = 0; node < n;) {
    int next = node + 1;
    while (next < n && samples(next) == samples(node)) ++next;
    Rows rows;
    for (Index p = partition_.start(node); p < partition_.start(next); ++p) {
      rows.push_back(parts_.train[partition_.row_at(p)]);
    }
    cut(Part::train, rows, most_rows, partition_.row_weight(weights_, node), train_);
    node = next;
  }
}

/// Adds pieces of near-equal sizes: none is the one row that was left, which has no statistics of a batch.
void ProcessProblem::cut(Part part, const Rows& rows, Index most_rows, double weight,
                         std::vector<Piece>& pieces) {
  const Index count = std::ssize(rows), of_these = (count + most_rows - 1) / most_rows;
  for (Index k = 0; k < of_these; ++k) {
    const auto first = rows.begin() + count * k / of_these, last = rows.begin() + count * (k + 1) / of_these;
    pieces.push_back({part, Rows(first, last), weight});
  }
}

/// The model's numbers of a batch of a node's rows.
Rows ProcessProblem::rows_of(int node, Batch batch) const {
  const Index start = partition_.start(node);
  Rows rows(batch.empty() ? static_cast<std::size_t>(samples(node)) : batch.size());
  for (std::size_t k = 0; k < rows.size(); ++k) {
    rows[k] = parts_.train[partition_.row_at(start + (batch.empty() ? static_cast<Index>(k) : batch[k]))];
  }
  return rows;
}

/// From the mean of the losses' gradients to the gradient of f_i.
void ProcessProblem::complete(int node, const Vector& x, Vector& gradient) const {
  if (l2_ != 0) gradient += l2_ * x;
  if (weights_ == NodeWeights::rows) gradient *= partition_.factor(weights_, node);
}

void ProcessProblem::gradient(int node, const Vector& x, Batch batch, Vector& gradient) const {
  const Rows rows = rows_of(node, batch);
  model_->with_process([&](ModelProcess& process) {
    Vector unused;
    process.gradient({x, state0_}, {}, rows, gradient, unused);
    return true;
  });
  complete(node, x, gradient);
}

void ProcessProblem::training_gradient(int node, const Vector& x, Batch batch, Training& training,
                                       Vector& gradient) const {
  const Rows rows = rows_of(node, batch);
  const Call call{.seed = training.seed, .training = true};
  const bool again = verify_ > 0 && gradients_++ % verify_ == 0;
  const Vector before = training.state;
  const Point at{x, before};
  model_->with_process([&](ModelProcess& process) {
    process.gradient(at, call, rows, gradient, training.state);
    return true;
  });
  if (again) verify(at, call, rows, gradient, training.state);
  complete(node, x, gradient);
}

void ProcessProblem::verify(const Point& at, const Call& call, const Rows& rows, const Vector& gradient,
                            const Vector& state) const {
  model_->with_process([&](ModelProcess& process) {
    Vector other, other_state;
    process.gradient(at, call, rows, other, other_state);
    if (same_bits(gradient, other) && same_bits(state, other_state)) return true;
    Index j = 0;
    while (j < gradient.size() && gradient[j] == other[j]) ++j;
    const std::string where = j < gradient.size()
                                  ? fmt::format("coordinate {} is {}, then {}", j, gradient[j], other[j])
                                  : "the state after it differs";
    process.fail(fmt::format(
        "its answers to the same gradient call differ ({}); they may depend on nothing but the call", where));
  });
}

/// Central differences of the loss beside the gradient, neither in training, over rows of node 0. With a
/// step h of the cube root of the rounding error, both errors of the difference are about h^2. But kinks, of
/// ReLU or of a maximum, make one in proportion to h: the gradient is right if some smaller step agrees.
void ProcessProblem::compare_with_differences(const ModelUse& settings, std::uint64_t seed) const {
  if (settings.differences == 0) return;
  Rows rows = rows_of(0, {});
  rows.resize(std::min(rows.size(), static_cast<std::size_t>(settings.evaluation_rows)));
  const bool single = settings.precision == Precision::float32;
  const std::vector<double> steps = single ? std::vector{5e-3, 1e-3} : std::vector{1e-5, 1e-6, 1e-7};
  const double tolerance = single ? 2e-2 : 1e-5;
  Rng rng = named_stream(seed, -1, "differences");
  model_->with_process([&](ModelProcess& process) {
    Vector g, unused;
    process.gradient({x0_, state0_}, {}, rows, g, unused);
    const auto loss = [&](const Vector& x) {
      return process.evaluate({x, state0_}, {}, rows).loss / static_cast<double>(rows.size());
    };
    for (int k = 0; k < settings.differences; ++k) {
      Vector direction(dimension());
      for (double& d : direction) d = rng.normal();
      // Half of it the gradient's own direction, or most of a long gradient would go unseen.
      direction = direction / norm(direction) + (norm(g) > 0 ? Vector(g / norm(g)) : g);
      const double slope = (g * direction).sum();
      double difference = 0;
      const bool agrees = std::ranges::any_of(steps, [&](double h) {
        difference = (loss(x0_ + h * direction) - loss(x0_ - h * direction)) / (2 * h);
        return std::abs(difference - slope) <= tolerance * (std::abs(slope) + norm(g) + 1e-3);
      });
      if (agrees) continue;
      process.fail(fmt::format(
          "its gradient is not that of its loss: in some direction from the initial point the loss rises by "
          "{:.6g} a step, and the gradient says {:.6g}",
          difference, slope));
    }
    return true;
  });
}

ProcessProblem::Sums ProcessProblem::sum(std::span<const Piece> pieces, const Point& at,
                                         bool with_gradient) const {
  Sums sums;
  sums.scores.resize(scores().size());
  if (with_gradient) sums.gradient = Vector::Zero(dimension());
  for (const Piece& piece : pieces) {
    model_->with_process([&](ModelProcess& process) {
      const EvaluationReply reply = process.evaluate(at, {.part = piece.part}, piece.rows);
      sums.loss += piece.weight * reply.loss;
      sums.right += reply.right;
      for (std::size_t k = 0; k < reply.scores.size(); ++k) sums.scores[k] += reply.scores[k];
      if (with_gradient) {
        Vector gradient, unused;
        process.gradient(at, {.part = piece.part}, piece.rows, gradient, unused);
        sums.gradient += (piece.weight * static_cast<double>(piece.rows.size())) * gradient;
      }
      return true;
    });
  }
  return sums;
}

std::vector<ProcessProblem::Sums> ProcessProblem::sums(std::span<const Piece> pieces, const Point& at,
                                                       bool with_gradient, Pool& pool) const {
  const Index count = std::ssize(pieces), jobs = std::min(count, most_jobs);
  std::vector<Sums> of_jobs(static_cast<std::size_t>(jobs));
  pool.for_each(static_cast<int>(jobs), [&](int job) {
    const auto first = static_cast<std::size_t>(count * job / jobs),
               last = static_cast<std::size_t>(count * (job + 1) / jobs);
    of_jobs[job] = sum(pieces.subspan(first, last - first), at, with_gradient);
  });
  return of_jobs;
}

Evaluation ProcessProblem::evaluate(const Vector& x, Wanted wanted, Pool& pool) const {
  const Point at{x, wanted.state ? *wanted.state : state0_, model_->next_number()};
  const double regularization = l2_ / 2 * squared_norm(x);
  const bool counts = description().classifies;
  Evaluation result;
  const auto total = [&](std::span<const Sums> of_jobs, Index rows, double& loss, double& accuracy,
                         std::vector<double>& means) {
    const auto count = static_cast<double>(rows);
    loss = regularization;
    std::int64_t right = 0;
    means.assign(scores().size(), 0);
    for (const Sums& sums : of_jobs) {
      loss += sums.loss;
      right += sums.right;
      for (std::size_t k = 0; k < means.size(); ++k) means[k] += sums.scores[k] / count;
    }
    if (counts) accuracy = static_cast<double>(right) / count;
  };
  if (wanted.train || wanted.gradient) {
    const std::vector<Sums> of_jobs = sums(train_, at, wanted.gradient, pool);
    total(of_jobs, measured_, result.loss, result.train_accuracy, result.train_scores);
    if (wanted.gradient) {
      result.gradient = l2_ * x;
      for (const Sums& of_job : of_jobs) result.gradient += of_job.gradient;
    }
  }
  if (wanted.test && !test_.empty()) {
    total(sums(test_, at, false, pool), std::ssize(parts_.test), result.test_loss, result.test_accuracy,
          result.test_scores);
  }
  if (wanted.validation && !validation_.empty()) {
    double loss = 0;
    std::vector<double> unused;
    total(sums(validation_, at, false, pool), std::ssize(parts_.validation), loss, result.validation_accuracy,
          unused);
  }
  return result;
}

}  // namespace

std::unique_ptr<Problem> ModelUse::make(const ModelSource& source, int holdout, int nodes, std::uint64_t seed,
                                        Models& models, std::optional<std::uint64_t> start_seed) const {
  return std::make_unique<ProcessProblem>(models.of(source), *this, holdout, nodes, seed,
                                          start_seed.value_or(seed));
}

}  // namespace gossamer
