// The ring all-reduce by its definition, chunk by chunk, and the algorithms that average with it beside their
// servers.
#include "algorithms/server/ring_all_reduce.hpp"

#include <catch2/catch.hpp>

#include "algorithms/compressors/identity.hpp"
#include "algorithms/compressors/signs.hpp"
#include "algorithms/problems/quadratic.hpp"
#include "algorithms/server/local_sgd.hpp"
#include "algorithms/server/sgd.hpp"
#include "algorithms/server/sparse_ams.hpp"
#include "tests/algorithms/support.hpp"
#include "tests/compressors/definitions.hpp"
#include "tests/compressors/samples.hpp"

using namespace gossamer;
using namespace gossamer::testing;

namespace {

/// Sums up one vector of each node.
struct Sum {
  std::vector<Vector> x;  // [node]
  Process program(Agent self) const {
    Vector own = x[static_cast<std::size_t>(self.id())];
    Vector sum = co_await ring_all_reduce(self, std::move(own));
    self.finished(1, sum);
  }
};

std::vector<Vector> random_vectors(int n, Index d) {
  std::vector<Vector> x;
  for (int i = 0; i < n; ++i) x.push_back(random_vector(d, static_cast<std::uint64_t>(i) + 1));
  return x;
}

Run sum_up(const std::vector<Vector>& x, Options options) {
  const auto n = static_cast<int>(x.size());
  const auto problem =
      Quadratic{.targets = {}, .dimension = static_cast<int>(x[0].size())}.make(n, 5, DataPath());
  return simulate(Sum{x}, Ring{n}.build(1), nullptr, *problem, options);
}

/// Chunk c sets out from node c, every next node adds its own, and all get what the last one sends.
Vector expected_sum(const std::vector<Vector>& x, Wire wire) {
  const auto n = static_cast<Index>(x.size()), d = x[0].size();
  if (n == 1) return x[0];
  Vector sum(d);
  for (Index c = 0; c < n; ++c) {
    for (Index j = c * d / n; j < (c + 1) * d / n; ++j) {
      sum[j] = x[static_cast<std::size_t>(c)][j];
      for (Index hop = 1; hop < n; ++hop) {
        sum[j] = nearest(sum[j], wire) + x[static_cast<std::size_t>((c + hop) % n)][j];
      }
      sum[j] = nearest(sum[j], wire);
    }
  }
  return sum;
}

Index size_of_chunk(Index c, Index n, Index d) {
  return (c % n + 1) * d / n - c % n * d / n;
}

/// At 1 Mbit/s after 1 ms, as in Options.
Duration transfer(Index coordinates, Wire wire) {
  return Duration{1ms} + (coordinates * Bits{width(wire)}).bytes() * Duration{8us};
}

}  // namespace

TEST_CASE("A ring all-reduce gives every node the same sum, in the bits and the time of its closed form",
          "[ring_all_reduce]") {
  for (const int n : {1, 2, 3, 4, 7}) {
    for (const Index d : {1, 2, 4, 12, 28, 29}) {
      for (const Wire wire : wires) {
        INFO(n << " nodes, d = " << d << ", " << names(wire)[static_cast<std::size_t>(wire)]);
        const std::vector<Vector> x = random_vectors(n, d);
        const Run run = sum_up(x, {.wire = wire});
        const Vector sum = expected_sum(x, wire);
        for (NodeId i = 0; i < n; ++i) REQUIRE((run.watcher.at(i, 1) == sum).all());

        // A node sends all chunks twice, but one in each phase: in all 2 (n - 1) w d bits.
        std::int64_t bits = 0;
        for (NodeId i = 0; i < n; ++i) {
          const auto node = static_cast<std::size_t>(i);
          const Index left_out = size_of_chunk(i + 1, n, d) + size_of_chunk(i + 2, n, d);
          REQUIRE(run.bits[node] == width(wire) * (2 * d - left_out));
          REQUIRE(run.messages[node] == 2 * (n - 1));
          bits += run.bits[node];
        }
        REQUIRE(bits == 2 * (n - 1) * width(wire) * d);
        // A chunk makes 2 (n - 1) hops, and the largest has ceil(d/n) coordinates.
        REQUIRE(run.end == Instant{2 * (n - 1) * transfer((d + n - 1) / n, wire)});
      }
    }
  }
}

