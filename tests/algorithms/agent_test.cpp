// What agents offer to the programs of algorithms.
#include "algorithms/agent/agent.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <set>

#include "algorithms/compressors/signs.hpp"
#include "algorithms/compressors/sparse.hpp"
#include "algorithms/decentralized/decentralized_adaptive.hpp"
#include "algorithms/decentralized/dgd.hpp"
#include "algorithms/problems/data/synthetic.hpp"
#include "algorithms/problems/empirical_risk.hpp"
#include "algorithms/problems/quadratic.hpp"
#include "tests/algorithms/support.hpp"

using namespace gossamer;
using namespace gossamer::testing;

namespace {

/// An algorithm whose program is given as it stands.
struct Given {
  std::function<Process(Agent)> start;
  Process program(Agent self) const { return start(self); }
};

/// W = (I + P) / 2, P the shift along a ring: node i hears from i + 1, and is heard by i - 1.
MixingMatrix one_way_ring(int nodes) {
  std::vector<Eigen::Triplet<double>> weights;
  for (int i = 0; i < nodes; ++i) {
    weights.emplace_back(i, i, 0.5);
    weights.emplace_back(i, (i + 1) % nodes, 0.5);
  }
  MixingMatrix::Sparse sparse(nodes, nodes);
  sparse.setFromTriplets(weights.begin(), weights.end());
  return MixingMatrix(std::move(sparse));
}

std::unique_ptr<Problem> quadratic(int nodes, int d = 3) {
  return Quadratic{.targets = {}, .dimension = d}.make(nodes, 5, DataPath());
}

Vector gradient_of(const Problem& problem, int node, const Vector& x, Batch batch = {}) {
  Vector g;
  problem.gradient(node, x, batch, g);
  return g;
}

/// Some vector that every node has of its own.
Vector own_vector(NodeId node, Index d) {
  return Vector::LinSpaced(d, 1, 2) * (node % 2 == 0 ? 1 : -0.3) + node;
}

}  // namespace

TEST_CASE("Where W is zero nothing travels, and iterates are those of W", "[agent][weights]") {
  // A graph with more edges than W has weights: X <- X W^T - alpha G, and only as many messages as W has
  // weights off its diagonal. A round takes 1 ms for the gradient, during which x travels for 192 us and 1
  // ms.
  struct Case {
    std::string name;
    Topology graph;
    MixingMatrix w;
    int weights;  // Off the diagonal.
  };
  const Case cases[] = {
      {"a path in a ring", Ring{6}.build(1), Metropolis{}.build(Path{6}.build(1).graph), 2 * 5},
      {"a ring in a complete graph", Complete{6}.build(1), Metropolis{}.build(Ring{6}.build(1).graph), 2 * 6},
      {"one way around a ring", Ring{6}.build(1), one_way_ring(6), 6},
      {"weights everywhere", Ring{6}.build(1), Metropolis{}.build(Ring{6}.build(1).graph), 2 * 6}};
  for (const Case& with : cases) {
    INFO(with.name);
    const auto problem = quadratic(6);
    const Run run = simulate(Dgd{.step_size = 0.2}, with.graph, &with.w, *problem);
    const Eigen::MatrixXd w(with.w.sparse());
    Matrix x = Matrix::Constant(3, 6, 0.25), g = x;
    for (Round t = 1; t <= horizon; ++t) {
      for (int i = 0; i < 6; ++i) g.col(i) = gradient_of(*problem, i, x.col(i));
      x = (x.matrix() * w.transpose()).array() - 0.2 * g;
      REQUIRE((run.watcher.at(t) - x).abs().maxCoeff() < 1e-12);
    }
    std::int64_t messages = 0, bits = 0, bits_paper = 0;
    for (std::size_t i = 0; i < 6; ++i) {
      messages += run.messages[i];
      bits += run.bits[i];
      bits_paper += run.watcher.work[i].bits_paper;
    }
    CHECK(messages == horizon * with.weights);
    CHECK(bits == messages * 3 * 64);
    CHECK(bits_paper == bits);
    CHECK(run.end == Instant{horizon * Duration{1ms + 192us}});
  }
}

