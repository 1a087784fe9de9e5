#include "algorithms/problems/quadratic.hpp"

#include <fmt/format.h>

#include <cassert>
#include <utility>

#include "sim/random.hpp"

namespace gossamer {
namespace {

using Targets = Eigen::ArrayXXd;  // Column i is a_i.

class QuadraticProblem final : public Problem {
 public:
  explicit QuadraticProblem(Targets targets)
      : targets_(std::move(targets)),
        mean_(targets_.rowwise().mean()),
        optimal_value_((targets_.colwise() - mean_).square().sum() / (2 * static_cast<double>(nodes()))) {}

  Index dimension() const override { return targets_.rows(); }
  int nodes() const override { return static_cast<int>(targets_.cols()); }
  Index samples(int) const override { return 1; }
  std::optional<double> optimal_value() const override { return optimal_value_; }

  void gradient(int node, const Vector& x, Batch, Vector& gradient) const override {
    assert(x.size() == dimension());
    gradient = x - targets_.col(node);
  }

  /// By the parallel axis theorem f(x) = f* + ||x - mean||^2 / 2, whatever the number of nodes.
  Evaluation evaluate(const Vector& x, Wanted wanted, Pool&) const override {
    assert(x.size() == dimension());
    Evaluation result;
    const Vector offset = x - mean_;
    result.loss = optimal_value_ + squared_norm(offset) / 2;
    if (wanted.gradient) result.gradient = offset;
    return result;
  }

 private:
  Targets targets_;
  Vector mean_;
  double optimal_value_;
};

}  // namespace

std::unique_ptr<Problem> Quadratic::make(int nodes, std::uint64_t seed, const DataSets&) const {
  if (targets.empty()) {
    if (dimension < 1) throw DataError("quadratic: neither targets nor a dimension; one of them is needed");
    Targets a(dimension, nodes);
    for (int i = 0; i < nodes; ++i) {
      Rng rng = named_stream(seed, i, "quadratic target");
      for (double& a_ij : a.col(i)) a_ij = rng.normal();
    }
    return std::make_unique<QuadraticProblem>(std::move(a));
  }
  const Index length = std::ssize(targets.front());
  if (std::ssize(targets) != nodes) {
    throw DataError(
        fmt::format("quadratic: {} targets for {} nodes; one for each is needed", targets.size(), nodes),
        "targets");
  }
  if (length == 0 || (dimension > 0 && dimension != length)) {
    throw DataError(fmt::format("quadratic: targets of length {}; {} is needed", length,
                                dimension > 0 ? fmt::format("the dimension, {},", dimension) : "1 or more"),
                    "targets");
  }
  Targets a(length, nodes);
  for (int i = 0; i < nodes; ++i) {
    if (std::ssize(targets[i]) != length) {
      throw DataError(fmt::format("quadratic: target {} has length {}, the first has {}; all must agree", i,
                                  targets[i].size(), length),
                      "targets");
    }
    a.col(i) = Eigen::Map<const Vector>(targets[i].data(), length);
  }
  return std::make_unique<QuadraticProblem>(std::move(a));
}

}  // namespace gossamer
