// Composite objectives f(x) + lambda |x|_1: the steps of proximal gradient and AdaGrad methods. They give
// sparse iterates, and take time only for coordinates that are not zero.
#pragma once

#include "algorithms/agent/schedule.hpp"
#include "algorithms/vectors/support.hpp"

namespace gossamer {

/// The settings that the steps have in common.
struct Composite {
  enum class Rule {
    proximal,        ///< Proximal gradient: CMD with H = 1.
    mirror_descent,  ///< CMD: composite mirror descent.
    dual_averaging,  ///< RDA: regularized dual averaging.
  };
  Rule rule = Rule::mirror_descent;
  Required<Schedule> step_size;  ///< eta_t > 0.
  Required<double> lambda;       ///< >= 0: weight of |x|_1.
  double delta = 1e-8;           ///< > 0: the least H.

  static void fields(auto& self, auto&& visit) {
    visit("step_size", self.step_size, "(0, inf)", "eta");
    visit("lambda", self.lambda, "[0, inf)", "weight of |x|_1");
    if (self.rule != Rule::proximal)
      visit("delta", self.delta, "(0, inf)", "added to the root of the squares");
  }
};

/// x_t on one node, with H_t = delta + sqrt(sum_{tau <= t} q_tau^2) per coordinate. A step costs
/// O(|x|_0 + |q|_0), besides a pass over d bits.
class CompositeIterate {
 public:
  CompositeIterate(const Composite& settings, const Vector& x0);

  const Vector& x() const { return x_; }
  /// |x|^2, without a pass over x.
  double squared_norm() const { return squared_norm_; }
  /// H_t; empty where it is 1.
  const Vector& H() const { return h_; }

  /// I [Xu et al. 2022, Eq. 11]: the coordinates in which x_t is not zero, or the trial point x^_{t+1} is
  /// not, which a step along the local gradient g would give.
  Support indicator(const SparseVector& g, Round t) const;

  /// x_{t+1} [Xu et al. 2022].
  /// CMD (Eq. 16): z = x - eta q / H, then x = sign(z) max(|z| - lambda eta / H, 0).
  /// RDA (Eq. 17): Q = sum_{tau <= t} q_tau, then x = sign(-Q) t (eta / H) max(|Q| / t - lambda, 0).
  void step(const SparseVector& q, Round t);

 private:
  double h(double squares) const;
  double present_h(Index j) const;
  /// The coordinate after step t, from z (CMD) or Q (RDA) and rate = eta / H.
  double shrunk(double z_or_sum, double rate, Round t) const;

  Composite settings_;
  double lambda_;
  Vector x_;
  Vector squares_;   // sum q^2
  Vector h_;         // H; empty where it is 1.
  Vector sum_;       // Q; RDA only.
  Support support_;  // Of x.
  double squared_norm_;
};

}  // namespace gossamer
