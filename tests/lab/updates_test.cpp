// Algorithms as the lab sees them, through their interface: what it asks of them before a run, and how it
// records those whose nodes share no rounds.
#include <catch2/catch.hpp>

#include "scenarios/lab/run/recorder.hpp"
#include "tests/lab/support.hpp"

using namespace gossamer;
using namespace gossamer::testing;
using namespace std::chrono_literals;

namespace {

/// Nodes that share no rounds: node i ends its t-th iteration at (i + 1) t ms, with x = t everywhere. With a
/// server, that one ends its k-th update at 2 k ms, with x = k, for ever as the workers do.
class Clocks final : public Algorithm {
 public:
  explicit Clocks(bool server = false) : server_(server) {}
  bool has_server() const override { return server_; }
  bool mixes() const override { return !server_; }
  bool shares_rounds() const override { return false; }
  bool compresses() const override { return false; }
  std::vector<std::string_view> metrics() const override { return {}; }
  std::vector<std::string_view> vectors() const override { return {}; }
  void require(const Adjacency&, std::ptrdiff_t) const override {}
  void spawn(Simulation& simulation, const Experiment& experiment, NodeId node) const override {
    const Duration period = node == experiment.problem.nodes() ? 2ms : (node + 1) * Duration{1ms};
    simulation.spawn(node, program(Agent(simulation, node, experiment), period));
  }

 private:
  static Process program(Agent self, Duration period) {
    for (Round t = 1;; ++t) {
      co_await self.sleep(period);
      self.finished(t, Vector::Constant(self.dimension(), static_cast<double>(t)));
    }
  }
  bool server_;
};

/// Suits nothing.
class Refusing final : public Algorithm {
 public:
  bool has_server() const override { return false; }
  bool mixes() const override { return true; }
  bool shares_rounds() const override { return true; }
  bool compresses() const override { return false; }
  std::vector<std::string_view> metrics() const override { return {}; }
  std::vector<std::string_view> vectors() const override { return {}; }
  void require(const Adjacency& graph, std::ptrdiff_t d) const override {
    throw std::invalid_argument("a graph of " + std::to_string(graph.nodes()) + " nodes and " +
                                std::to_string(graph.arcs()) + " arcs, d = " + std::to_string(d) +
                                "; it takes none");
  }
  void spawn(Simulation&, const Experiment&, NodeId) const override { FAIL("it was refused"); }
};

/// A scenario with an algorithm of the test's own, which has no kind and so cannot be written.
Scenario scenario_with(std::shared_ptr<const Algorithm> algorithm, const Changes& changes) {
  Scenario scenario = read_scenario(small_scenario(changes));
  scenario.algorithm.value = std::move(algorithm);
  return scenario;
}

/// A run that is recorded, without the command's own algorithms.
struct Recorded {
  Recorded(bool server, const Changes& changes)
      : setup(scenario_with(std::make_shared<Clocks>(server), changes), DataPath(), "of the test"),
        recorder(setup, trace, pool, [this] { ++progress; }),
        programs(setup, pool, &recorder) {
    recorder.begin(programs);
    programs.spawn();
  }
  const std::vector<double>& operator[](const std::string& name) const {
    for (const Column& column : trace.metrics) {
      if (column.name == name) return column.values;
    }
    FAIL("no metric " << name);
    throw 0;  // Unreachable.
  }

  Setup setup;
  Pool pool{1};
  Trace trace;
  int progress = 0;
  Recorder recorder;
  Programs programs;
};

const Changes three_nodes = {"problem.targets=[[0], [0], [0]]"};

Changes with(Changes changes, const Changes& more) {
  changes.insert(changes.end(), more.begin(), more.end());
  return changes;
}

}  // namespace

TEST_CASE("An algorithm that does not suit the graph is refused at its place, before the run") {
  const auto refused = [](const Changes& changes) {
    return complaint(
        [&] { Setup(scenario_with(std::make_shared<Refusing>(), changes), DataPath(), "of the test"); });
  };
  CHECK(refused({}) == "small.yaml:5:1: a graph of 3 nodes and 6 arcs, d = 2; it takes none");
  CHECK(refused({"topology={kind: path, nodes: 3}"}) ==
        "small.yaml:5:1: a graph of 3 nodes and 4 arcs, d = 2; it takes none");
  CHECK(refused({"algorithm={kind: dgd, step_size: 1}"}) ==
        "--set algorithm={kind: dgd, step_size: 1}: a graph of 3 nodes and 6 arcs, d = 2; it takes none");
}

