#include "algorithms/decentralized/dgd.hpp"

namespace gossamer {

Process Dgd::program(Agent self) const {
  Vector x = co_await first_iterate(self);

  for (Round t = 1; t <= self.horizon(); ++t) {
    t = self.catch_up(patience, t);
    self.broadcast(x);                     // x_{t,i} travels during the computation of
    Vector g = co_await self.gradient(x);  // g_{t,i}, a gradient of f_i at x_{t,i}

    auto received = co_await self.gather(patience);
    x = self.mix(x, received) - step_size(t) * g;  // x_{t+1,i} = sum_j W_ij x_{t,j} - alpha_t g_{t,i}
    self.finished(t, x);
  }
}

void Dgd::require(const Adjacency& graph, Index) const {
  require_patience_of_nodes(patience, graph);
}

}  // namespace gossamer
