// Workers that share their server's link: first come, first served, and max-min fair.
#include <fmt/format.h>

#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "sim/networks/max_min_fair.hpp"
#include "sim/networks/store_and_forward.hpp"
#include "sim/node.hpp"
#include "tests/benchmarks/benchmarks.hpp"

namespace gossamer {
namespace {

using namespace std::chrono_literals;

struct Block {
  double value;
};
Bits wire_bits(const Block&) {
  return {8'000};
}

Process work(Node self, NodeId server, int rounds) {
  for (int t = 0; t < rounds; ++t) {
    co_await self.sleep(Duration{1'000'000 + 1000 * ((7919LL * self.id() + 104729LL * t) % 1000)});
    self.send(server, Block{1});
    co_await self.receive<Block>(server);
  }
}
Process serve(Node self, int rounds) {
  for (int t = 0; t < rounds; ++t) {
    co_await self.gather<Block>();
    self.broadcast(Block{2});
  }
}

/// All messages up travel link 0, all down link 1, of 100 Mbit/s.
Links shared_links(NodeId workers) {
  Links links;
  links.parameters.assign(2, {1ms, {100'000'000}});
  links.first.resize(2 * static_cast<std::size_t>(workers) + 1);
  std::iota(links.first.begin(), links.first.end(), 0);
  links.routes.assign(static_cast<std::size_t>(workers), 0);
  links.routes.resize(2 * static_cast<std::size_t>(workers), 1);
  return links;
}

double run_star(NodeId workers, int rounds, bool fair) {
  std::vector<std::pair<NodeId, NodeId>> edges;
  for (NodeId i = 0; i < workers; ++i) edges.emplace_back(i, workers);
  std::unique_ptr<NetworkModel> model;
  if (fair) {
    model = std::make_unique<MaxMinFair>(shared_links(workers), Bytes{0});
  } else {
    model = std::make_unique<StoreAndForward>(shared_links(workers), Bytes{0});
  }
  Pool pool(1);
  Simulation simulation(Adjacency(workers + 1, edges), std::move(model), pool);
  const double begin = cpu_seconds();
  for (NodeId i = 0; i < workers; ++i) simulation.spawn(i, work(Node(simulation, i), workers, rounds));
  simulation.spawn(workers, serve(Node(simulation, workers), rounds));
  simulation.run();
  return cpu_seconds() - begin;
}

}  // namespace

void benchmark_sharing() {
  fmt::print("A star of workers on one shared link, 1 kB, jittered: messages per CPU second\n");
  fmt::print("{:>8} {:>7} | {:>14} {:>14} {:>6} | {:>7} {:>6}\n", "workers", "rounds", "store, forward",
             "max-min fair", "ratio", "s", "GiB");
  for (const auto& [workers, rounds] : {std::pair{100, 5'000}, {1'000, 500}, {131'072, 100}}) {
    const Measured served = measure_apart([&] { return run_star(workers, rounds, false); });
    const Measured fair = measure_apart([&] { return run_star(workers, rounds, true); });
    const double messages = 2e-6 * workers * rounds;
    fmt::print("{:>8} {:>7} | {:>12.2f} M {:>12.2f} M {:>6.2f} | {:>7.1f} {:>6.2f}{}\n", workers, rounds,
               messages / served.seconds, messages / fair.seconds, served.seconds / fair.seconds,
               fair.seconds, fair.peak_bytes / (1 << 30),
               workers > 100'000 ? " (targets: up to 10 s and 1 GiB)" : "");
  }
  fmt::print("\n");
}

}  // namespace gossamer