TEST_CASE("Where nodes share no rounds a row comes after every n k local iterations") {
  // Iterations end at 1, 2 2, 3 3, 4 4, 5, 6 6 6, 7, 8 8, 9 9, 10 10, ... ms: the 6th at 4 ms, when the nodes
  // have ended 3 + 2 + 1 (of two that end together the one that began first is first), the 12th at 7 ms, of
  // 7 + 3 + 2, and the 18th at 10 ms, of 10 + 5 + 3. f(x) = x^2 / 2 at the mean.
  Recorded run(false, with(three_nodes, {"record.every=2", "stop.iterations=6"}));
  run.programs.simulation.run();
  CHECK(run.recorder.over());
  CHECK(run.trace.end == Trace::End::iterations);
  CHECK(run["updates"] == Numbers{0, 2, 4, 6});
  CHECK(run["iteration"] == Numbers{0, 2, 4, 6});
  CHECK(run["time"] == Numbers{0, 0.004, 0.007, 0.010});
  CHECK(run["loss"] == Numbers{0, 2, 8, 18});
  CHECK(run["grad_norm"] == Numbers{0, 2, 4, 6});
  const auto spread = [](double a, double b, double c, double m) {
    return ((a - m) * (a - m) + (b - m) * (b - m) + (c - m) * (c - m)) / 3;
  };
  CHECK(run["consensus"][1] == Approx(spread(3, 2, 1, 2)));
  CHECK(run["consensus"][3] == Approx(spread(10, 5, 3, 6)));
  CHECK(run.trace.parameters == Numbers{10, 5, 3});
  CHECK(run.progress == 18);
  run.recorder.end();  // Nothing is missing.
  CHECK(run["updates"].size() == 4);
}

TEST_CASE("By updates the last one is recorded, too") {
  // The 15th local iteration is the first at 9 ms, that of node 2, which began it at 6 ms: 8 + 4 + 3.
  Recorded run(false, with(three_nodes, {"record.every=2", "stop.iterations=5"}));
  run.programs.simulation.run();
  CHECK(run["updates"] == Numbers{0, 2, 4, 5});
  CHECK(run["time"].back() == 0.009);
  CHECK(run.trace.parameters == Numbers{8, 4, 3});
}

TEST_CASE("By updates a target or the end of time ends a run") {
  SECTION("a target, at the first row that reaches it") {
    Recorded run(false, with(three_nodes, {"record.every=2", "stop={target: {updates: 3}}"}));
    run.programs.simulation.run();
    CHECK(run.trace.end == Trace::End::target);
    CHECK(run["updates"] == Numbers{0, 2, 4});
  }
  SECTION("the end of time, with a row as things stand then") {
    // At 5 ms 5 + 2 + 1 local iterations have ended.
    Recorded run(false, with(three_nodes, {"record.every=2", "stop={simulated_time: 5 ms}"}));
    run.programs.simulation.run_until(Instant{5ms});
    run.recorder.end();
    CHECK(run.trace.end == Trace::End::simulated_time);
    CHECK(run["updates"] == Numbers{0, 2, 8.0 / 3});
    CHECK(run["time"] == Numbers{0, 0.004, 0.005});
    CHECK(run.trace.parameters == Numbers{5, 2, 1});
  }
}

TEST_CASE("By simulated time rows of nodes without rounds say how many updates there were") {
  Recorded run(false, with(three_nodes, {"record.every=5 ms", "stop.iterations=100"}));
  for (const Duration time : {5ms, 10ms}) {
    CHECK_FALSE(run.programs.simulation.run_until(Instant{time}));
    run.recorder.tick();
  }
  CHECK(run["time"] == Numbers{0, 0.005, 0.010});
  CHECK(run["updates"] == Numbers{0, 8.0 / 3, 18.0 / 3});
  CHECK(run.trace.parameters == Numbers{10, 5, 3});
}

TEST_CASE("Where a server and its workers share no rounds a row comes after every k updates of the server") {
  // The server's k-th update ends at 2 k ms with x = k, which is what is evaluated: f(x) = x^2 / 2.
  const Changes star = {"topology={star: 2}", "problem.targets=[[0], [0]]",
                        "algorithm={kind: sgd, step_size: 1}", "record.every=4"};
  Recorded run(true, with(star, {"stop.iterations=10"}));
  run.programs.simulation.run();
  CHECK(run.recorder.over());
  CHECK(run.trace.end == Trace::End::iterations);
  CHECK(run.recorder.iteration() == 10);
  CHECK(run["updates"] == Numbers{0, 4, 8, 10});
  CHECK(run["iteration"] == run["updates"]);
  CHECK(run["time"] == Numbers{0, 0.008, 0.016, 0.020});
  CHECK(run["loss"] == Numbers{0, 8, 32, 50});
  CHECK(run.progress == 10);
}

TEST_CASE("Only where rounds are not shared is there a metric of updates") {
  const auto has_updates = [](std::shared_ptr<const Algorithm> algorithm) {
    return Setup(scenario_with(std::move(algorithm), three_nodes), DataPath(), "of the test").has("updates");
  };
  CHECK(has_updates(std::make_shared<Clocks>()));
  CHECK_FALSE(has_updates(algorithms().preset("dgd").value));
}

// ---- Servers that do not wait for all

