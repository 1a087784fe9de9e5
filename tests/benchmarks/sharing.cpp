// Workers that share their server's link: first come, first served, and max-min fair.
#include <fmt/format.h>

#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "sim/networks/max_min_fair.hpp"
#include "sim/networks/store_and_forward.hpp"
#include "tests/benchmarks/star.hpp"

namespace gossamer {
namespace {

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
  Links links = OwnEdges{}.make({graph}, {benchmark_link.latency, Bandwidth::unlimited()});
  for (NodeId i = 0; i < pairs; ++i) {  // All different, so that few changes coincide.
    links.parameters[static_cast<std::size_t>(graph.arc(i, i + pairs))] = {Duration{},
                                                                           {100'000'000 + 7919LL * i}};
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
  for (const auto& size : {std::pair{100, 5'000}, {1'000, 500}, {131'072, 100}}) {
    const auto workers = size.first, rounds = size.second;  // clang 14 captures no bindings.
    const Measured served = measure_apart([&] { return run_star<StoreAndForward>(workers, rounds); });
    const Measured fair = measure_apart([&] { return run_star<MaxMinFair>(workers, rounds); });
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
