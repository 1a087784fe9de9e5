// Algorithms whose nodes share no rounds, as whole runs: what an update and a delay are, how they are
// recorded, and what stays the same. Their iterates are checked in tests/golden.
#include <catch2/catch.hpp>

#include "tests/lab/support.hpp"

using namespace gossamer;
using namespace gossamer::testing;

namespace {

/// Three workers and a server. A gradient takes 1, 2 and 4 ms, a message no time; f_i(x) = (x - a_i)^2 / 2.
Changes with_server(const std::string& algorithm, const Changes& more = {}) {
  Changes changes{"topology={star: 3}", "network=ideal", "compute={gradient: 1 ms, factors: [1, 2, 4]}",
                  "problem.targets=[[1], [2], [6]]", "algorithm={kind: async_sgd, " + algorithm + "}"};
  changes.insert(changes.end(), more.begin(), more.end());
  return changes;
}

}  // namespace

TEST_CASE("An update is made when the buffer is full, and a delay counts updates", "[async_sgd]") {
  // Gradients arrive of worker 0 at 1, 1 at 2, and 2 at 4 ms. With K = 2, x_1 is made at 2 ms of workers 0
  // and 1, which compute on until 3 and 4 ms; of the two that arrive at 4 ms the first is 2's, which began
  // first, and x_2 is made of 0 (delay 0) and 2 (delay 1) then. Worker 1, after them, waits for 0 at 5 ms:
  // x_3, of 1 (delay 1) and 0 (delay 0).
  const Run run(with_server("step_size: 0.5, buffer: 2, wire: float64", {"stop.iterations=3"}));
  CHECK(run["time"] == Numbers{0, 0.002, 0.004, 0.005});
  CHECK(run["gradients"].back() == 6);
  CHECK(same(run["delay"], {NAN, 0, 0.25, 2.0 / 6}));
  CHECK(run["worst_delay"].back() == 1);
  // x_1 = 0 + (1 + 2) / 4, x_2 = x_1 + ((1 - x_1) + 6) / 4, x_3 = x_2 + ((2 - x_1) + (1 - x_2)) / 4.
  const double x1 = 0.75, x2 = x1 + (7 - x1) / 4, x3 = x2 + (3 - x1 - x2) / 4;
  CHECK(run["grad_norm"][1] == Approx(std::abs(x1 - 3)).epsilon(1e-14));
  CHECK(run["grad_norm"][2] == Approx(std::abs(x2 - 3)).epsilon(1e-14));
  CHECK(run["grad_norm"][3] == Approx(std::abs(x3 - 3)).epsilon(1e-14));
}

TEST_CASE("A buffer for all workers is distributed SGD", "[async_sgd]") {
  const Changes more{"stop.iterations=20"};
  const Run buffered(with_server("step_size: 0.3, buffer: 3, wire: float64", more));
  Changes synchronous = with_server("step_size: 0.3", more);
  synchronous.push_back("algorithm={kind: sgd, step_size: 0.3, wire: float64}");
  const Run sgd(synchronous);
  CHECK(buffered["time"] == sgd["time"]);
  CHECK(buffered["worst_delay"].back() == 0);
  for (std::size_t k = 0; k <= 20; ++k) {
    CHECK(buffered["loss"][k] == Approx(sgd["loss"][k]).epsilon(1e-14));
  }
}

TEST_CASE("Steps adapt to delays above n / K", "[async_sgd]") {
  // The first gradient of the slow worker arrives at 99.5 ms, when the others have made 99 + 49 updates.
  // Their own delays are at most 2.
  const auto run = [](const std::string& rule, int updates) {
    return Run(with_server(
        "step_size: 0.01, wire: float64, delay_adaptive: " + rule,
        {"compute={gradient: 1 ms, factors: [1, 2, 99.5]}", "stop.iterations=" + std::to_string(updates)}));
  };
  for (const std::string rule : {"inverse", "drop"}) {
    INFO(rule);
    const Run adapted = run(rule, 149), constant = run("none", 149);
    CHECK(adapted["loss"][148] == constant["loss"][148]);
    CHECK(adapted["worst_delay"][148] == 2);
    CHECK(adapted["worst_delay"][149] == 148);
    const double before = constant["grad_norm"][148], after = adapted["grad_norm"][149];
    // Worker 2 has the gradient 0 - 6 at x_0; x is below 3, the minimum.
    CHECK(after == Approx(before - (rule == "drop" ? 0 : 0.06 / 148)).epsilon(1e-12));
    CHECK(constant["grad_norm"][149] == Approx(before - 0.06).epsilon(1e-12));
  }
  CHECK(run("inverse_sqrt", 2)["loss"][1] == run("none", 2)["loss"][1]);  // No delay, s = 1.
}