/// Three workers with f_i = |x - a_i|^2 / 2, the third ten times as slow; a gradient takes 10 ms, and no
/// message takes time.
Run impatient(const std::string& algorithm, const Changes& further = {}) {
  Changes changes = {"topology={star: 3}", "network=ideal", "compute={gradient: 10 ms, factors: [1, 1, 10]}",
                     "algorithm=" + algorithm};
  changes.insert(changes.end(), further.begin(), further.end());
  return Run(changes);
}

TEST_CASE("a server that waits for the first k workers goes at their pace, along their mean") {
  // From 0 with step 0.1 towards the mean (1/2, 3/2) of a_0 = (0, 3) and a_1 = (1, 0); f counts all three.
  const Run run = impatient("{kind: sgd, step_size: 0.1, wire: float64, wait_for: 2}");
  REQUIRE(run.outcome.reason == "");
  CHECK(run["updates"].back() == 10);
  CHECK(run["time"].back() == Approx(0.1).epsilon(1e-12));
  const auto loss_at = [](double x, double y) {
    const double a[3][2] = {{0, 3}, {1, 0}, {5, 0}};
    double sum = 0;
    for (const auto& [u, v] : a) sum += ((x - u) * (x - u) + (y - v) * (y - v)) / 2;
    return sum / 3;
  };
  for (std::size_t t = 0; t <= 10; ++t) {
    const double done = 1 - std::pow(0.9, static_cast<double>(t));
    CHECK(run["loss"][t] == Approx(loss_at(0.5 * done, 1.5 * done)).epsilon(1e-12));
  }
  CHECK(run["gradients"].back() == 21);  // The slow one's first ended, too, at 100 ms, for nothing.
}

TEST_CASE("a server that waits for a time takes what came, and with it all that is in time") {
  const Run short_wait = impatient("{kind: sgd, step_size: 0.1, wire: float64, wait_at_most: 15 ms}");
  const Run first_two = impatient("{kind: sgd, step_size: 0.1, wire: float64, wait_for: 2}");
  CHECK(short_wait["time"].back() == Approx(0.15).epsilon(1e-12));
  CHECK(short_wait["loss"] == first_two["loss"]);
  // Until the last of them is there: then it is the method itself.
  const Run long_wait = impatient("{kind: amsgrad, step_size: 0.1, wait_at_most: 101 ms}");
  const Run all = impatient("{kind: amsgrad, step_size: 0.1}");
  CHECK(long_wait["time"].back() == Approx(1).epsilon(1e-12));
  CHECK(long_wait["loss"] == all["loss"]);
  // Nobody is in time: x stays where it is.
  const Run no_wait = impatient("{kind: sgd, step_size: 0.1, wait_at_most: 1 ms}", {"stop.iterations=5"});
  CHECK(no_wait["loss"].back() == no_wait["loss"].front());
}

TEST_CASE("a worker that comes too late goes on with the newest x") {
  // The third worker's gradients end at 100, 200, ... ms, in rounds that are not those of their x: the server
  // throws them away.
  const Run run =
      impatient("{kind: sgd, step_size: 0.1, wire: float64, wait_for: 2}", {"stop.iterations=25"});
  CHECK(run["gradients"].back() == 50 + 2);  // Two gradients of the slow one have ended, at 100 and 200 ms.
}

TEST_CASE("with patience a run ends though messages are lost for ever") {
  const Run run =
      impatient("{kind: sparse_ams, step_size: 0.1, compressor: {kind: top_k, k: 1}, wait_at_most: 12 ms}",
                {"faults={loss: {probability: 0.3}}", "stop.iterations=200"});
  CHECK(run.outcome.reason == "");
  CHECK(run["updates"].back() == 200);
  CHECK(run["loss"].back() < run["loss"].front());
}

TEST_CASE("patience that cannot be meant is refused") {
  const auto refused = [](const std::string& algorithm) { return complaint([&] { impatient(algorithm); }); };
  CHECK_THAT(refused("{kind: sgd, step_size: 0.1, wait_for: 4}"),
             Catch::Contains("wait_for: there are 3 workers; it takes at most so many"));
  CHECK_THAT(refused("{kind: local_sgd, step_size: 0.1, local_steps: 2, participation: 0.5, wait_for: 3}"),
             Catch::Contains("wait_for: 2 workers take part in a round; it takes at most so many"));
  CHECK_THAT(refused("{kind: sgd, step_size: 0.1, wait_at_most: 0 ms}"),
             Catch::Contains("is not allowed; it takes a time") && Catch::EndsWith(": 1 ns to 2562047 h"));
  CHECK_THAT(refused("{kind: sparse_ams, step_size: 0.1, wait_for: 1, both_ways: true}"),
             Catch::Contains("both_ways: workers that hold x cannot miss a round"));
  CHECK_THAT(complaint([] {
               Run({"algorithm={kind: sgd, step_size: 0.1, average: ring_all_reduce, wait_for: 1}"});
             }),
             Catch::Contains("they say how long a server waits; there is none"));
}
