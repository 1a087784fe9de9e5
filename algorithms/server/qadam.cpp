#include "algorithms/server/qadam.hpp"

namespace gossamer {

Process QAdam::work(Agent self) const {
  const Codec C = self.codec(compressor), uncompressed = self.codec(identity());
  Vector x = self.initial_point();
  Vector m = zeros_like(x), v = zeros_like(x);
  Vector e = zeros_like(x);  // e_{t,i}: what compression left out
  self.watch({{"m", &m}, {"v", &v}, {"e", &e}});

  for (Round t = 1; t <= self.horizon(); ++t) {
    Vector g = co_await self.gradient(x, weight_decay);  // g_{t,i}
    m = beta1 * m + (1 - beta1) * g;                     // m_{t,i}
    v = beta2 * v + (1 - beta2) * g.square();            // v_{t,i}
    e += step_size(t) * (m / (v + nu).sqrt());
    Encoded c = C(e);  // C(alpha_t m_{t,i} / sqrt(v_{t,i} + nu) + e_{t,i})
    e -= C.decode(c);  // e_{t+1,i}
    self.send(self.server(), std::move(c));

    auto received = co_await self.receive(self.server());
    x -= uncompressed.decode(*received);
    self.finished(t, x);
  }
}

Process QAdam::serve(Agent self) const {
  const Codec C = self.codec(compressor);

  for (Round t = 1; t <= self.horizon(); ++t) {
    auto received = co_await self.gather();
    self.broadcast(C.mean(received));
    self.finished(t);
  }
}

void QAdam::require(const Adjacency&, Index d) const {
  require_compressor(compressor, d, true);
}

}  // namespace gossamer
