#include "algorithms/server/onebit_adam.hpp"

namespace gossamer {

Process OnebitAdam::work(Agent self) const {
  const Codec C = self.codec(compressor), uncompressed = self.codec(identity());
  Vector x = self.initial_point();
  Vector m = zeros_like(x), v = zeros_like(x);
  Vector e = zeros_like(x);  // e_{t,i}: what compression left out of this worker's messages
  self.watch({{"m", &m}, {"v", &v}, {"e", &e}});

  for (Round t = 1; t <= self.horizon(); ++t) {
    Vector g = co_await self.gradient(x, weight_decay);  // g_{t,i}
    if (t <= warmup) {
      self.send(self.server(), g);
      auto received = co_await self.receive(self.server());
      g = uncompressed.decode(*received);        // (1/n) sum_i g_{t,i}
      m = beta1 * m + (1 - beta1) * g;           // m_t
      v = beta2 * v + (1 - beta2) * g.square();  // v_t, frozen after the warm-up
    } else {
      e += beta1 * m + (1 - beta1) * g;  // m_{t,i} + e_{t,i}
      Encoded c = C(e);
      e -= C.decode(c);  // e_{t+1,i} = m_{t,i} + e_{t,i} - C(m_{t,i} + e_{t,i})
      self.send(self.server(), std::move(c));
      auto received = co_await self.receive(self.server());
      m = C.decode(*received);  // m_t, the same everywhere
    }
    x -= step_size(t) * (m / (v + nu).sqrt());
    self.finished(t, x);
  }
}

Process OnebitAdam::serve(Agent self) const {
  const Codec C = self.codec(compressor), uncompressed = self.codec(identity());
  Vector e = zeros_like(self.initial_point());  // what compression left out of the server's messages
  self.watch({{"e", &e}});

  for (Round t = 1; t <= self.horizon(); ++t) {
    auto received = co_await self.gather();
    if (t <= warmup) {
      self.broadcast(uncompressed.mean(received));
    } else {
      e += C.mean(received);
      Encoded c = C(e);
      e -= C.decode(c);
      self.broadcast(std::move(c));
    }
    self.finished(t);
  }
}

void OnebitAdam::require(const Adjacency&, Index d) const {
  require_compressor(compressor, d, true);
}

}  // namespace gossamer
