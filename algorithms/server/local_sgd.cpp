#include "algorithms/server/local_sgd.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gossamer {

std::vector<NodeId> LocalSgd::draw(int workers, Rng& rng) const {
  std::vector<NodeId> nodes(static_cast<std::size_t>(workers));
  std::iota(nodes.begin(), nodes.end(), 0);
  if (participation == 1) return nodes;
  shuffle(nodes, rng);
  nodes.resize(static_cast<std::size_t>(std::max(1L, std::lround(participation * workers))));
  std::sort(nodes.begin(), nodes.end());
  return nodes;
}

Process LocalSgd::serve(Agent self) const {
  const Codec C = self.codec(compressor);
  Rng participants = self.common_random("participation");
  Vector x = self.initial_point();
  Vector u = zeros_like(x);
  self.watch({{"u", &u}});

  for (Round t = 1; t <= self.horizon(); ++t) {
    const std::vector<NodeId> chosen = draw(self.workers(), participants);
    for (const NodeId i : chosen) self.send(i, x);
    auto received = co_await self.gather_from(chosen);
    Vector delta = C.mean(received);  // (1/m) sum_i Delta_i
    u = outer_momentum * u + delta;
    if (nesterov) {
      x -= outer_step * (delta + outer_momentum * u);
    } else {
      x -= outer_step * u;
    }
    self.finished(t, x);
  }
}

Process LocalSgd::work(Agent self) const {
  const Codec C = self.codec(compressor), uncompressed = self.codec(identity());
  Rng participants = self.common_random("participation");
  Vector y = self.initial_point();
  Vector e = zeros_like(y);  // what compression left out
  self.watch({{"e", &e}});

  for (Round t = 1; t <= self.horizon(); ++t) {
    const std::vector<NodeId> chosen = draw(self.workers(), participants);
    if (std::binary_search(chosen.begin(), chosen.end(), self.id())) {
      auto message = co_await self.receive(self.server());
      Vector x = uncompressed.decode(*message);
      y = x;
      for (int step = 0; step < local_steps; ++step) {
        Vector g = co_await self.gradient(y, weight_decay);
        y -= step_size(t) * g;
      }
      Vector delta = x - y;  // Delta_i
      if (error_feedback) delta += e;
      Encoded c = C(delta);
      if (error_feedback) {
        e = delta;
        e -= C.decode(c);
      }
      self.send(self.server(), std::move(c));
    }
    self.finished(t, y);
  }
}

void LocalSgd::require(const Adjacency&, Index d) const {
  require_compressor(compressor, d, error_feedback);
}

}  // namespace gossamer
