#pragma once

#include "algorithms/agent/agent.hpp"

namespace gossamer {

/// Gradient tracking, called DSGT with mini-batches: y follows the average of all nodes' gradients, so that
/// with full batches a constant step reaches the minimum even where the f_i differ. P. Di Lorenzo,
/// G. Scutari, IEEE TSIPN 2 (2016); S. Pu, A. Nedic, Math. Program. 187 (2021), Eq. (6).
///   y_{t,i} = sum_j W_ij y_{t-1,j} + g_{t,i} - g_{t-1,i};   x_{t+1,i} = sum_j W_ij x_{t,j} - alpha_t y_{t,i}
/// with y_{0,i} = g_{0,i} = 0. In each round a node sends x and y in one message.
struct GradientTracking {
  Required<Schedule> step_size;  ///< alpha_t > 0.

  Process program(Agent self) const;

  static void fields(auto& self, auto&& visit) { visit("step_size", self.step_size, "(0, inf)", "alpha"); }
};

}  // namespace gossamer
