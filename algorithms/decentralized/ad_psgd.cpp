#include "algorithms/decentralized/ad_psgd.hpp"

#include <optional>
#include <stdexcept>
#include <string>

namespace gossamer {

/// What the two programs of a node share.
struct AdPsgd::State {
  Vector x;                     // x_i
  std::optional<NodeId> asked;  // whose answer is under way
  Vector sent;                  // s_i, as it went there
};

Process AdPsgd::program(Agent self) const {
  const auto state = std::make_shared<State>();
  Vector& x = state->x = self.initial_point();
  const auto neighbors = self.out_neighbors();
  Rng& draws = self.random("neighbor");
  self.spawn(average(self, state));

  for (Round t = 1;; ++t) {  // Until the run ends: others may be slower.
    if (!state->asked && !neighbors.empty()) {
      state->asked = neighbors[draws.below(neighbors.size())];  // j
      state->sent = send(self, *state->asked, x);
    }
    for (int step = 0; step < local_steps; ++step) {
      if (step > 0) self.changed(x);
      Vector g = co_await self.gradient(x);
      x -= step_size(t) * g;
    }
    self.finished(t, x);
  }
}

/// In the background: answers questions, and averages with whatever comes.
Process AdPsgd::average(Agent self, std::shared_ptr<State> state) {
  const Codec uncompressed = self.codec(identity());
  Vector& x = state->x;

  for (;;) {
    auto message = co_await self.receive_any();
    const NodeId j = message.from;
    Vector s_i;
    if (state->asked == j) {  // the answer, or j's own question, sent before mine was there
      s_i = state->sent;
      state->asked.reset();
    } else {
      s_i = send(self, j, x);
    }
    Vector s_j = uncompressed.decode(*message);
    x += (s_j - s_i) / 2;
    self.changed(x);
  }
}

void AdPsgd::require(const Adjacency& graph, Index) const {
  for (NodeId i = 0; i < graph.nodes(); ++i) {
    for (const NodeId j : graph.out_neighbors(i)) {
      if (graph.arc(j, i) >= 0) continue;
      throw std::invalid_argument("ad_psgd: node " + std::to_string(j) + " cannot answer node " +
                                  std::to_string(i) +
                                  ", as no edge leads back; it takes an undirected topology");
    }
  }
}

/// Sends x, and returns what arrives.
Vector AdPsgd::send(Agent self, NodeId to, const Vector& x) {
  const Codec uncompressed = self.codec(identity());
  Encoded message = uncompressed(x);
  Vector sent = uncompressed.decode(message);
  self.send(to, std::move(message));
  return sent;
}

}  // namespace gossamer
