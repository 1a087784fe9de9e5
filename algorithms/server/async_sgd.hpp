#pragma once

#include <array>
#include <string_view>

#include "algorithms/agent/agent.hpp"

namespace gossamer {

/// Asynchronous SGD with a server. A. Agarwal, J. Duchi, NeurIPS 2011. For every gradient that arrives, in
/// the order of arrival, the server makes a step and sends the new x back to that worker alone.
///   x_k = x_{k-1} - eta_k g_i(x_{k-1-delay}),   where k = 1, 2, ... counts the server's updates.
/// Checked: step sizes that change, as the server counts; weight decay, at the x that the worker has.
/// Nodes share no rounds: the run ends after `stop.iterations` updates.
struct AsyncSgd {
  static constexpr bool shares_rounds = false;
  static constexpr std::array<std::string_view, 2> metrics{"delay", "worst_delay"};

  Required<Schedule> step_size;  ///< eta_k > 0.
  double weight_decay = 0;       ///< >= 0: times x, part of g_i.

  Process serve(Agent self) const;
  Process work(Agent self) const;

  static void fields(auto& self, auto&& visit) {
    visit("step_size", self.step_size, "(0, inf)", "eta_k: step size of the server's k-th update");
    visit("weight_decay", self.weight_decay, "[0, inf)", "this times x is added to every gradient");
  }
};

}  // namespace gossamer
