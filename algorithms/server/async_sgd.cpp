#include "algorithms/server/async_sgd.hpp"

#include <vector>

#include "algorithms/server/delays.hpp"

namespace gossamer {

Process AsyncSgd::serve(Agent self) const {
  const Codec uncompressed = self.codec(identity());
  auto* const delay = self.measure<MeanDelay>();
  auto* const worst_delay = self.measure<WorstDelay>();
  Vector x = self.initial_point();
  std::vector<Round> sent(static_cast<std::size_t>(self.workers()));  // [i]: the update whose x worker i has

  self.broadcast(x);
  for (Round k = 1; k <= self.horizon(); ++k) {
    auto message = co_await self.receive_any();
    const NodeId i = message.from;
    Round& its_update = sent[static_cast<std::size_t>(i)];
    if (delay) delay->add(k - 1 - its_update);
    if (worst_delay) worst_delay->add(k - 1 - its_update);
    x -= uncompressed.decode(*message) * step_size(k);  // x_k = x_{k-1} - eta_k g_i
    self.send(i, x);
    its_update = k;
    self.finished(k, x);
  }
}

Process AsyncSgd::work(Agent self) const {
  const Codec uncompressed = self.codec(identity());

  for (Round t = 1;; ++t) {  // As long as the server answers.
    auto message = co_await self.receive(self.server());
    Vector x = uncompressed.decode(*message);
    Vector g = co_await self.gradient(x, weight_decay);
    self.send(self.server(), g);
    self.finished(t, x);
  }
}

}  // namespace gossamer
