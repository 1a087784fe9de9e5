#include "algorithms/server/sgd.hpp"

namespace gossamer {

Process Sgd::serve(Agent self) const {
  const Codec C = self.codec(compressor);
  Vector x = self.initial_point();

  for (Round t = 1; t <= self.horizon(); ++t) {
    self.broadcast(x);  // x_t
    auto received = co_await self.gather();
    Vector g = C.mean(received);  // (1/n) sum_i C(g_{t,i} + e_{t,i})
    x -= step_size(t) * g;        // x_{t+1}
    self.finished(t, x);
  }
}

Process Sgd::work(Agent self) const {
  return send_gradients(self, compressor, error_feedback, weight_decay);
}

void Sgd::require(const Adjacency&, Index d) const {
  require_compressor(compressor, d, error_feedback);
}

}  // namespace gossamer
