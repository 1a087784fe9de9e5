#include "algorithms/decentralized/dadam.hpp"

namespace gossamer {

Process Dadam::program(Agent self) const {
  Vector x = co_await first_iterate(self);
  Vector m = zeros_like(x), v = zeros_like(x);
  Vector v_hat = constant_like(x, epsilon);
  self.watch({{"m", &m}, {"v", &v}, {"v_hat", &v_hat}});

  for (Round t = 1; t <= self.horizon(); ++t) {
    t = self.catch_up(patience, t);
    self.broadcast(x);                     // x_{t,i} travels during the computation of
    Vector g = co_await self.gradient(x);  // g_{t,i}, a gradient of f_i at x_{t,i}

    m = beta1 * m + (1 - beta1) * g;                     // m_{t,i}
    v = beta2 * v + (1 - beta2) * g.square();            // v_{t,i}
    v_hat = beta3 * v_hat + (1 - beta3) * v_hat.max(v);  // v_hat_{t,i}

    auto received = co_await self.gather(patience);
    Vector x_half = self.mix(x, received);           // x_{t+1/2,i} = sum_j W_ij x_{t,j}
    x = x_half - step_size(t) * (m / v_hat.sqrt());  // x_{t+1,i}
    self.finished(t, x);
  }
}

void Dadam::require(const Adjacency& graph, Index) const {
  require_patience_of_nodes(patience, graph);
}

}  // namespace gossamer