TEST_CASE("A buffer that the workers cannot fill is refused", "[async_sgd]") {
  const auto refused = [](const std::string& settings) {
    return complaint([&] { Run{with_server("step_size: 1, " + settings)}; });
  };
  CHECK_THAT(refused("buffer: 4"), Catch::EndsWith("buffer: 3 workers, of which each sends one gradient at a "
                                                   "time, never fill one of 4; it takes up to 3"));
  CHECK_THAT(refused("buffer: 0"), Catch::Contains("buffer"));
  CHECK_THAT(refused("delay_adaptive: half"), Catch::Contains("none, inverse, drop, inverse_sqrt"));
}

TEST_CASE("By simulated time a buffered server is seen as it was after its last update", "[async_sgd]") {
  const Run run(with_server("step_size: 0.5, buffer: 2, wire: float64",
                            {"stop={simulated_time: 3 ms}", "record.every=1 ms"}));
  CHECK(run["time"] == Numbers{0, 0.001, 0.002, 0.003});
  CHECK(run["updates"] == Numbers{0, 0, 1, 1});  // At 3 ms there is one gradient in the buffer.
  CHECK(run["grad_norm"] == Numbers{3, 3, 2.25, 2.25});
}

namespace {

/// f_i(x) = |x - a_i|^2 / 2. A gradient takes 10 ms and more, so that nodes do not end together; a message
/// some microseconds: at the end of an iteration all other exchanges are over.
Changes without_server(const std::string& topology, const std::string& algorithm, const Changes& more = {}) {
  Changes changes{"topology=" + topology,
                  "network={latency: 1 us, bandwidth: 100 Mbit/s}",
                  "compute={kind: shifted_exponential, gradient: 20 ms, shift: 0.5}",
                  "problem={kind: quadratic, dimension: 3}",
                  "algorithm={kind: ad_psgd, " + algorithm + "}",
                  "stop.iterations=20"};
  changes.insert(changes.end(), more.begin(), more.end());
  return changes;
}

/// The first step of every node leads to its a_i. Then it only averages.
const std::string gossip = "step_size: {kind: piecewise, value: 1, factor: 0, at: [1]}";

}  // namespace

TEST_CASE("Averaging keeps the mean on any graph, whatever the wire rounds", "[ad_psgd]") {
  for (const std::string topology : {"{ring: 2}", "{path: 3}", "{ring: 7}", "{star: 5}", "{complete: 6}",
                                     "{kind: erdos_renyi, nodes: 9, p: 0.5}"}) {
    for (const std::string wire : {"float32", "float64"}) {
      INFO(topology << " " << wire);
      const Run run(without_server(topology, gossip + ", wire: " + wire));
      // The mean of the a_i is where the gradient of f is zero; every node has made its first step by row 10.
      for (std::size_t t = 10; t <= 20; ++t) CHECK(run["grad_norm"][t] < 1e-14);
      CHECK(run["consensus"][20] < 1e-2);
    }
  }
}

TEST_CASE("Averaging over a slow network loses nothing, whoever asks whom meanwhile", "[ad_psgd]") {
  // Questions and answers take 50 ms, gradients 2 ms: many cross. In the end all agree on the mean.
  for (const std::string topology : {"{ring: 2}", "{ring: 5}", "{star: 5}", "{complete: 6}"}) {
    INFO(topology);
    const Run run(without_server(topology, gossip + ", wire: float64",
                                 {"network={latency: 50 ms, bandwidth: 1 Mbit/s}", "compute.gradient=2 ms",
                                  "stop.iterations=20000", "record.every=20000"}));
    CHECK(run["consensus"].back() < 1e-24);
    CHECK(run["grad_norm"].back() < 1e-12);
  }
}

TEST_CASE("Randomized gossip contracts as its expected averaging does", "[ad_psgd][statistical]") {
  // Boyd, Ghosh, Prabhakar, Shah 2006, with Poisson clocks: on the complete graph an exchange multiplies the
  // expected disagreement by 1 - 1 / (n - 1), from any x. Between two rows there are n. Within four standard
  // errors: a false alarm has probability 6e-5.
  const int n = 5, runs = 300;
  double sum = 0, squares = 0;
  for (int seed = 1; seed <= runs; ++seed) {
    const Run run(
        without_server("{complete: 5}", gossip + ", wire: float64",
                       {"network=ideal", "compute={kind: exponential, gradient: 1 s}", "stop.iterations=21",
                        "record.metrics=[consensus]", "seed=" + std::to_string(seed)}));
    const double ratio = run["consensus"][21] / run["consensus"][20];
    sum += ratio;
    squares += ratio * ratio;
  }
  const double mean = sum / runs, error = std::sqrt((squares / runs - mean * mean) / runs);
  CHECK(std::abs(mean - std::pow(1 - 1.0 / (n - 1), n)) < 4 * error);
  CHECK(error < 0.02);
}

TEST_CASE("Two nodes that ask each other at once average once", "[ad_psgd]") {
  // Gradients take 2 ms, messages 1.128 ms. The first exchange is of x_0 = 0, the second, at 2 ms, of both
  // a_i.
  const Run run({"topology={path: 2}", "problem.targets=[[0, 3], [1, 1]]",
                 "algorithm={kind: ad_psgd, wire: float64, " + gossip + "}", "stop.iterations=3"});
  CHECK(run["time"] == Numbers{0, 0.002, 0.004, 0.006});
  CHECK(run["bits"].back() == (3 * 2 + 1) * 128);  // At 6 ms node 0, which ends first, asks once more.
  CHECK(run["consensus"] == Numbers{0, 5.0 / 4, 0, 0});
  CHECK(run.trace.parameters == Numbers{0.5, 2, 0.5, 2});
}

