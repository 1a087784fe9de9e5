#include "algorithms/server/async_sgd.hpp"

#include <stdexcept>
#include <string>
#include <vector>

namespace gossamer {

Process AsyncSgd::serve(Agent self) const {
  const Codec uncompressed = self.codec(identity());
  const double concurrency = static_cast<double>(self.workers()) / buffer;  // tau_C
  auto* const mean_delay = self.measure<MeanDelay>();
  auto* const worst_delay = self.measure<WorstDelay>();
  Vector x = self.initial_point();
  std::vector<Round> sent(static_cast<std::size_t>(self.workers()));  // [i]: the update whose x worker i has
  std::vector<NodeId> waiting;                                        // whose gradients are in the buffer

  self.broadcast(x);
  for (Round k = 1; k <= self.horizon(); ++k) {
    for (int filled = 0; filled < buffer;) {
      auto message = co_await self.receive_any();
      const NodeId i = message.from;
      if (message->bits == Bits{}) {  // A worker that has come back after a crash asks for x.
        std::erase(waiting, i);
        self.send(i, x);
        sent[static_cast<std::size_t>(i)] = k - 1;
        continue;
      }
      ++filled;
      const Round tau = k - 1 - sent[static_cast<std::size_t>(i)];
      if (mean_delay) mean_delay->add(tau);
      if (worst_delay) worst_delay->add(tau);
      const double s = scale(delay_adaptive, tau, concurrency);
      x -= uncompressed.decode(*message) * (step_size(k) * s / buffer);  // (eta_k / K) s(tau_i) g_i
      waiting.push_back(i);
    }
    for (const NodeId i : waiting) {
      self.send(i, x);  // x_k
      sent[static_cast<std::size_t>(i)] = k;
    }
    waiting.clear();
    self.finished(k, x);
  }
}

Process AsyncSgd::work(Agent self) const {
  const Codec uncompressed = self.codec(identity());
  if (self.is_back()) self.send(self.server(), Vector());  // Nothing, which asks for x.

  for (Round t = 1;; ++t) {  // As long as the server answers.
    auto message = co_await self.receive(self.server());
    self.take_newest(message);  // There is another only after a crash.
    Vector x = uncompressed.decode(*message);
    Vector g = co_await self.gradient(x, weight_decay);
    self.send(self.server(), g);
    self.finished(t, x);
  }
}

void AsyncSgd::require(const Adjacency& graph, Index) const {
  const NodeId workers = graph.nodes() - 1;
  if (buffer <= workers) return;
  throw std::invalid_argument("buffer: " + std::to_string(workers) +
                              " workers, of which each sends one gradient at a time, never fill one of " +
                              std::to_string(buffer) + "; it takes up to " + std::to_string(workers));
}

}  // namespace gossamer
