#pragma once

#include <array>
#include <string_view>

#include "algorithms/agent/agent.hpp"
#include "algorithms/agent/patience.hpp"

namespace gossamer {

/// DADAM: a consensus-based distributed adaptive gradient method for online optimization.
/// P. Nazari, D. A. Tarzanagh, G. Michailidis, arXiv:1901.09109 (2019), in the form of Chen et al. 2021,
/// Algorithm 1. Their Theorem 1 shows that it need not converge. Moments have no bias correction.
/// Silent neighbours as in DGD. Checked: step sizes that change; the closed form of Theorem 1's example.
struct Dadam {
  static constexpr std::array<std::string_view, 3> vectors{"m", "v", "v_hat"};

  Required<Schedule> step_size;  ///< alpha_t > 0.
  double beta1 = 0.9;            ///< In [0, 1): decay of the first moment m.
  double beta2 = 0.999;          ///< In [0, 1): decay of the second moment v.
  double beta3 = 0.9;            ///< In [0, 1): decay of the running maximum v_hat.
  double epsilon = 1e-6;         ///< > 0: v_hat_0.
  Patience patience{};           ///< Of a node with its neighbours.

  bool shares_rounds() const { return !patience.any(); }
  Process program(Agent self) const;
  /// Throws std::invalid_argument for patience that does not suit the graph.
  void require(const Adjacency& graph, Index d) const;

  static void fields(auto& self, auto&& visit) {
    visit("step_size", self.step_size, "(0, inf)", "alpha");
    visit("beta1", self.beta1, "[0, 1)", "decay of the first moment");
    visit("beta2", self.beta2, "[0, 1)", "decay of the second moment");
    visit("beta3", self.beta3, "[0, 1)", "decay of the running maximum of the second moment");
    visit("epsilon", self.epsilon, "(0, inf)", "initial value of the running maximum");
    visit_patience_of_nodes(self.patience, visit);
  }
};

}  // namespace gossamer
