#include "algorithms/server/ef21.hpp"

namespace gossamer {

Process Ef21::work(Agent self) const {
  const Codec C = self.codec(compressor), uncompressed = self.codec(identity());
  Vector x = self.initial_point();
  Vector g_hat = zeros_like(x);  // this worker's gradient as the server knows it
  Vector g = zeros_like(x);      // the mean of these as the workers know it
  self.watch({{"g_hat", &g_hat}, {"g", &g}});

  for (Round t = 1; t <= self.horizon(); ++t) {
    Vector gradient = co_await self.gradient(x, weight_decay);
    Encoded c = C(gradient - g_hat);  // c_i = C(grad f_i(x) - g^_i)
    g_hat += C.decode(c);             // g^_i <- g^_i + c_i
    self.send(self.server(), std::move(c));

    auto received = co_await self.receive(self.server());
    if (bidirectional) {
      g += C.decode(*received);
    } else {
      g = uncompressed.decode(*received);
    }
    x -= step_size(t) * g;
    self.finished(t, x);
  }
}

Process Ef21::serve(Agent self) const {
  const Codec C = self.codec(compressor);
  Vector g_hat = zeros_like(self.initial_point());  // (1/n) sum_i g^_i
  Vector g = g_hat;                                 // the same as the workers know it
  self.watch({{"g_hat", &g_hat}, {"g", &g}});

  for (Round t = 1; t <= self.horizon(); ++t) {
    auto received = co_await self.gather();
    g_hat += C.mean(received);
    if (bidirectional) {
      Encoded c = C(g_hat - g);
      g += C.decode(c);
      self.broadcast(std::move(c));
    } else {
      self.broadcast(g_hat);
    }
    self.finished(t);
  }
}

void Ef21::require(const Adjacency&, Index d) const {
  require_compressor(compressor, d, true);
}

}  // namespace gossamer
