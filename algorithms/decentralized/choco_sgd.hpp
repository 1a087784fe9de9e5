#pragma once

#include <array>
#include <string_view>

#include "algorithms/agent/agent.hpp"
#include "algorithms/agent/patience.hpp"

namespace gossamer {

/// CHOCO-SGD: decentralized SGD in which a node sends the compressed difference between its iterate and what
/// its neighbours know of it, x^. A. Koloskova, S. Stich, M. Jaggi, ICML 2019, Algorithm 2. A node keeps the
/// sum sum_j W_ij x^_j instead of every x^_j, as the authors do to save memory.
///   x_{t+1/2,i} = x_{t,i} - eta_t g_{t,i};   q_{t,i} = C(x_{t+1/2,i} - x^_{t,i})
///   x^_{t+1,j} = x^_{t,j} + q_{t,j};   x_{t+1,i} = x_{t+1/2,i} + gamma sum_j W_ij (x^_{t+1,j} - x^_{t+1,i})
/// with x^_0 = 0.
/// For a node with patience x^_j of a silent neighbour stays as it was; q_{t,j} is added in the iteration in
/// which it comes.
/// Checked: step sizes that change, which x_{t+1/2} has inside what is compressed.
struct ChocoSgd {
  static constexpr std::string_view after_loss =
      "adds up what its neighbours send, and would miss for ever what is lost";
  static constexpr bool takes_changing_weights = false;  // x_bar is a sum with the weights of one W.
  static constexpr std::array<std::string_view, 2> vectors{"x_hat", "x_bar"};

  Required<Schedule> step_size;           ///< eta_t > 0.
  Required<double> consensus_step;        ///< gamma in (0, 1]: the smaller, the more C leaves out.
  Compressor compressor = scaled_sign();  ///< C, a contraction.
  Patience patience{};                    ///< Of a node with its neighbours.

  bool shares_rounds() const { return !patience.any(); }
  Process program(Agent self) const;
  /// Throws std::invalid_argument where C does not suit vectors of d coordinates, or is no contraction, or
  /// patience does not suit the graph.
  void require(const Adjacency& graph, Index d) const;

  static void fields(auto& self, auto&& visit) {
    visit("step_size", self.step_size, "(0, inf)", "eta");
    visit("consensus_step", self.consensus_step, "(0, 1]",
          "gamma: how far a node moves towards its neighbours");
    visit("compressor", self.compressor, "", "compresses the changes of the iterates");
    visit_patience_of_nodes(self.patience, visit);
  }
};

}  // namespace gossamer
