// Workers that share their server's link: first come, first served, and max-min fair.
#include <fmt/format.h>

#include <array>
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

// ---- Many flows in parts of the network that share no link.

constexpr NodeId pairs = 2'500;  // Of senders and receivers, each with a link of its own ...
constexpr int flows_each = 4;    // ... that so many messages share at any time.

/// Sends its next message when one has arrived.
Process keep_sending(Node self, int messages) {
  const NodeId to = self.id() + pairs;
  for (int k = 0; k < flows_each; ++k) self.send(to, Block{1});
  for (int k = 0; k < messages; ++k) {
    co_await self.receive<Block>(to);
    self.send(to, Block{1});
  }
}
Process acknowledge(Node self, int messages) {
  for (int k = 0; k < messages; ++k) {
    co_await self.receive<Block>(self.id() - pairs);
    self.send(self.id() - pairs, Block{1});
  }
}

/// CPU seconds for each time that a flow starts or has left, with answers over links of unlimited bandwidth.
double seconds_per_change(int messages) {
  std::vector<std::pair<NodeId, NodeId>> edges;
  for (NodeId i = 0; i < pairs; ++i) edges.emplace_back(i, i + pairs);
  Adjacency graph(2 * pairs, edges);
  Links links = OwnEdges{}.make({graph}, {1ms, Bandwidth::unlimited()});
  for (NodeId i = 0; i < pairs; ++i) {  // All different, so that few changes coincide.
    links.parameters[static_cast<std::size_t>(graph.arc(i, i + pairs))] = {0ms, {100'000'000 + 7919LL * i}};
  }
  Pool pool(1);
  Simulation simulation(std::move(graph), std::make_unique<MaxMinFair>(std::move(links), Bytes{0}), pool);
  for (NodeId i = 0; i < pairs; ++i) {
    simulation.spawn(i, keep_sending(Node(simulation, i), messages));
    simulation.spawn(i + pairs, acknowledge(Node(simulation, i + pairs), messages));
  }
  const double begin = cpu_seconds();
  simulation.run();
  return (cpu_seconds() - begin) / (2.0 * pairs * (messages + flows_each));
}

/// CPU seconds in which all rates are computed anew.
double seconds_per_solution() {
  constexpr int turns = 20;
  MaxMin solver;
  const double begin = cpu_seconds();
  for (int turn = 0; turn < turns; ++turn) {
    solver.clear();
    for (NodeId i = 0; i < pairs; ++i) solver.add_link(rate_of({100'000'000 + 7919LL * i}));
    for (std::int32_t i = 0; i < pairs * flows_each; ++i) solver.add_flow(std::array{i % pairs});
    (void)solver.rates();
  }
  return (cpu_seconds() - begin) / turns;
}

void benchmark_parts() {
  const double change = measure_apart([] { return seconds_per_change(100); }).seconds;
  const double solution = measure_apart(seconds_per_solution).seconds;
  fmt::print(
      "{} flows in {} parts: {:.2f} us for each that starts or has left; {:.0f} us to compute all rates "
      "anew: "
      "ratio {:.0f} (target: 50)\n",
      pairs * flows_each, pairs, 1e6 * change, 1e6 * solution, solution / change);
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
  benchmark_parts();
  fmt::print("\n");
}

}  // namespace gossamer
