#include "algorithms/server/sparse_ams.hpp"

#include <stdexcept>

namespace gossamer {

Process SparseAms::serve_model(Agent self) const {
  Vector theta = self.initial_point();
  Vector m = zeros_like(theta), v = zeros_like(theta), v_hat = zeros_like(theta);
  self.watch({{"m", &m}, {"v", &v}, {"v_hat", &v_hat}});

  for (Round t = 1; t <= self.horizon(); ++t) {
    // lines 5 to 11
    Vector g = co_await mean_gradient(self, average, patience, &theta, compressor, weight_decay);
    m = beta1 * m + (1 - beta1) * g;                    // line 12
    v = beta2 * v + (1 - beta2) * g.square();           // line 13
    v_hat = v_hat.max(v);                               // line 14
    theta -= step_size(t) * (m / (v_hat + nu).sqrt());  // line 15
    self.finished(t, theta);
  }
}

Process SparseAms::serve_gradients(Agent self) const {
  const Codec C = self.codec(compressor);
  Vector e = zeros_like(self.initial_point());
  self.watch({{"e", &e}});

  for (Round t = 1; t <= self.horizon(); ++t) {
    auto received = co_await self.gather();
    Vector p = C.mean(received) + e;  // (1/n) sum_i g~_{t,i}, and what was left out before
    Encoded c = C(p);
    if (error_feedback) {
      e = p;
      e -= C.decode(c);
    }
    self.broadcast(std::move(c));
    self.finished(t);
  }
}

Process SparseAms::work_both_ways(Agent self) const {
  const Codec C = self.codec(compressor);
  Vector theta = self.initial_point();
  Vector e = zeros_like(theta);
  Vector m = e, v = e, v_hat = e;
  self.watch({{"e", &e}, {"m", &m}, {"v", &v}, {"v_hat", &v_hat}});

  for (Round t = 1; t <= self.horizon(); ++t) {
    Vector p = co_await self.gradient(theta, weight_decay);  // g_{t,i}
    p += e;
    Encoded c = C(p);  // g~_{t,i}
    if (error_feedback) {
      e = p;
      e -= C.decode(c);
    }
    self.send(self.server(), std::move(c));

    auto received = co_await self.receive(self.server());
    Vector g = C.decode(*received);
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g.square();
    v_hat = v_hat.max(v);
    theta -= step_size(t) * (m / (v_hat + nu).sqrt());
    self.finished(t, theta);
  }
}

Process SparseAms::work(Agent self) const {
  if (both_ways) return work_both_ways(std::move(self));
  return send_gradients(std::move(self), compressor, error_feedback, weight_decay, patience);
}

void SparseAms::require(const Adjacency& graph, Index d) const {
  if (!has_server()) require_ring(graph);
  require_patience_of_server(patience, graph, has_server());
  if (both_ways && patience.any()) {
    throw std::invalid_argument(
        "both_ways: workers that hold x cannot miss a round; leave out wait_for and wait_at_most");
  }
  require_compressor(compressor, d, error_feedback);
}

}  // namespace gossamer
