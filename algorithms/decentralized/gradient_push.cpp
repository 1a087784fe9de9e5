#include "algorithms/decentralized/gradient_push.hpp"

namespace gossamer {

Process GradientPush::program(Agent self) const {
  const Index d = self.dimension();
  Vector x = self.initial_point(), z = x;
  double w = 1;  // w_{t,i}: the push-sum weight
  self.watch({{"push", &x}});

  for (Round t = 1; t <= self.horizon(); ++t) {
    t = self.catch_up(patience, t);
    Vector g = co_await self.gradient(z);  // g_{t,i}, a gradient of f_i at z_{t,i}
    Vector sent(d + 1);
    sent << x - step_size(t) * g, w;  // x_{t+1/2,i} and w_{t,i}, which are averaged alike
    self.broadcast(sent);

    auto received = co_await self.gather(patience, Late::added);
    Vector sums = self.add_up(sent, received);
    x = sums.head(d);  // x_{t+1,i} = sum_j W_ij x_{t+1/2,j}
    w = sums[d];       // w_{t+1,i} = sum_j W_ij w_{t,j}
    z = x / w;         // z_{t+1,i}
    self.finished(t, z);
  }
}

void GradientPush::require(const Adjacency& graph, Index) const {
  require_patience_of_nodes(patience, graph);
}

}  // namespace gossamer
