#include "algorithms/decentralized/choco_sgd.hpp"

namespace gossamer {

Process ChocoSgd::program(Agent self) const {
  const Codec C = self.codec(compressor);
  Vector x = self.initial_point();
  Vector x_hat = zeros_like(x);  // x^_{t,i}: this node's iterate as its neighbours know it
  Vector x_bar = zeros_like(x);  // sum_j W_ij x^_{t,j}, which is all that a node needs of the others'
  self.watch({{"x_hat", &x_hat}, {"x_bar", &x_bar}});

  for (Round t = 1; t <= self.horizon(); ++t) {
    t = self.catch_up(patience, t);
    Vector g = co_await self.gradient(x);
    Vector x_half = x - step_size(t) * g;  // x_{t+1/2,i}
    Encoded q = C(x_half - x_hat);         // q_{t,i}
    Vector own = C.decode(q);
    self.broadcast(std::move(q));

    auto received = co_await self.gather(patience, Late::added);
    x_hat += own;                                    // x^_{t+1,i}
    x_bar += self.add_up(own, received, C);          // sum_j W_ij x^_{t+1,j}
    x = x_half + *consensus_step * (x_bar - x_hat);  // x_{t+1,i}, as the W_ij sum to 1
    self.finished(t, x);
  }
}

void ChocoSgd::require(const Adjacency& graph, Index d) const {
  require_patience_of_nodes(patience, graph);
  require_compressor(compressor, d, true);
}

}  // namespace gossamer
