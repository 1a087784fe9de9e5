#pragma once

#include "algorithms/agent/agent.hpp"
#include "algorithms/agent/patience.hpp"

namespace gossamer {

/// DGD, also called D-PSGD with mini-batches: decentralized (sub)gradient descent.
/// A. Nedic, A. Ozdaglar, IEEE TAC 54 (2009), Eq. (3); X. Lian et al., NeurIPS 2017, Algorithm 1.
///   x_{t+1,i} = sum_j W_ij x_{t,j} - alpha_t g_{t,i}
/// A node with patience, wait_for or wait_at_most, gives the weights of silent neighbours to its own x_{t,i}:
/// the rows of W_t still sum to 1, its columns need not. Whoever is behind skips iterations [Luo, Lin, Zhuo,
/// Qian 2019]. Checked: step sizes that change; patience, event by event.
struct Dgd {
  Required<Schedule> step_size;  ///< alpha_t > 0.
  Patience patience{};           ///< Of a node with its neighbours.

  bool shares_rounds() const { return !patience.any(); }
  Process program(Agent self) const;
  /// Throws std::invalid_argument for patience that does not suit the graph.
  void require(const Adjacency& graph, Index d) const;

  static void fields(auto& self, auto&& visit) {
    visit("step_size", self.step_size, "(0, inf)", "alpha");
    visit_patience_of_nodes(self.patience, visit);
  }
};

}  // namespace gossamer
