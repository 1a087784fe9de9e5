#pragma once

#include <array>
#include <string_view>

#include "algorithms/agent/agent.hpp"

namespace gossamer {

/// Gradient tracking: y follows the average of all nodes' gradients, so that with full batches a constant
/// step reaches the minimum even where the f_i differ. P. Di Lorenzo, G. Scutari, IEEE TSIPN 2 (2016); in the
/// form of DIGing [A. Nedic, A. Olshevsky, W. Shi, SIAM J. Optim. 27 (2017)].
///   y_{t,i} = sum_j W_ij y_{t-1,j} + g_{t,i} - g_{t-1,i};   x_{t+1,i} = sum_j W_ij x_{t,j} - alpha_t y_{t,i}
/// with y_{0,i} = g_{0,i} = 0. In each round a node sends x and y in one message. DSGT [S. Pu, A. Nedic,
/// Math. Program. 187 (2021)] has mini-batches, too, but it mixes x_{t,j} - alpha_t y_{t,j}.
///
/// Where W changes, y_{t-1,j} is mixed by W_t, as x_{t,j} is, since both travel in round t. DIGing as printed
/// mixes it by W_{t-1}.
///
/// Checked: step sizes that change, outside of y.
struct GradientTracking {
  static constexpr std::array<std::string_view, 1> vectors{"y"};

  Required<Schedule> step_size;  ///< alpha_t > 0.

  Process program(Agent self) const;

  static void fields(auto& self, auto&& visit) { visit("step_size", self.step_size, "(0, inf)", "alpha"); }
};

}  // namespace gossamer
