#include "algorithms/server/ring_all_reduce.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "algorithms/compressors/bits.hpp"

namespace gossamer {
namespace {

/// Chunk c of x, cut into n; c counts modulo n, from -n on.
std::span<double> chunk(Vector& x, Index c, Index n) {
  c = (c + n) % n;
  const Index first = c * x.size() / n, end = (c + 1) * x.size() / n;
  return coordinates(x).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(end - first));
}

Encoded encoded(const Agent& self, std::span<const double> x) {
  return self.on_wire([&] {
    BitWriter out;
    put_coordinates(x, self.wire(), out);
    return out.finish();
  });
}

/// sum <- sum + what the message says.
void add(const Agent& self, const Encoded& message, std::span<double> sum) {
  BitReader in(message);
  add_coordinates(in, self.wire(), 1, sum);
  in.finish();
}

/// x <- what the message says.
void replace(const Agent& self, const Encoded& message, std::span<double> x) {
  std::ranges::fill(x, 0);
  add(self, message, x);
}

}  // namespace

Task<Vector> ring_all_reduce(Agent self, Vector x) {
  const NodeId n = self.workers(), i = self.id();
  const NodeId left = (i + n - 1) % n, right = (i + 1) % n;
  if (n == 1) co_return x;

  // Reduce-scatter: chunk c sets out from node c, and node c - 1 completes it.
  for (int step = 0; step < n - 1; ++step) {
    self.send(right, encoded(self, chunk(x, i - step, n)));
    auto received = co_await self.receive(left);
    add(self, *received, chunk(x, i - step - 1, n));
  }
  // All-gather: chunk c sets out from node c - 1, complete, and is handed on as it comes.
  Encoded sum = encoded(self, chunk(x, i + 1, n));
  replace(self, sum, chunk(x, i + 1, n));
  for (int step = 0; step < n - 1; ++step) {
    self.send(right, std::move(sum));
    auto received = co_await self.receive(left);
    sum = *received;
    replace(self, sum, chunk(x, i - step, n));
  }
  co_return x;
}

void require_ring(const Adjacency& graph) {
  const NodeId n = graph.nodes();
  for (NodeId i = 0; i < n; ++i) {
    std::vector<NodeId> neighbors{(i + n - 1) % n, (i + 1) % n};
    std::ranges::sort(neighbors);
    neighbors.erase(std::unique(neighbors.begin(), neighbors.end()), neighbors.end());
    std::erase(neighbors, i);
    if (std::ranges::equal(graph.out_neighbors(i), neighbors)) continue;
    throw std::invalid_argument(
        "average: ring_all_reduce goes around a ring; it takes topology: {kind: ring, nodes: n}");
  }
}

}  // namespace gossamer
