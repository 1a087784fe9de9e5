#include "algorithms/decentralized/gradient_tracking.hpp"

namespace gossamer {

Process GradientTracking::program(Agent self) const {
  Vector x = self.initial_point();
  Vector y = zeros_like(x);         // y_{t-1,i}: what this node knows of the average gradient
  Vector g_before = zeros_like(x);  // g_{t-1,i}
  self.watch({{"y", &y}});

  for (Round t = 1; t <= self.horizon(); ++t) {
    self.broadcast(x, y);                  // x_{t,i} and y_{t-1,i} travel during the computation of
    Vector g = co_await self.gradient(x);  // g_{t,i}, a gradient of f_i at x_{t,i}

    auto received = co_await self.gather();
    y = self.mix(y, received, 1) + g - g_before;   // y_{t,i} = sum_j W_ij y_{t-1,j} + g_{t,i} - g_{t-1,i}
    x = self.mix(x, received) - step_size(t) * y;  // x_{t+1,i} = sum_j W_ij x_{t,j} - alpha_t y_{t,i}
    g_before = g;
    self.finished(t, x);
  }
}

}  // namespace gossamer
