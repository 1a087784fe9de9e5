// A star whose workers share one link to their server and one back, as several benchmarks run it.
#pragma once

#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "sim/networks/links.hpp"
#include "sim/node.hpp"
#include "tests/benchmarks/benchmarks.hpp"

namespace gossamer {

constexpr LinkParameters benchmark_link{std::chrono::milliseconds(1), {100'000'000}};

/// 1 ms, or with jitter 1 ms (1 + ((7919 i + 104729 t) mod 1000) / 1000), so that few events coincide.
inline Duration compute_time(NodeId i, int t, bool jitter) {
  return Duration{1'000'000 + (jitter ? 1000 * ((7919LL * i + 104729LL * t) % 1000) : 0)};
}

/// A message of a kilobyte.
struct Block {
  double value = 0;
};
constexpr Bits wire_bits(const Block&) {
  return {8'000};
}

inline Process work_in_star(Node self, NodeId server, int rounds) {
  for (int t = 0; t < rounds; ++t) {
    co_await self.sleep(compute_time(self.id(), t, true));
    self.send(server, Block{1});
    co_await self.receive<Block>(server);
  }
}
inline Process serve_star(Node self, int rounds) {
  for (int t = 0; t < rounds; ++t) {
    co_await self.gather<Block>();
    self.broadcast(Block{2});
  }
}

/// CPU seconds of such a star over a network model. All messages up travel link 0, all down link 1.
template <class Model>
double run_star(NodeId workers, int rounds) {
  const auto n = static_cast<std::size_t>(workers);
  std::vector<std::pair<NodeId, NodeId>> edges;
  for (NodeId i = 0; i < workers; ++i) edges.emplace_back(i, workers);
  Links links;
  links.parameters.assign(2, benchmark_link);
  links.first.resize(2 * n + 1);
  std::iota(links.first.begin(), links.first.end(), 0);
  links.routes.assign(n, 0);
  links.routes.resize(2 * n, 1);
  Pool pool(1);
  Simulation simulation(Adjacency(workers + 1, edges), std::make_unique<Model>(std::move(links), Bytes{0}),
                        pool);
  const double begin = cpu_seconds();
  for (NodeId i = 0; i < workers; ++i) {
    simulation.spawn(i, work_in_star(Node(simulation, i), workers, rounds));
  }
  simulation.spawn(workers, serve_star(Node(simulation, workers), rounds));
  simulation.run();
  return cpu_seconds() - begin;
}

}  // namespace gossamer
