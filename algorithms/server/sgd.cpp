#include "algorithms/server/sgd.hpp"

namespace gossamer {

Process Sgd::serve(Agent self) const {
  Vector x = self.initial_point();

  for (Round t = 1; t <= self.horizon(); ++t) {
    Vector mean = co_await mean_gradient(self, average, patience, &x, compressor, weight_decay);
    if (error_feedback) {
      x -= mean;  // x_{t+1} = x_t - (1/n) sum_i C(alpha_t g_{t,i} + e_{t,i})
    } else {
      x -= step_size(t) * mean;  // x_{t+1} = x_t - alpha_t (1/n) sum_i C(g_{t,i})
    }
    self.finished(t, x);
  }
}

Process Sgd::work(Agent self) const {
  return send_gradients(std::move(self), compressor, error_feedback, weight_decay, patience,
                        error_feedback ? *step_size : Schedule(1));
}

void Sgd::require(const Adjacency& graph, Index d) const {
  if (!has_server()) require_ring(graph);
  require_patience_of_server(patience, graph, has_server());
  require_compressor(compressor, d, error_feedback);
}

}  // namespace gossamer
