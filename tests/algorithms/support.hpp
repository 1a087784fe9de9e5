// Runs programs on a simulated network and keeps what they did.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "algorithms/agent/agent.hpp"
#include "sim/networks/store_and_forward.hpp"
#include "topologies/families.hpp"
#include "topologies/mixing.hpp"

namespace gossamer::testing {

using namespace std::chrono_literals;

using Matrix = Eigen::ArrayXXd;  // [d, n]

constexpr Round horizon = 30;

/// Keeps all iterates, those of a server too, if it has any.
struct Watcher final : Observer {
  explicit Watcher(int nodes)
      : iterates(static_cast<std::size_t>(nodes)), work(static_cast<std::size_t>(nodes)) {}
  void finished(NodeId node, Round t, const Vector* x) override {
    if (!x) return;
    auto& mine = iterates[static_cast<std::size_t>(node)];
    mine.push_back(*x);
    REQUIRE(t == static_cast<Round>(mine.size()));
  }
  const Vector& at(NodeId node, Round t) const {  // t = 1, 2, ...
    return iterates[static_cast<std::size_t>(node)][static_cast<std::size_t>(t - 1)];
  }
  Matrix at(Round t) const {
    Matrix x(iterates.front().front().size(), static_cast<Index>(iterates.size()));
    for (Index i = 0; i < x.cols(); ++i) x.col(i) = at(static_cast<NodeId>(i), t);
    return x;
  }
  std::vector<std::vector<Vector>> iterates;  // [node][round]
  std::vector<Work> work;                     // [node]
};

struct Run {
  Watcher watcher;
  std::uint64_t fingerprint;
  Instant end;
  std::vector<std::int64_t> bits;      // [node]
  std::vector<std::int64_t> messages;  // [node]
};

struct Options {
  LinkParameters link{1ms, {1'000'000}};
  int threads = 1;
  Wire wire = Wire::float64;
  BatchSize batch_size{};
  Measures* measures = nullptr;  // Those that somebody wants; null: none.
  Layers layers = {};
};

/// A gradient takes 1 ms, and x_0 is 1/4 everywhere. Without `mixing`, which is repeated in turn, for
/// algorithms with a server, a node more than the problem has, the last one, and for those that mix nothing.
Run simulate(const auto& algorithm, const Topology& topology, std::span<const MixingMatrix> mixing,
             const Problem& problem, const Options& options = {}) {
  const int n = node_count(topology.graph);
  Pool pool(options.threads);
  Watcher watcher(n);
  Adjacency graph = adjacency_of(topology);
  const auto compute_time = ConstantComputeTime{.gradient = 1ms}.make(n, 1);
  std::optional<Mixing> weights;
  if (!mixing.empty()) weights.emplace(mixing, graph);
  Measures none;
  const Experiment experiment{.problem = problem,
                              .mixing = weights ? &*weights : nullptr,
                              .horizon = horizon,
                              .initial_point = Vector::Constant(problem.dimension(), 0.25),
                              .batch_size = options.batch_size,
                              .compute_time = *compute_time,
                              .wire = options.wire,
                              .layers = options.layers,
                              .work = watcher.work,
                              .measures = options.measures ? *options.measures : none,
                              .observer = &watcher};
  Links links = OwnEdges{}.make({graph}, options.link);
  Simulation simulation(std::move(graph), std::make_unique<StoreAndForward>(std::move(links), Bytes{0}),
                        pool);
  for (NodeId i = 0; i < n; ++i) {
    const Agent agent(simulation, i, experiment);
    if constexpr (requires { algorithm.program(agent); }) {
      if (n == problem.nodes()) simulation.spawn(i, algorithm.program(agent));
    }
    if constexpr (requires { algorithm.serve(agent); }) {
      if (n == problem.nodes()) continue;
      simulation.spawn(i, i == problem.nodes() ? algorithm.serve(agent) : algorithm.work(agent));
    }
  }
  simulation.run();
  Run run{watcher, simulation.fingerprint(), simulation.now(), {}, {}};
  for (NodeId i = 0; i < n; ++i) {
    run.bits.push_back(simulation.counters(i).bits_sent);
    run.messages.push_back(simulation.counters(i).messages_sent);
  }
  return run;
}

/// The same with one W, or none.
Run simulate(const auto& algorithm, const Topology& topology, const MixingMatrix* mixing,
             const Problem& problem, const Options& options = {}) {
  const std::size_t count = mixing ? 1 : 0;
  return simulate(algorithm, topology, std::span(mixing, count), problem, options);
}

}  // namespace gossamer::testing
