#include "algorithms/server/local_sgd.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace gossamer {

int LocalSgd::share_of(int workers) const {
  return static_cast<int>(std::max(1L, std::lround(participation * workers)));
}

std::vector<NodeId> LocalSgd::draw(int workers, Rng& rng) const {
  std::vector<NodeId> nodes(static_cast<std::size_t>(workers));
  std::iota(nodes.begin(), nodes.end(), 0);
  if (participation == 1) return nodes;
  shuffle(nodes, rng);
  nodes.resize(static_cast<std::size_t>(share_of(workers)));
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
    auto received = co_await self.gather_from(chosen, patience);
    make_outer_step(x, u, C.mean(received));  // along (1/m) sum_i Delta_i
    self.finished(t, x);
  }
}

void LocalSgd::make_outer_step(Vector& x, Vector& u, const Vector& delta) const {
  u = outer_momentum * u + delta;
  if (nesterov) {
    x -= outer_step * (delta + outer_momentum * u);
  } else {
    x -= outer_step * u;
  }
}

Task<Vector> LocalSgd::make_local_steps(Agent self, Vector y, Round t) const {
  for (int step = 0; step < local_steps; ++step) {
    Vector g = co_await self.gradient(y, weight_decay);
    y -= step_size(t) * g;
  }
  co_return y;
}

Process LocalSgd::program(Agent self) const {
  Vector x = self.initial_point();
  Vector u = zeros_like(x);
  self.watch({{"u", &u}});

  for (Round t = 1; t <= self.horizon(); ++t) {
    Vector y = co_await make_local_steps(self, x, t);
    Vector sum = co_await ring_all_reduce(self, x - y);  // sum_i Delta_i
    make_outer_step(x, u, sum / self.workers());
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
    bool takes_part = true;  // Where the server does not wait for all, it decides.
    if (!patience.any()) {
      const std::vector<NodeId> chosen = draw(self.workers(), participants);
      takes_part = std::binary_search(chosen.begin(), chosen.end(), self.id());
    }
    if (takes_part) {
      auto message = co_await self.receive(self.server());
      if (patience.any()) t = self.join_newest(message);
      Vector x = uncompressed.decode(*message);
      y = co_await make_local_steps(self, x, t);
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

void LocalSgd::require(const Adjacency& graph, Index d) const {
  require_compressor(compressor, d, error_feedback);
  require_patience_of_server(patience, graph, has_server());
  if (has_server()) {
    const int take_part = share_of(graph.nodes() - 1);
    if (!patience.first || *patience.first <= take_part) return;
    throw std::invalid_argument("wait_for: " + std::to_string(take_part) +
                                " workers take part in a round; it takes at most so many");
  }
  require_ring(graph);
  if (participation == 1 && is_identity(compressor) && !error_feedback) return;
  throw std::invalid_argument(
      "average: ring_all_reduce sums the moves of all nodes, uncompressed; leave out participation, "
      "compressor and "
      "error_feedback, or take average: server");
}

}  // namespace gossamer
