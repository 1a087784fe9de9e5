#include "algorithms/decentralized/decentralized_adaptive.hpp"

namespace gossamer {

Process DecentralizedAdaptive::program(Agent self) const {
  Vector x = co_await first_iterate(self);
  Vector m = zeros_like(x), v = zeros_like(x);
  Vector v_hat = constant_like(x, epsilon);  // v_hat_{0,i}
  Vector u_half = v_hat;                     // u~_{1/2,i}
  Vector squares = zeros_like(x);            // sum_{k <= t} g_{k,i}^2
  self.watch({{"m", &m}, {"v", &v}, {"v_hat", &v_hat}, {"u_half", &u_half}});

  for (Round t = 1; t <= self.horizon(); ++t) {
    t = self.catch_up(patience, t);
    self.broadcast(x, u_half);             // x_{t,i} and u~_{t-1/2,i} travel during the computation of
    Vector g = co_await self.gradient(x);  // g_{t,i}, a gradient of f_i at x_{t,i}

    m = beta1 * m + (1 - beta1) * g;           // m_{t,i}
    v = beta2 * v + (1 - beta2) * g.square();  // v_{t,i}
    squares += g.square();
    Vector v_hat_before = v_hat;
    switch (rule) {  // v_hat_{t,i} = r_t(g_{1,i}, ..., g_{t,i})
      case Rule::amsgrad:
        v_hat = v_hat.max(v);
        break;
      case Rule::adam:
        v_hat = v;
        break;
      case Rule::adagrad:
        v_hat = squares / static_cast<double>(t);
        break;
    }

    auto received = co_await self.gather(patience);
    Vector x_half = self.mix(x, received);           // x_{t+1/2,i} = sum_j W_ij x_{t,j}
    Vector u_tilde = self.mix(u_half, received, 1);  // u~_{t,i} = sum_j W_ij u~_{t-1/2,j}
    Vector u = u_tilde.max(epsilon);                 // u_{t,i}
    x = x_half - step_size(t) * (m / u.sqrt());      // x_{t+1,i}
    u_half = u_tilde - v_hat_before + v_hat;         // u~_{t+1/2,i}
    self.finished(t, x);
  }
}

void DecentralizedAdaptive::require(const Adjacency& graph, Index) const {
  require_patience_of_nodes(patience, graph);
}

}  // namespace gossamer
