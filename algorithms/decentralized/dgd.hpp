#pragma once

#include "algorithms/agent/agent.hpp"

namespace gossamer {

/// DGD, also called D-PSGD with mini-batches: decentralized (sub)gradient descent.
/// A. Nedic, A. Ozdaglar, IEEE TAC 54 (2009), Eq. (3); X. Lian et al., NeurIPS 2017, Algorithm 1.
///   x_{t+1,i} = sum_j W_ij x_{t,j} - alpha_t g_{t,i}
/// Checked: step sizes that change.
struct Dgd {
  Required<Schedule> step_size;  ///< alpha_t > 0.

  Process program(Agent self) const;

  static void fields(auto& self, auto&& visit) { visit("step_size", self.step_size, "(0, inf)", "alpha"); }
};

}  // namespace gossamer
