#include "algorithms/problems/linear_models.hpp"

#include <fmt/format.h>

#include "algorithms/problems/empirical_risk.hpp"

namespace gossamer {
namespace {

Partition split(const Data& data, const DataSet& set, int nodes, std::uint64_t seed) {
  return Partition::make(data.partition, set.train.labels, set.classes(), nodes, seed);
}

std::unique_ptr<Problem> make_binary(const Data& data, Regularizer regularizer, int nodes, std::uint64_t seed,
                                     const DataSets& sets) {
  std::shared_ptr<const DataSet> set = data.load(seed, sets);
  if (set->classes() != 2) {
    throw DataError(fmt::format("data set '{}' has {} label{}; logistic regression needs exactly 2",
                                set->name, set->classes(), set->classes() == 1 ? "" : "s"),
                    "dataset");
  }
  Partition partition = split(data, *set, nodes, seed);
  return std::make_unique<EmpiricalRisk>(std::move(set), std::move(partition), LogisticLoss{}, regularizer);
}

}  // namespace

std::shared_ptr<const DataSet> Data::load(std::uint64_t seed, const DataSets& sets) const {
  const bool clusters = *dataset == "synthetic", text = *dataset == "synthetic_text";
  const auto refuse_unless = [&](bool has_effect, std::string_view key, const std::string& instead) {
    if (has_effect) return;
    throw DataError(fmt::format("'{}' has no effect on dataset '{}'; {}", key, *dataset, instead),
                    std::string(key));
  };
  refuse_unless(clusters || synthetic == Synthetic{}, "synthetic", "leave it out, or set dataset: synthetic");
  refuse_unless(text || synthetic_text == SyntheticText{}, "synthetic_text",
                "leave it out, or set dataset: synthetic_text");
  if (clusters || text) {
    refuse_unless(dimension == 0, "dimension", "set " + *dataset + ".features");
    refuse_unless(holdout == 0, "holdout", "set " + *dataset + ".test_samples");
    return std::make_shared<const DataSet>(clusters ? synthetic.make(seed) : synthetic_text.make(seed));
  }
  std::shared_ptr<const DataSet> set = sets.load(dataset, dimension);
  return holdout == 0 ? set : std::make_shared<const DataSet>(hold_out(*set, holdout, seed));
}

std::unique_ptr<Problem> Logistic::make(int nodes, std::uint64_t seed, const DataSets& sets) const {
  return make_binary(data, SquaredNorm{l2}, nodes, seed, sets);
}

std::unique_ptr<Problem> LogisticNonconvex::make(int nodes, std::uint64_t seed, const DataSets& sets) const {
  return make_binary(data, BoundedSquares{lambda}, nodes, seed, sets);
}

std::unique_ptr<Problem> Softmax::make(int nodes, std::uint64_t seed, const DataSets& sets) const {
  std::shared_ptr<const DataSet> set = data.load(seed, sets);
  if (set->classes() < 2) {
    throw DataError(fmt::format("data set '{}' has {} label; softmax regression needs 2 or more", set->name,
                                set->classes()),
                    "dataset");
  }
  Partition partition = split(data, *set, nodes, seed);
  const SoftmaxLoss loss{set->classes()};
  return std::make_unique<EmpiricalRisk>(std::move(set), std::move(partition), loss, SquaredNorm{l2}, bias);
}

}  // namespace gossamer