TEST_CASE("Weights know which arcs carry weight", "[agent][weights]") {
  // Ring 0 - 1 - 2 - 3 - 0; node i hears from i + 1 alone.
  const Adjacency graph(4, edge_list(Ring{4}.build(1).graph));
  const Weights one_way(one_way_ring(4), graph);
  CHECK_FALSE(one_way.everywhere());
  for (NodeId i = 0; i < 4; ++i) {
    const NodeId next = (i + 1) % 4, last = (i + 3) % 4;
    CHECK(one_way.own(i) == 0.5);
    CHECK(one_way.of_entry(graph.entry(i, next)) == 0.5);
    CHECK(one_way.of_entry(graph.entry(i, last)) == 0);
    CHECK(std::ranges::equal(one_way.entries_in(i), std::vector{graph.entry(i, next)}));
    CHECK(std::ranges::equal(one_way.arcs_out(i), std::vector{graph.arc(i, last)}));
  }
  const MixingMatrix metropolis = Metropolis{}.build(Ring{4}.build(1).graph);
  CHECK(Weights(metropolis, graph).everywhere());
  const MixingMatrix sequence[] = {metropolis, one_way_ring(4), metropolis};
  const Mixing mixing(sequence, graph);
  CHECK_FALSE(mixing.at(2).everywhere());
  for (const Round t : {1, 2, 3}) CHECK(&mixing.at(t) == &mixing.at(t + 3 * 1000));
}

TEST_CASE("Messages of a codec are mixed as W says", "[agent][mix]") {
  // W_ii v_i + sum_j W_ij C(v_j), the own term exact: on graphs whose nodes stand before, between and after
  // their neighbours.
  const Index d = 5;
  const auto scaled = [](const Vector& v) -> Vector { return v.abs().mean() * v.sign(); };
  const auto largest = [](const Vector& v) -> Vector {
    Index at = 0;
    v.abs().maxCoeff(&at);
    Vector kept = zeros_like(v);
    kept[at] = v[at];
    return kept;
  };
  struct Case {
    Compressor compressor;
    std::function<Vector(const Vector&)> c;
  };
  for (const auto& [compressor, c] : {Case{ScaledSign{}, scaled}, Case{TopK{.k = 1}, largest}}) {
    for (const auto& [topology, mixing] :
         {std::pair{Star{4}.build(1), Metropolis{}.build(Star{4}.build(1).graph)},
          {Ring{7}.build(1), Metropolis{}.build(Ring{7}.build(1).graph)},
          {Ring{7}.build(1), one_way_ring(7)}}) {
      const int n = node_count(topology.graph);
      const auto problem = quadratic(n, d);
      Matrix mixed = Matrix::Zero(d, n), mixed_own = mixed;
      const Compressor& its = compressor;
      const Given algorithm{[&](Agent agent) {
        return [](Agent self, Compressor compresses, Matrix& sums, Matrix& plain) -> Process {
          const Codec C = self.codec(compresses);
          const Vector v = own_vector(self.id(), self.dimension());
          self.broadcast(C(v));
          auto received = co_await self.gather();
          sums.col(self.id()) = self.mix(v, received, C);
          // Two uncompressed vectors in one message, of which the second is mixed.
          self.broadcast(-v, 2 * v);
          const auto uncompressed = co_await self.gather();
          plain.col(self.id()) = self.mix(2 * v, uncompressed, 1);
        }(agent, its, mixed, mixed_own);
      }};
      (void)simulate(algorithm, topology, &mixing, *problem);
      const Eigen::MatrixXd w(mixing.sparse());
      for (int i = 0; i < n; ++i) {
        Vector expected = Vector::Zero(d), plain = expected;
        for (int j = 0; j < n; ++j) {
          const Vector v = own_vector(j, d);
          expected += w(i, j) * (i == j ? v : c(v));
          plain += w(i, j) * 2 * v;
        }
        CHECK((mixed.col(i) - expected).abs().maxCoeff() < 1e-13);
        CHECK((mixed_own.col(i) - plain).abs().maxCoeff() < 1e-13);
      }
    }
  }
}

