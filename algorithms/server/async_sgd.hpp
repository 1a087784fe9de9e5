#pragma once

#include <array>
#include <string_view>

#include "algorithms/agent/agent.hpp"
#include "algorithms/server/delays.hpp"

namespace gossamer {

/// Asynchronous SGD with a server. A. Agarwal, J. Duchi, NeurIPS 2011; Koloskova et al., NeurIPS 2022,
/// Algorithm 1. The server collects K gradients, in the order of arrival. Then it makes a step along their
/// mean, an update, and sends the new x to the K workers whose gradients these are. They wait for it, the
/// others compute on.
///   x_k = x_{k-1} - (eta_k / K) sum_i s(tau_i) g_i(x_{k-1-tau_i}),   where k = 1, 2, ... counts updates.
/// The delay tau_i is the number of updates that the server makes between sending x and using, in update k,
/// the gradient g_i at this x: 0 where there is none between.
///
/// K = 1, no buffer, is asynchronous SGD. K > 1 is the buffer of FedBuff [Nguyen et al., AISTATS 2022,
/// Algorithm 1], with one local step and a server that samples no other clients. K = n is distributed SGD.
/// s(tau) = 1, unless `delay_adaptive` says otherwise; then tau_C = n / K (delays.hpp).
/// Checked: step sizes that change, as the server counts; weight decay, at the x that the worker has;
/// buffers; all rules of s.
/// A worker that comes back after a crash sends a message of no bits, and the server answers with its x.
/// Nodes share no rounds: the run ends after `stop.iterations` updates.
struct AsyncSgd {
  static constexpr bool shares_rounds = false;
  static constexpr bool survives_crashes = true;
  static constexpr std::string_view after_loss =
      "hears no more of a worker whose gradient is lost, or its answer";
  static constexpr std::array<std::string_view, 2> metrics{"delay", "worst_delay"};

  Required<Schedule> step_size;  ///< eta_k > 0.
  int buffer = 1;                ///< K in {1, ..., n}.
  DelayAdaptive delay_adaptive = DelayAdaptive::none;
  double weight_decay = 0;  ///< >= 0: times x, part of g_i.

  Process serve(Agent self) const;
  Process work(Agent self) const;
  /// Throws std::invalid_argument for a buffer that the workers cannot fill.
  void require(const Adjacency& graph, Index d) const;

  static void fields(auto& self, auto&& visit) {
    visit("step_size", self.step_size, "(0, inf)", "eta_k: step size of the server's k-th update");
    visit("buffer", self.buffer, "[1, inf)", "K: how many gradients an update takes the mean of");
    visit("delay_adaptive", self.delay_adaptive, "",
          "how a gradient's weight falls with its delay tau: to 1 / tau or 0 where tau > n / K, or always "
          "to 1 / sqrt(1 + tau)");
    visit("weight_decay", self.weight_decay, "[0, inf)", "this times x is added to every gradient");
  }
};

}  // namespace gossamer
