#pragma once

#include <memory>
#include <string_view>

#include "algorithms/agent/agent.hpp"

namespace gossamer {

/// AD-PSGD: asynchronous decentralized SGD. X. Lian, W. Zhang, C. Zhang, J. Liu, ICML 2018, Algorithm 1.
/// Every node goes through its own iterations at its own pace, t = 1, 2, ...:
///   it takes a gradient g at its x_i,   averages x_i with the x_j of a neighbour j drawn uniformly,
///   and makes the step x_i <- x_i - gamma_t g.
/// Averaging and gradient overlap, as with the authors, and no node ever waits: g is taken at x_i as it was
/// when the iteration began, and the step made from x_i as it is then. With `local_steps` H an iteration has
/// H gradients and steps [SwarmSGD: Nadiradze et al., NeurIPS 2021].
///
/// In the paper an averaging is one atomic operation. Here messages travel, and meanwhile x_i and x_j change:
///   i sends its x_i, s_i as it travels;   j answers with its own, s_j, and x_j <- x_j + (s_i - s_j) / 2;
///   when the answer is there,   x_i <- x_i + (s_j - s_i) / 2.
/// So the sum of all x is kept, whatever the wire rounds and however x_i has changed; where no time passes it
/// is the paper's operation. Two nodes that ask each other at the same time take the other's question for the
/// answer. A node whose question is under way when its next iteration begins asks nobody in that one.
///
/// With the step 0 it is randomized gossip [Boyd, Ghosh, Prabhakar, Shah 2006]; where `compute` is
/// exponential nodes tick as their Poisson clocks do (Section II-A). Checked: step sizes that change, as each
/// node counts; local steps; the times of all events. Nodes share no rounds: the run ends after n times
/// `stop.iterations` iterations of all nodes together.
struct AdPsgd {
  static constexpr bool shares_rounds = false;
  static constexpr bool mixes = false;
  static constexpr std::string_view after_loss =
      "asks nobody else before the answer is there, and would average no more";

  Required<Schedule> step_size;  ///< gamma_t >= 0.
  int local_steps = 1;           ///< H >= 1.

  Process program(Agent self) const;
  /// Throws std::invalid_argument where a node could not be answered.
  void require(const Adjacency& graph, Index d) const;
  int vectors_of_worker() const { return 2; }

  static void fields(auto& self, auto&& visit) {
    visit("step_size", self.step_size, "[0, inf)", "gamma; 0 leaves the averaging alone: randomized gossip");
    visit("local_steps", self.local_steps, "[1, inf)", "gradients and steps from one averaging to the next");
  }

 private:
  struct State;
  static Vector send(Agent self, NodeId to, const Vector& x);
  static Process average(Agent self, std::shared_ptr<State> state);
};

}  // namespace gossamer