TEST_CASE("To mix without a message that counts is a mistake in the program", "[agent][mix]") {
  const auto problem = quadratic(3);
  const Topology ring = Ring{3}.build(1);
  const MixingMatrix mixing = Metropolis{}.build(ring.graph);
  const Given algorithm{[](Agent agent) {
    return [](Agent self) -> Process {
      const Vector v = self.initial_point();
      self.broadcast(v);
      const NodeId first[] = {self.id() == 0 ? 1 : 0};
      const auto received = co_await self.gather_from(first);
      (void)self.mix(v, received);
    }(agent);
  }};
  CHECK_THROWS_WITH(simulate(algorithm, ring, &mixing, *problem),
                    Catch::Contains("there is no message of node 2 to mix"));
}

TEST_CASE("Channels of an agent do not mix", "[agent]") {
  // The vector of round t on channel "x" is t, on channel "y" -t; "y" is asked for first.
  const auto problem = quadratic(4);
  const Topology ring = Ring{4}.build(1);
  const MixingMatrix mixing = Metropolis{}.build(ring.graph);
  int right = 0;
  const Given algorithm{[&](Agent agent) {
    return [](Agent self, int& count) -> Process {
      const auto constant = [&](double value) -> Vector { return Vector::Constant(self.dimension(), value); };
      for (const double t : {1.0, 2.0}) {
        self.broadcast(constant(t), "x");
        self.broadcast(constant(-t), "y");
      }
      for (const double t : {1.0, 2.0}) {
        const auto y = co_await self.gather("y");
        count += (self.mix(constant(-t), y) == -t).all();
      }
      for (const double t : {1.0, 2.0}) {
        const auto x = co_await self.gather("x");
        count += (self.mix(constant(t), x) == t).all();
      }
    }(agent, right);
  }};
  // Metropolis weights are 1/3 here: 1/3 + 1/3 + 1/3 is 1 and 2/3 + 2/3 + 2/3 is 2 in doubles.
  (void)simulate(algorithm, ring, &mixing, *problem);
  CHECK(right == 4 * 4);
}

TEST_CASE("The second program of a node serves in the background, and messages reach it by their channel",
          "[agent][spawn]") {
  // Node 0's second program answers on channel "answer" with three times what it was sent on "question", for
  // ever; the first program takes what comes on the default channel.
  const auto problem = quadratic(2, 1);
  const Topology path = Path{2}.build(1);
  const MixingMatrix mixing = Metropolis{}.build(path.graph);
  double answered = 0, taken = 0;
  const Given algorithm{[&](Agent agent) -> Process {
    if (agent.id() == 1) {
      return [](Agent self, double& sum) -> Process {
        for (const double question : {1.0, 2.0, 4.0}) {
          self.send(0, Vector::Constant(1, question), "question");
          const auto answer = co_await self.receive(0, "answer");
          sum += Vector(self.codec(identity()).decode(*answer))[0];
        }
        self.send(0, Vector::Constant(1, 100));
      }(agent, answered);
    }
    return [](Agent self, double& value) -> Process {
      self.spawn([](Agent same) -> Process {
        const Codec plain = same.codec(identity());
        for (;;) {
          const auto question = co_await same.receive(1, "question");
          const Vector v = plain.decode(*question);
          same.send(1, Vector(3 * v), "answer");
        }
      }(self));
      const auto message = co_await self.receive(1);
      value = Vector(self.codec(identity()).decode(*message))[0];
    }(agent, taken);
  }};
  (void)simulate(algorithm, path, &mixing, *problem);
  CHECK(answered == 3 + 6 + 12);
  CHECK(taken == 100);
}

