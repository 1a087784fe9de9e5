#include "algorithms/server/error_feedback.hpp"

namespace gossamer {

Process send_gradients(Agent self, Compressor compressor, bool error_feedback, double weight_decay,
                       Patience server_waits, Schedule eta) {
  const Codec C = self.codec(compressor), uncompressed = self.codec(identity());
  Vector e = Vector::Zero(self.initial_point().size());  // e_{t,i}
  self.watch({{"e", &e}});

  for (Round t = 1; t <= self.horizon(); ++t) {
    auto message = co_await self.receive(self.server());
    if (server_waits.any()) t = self.join_newest(message);
    Vector x = uncompressed.decode(*message);            // theta_t
    Vector g = co_await self.gradient(x, weight_decay);  // g_{t,i}
    Vector p = eta(t) * g + e;
    Encoded c = C(p);  // g~_{t,i} = C(eta_t g_{t,i} + e_{t,i})
    if (error_feedback) {
      e = p;  // e_{t+1,i} = e_{t,i} + eta_t g_{t,i} - g~_{t,i}
      e -= C.decode(c);
    }
    self.send(self.server(), std::move(c));
    self.finished(t, x);
  }
}

Task<Vector> mean_gradient(Agent self, Average average, Patience patience, const Vector* x,
                           Compressor compressor, double weight_decay) {
  if (average == Average::server) {
    self.broadcast(*x);
    auto received = co_await self.gather(patience);
    co_return self.codec(compressor).mean(received);
  }
  Vector g = co_await self.gradient(*x, weight_decay);
  Vector sum = co_await ring_all_reduce(self, std::move(g));
  co_return sum / self.workers();
}

}  // namespace gossamer
