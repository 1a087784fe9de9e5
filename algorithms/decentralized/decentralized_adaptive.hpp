#pragma once

#include <array>
#include <string_view>

#include "algorithms/agent/agent.hpp"
#include "algorithms/agent/patience.hpp"

namespace gossamer {

/// Decentralized adaptive gradient methods: dynamic average consensus on the second moments, so that the
/// nodes come to agree on their adaptive learning rates. X. Chen, B. Karimi, W. Zhao, P. Li, 2021:
/// Algorithm 2 (the framework) and Algorithm 3 (decentralized AMSGrad). All rules here include the current
/// gradient, as Algorithm 3 does; r_t of Algorithm 2 ends with the gradient of t - 1.
/// Moments have no bias correction.
/// Silent neighbours as in DGD, for x and u~ alike: u~ then follows the average of v_hat but roughly.
/// Checked: step sizes that change, for each rule; Theorem 1's example.
struct DecentralizedAdaptive {
  static constexpr std::array<std::string_view, 4> vectors{"m", "v", "v_hat", "u_half"};

  enum class Rule {
    amsgrad,  ///< v_hat_t = max(v_hat_{t-1}, v_t)
    adam,     ///< v_hat_t = v_t
    adagrad,  ///< v_hat_t = (1/t) sum_{k <= t} g_k^2
  };

  Required<Schedule> step_size;  ///< alpha_t > 0.
  double beta1 = 0.9;            ///< In [0, 1): decay of the first moment m.
  double beta2 = 0.999;          ///< In [0, 1): decay of the second moment v, which adagrad does not use.
  double epsilon = 1e-6;         ///< > 0: v_hat_0 = u_{1/2}, and the least u that divides.
  Rule rule = Rule::amsgrad;
  Patience patience{};  ///< Of a node with its neighbours.

  static DecentralizedAdaptive with(Rule rule) {
    DecentralizedAdaptive algorithm;
    algorithm.rule = rule;
    return algorithm;
  }

  bool shares_rounds() const { return !patience.any(); }
  Process program(Agent self) const;
  /// Throws std::invalid_argument for patience that does not suit the graph.
  void require(const Adjacency& graph, Index d) const;

  static void fields(auto& self, auto&& visit) {
    visit("step_size", self.step_size, "(0, inf)", "alpha");
    visit("beta1", self.beta1, "[0, 1)", "decay of the first moment");
    visit("beta2", self.beta2, "[0, 1)", "decay of the second moment (amsgrad and adam)");
    visit("epsilon", self.epsilon, "(0, inf)", "initial second moment, and its least value where it divides");
    visit_patience_of_nodes(self.patience, visit);
  }
};

}  // namespace gossamer