TEST_CASE("A gradient is taken at x as it was, whatever another program of the node does meanwhile",
          "[agent][spawn]") {
  // The gradient of x = 1/4 takes 1 ms; after half of it the second program sets x to 7.
  const auto problem = quadratic(1);
  const Topology alone = Ring{1}.build(1);
  const MixingMatrix mixing = Metropolis{}.build(alone.graph);
  for (const int threads : {1, 4}) {
    INFO(threads << " threads");
    Vector g, x_after;
    SparseVector sparse_g;
    const Given algorithm{[&](Agent agent) {
      return [](Agent self, Vector& dense, SparseVector& sparse, Vector& at_end) -> Process {
        Vector x = self.initial_point();
        self.spawn([](Agent same, Vector& shared) -> Process {
          for (;;) {
            co_await same.sleep(500us);
            shared = Vector::Constant(same.dimension(), 7);
            co_await same.sleep(500us);
          }
        }(self, x));
        dense = co_await self.gradient(x, 0.5);
        at_end = x;
        x = self.initial_point();
        sparse = co_await self.sparse_gradient(x);
      }(agent, g, sparse_g, x_after);
    }};
    (void)simulate(algorithm, alone, &mixing, *problem, {.threads = threads});
    const Vector x = Vector::Constant(3, 0.25), expected = gradient_of(*problem, 0, x);
    CHECK((g == expected + 0.5 * x).all());
    CHECK((to_dense(sparse_g, 3) == expected).all());
    CHECK((x_after == 7).all());
  }
}

TEST_CASE("Two programs of a node that compute at the same time each have a mini-batch of their own",
          "[agent][spawn]") {
  // Four rows in batches of two: the first program begins with the sampler's first batch, the second, half a
  // millisecond later, with its second, and the first goes on with the third. An epoch ends in between, which
  // shuffles the rows under the second one's batch while it computes.
  const auto data = std::make_shared<const DataSet>(Synthetic{.samples = 4, .features = 3}.make(1));
  const EmpiricalRisk problem(data, Partition::make(Contiguous{}, data->train.labels, data->classes(), 1, 1),
                              LogisticLoss{}, SquaredNorm{0.1});
  const Topology alone = Ring{1}.build(1);
  const MixingMatrix mixing = Metropolis{}.build(alone.graph);
  const Vector x = Vector::Constant(problem.dimension(), 0.25);
  BatchSampler sampler(4, BatchSize{2});
  Rng rng = named_stream(1, 0, "sampling");
  std::vector<Vector> expected;
  for (int k = 0; k < 3; ++k) expected.push_back(gradient_of(problem, 0, x, sampler.next(rng)));
  REQUIRE((expected[0] != expected[1]).any());
  REQUIRE((expected[1] != expected[2]).any());
  for (const int threads : {1, 4}) {
    INFO(threads << " threads");
    std::vector<Vector> g(3);
    const Given algorithm{[&](Agent agent) {
      return [](Agent self, std::vector<Vector>& all) -> Process {
        const Vector at = self.initial_point();
        self.spawn([](Agent same, Vector point, Vector& mine) -> Process {
          co_await same.sleep(500us);
          mine = co_await same.gradient(point);
        }(self, at, all[1]));
        all[0] = co_await self.gradient(at);
        all[2] = co_await self.gradient(at);
      }(agent, g);
    }};
    const Run run = simulate(algorithm, alone, &mixing, problem, {.threads = threads, .batch_size = {2}});
    for (std::size_t k = 0; k < 3; ++k) CHECK((g[k] == expected[k]).all());
    CHECK(run.watcher.work[0].gradients == 3);
    CHECK(run.watcher.work[0].samples == 6);
  }
}