TEST_CASE("A node alone makes the steps of SGD", "[ad_psgd]") {
  const Changes alone{"topology={ring: 1}", "problem.targets=[[4, 2]]"};
  const auto with = [&](const std::string& algorithm) {
    Changes changes = alone;
    changes.push_back("algorithm=" + algorithm);
    return Run(changes);
  };
  const Run asynchronous = with("{kind: ad_psgd, step_size: 0.1}"), dgd = with("{kind: dgd, step_size: 0.1}");
  CHECK(asynchronous["loss"] == dgd["loss"]);
  CHECK(asynchronous["time"] == dgd["time"]);
  CHECK(asynchronous["bits"].back() == 0);
  const Run local = with("{kind: ad_psgd, step_size: 0.1, local_steps: 2}");
  CHECK(local["gradients"].back() == 20);
  CHECK(local["loss"][5] == dgd["loss"][10]);
}

TEST_CASE("A slow network delays averaging, never a gradient", "[ad_psgd]") {
  // An answer takes 2 x 50.128 ms, as long as 51 gradients of 2 ms: each node asks at 0, 102 and 204 ms or
  // later.
  const Changes slow{"algorithm={kind: ad_psgd, step_size: 0.01, wire: float64}", "network.latency=50 ms",
                     "stop.iterations=100"};
  const Run run(slow);
  CHECK(run["time"].back() == Approx(0.2));
  CHECK(run["bits"].back() <= 3 * 2 * 2 * 128);
  CHECK(run["bits"].back() >= 3 * 2 * 128);
  // So its iterates depend on the network, unlike those of synchronous algorithms.
  Changes fast = slow;
  fast.push_back("network.latency=1 ms");
  CHECK(Run(fast)["loss"].back() != run["loss"].back());
}

TEST_CASE("By simulated time AD-PSGD ends after as many iterations as by updates", "[ad_psgd]") {
  const Changes changes = without_server("{ring: 5}", "step_size: 0.1");
  Changes by_time = changes;
  by_time.push_back("record.every=30 ms");
  const Run updates(changes), time(by_time);
  CHECK(updates.trace.end == Trace::End::iterations);
  CHECK(time.trace.end == Trace::End::iterations);
  CHECK(time["updates"].back() == 20);
  CHECK(time["time"].back() == updates["time"].back());
  CHECK(time["loss"].back() == updates["loss"].back());
  CHECK(time.trace.parameters == updates.trace.parameters);
  CHECK(time["time"][1] == 0.03);
  by_time.push_back("stop={simulated_time: 100 ms}");
  CHECK(Run(by_time)["time"] == Numbers{0, 0.03, 0.06, 0.09, 0.1});
}

TEST_CASE("Where nodes share no rounds a divergence ends the run at once", "[ad_psgd][async_sgd]") {
  // The others might go on to the end of time.
  const Changes end{"stop={simulated_time: 1000 s}", "record.every=1 s"};
  const Run decentralized(without_server("{ring: 5}", "step_size: 1e30", end));
  CHECK(decentralized.trace.status == Trace::Status::diverged);
  CHECK_THAT(decentralized.outcome.reason, Catch::Contains("node") && Catch::Contains("float32"));
  CHECK(decentralized["time"].size() == 1);
  const Run server(with_server("step_size: 1e30", end));
  CHECK(server.trace.status == Trace::Status::diverged);
}

TEST_CASE("AD-PSGD takes graphs on which whoever is asked can answer", "[ad_psgd]") {
  const auto refused = [](const std::string& topology) {
    return complaint([&] { Run{without_server(topology, "step_size: 0.1")}; });
  };
  CHECK_THAT(refused("{directed_ring: 5}"),
             Catch::EndsWith("ad_psgd: node 1 cannot answer node 0, as no edge leads back; it takes an "
                             "undirected topology"));
  CHECK(refused("{kind: directed_exponential, nodes: 2}") == "nothing");
}

TEST_CASE("AD-PSGD has no matrix W", "[ad_psgd]") {
  const Changes changes = without_server("{ring: 5}", "step_size: 0.1");
  CHECK(Run(changes).trace.mixing.empty());
  Changes mixed = changes;
  mixed.push_back("mixing=lazy");
  CHECK_THAT(complaint([&] { Run{mixed}; }), Catch::EndsWith("mixing: ad_psgd mixes nothing; leave it out"));
  CHECK_THAT(complaint([&] { Run{without_server("{ring: 5}", "step_size: -1")}; }),
             Catch::Contains("step_size"));
  CHECK_THAT(complaint([&] { Run{without_server("{ring: 5}", "step_size: 1, local_steps: 0")}; }),
             Catch::Contains("local_steps"));
}
