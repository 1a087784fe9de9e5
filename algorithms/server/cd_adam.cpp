#include "algorithms/server/cd_adam.hpp"

namespace gossamer {

Process CdAdam::work(Agent self) const {
  const Codec C = self.codec(compressor);
  Vector x = self.initial_point();
  Vector g_hat = zeros_like(x);    // g^_t^(i): this worker's gradient as the server knows it
  Vector g_tilde = zeros_like(x);  // g~_t: the server's mean of these as the workers know it
  Vector m = zeros_like(x), v = zeros_like(x), v_hat = zeros_like(x);
  self.watch({{"g_hat", &g_hat}, {"g_tilde", &g_tilde}, {"m", &m}, {"v", &v}, {"v_hat", &v_hat}});

  for (Round t = 1; t <= self.horizon(); ++t) {
    Vector g = co_await self.gradient(x, weight_decay);  // line 4
    Encoded c = C(g - g_hat);                            // line 5: c_t^(i)
    g_hat += C.decode(c);                                // line 6
    self.send(self.server(), std::move(c));

    auto received = co_await self.receive(self.server());
    g_tilde += C.decode(*received);                  // line 12
    m = beta1 * m + (1 - beta1) * g_tilde;           // line 13
    v = beta2 * v + (1 - beta2) * g_tilde.square();  // line 14
    v_hat = v_hat.max(v);                            // line 15
    x -= step_size(t) * (m / (v_hat + nu).sqrt());   // line 16
    self.finished(t, x);
  }
}

Process CdAdam::serve(Agent self) const {
  const Codec C = self.codec(compressor);
  Vector g_hat = zeros_like(self.initial_point());  // g^_t: the mean of the workers' g^_t^(i)
  Vector g_tilde = g_hat;                           // g~_t: the same as the workers know it
  self.watch({{"g_hat", &g_hat}, {"g_tilde", &g_tilde}});

  for (Round t = 1; t <= self.horizon(); ++t) {
    auto received = co_await self.gather();
    g_hat += C.mean(received);       // line 8
    Encoded c = C(g_hat - g_tilde);  // line 9: c_t
    g_tilde += C.decode(c);          // line 10
    self.broadcast(std::move(c));
    self.finished(t);
  }
}

void CdAdam::require(const Adjacency&, Index d) const {
  require_compressor(compressor, d, true);
}

}  // namespace gossamer
