#include "algorithms/problems/linear_models.hpp"

#include <fmt/format.h>

#include "algorithms/problems/empirical_risk.hpp"

namespace gossamer {
namespace {

Partition split(const Data& data, const DataSet& set, int nodes, std::uint64_t seed) {
  const bool by_class = std::holds_alternative<LabelsPerNode>(data.partition) ||
                        std::holds_alternative<Dirichlet>(data.partition);
  if (by_class && !set.no_classes.empty()) {
    throw DataError(fmt::format("data set '{}': {}; labels_per_node and dirichlet split classes; contiguous "
                                "and iid split any rows",
                                set.name, set.no_classes),
                    "partition");
  }
  if (std::holds_alternative<PartitionFile>(data.partition) && data.holdout > 0) {
    throw DataError(
        "a file says where each row of the training part is; with holdout it is open which rows "
        "these are; give the test part by itself, or another partition",
        "holdout");
  }
  return Partition::make(data.partition, set.train.labels, set.classes(), nodes, seed);
}

NodeWeights weights_of(const Data& data) {
  return data.weights.value_or(NodeWeights::equal);
}

void require_classes(const DataSet& set, std::string_view model) {
  if (set.no_classes.empty()) return;
  throw DataError(fmt::format("data set '{}': {}; {} takes classes; least_squares takes real labels",
                              set.name, set.no_classes, model),
                  "dataset");
}

std::unique_ptr<Problem> make_binary(const Data& data, std::string_view model, Loss loss,
                                     Regularizer regularizer, int nodes, std::uint64_t seed,
                                     const DataSets& sets) {
  std::shared_ptr<const DataSet> set = data.load(seed, sets);
  require_classes(*set, model);
  if (set->classes() != 2) {
    throw DataError(fmt::format("data set '{}' has {} label{}; {} needs exactly 2", set->name, set->classes(),
                                set->classes() == 1 ? "" : "s", model),
                    "dataset");
  }
  Partition partition = split(data, *set, nodes, seed);
  return std::make_unique<EmpiricalRisk>(std::move(set), std::move(partition), loss, regularizer, false,
                                         weights_of(data));
}

}  // namespace

std::shared_ptr<const DataSet> Data::load(std::uint64_t seed, const DataSets& sets) const {
  const std::string& name = dataset->name;
  const bool clusters = name == "synthetic", text = name == "synthetic_text";
  const auto refuse_unless = [&](bool has_effect, std::string_view key, const std::string& instead) {
    if (has_effect) return;
    throw DataError(fmt::format("'{}' has no effect on dataset '{}'; {}", key, name, instead),
                    std::string(key));
  };
  refuse_unless(clusters || synthetic == Synthetic{}, "synthetic", "leave it out, or set dataset: synthetic");
  refuse_unless(text || synthetic_text == SyntheticText{}, "synthetic_text",
                "leave it out, or set dataset: synthetic_text");
  if (clusters || text) {
    refuse_unless(dimension == 0, "dimension", "set " + name + ".features");
    refuse_unless(label.empty(), "label", "leave it out");
    refuse_unless(!test, "test", "set " + name + ".test_samples");
    refuse_unless(holdout == 0, "holdout", "set " + name + ".test_samples");
    return std::make_shared<const DataSet>(clusters ? synthetic.make(seed) : synthetic_text.make(seed));
  }
  std::shared_ptr<const DataSet> set = sets.load(request());
  return holdout == 0 ? set : std::make_shared<const DataSet>(hold_out(*set, holdout, seed));
}

std::unique_ptr<Problem> Logistic::make(int nodes, std::uint64_t seed, const DataSets& sets) const {
  return make_binary(data, "logistic regression", LogisticLoss{}, SquaredNorm{l2}, nodes, seed, sets);
}

std::unique_ptr<Problem> LogisticNonconvex::make(int nodes, std::uint64_t seed, const DataSets& sets) const {
  return make_binary(data, "logistic regression", LogisticLoss{}, BoundedSquares{lambda}, nodes, seed, sets);
}

std::unique_ptr<Problem> Hinge::make(int nodes, std::uint64_t seed, const DataSets& sets) const {
  return make_binary(data, "the hinge loss", HingeLoss{}, SquaredNorm{l2}, nodes, seed, sets);
}

std::unique_ptr<Problem> LeastSquares::make(int nodes, std::uint64_t seed, const DataSets& sets) const {
  std::shared_ptr<const DataSet> set = data.load(seed, sets);
  Partition partition = split(data, *set, nodes, seed);
  if (!set->label_words.empty()) {
    throw DataError(
        fmt::format("data set '{}': the labels are words; least_squares takes numbers", set->name),
        "dataset");
  }
  const SquaredLoss loss{set->label_values};
  return std::make_unique<EmpiricalRisk>(std::move(set), std::move(partition), loss, SquaredNorm{l2}, false,
                                         weights_of(data));
}

std::unique_ptr<Problem> Softmax::make(int nodes, std::uint64_t seed, const DataSets& sets) const {
  std::shared_ptr<const DataSet> set = data.load(seed, sets);
  require_classes(*set, "softmax regression");
  if (set->classes() < 2) {
    throw DataError(fmt::format("data set '{}' has {} label; softmax regression needs 2 or more", set->name,
                                set->classes()),
                    "dataset");
  }
  Partition partition = split(data, *set, nodes, seed);
  const SoftmaxLoss loss{set->classes()};
  return std::make_unique<EmpiricalRisk>(std::move(set), std::move(partition), loss, SquaredNorm{l2}, bias,
                                         weights_of(data));
}

}  // namespace gossamer
