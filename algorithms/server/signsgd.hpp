#pragma once

#include "algorithms/agent/agent.hpp"

namespace gossamer {

/// signSGD with majority vote. J. Bernstein et al., ICML 2018, Algorithm 1. One bit per coordinate,
/// up and down.
///   x_{t+1} = x_t - alpha_t sign(sum_i sign(g_{t,i})),   sign(0) = +1, in ties too.
/// Checked: step sizes that change; weight decay, inside of the sign.
struct SignSgd {
  Required<Schedule> step_size;  ///< alpha_t > 0.
  double weight_decay = 0;       ///< >= 0: times x_t, part of g_{t,i}.

  Process serve(Agent self) const;
  Process work(Agent self) const;

  static void fields(auto& self, auto&& visit) {
    visit("step_size", self.step_size, "(0, inf)", "alpha");
    visit("weight_decay", self.weight_decay, "[0, inf)", "this times x is added to every gradient");
  }
};

}  // namespace gossamer