TEST_CASE("Averages around a ring make the steps of a server", "[ring_all_reduce]") {
  constexpr Index d = 8;
  const auto compare = [&](auto algorithm, int steps_a_round) {
    for (const int n : {1, 2, 4}) {
      INFO(n << " nodes");
      const auto problem = Quadratic{.targets = {}, .dimension = d}.make(n, 5, DataPath());
      algorithm.average = Average::server;
      const Run server = simulate(algorithm, Star{n}.build(1), nullptr, *problem);
      algorithm.average = Average::ring_all_reduce;
      const Run ring = simulate(algorithm, Ring{n}.build(1), nullptr, *problem);
      const Run narrow = simulate(algorithm, Ring{n}.build(1), nullptr, *problem, {.wire = Wire::float16});
      for (Round t = 1; t <= horizon; ++t) {
        REQUIRE((ring.watcher.at(0, t) - server.watcher.at(n, t)).abs().maxCoeff() < 2e-15);
        for (NodeId i = 1; i < n; ++i) {
          REQUIRE((ring.watcher.at(i, t) == ring.watcher.at(0, t)).all());
          REQUIRE((narrow.watcher.at(i, t) == narrow.watcher.at(0, t)).all());
        }
      }
      CHECK((narrow.watcher.at(0, horizon) - ring.watcher.at(0, horizon)).abs().maxCoeff() < 1e-2);
      CHECK(ring.watcher.work[0].gradients == horizon * steps_a_round);
      CHECK(ring.bits[0] == horizon * 2 * (n - 1) * 64 * d / n);
      CHECK(ring.end == Instant{horizon * (steps_a_round * Duration{1ms} +
                                           2 * (n - 1) * transfer(d / n, Wire::float64))});
    }
  };
  Sgd sgd = Sgd::uncompressed();
  sgd.step_size = 0.1;
  sgd.weight_decay = 0.02;
  compare(sgd, 1);
  SparseAms amsgrad = SparseAms::uncompressed();
  amsgrad.step_size = 0.1;
  amsgrad.weight_decay = 0.02;
  compare(amsgrad, 1);
  compare(LocalSgd{.step_size = 0.1,
                   .local_steps = 3,
                   .outer_step = 0.7,
                   .outer_momentum = 0.9,
                   .nesterov = true,
                   .weight_decay = 0.02},
          3);
}

TEST_CASE("Averages around a ring do not depend on network or threads", "[ring_all_reduce]") {
  const auto problem = Quadratic{.targets = {}, .dimension = 43}.make(5, 5, DataPath());
  const LocalSgd algorithm{.step_size = 0.1, .local_steps = 2, .average = Average::ring_all_reduce};
  const Topology ring = Ring{5}.build(1);
  const Run reference = simulate(algorithm, ring, nullptr, *problem, {.wire = Wire::float32});
  for (const int threads : {2, 5}) {
    const Run again =
        simulate(algorithm, ring, nullptr, *problem, {.threads = threads, .wire = Wire::float32});
    REQUIRE(again.fingerprint == reference.fingerprint);
    REQUIRE((again.watcher.at(horizon) == reference.watcher.at(horizon)).all());
  }
  const Run slow =
      simulate(algorithm, ring, nullptr, *problem, {.link = {7s, {1000}}, .wire = Wire::float32});
  REQUIRE(slow.end != reference.end);
  REQUIRE((slow.watcher.at(horizon) == reference.watcher.at(horizon)).all());
}

TEST_CASE("A sum that leaves the wire's range ends the run", "[ring_all_reduce]") {
  // Each half of it can travel, both together cannot.
  const std::vector<Vector> x(2, Vector::Constant(3, 40000));
  REQUIRE_NOTHROW(sum_up(x, {.wire = Wire::bfloat16}));
  REQUIRE_THROWS_WITH(sum_up(x, {.wire = Wire::float16}),
                      Catch::Contains("iteration 1: ") && Catch::Contains("80000, is not a finite float16"));
}

TEST_CASE("Averaging around a ring takes the ring, all workers, and no compression", "[ring_all_reduce]") {
  const auto graph_of = [](const Topology& topology) {
    return Adjacency(node_count(topology.graph), edge_list(topology.graph));
  };
  const LocalSgd all{.step_size = 0.1, .average = Average::ring_all_reduce};
  const auto refuses = [&](const auto& algorithm, const Adjacency& graph, const char* what) {
    REQUIRE_THROWS_AS(algorithm.require(graph, 8), std::invalid_argument);
    REQUIRE_THROWS_WITH(algorithm.require(graph, 8), Catch::StartsWith(what));
  };
  const char* const takes_a_ring = "average: ring_all_reduce goes around a ring; it takes topology";
  for (const int n : {1, 2, 3, 6}) {
    const Adjacency ring = graph_of(Ring{n}.build(1));
    REQUIRE_NOTHROW(all.require(ring, 8));
    LocalSgd other = all;
    other.participation = 0.5;
    refuses(other, ring, "average: ring_all_reduce sums the moves of all nodes");
    other = all;
    other.compressor = ScaledSign{};
    refuses(other, ring, "average: ring_all_reduce sums the moves of all nodes");
    other = all;
    other.error_feedback = true;
    refuses(other, ring, "average: ring_all_reduce sums the moves of all nodes");
  }
  Sgd sgd = Sgd::uncompressed();
  SparseAms amsgrad = SparseAms::uncompressed();
  sgd.average = amsgrad.average = Average::ring_all_reduce;
  for (const Adjacency& graph :
       {graph_of(Star{4}.build(1)), graph_of(Path{4}.build(1)), graph_of(Complete{4}.build(1)),
        Adjacency(4, std::vector<Adjacency::Pair>{{0, 2}, {2, 1}, {1, 3}, {3, 0}})}) {
    refuses(all, graph, takes_a_ring);
    refuses(sgd, graph, takes_a_ring);
    refuses(amsgrad, graph, takes_a_ring);
  }
}
