#pragma once

#include <array>
#include <string_view>

#include "algorithms/agent/agent.hpp"
#include "algorithms/agent/patience.hpp"

namespace gossamer {

/// Stochastic gradient push (SGP): gradient steps over push-sum averaging, for directed graphs, on which a
/// node has to know how many hear it, but need not hear them. M. Assran, N. Loizou, N. Ballas, M. Rabbat,
/// ICML 2019, Algorithm 1; before it, but for where an iteration begins, the subgradient-push of A. Nedic, A.
/// Olshevsky, IEEE TAC 60 (2015), with stochastic gradients in IEEE TAC 61 (2016).
///   x_{t+1/2,i} = x_{t,i} - alpha_t g_{t,i}, where g_{t,i} is a gradient of f_i at z_{t,i}
///   x_{t+1,i} = sum_j W_ij x_{t+1/2,j};   w_{t+1,i} = sum_j W_ij w_{t,j}
///   z_{t+1,i} = x_{t+1,i} / w_{t+1,i}
/// with z_1 = x_1 and w_1 = 1. The columns of W sum to 1; its rows need not. In each round a node sends x and
/// the number w in one message. The iterate is z. Where W is doubly stochastic, w stays 1.
///
/// In the paper a node weights what it sends; here the weight W_ij is applied where the message arrives. The
/// sums are the same, but for rounding.
///
/// A node with patience adds what a silent neighbour sent in the iteration in which it comes, x and w alike:
/// so their sums over all nodes and messages under way are kept.
///
/// Checked: step sizes that change; W that is not doubly stochastic; graphs that change.
struct GradientPush {
  static constexpr bool needs_doubly_stochastic = false;
  static constexpr std::string_view after_loss =
      "adds up what its neighbours send, and would miss for ever what is lost";
  static constexpr std::array<std::string_view, 1> vectors{"push"};  // x: push-sum's biased numerator

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