TEST_CASE("A random stream is its purpose's, shared by all copies of an agent", "[agent][random]") {
  const auto problem = quadratic(3);
  const Topology ring = Ring{3}.build(1);
  const MixingMatrix mixing = Metropolis{}.build(ring.graph);
  std::vector<std::vector<std::uint64_t>> drawn(3), common(3);
  const Given algorithm{[&](Agent agent) {
    return [](Agent self, std::vector<std::uint64_t>& own, std::vector<std::uint64_t>& all) -> Process {
      const Agent copy = self;  // NOLINT(performance-unnecessary-copy-initialization): it is what is tested
      own.push_back(self.random("links").next());
      own.push_back(copy.random("links").next());
      (void)self.random("steps").next();  // Another stream: "links" does not notice.
      own.push_back(self.random("links").next());
      for (int k = 0; k < 2; ++k) {
        Rng rng = self.common_random("links");  // From its beginning at every call.
        all.push_back(rng.next());
        all.push_back(rng.next());
      }
      co_return;
    }(agent, drawn[static_cast<std::size_t>(agent.id())], common[static_cast<std::size_t>(agent.id())]);
  }};
  (void)simulate(algorithm, ring, &mixing, *problem);
  std::set<std::uint64_t> all;
  for (NodeId i = 0; i < 3; ++i) {
    Rng own = named_stream(1, i, "links"), shared = named_stream(1, -1, "links");
    const std::uint64_t first = shared.next(), second = shared.next();
    CHECK(drawn[static_cast<std::size_t>(i)] == std::vector{own.next(), own.next(), own.next()});
    CHECK(common[static_cast<std::size_t>(i)] == std::vector{first, second, first, second});
    all.insert(drawn[static_cast<std::size_t>(i)].begin(), drawn[static_cast<std::size_t>(i)].end());
  }
  CHECK(all.size() == 9);  // Every node has streams of its own.
}

namespace {

/// Counts what it is told of, from a first number on.
struct Count final : Measure {
  static constexpr std::string_view name = "count";
  explicit Count(int first) : total(first) {}
  double value() const override { return total > 0 ? total : std::nan(""); }
  int total;
};
struct Unwanted final : Measure {
  static constexpr std::string_view name = "unwanted";
  double value() const override { return 1; }
};

}  // namespace

TEST_CASE("Measures are made where somebody wants them, and shared", "[agent][measures]") {
  Measures measures({"count", "nobody's"});
  CHECK(std::isnan(measures.value("count")));  // Nobody has asked for it yet.
  CHECK(measures.get<Unwanted>() == nullptr);
  CHECK(std::isnan(measures.value("unwanted")));
  Count* const count = measures.get<Count>(0);
  REQUIRE(count);
  CHECK(std::isnan(measures.value("count")));  // It has no value yet.
  CHECK(measures.get<Count>(5) == count);      // Made once, from the first arguments.
  CHECK(count->total == 0);
  count->total = 3;
  CHECK(measures.value("count") == 3);
  CHECK(std::isnan(measures.value("nobody's")));
}

TEST_CASE("The agents of a run bring a measure up to date together", "[agent][measures]") {
  const auto problem = quadratic(5);
  const Topology ring = Ring{5}.build(1);
  const MixingMatrix mixing = Metropolis{}.build(ring.graph);
  const Given algorithm{[](Agent agent) {
    return [](Agent self) -> Process {
      co_await self.sleep(1ms);
      if (Count* const count = self.measure<Count>(0)) count->total += 1 + self.id();
      if (self.measure<Unwanted>()) throw std::logic_error("nobody wants this");
    }(agent);
  }};
  Measures measures({"count"});
  (void)simulate(algorithm, ring, &mixing, *problem, {.measures = &measures});
  CHECK(measures.value("count") == 1 + 2 + 3 + 4 + 5);
}
