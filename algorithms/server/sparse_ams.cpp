#include "algorithms/server/sparse_ams.hpp"

namespace gossamer {

Process SparseAms::serve(Agent self) const {
  const Codec C = self.codec(compressor);
  Vector theta = self.initial_point();
  Vector m = zeros_like(theta), v = zeros_like(theta), v_hat = zeros_like(theta);

  for (Round t = 1; t <= self.horizon(); ++t) {
    self.broadcast(theta);  // line 5
    auto received = co_await self.gather();
    Vector g = C.mean(received);                        // line 11: (1/n) sum_i g~_{t,i}
    m = beta1 * m + (1 - beta1) * g;                    // line 12
    v = beta2 * v + (1 - beta2) * g.square();           // line 13
    v_hat = v_hat.max(v);                               // line 14
    theta -= step_size(t) * (m / (v_hat + nu).sqrt());  // line 15
    self.finished(t, theta);
  }
}

Process SparseAms::work(Agent self) const {
  return send_gradients(self, compressor, error_feedback, weight_decay);
}

void SparseAms::require(const Adjacency&, Index d) const {
  require_compressor(compressor, d, error_feedback);
}

}  // namespace gossamer
