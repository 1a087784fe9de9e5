#include "algorithms/composite/composite.hpp"

#include <cmath>

namespace gossamer {

using enum Composite::Rule;

CompositeIterate::CompositeIterate(const Composite& settings, const Vector& x0)
    : settings_(settings),
      lambda_(settings.lambda),
      x_(x0),
      squares_(zeros_like(x0)),
      h_(Vector::Constant(settings.rule == proximal ? 0 : x0.size(), settings.delta)),
      sum_(Vector::Zero(settings.rule == dual_averaging ? x0.size() : 0)),
      support_(support_of(x0)),
      squared_norm_(gossamer::squared_norm(x0)) {}

double CompositeIterate::h(double squares) const {
  return settings_.rule == proximal ? 1 : settings_.delta + std::sqrt(squares);
}

double CompositeIterate::present_h(Index j) const {
  return settings_.rule == proximal ? 1 : h_[j];
}

double CompositeIterate::shrunk(double z_or_sum, double rate, Round t) const {
  const double magnitude = std::abs(z_or_sum);
  // What is not a number stays one: a run that has left the range of numbers is not to look sparse.
  if (settings_.rule == dual_averaging) {
    const double rounds = static_cast<double>(t), above = magnitude / rounds - lambda_;
    return above <= 0 ? 0.0 : std::copysign(rounds * rate * above, -z_or_sum);
  }
  const double above = magnitude - lambda_ * rate;
  return above <= 0 ? 0.0 : std::copysign(above, z_or_sum);
}

Support CompositeIterate::indicator(const SparseVector& g, Round t) const {
  const double eta = settings_.step_size(t);
  Support selected = support_;
  // Where g is zero, the trial point is not zero only if x is not.
  for (std::size_t k = 0; k < g.indices.size(); ++k) {
    const Index j = g.indices[k];
    const double rate = eta / h(squares_[j] + g.values[k] * g.values[k]);
    const double moved =
        settings_.rule == dual_averaging ? sum_[j] + g.values[k] : x_[j] - rate * g.values[k];
    if (shrunk(moved, rate, t) != 0) selected.insert(j);
  }
  return selected;
}

void CompositeIterate::step(const SparseVector& q, Round t) {
  const double eta = settings_.step_size(t);
  // The coordinates lie far apart in vectors that no cache holds, so that most of the time is waiting.
  constexpr std::size_t ahead = 16;
  for (std::size_t k = 0; k < q.indices.size(); ++k) {
    if (k + ahead < q.indices.size()) __builtin_prefetch(&squares_[q.indices[k + ahead]], 1);
    const Index j = q.indices[k];
    squares_[j] += q.values[k] * q.values[k];
    if (settings_.rule != proximal) h_[j] = h(squares_[j]);
    if (settings_.rule == dual_averaging) {
      sum_[j] += q.values[k];
    } else {
      x_[j] -= eta / present_h(j) * q.values[k];  // z
    }
    support_.insert(j);
  }
  double squared_norm = 0;
  const double* const from = settings_.rule == dual_averaging ? sum_.data() : x_.data();
  const double* const H = settings_.rule == proximal ? from : h_.data();
  const auto fetch = [H, from](Index j) {
    __builtin_prefetch(H + j);
    __builtin_prefetch(from + j, 1);
  };
  support_.for_each(fetch, [&](Index j) {
    const double rate = eta / present_h(j);
    x_[j] = shrunk(from[j], rate, t);
    squared_norm += x_[j] * x_[j];
    if (x_[j] == 0) support_.erase(j);
  });
  squared_norm_ = squared_norm;
}

}  // namespace gossamer
