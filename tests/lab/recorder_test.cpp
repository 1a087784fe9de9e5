// What the rows of a trace say. In the small scenario every node sends 2 x 128 bits in a round of 2 ms.
#include "scenarios/lab/run/recorder.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "scenarios/lab/trace/metrics.hpp"
#include "tests/lab/support.hpp"

using namespace gossamer;
using namespace gossamer::testing;

namespace {

constexpr double bits_per_round = 3 * 2 * 128;

const std::string path_of_five = "topology={kind: path, nodes: 5}";
const std::string random_targets = "problem={kind: quadratic, dimension: 3, x0: [3, 3, 3]}";

/// Number k of a table [row, node].
Numbers row_of(const Run& run, const std::string& name, std::size_t k) {
  for (const Column& column : run.trace.nodes) {
    const auto n = static_cast<std::ptrdiff_t>(run.trace.node_count);
    const auto first = column.values.begin() + static_cast<std::ptrdiff_t>(k) * n;
    if (column.name == name) return {first, first + n};
  }
  FAIL("no column " << name);
  return {};
}

bool all_finite(const Trace& trace) {
  return std::ranges::all_of(trace.metrics, [](const Column& column) {
    return std::ranges::all_of(column.values, [](double value) { return std::isfinite(value); });
  });
}

}  // namespace

TEST_CASE("Row 0 is the initial point, and every metric is what it is called") {
  const Run run({"record.every=10"});
  CHECK(run["iteration"] == Numbers{0, 10});
  CHECK(run["time"][0] == 0);
  CHECK(run["bits"] == Numbers{0, 10 * bits_per_round});
  CHECK(run["bits_per_node"] == Numbers{0, 10 * bits_per_round / 3});
  CHECK(run["gradients"] == Numbers{0, 30});
  CHECK(run["epoch"] == Numbers{0, 10});
  // f(x) = (|x - (0, 3)|^2 + |x - (1, 0)|^2 + |x - (5, 0)|^2) / 6, least at (2, 1), where it is 10 / 3.
  CHECK(run["loss"][0] == Approx(35.0 / 6));
  CHECK(run["grad_norm"][0] == Approx(std::sqrt(5)));
  CHECK(run["suboptimality"][0] == Approx(2.5));
  CHECK(run["consensus"][0] == 0);

  REQUIRE(run.trace.parameters.size() == 6);
  const Eigen::Map<const Eigen::Array<double, 2, 3>> x(run.trace.parameters.data());
  const Eigen::Array2d mean = x.rowwise().mean();
  const Eigen::Array2d offset = mean - Eigen::Array2d(2, 1);
  CHECK(run["grad_norm"][1] == Approx(offset.matrix().norm()));
  CHECK(run["suboptimality"][1] == Approx(offset.matrix().squaredNorm() / 2));
  CHECK(run["loss"][1] == Approx(10.0 / 3 + offset.matrix().squaredNorm() / 2));
  CHECK(run["consensus"][1] == Approx((x.colwise() - mean).square().sum() / 3));
}

TEST_CASE("A round lasts as long as the slower of computing and sending") {
  // d doubles: 128 bits, and with a header of 40 B 448 bits, at 100 kbit/s after 1 ms.
  const double round = GENERATE(0.0, 0.002, 0.00228, 0.00548);
  Changes changes;
  if (round == 0.0) changes = {"network=ideal", "compute={}"};
  if (round > 0.002) changes = {"network.bandwidth=100 kbit/s"};
  if (round > 0.00228) changes.push_back("network.header=40 B");
  const Run run(changes);
  for (std::size_t t = 0; t <= 10; ++t) {
    CHECK(run["time"][t] == Approx(static_cast<double>(t) * round).epsilon(1e-12));
    CHECK(run["bits"][t] == static_cast<double>(t) * bits_per_round);
  }
}

TEST_CASE("Coding takes time where messages are compressed, and changes nothing else") {
  const Changes choco{"algorithm={kind: choco_sgd, step_size: 0.1, consensus_step: 0.5, wire: float64}",
                      "network.bandwidth=unlimited"};
  const auto with = [](Changes changes, const std::string& coding) {
    changes.push_back("coding=" + coding);
    return Run(changes);
  };
  const Run free(choco);
  CHECK(free["time"].back() == Approx(0.030));
  // 128 bits of a vector in 1 ms, and 66 of a message; two messages come at once.
  const Run encoding = with(choco, "{encode: 128 kbit/s}");
  CHECK(encoding["time"].back() == Approx(0.040));
  const Run both = with(choco, "{encode: 128 kbit/s, decode: 66 kbit/s}");
  CHECK(both["time"].back() == Approx(0.060));
  for (const Column& column : free.trace.metrics) {
    INFO(column.name);
    if (column.name != "time") CHECK(same(both[column.name], column.values));
  }

  const Run uncompressed = with({}, "{encode: 1 bit/s, decode: 1 bit/s}");
  CHECK(uncompressed["time"] == Run(Changes{})["time"]);
}

TEST_CASE("The final iteration is recorded whatever ends the run") {
  CHECK(Run({"record.every=4"})["iteration"] == Numbers{0, 4, 8, 10});
  CHECK(Run({"record.every=5"})["iteration"] == Numbers{0, 5, 10});
  CHECK(Run({"record.every=100"})["iteration"] == Numbers{0, 10});
  CHECK(Run({"record.every=4", "stop={simulated_time: 15 ms}"})["iteration"] == Numbers{0, 4, 7});
  CHECK(Run({"record.every=4", "stop={simulated_time: 16 ms}"})["iteration"] == Numbers{0, 4, 8});
  CHECK(Run({"record.every=4", "stop={simulated_time: 1 ms}"})["iteration"] == Numbers{0});
  // At the first iteration by which so many bits were sent.
  CHECK(Run({"record.every=4", "stop={bits: 3840}"})["iteration"] == Numbers{0, 4, 5});
  CHECK(Run({"record.every=4", "stop={bits: 3841}"})["iteration"] == Numbers{0, 4, 6});
  CHECK(Run({"record.every=4", "stop={bits: 1}"})["iteration"] == Numbers{0, 1});
  // The first reason counts.
  CHECK(Run({"stop={iterations: 3, simulated_time: 15 ms, bits: 1e9}"})["iteration"].back() == 3);
  CHECK(Run({"stop={iterations: 9, simulated_time: 4 ms, bits: 1e9}"})["iteration"].back() == 2);
  CHECK(Run({"stop={iterations: 9, simulated_time: 15 ms, bits: 3840}"})["iteration"].back() == 5);
}

TEST_CASE("Final parameters are those of the final row") {
  const Run whole({"stop={bits: 3840}", "record.every=4"});
  CHECK(whole.trace.parameters == Run({"stop={iterations: 5}"}).trace.parameters);
  CHECK(Run({"record.parameters=none"}).trace.parameters.empty());
}

TEST_CASE("A target ends the run at the first row that reaches it") {
  SECTION("from above") {
    const Run run({"stop={target: {suboptimality: 0.5, grad_norm: 1}}", "record.every=2"});
    const std::size_t last = run["iteration"].size() - 1;
    REQUIRE(last >= 2);
    CHECK(run["grad_norm"][last] <= 1);
    CHECK(run["suboptimality"][last] <= 0.5);
    CHECK((run["grad_norm"][last - 1] > 1 || run["suboptimality"][last - 1] > 0.5));
    CHECK(run["iteration"][last] == 2.0 * static_cast<double>(last));
  }
  SECTION("from below") {
    const Run run({small_logistic, "stop={iterations: 500, target: {train_accuracy: 0.65}}"});
    const Numbers& accuracy = run["train_accuracy"];
    REQUIRE(accuracy.size() >= 2);
    CHECK(accuracy.back() >= 0.65);
    CHECK(std::all_of(accuracy.begin(), accuracy.end() - 1, [](double a) { return a < 0.65; }));
  }
  SECTION("of what is counted, from below") {
    CHECK(Run({small_logistic, "stop={target: {epoch: 1}}"})["iteration"].back() == 4);
    CHECK(Run({"stop={target: {time: 0.005}}"})["iteration"].back() == 3);
  }
  SECTION("which the initial point may reach already") {
    CHECK(Run({"stop={target: {loss: 1000}}"})["iteration"] == Numbers{0});
  }
}

TEST_CASE("Epochs count rows of data, gradients their calls") {
  const Run run({small_logistic, "stop={iterations: 8}"});
  for (std::size_t t = 0; t <= 8; ++t) {
    CHECK(run["epoch"][t] == static_cast<double>(t) * 15 / 60);
    CHECK(run["gradients"][t] == static_cast<double>(3 * t));
  }
}

TEST_CASE("Nothing but time depends on the network and on computing times") {
  const auto every = GENERATE("record.every=1", "record.every=3");
  const auto stop = GENERATE("stop={iterations: 20}", "stop={bits: 20000}", "stop={target: {grad_norm: 2}}");
  const auto algorithm = GENERATE("algorithm={kind: dgd, step_size: 0.1}",
                                  "algorithm={kind: decentralized_amsgrad, step_size: 0.1}");
  const auto with = [&](const std::string& network, const std::string& compute) {
    return Run(
        {path_of_five, random_targets, every, stop, algorithm, "network=" + network, "compute=" + compute});
  };
  const Run ideal = with("ideal", "{}");
  const Run others[] = {
      with("{latency: 1 ms, bandwidth: 1 Mbit/s}", "{gradient: 2 ms}"),
      with("{latency: 50 ms, bandwidth: 1 kbit/s}", "{gradient: 2 ms}"),
      with("{latency: 1 ms}", "{gradient: 2 ms, factors: [1, 10, 1, 0, 3]}"),  // Nodes drift apart.
      with("ideal", "{gradient: 2 ms, factors: [20, 1, 1, 1, 0]}")};
  REQUIRE(ideal["iteration"].size() >= 3);
  for (const Run& other : others) {
    for (const Column& column : ideal.trace.metrics) {
      INFO(column.name);
      if (column.name != "time") CHECK(other[column.name] == column.values);
    }
    CHECK(other["time"].back() > ideal["time"].back());
    CHECK(other.trace.parameters == ideal.trace.parameters);
    CHECK(row_of(other, "bits", 1) == row_of(ideal, "bits", 1));
    CHECK(row_of(other, "gradients", 2) == row_of(ideal, "gradients", 2));
  }
}

TEST_CASE("A node's row t is taken when that node finishes t") {
  // Two nodes, W = 1/2, latency 1 ms. Node 1 takes 4 ms for a gradient and never waits: it finishes t at 4 t
  // ms. Node 0 takes 2 ms and waits for the message that node 1 sent 4 (t - 1) ms after the start: it
  // finishes 1 at 2 ms, then t at 4 (t - 1) + 1 ms.
  const Changes changes = {"topology.nodes=2", "problem.targets=[[0], [1]]", "network={latency: 1 ms}",
                           "compute={gradient: 2 ms, factors: [1, 2]}", "stop={iterations: 4}"};
  const Run run(changes);
  CHECK(run["time"] == Numbers{0, 0.004, 0.008, 0.012, 0.016});
  CHECK(row_of(run, "time", 1) == Numbers{0.002, 0.004});
  CHECK(row_of(run, "time", 3) == Numbers{0.009, 0.012});
  CHECK(row_of(run, "bits", 3) == Numbers{192, 192});

  SECTION("by simulated time rows stand at multiples of the interval and at the end") {
    Changes by_time = changes;
    by_time.push_back("record.every=3 ms");
    const Run timed(by_time);
    CHECK(timed["time"] == Numbers{0, 0.003, 0.006, 0.009, 0.012, 0.015, 0.016});
    CHECK(timed["iteration"] == Numbers{0, 0.5, 1.5, 2.5, 3, 3.5, 4});
    // As things stand: node 0 begins t + 1 when it finishes t at 4 (t - 1) + 1 ms, and computes for 2 ms.
    CHECK(timed["gradients"] == Numbers{0, 1, 3, 5, 7, 7, 8});
    CHECK(timed["bits"] == Numbers{0, 3 * 64, 5 * 64, 7 * 64, 8 * 64, 8 * 64, 8 * 64});
    CHECK(row_of(timed, "time", 2) == Numbers{0.006, 0.006});
    CHECK(timed["loss"].back() == run["loss"].back());
    CHECK(timed.trace.parameters == run.trace.parameters);

    by_time.push_back("stop={simulated_time: 9 ms}");
    CHECK(Run(by_time)["time"] == Numbers{0, 0.003, 0.006, 0.009});
    by_time.back() = "stop={simulated_time: 10 ms}";
    CHECK(Run(by_time)["time"] == Numbers{0, 0.003, 0.006, 0.009, 0.010});
    by_time.back() = "stop={bits: 400}";
    CHECK(Run(by_time)["time"] == Numbers{0, 0.003, 0.006, 0.009});
  }
  SECTION("by simulated time the end is recorded even if no time passes") {
    const Run timed({"network=ideal", "compute={}", "record.every=1 s"});
    CHECK(timed["iteration"] == Numbers{0, 10});
    CHECK(timed["time"] == Numbers{0, 0});
    CHECK(timed.trace.parameters == Run().trace.parameters);
  }
}

TEST_CASE("A run that diverges keeps what is finite") {
  const auto wire = GENERATE("float32", "float64");
  const auto every = GENERATE("1", "7", "1 ms");
  const Run run({"algorithm.step_size=1e20", std::string("algorithm.wire=") + wire,
                 std::string("record.every=") + every, "stop.iterations=1000"});
  CHECK(run.trace.status == Trace::Status::diverged);
  REQUIRE(run.trace.diverged_at);
  CHECK(*run.trace.diverged_at >= 1);
  CHECK(*run.trace.diverged_at < 20);
  CHECK(run["iteration"].front() == 0);
  CHECK(run["iteration"].back() < static_cast<double>(*run.trace.diverged_at));
  CHECK(all_finite(run.trace));
  CHECK_THAT(run.outcome.reason,
             Catch::Contains("iteration " + std::to_string(*run.trace.diverged_at) + ": "));
}

TEST_CASE("Where a run diverges does not depend on what is recorded") {
  for (const std::string wire : {"float32", "float64"}) {
    const auto diverged_at = [&](const std::string& every, const std::string& metrics) {
      return Run({"algorithm={kind: dgd, step_size: 1e20, wire: " + wire + "}", "stop.iterations=1000",
                  "record={every: " + every + ", metrics: " + metrics + "}"})
          .trace.diverged_at;
    };
    const auto expected = diverged_at("1", "[loss]");
    REQUIRE(expected);
    for (const std::string every : {"1", "7", "1 ms"}) {
      for (const std::string metrics : {"[]", "[loss]", "[consensus]", "[grad_norm, consensus]"}) {
        INFO(wire << " every " << every << " " << metrics);
        CHECK(diverged_at(every, metrics) == expected);
      }
    }
  }
}

TEST_CASE("Where a run diverges does not depend on the network") {
  const auto with = [](const std::string& network, const std::string& compute) {
    return Run({path_of_five, random_targets, "algorithm={kind: dgd, step_size: 10}", "stop.iterations=1000",
                "network=" + network, "compute=" + compute});
  };
  const Run ideal = with("ideal", "{}");
  REQUIRE(ideal.trace.status == Trace::Status::diverged);
  REQUIRE(ideal["iteration"].size() > 10);
  for (const Run& other : {with("{latency: 50 ms, bandwidth: 1 kbit/s}", "{gradient: 2 ms}"),
                           with("{latency: 1 ms}", "{gradient: 2 ms, factors: [1, 10, 1, 0, 3]}"),
                           with("ideal", "{gradient: 2 ms, factors: [20, 1, 1, 1, 0]}")}) {
    CHECK(other.trace.diverged_at == ideal.trace.diverged_at);
    CHECK(other["loss"] == ideal["loss"]);
    CHECK(other["bits"] == ideal["bits"]);
  }
}

TEST_CASE("Only chosen metrics are evaluated") {
  const Run all({small_logistic});
  const auto chosen = [&](const std::string& metrics, const std::vector<std::string>& there) {
    const Run run({small_logistic, "record.metrics=" + metrics});
    for (const auto& [name, values] : all.trace.metrics) {
      INFO(name);
      const bool given =
          find_metric(name)->evaluated == Metric::Evaluated::never || std::ranges::count(there, name) > 0;
      CHECK(same(run[name], given ? values : Numbers(values.size(), std::nan(""))));
    }
  };
  chosen("[loss]", {"loss"});
  chosen("[grad_norm, test_accuracy]", {"grad_norm", "test_accuracy"});
  chosen("[]", {});
  CHECK(all_finite(all.trace));
  // What a target needs is evaluated too.
  CHECK(Run({"record.metrics=[loss]", "stop={target: {grad_norm: 1}}"})["grad_norm"].back() <= 1);
}

TEST_CASE("A problem has the metrics that mean something for it") {
  const auto names = [](const Changes& changes) {
    std::vector<std::string> all;
    const Run run(changes);
    for (const Column& column : run.trace.metrics) all.push_back(column.name);
    return all;
  };
  const std::vector<std::string> counted = {"iteration",     "time",  "bits",
                                            "bits_per_node", "epoch", "gradients"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), counted.begin(), counted.end());
    return more;
  };
  CHECK(names({}) == with({"loss", "grad_norm", "suboptimality", "consensus"}));
  CHECK(names({small_logistic}) ==
        with({"loss", "grad_norm", "consensus", "train_accuracy", "test_loss", "test_accuracy"}));
  CHECK(names({small_logistic, "problem.synthetic.test_samples=0", "problem.optimal_value=0"}) ==
        with({"loss", "grad_norm", "suboptimality", "consensus", "train_accuracy"}));
}

TEST_CASE("One node alone optimises too") {
  const Run run({"topology.nodes=1", "problem.targets=[[2]]", "stop={iterations: 3}"});
  CHECK(run["bits"] == Numbers{0, 0, 0, 0});
  CHECK(run["time"].back() == Approx(0.006));
  CHECK(run["consensus"] == Numbers{0, 0, 0, 0});
  CHECK(run.trace.parameters[0] == Approx(2 * (1 - 0.9 * 0.9 * 0.9)));  // x_t = 2 - 2 (1 - alpha)^t.
  CHECK(run.trace.edges.empty());
}

TEST_CASE("The server of a star is not counted") {
  const Run run({"topology={kind: star, nodes: 4}", "problem={kind: quadratic, dimension: 2}"});
  CHECK(run["bits"].back() == 10 * 2 * 4 * 128);  // Both ways on four edges.
  CHECK(run["bits_per_node"].back() == run["bits"].back() / 4);
}

TEST_CASE("A server's x is recorded where it holds one, and its traffic apart from the workers'") {
  const Changes changes = {"topology={star: 3}", "stop.iterations=4"};
  SECTION("which it sends") {
    Changes with = changes;
    with.push_back("algorithm={kind: sgd, step_size: 0.1, wire: float64}");
    const Run run(with);
    // x_t = c - (1 - alpha)^t c with c = (2, 1), where f is least.
    for (std::size_t t = 0; t <= 4; ++t) {
      CHECK(run["grad_norm"][t] == Approx(std::sqrt(5) * std::pow(0.9, static_cast<double>(t))));
      CHECK(run["bits_up"][t] == static_cast<double>(t) * 3 * 128);
      CHECK(run["bits_down"][t] == static_cast<double>(t) * 3 * 128);
      CHECK(run["bits"][t] == run["bits_up"][t] + run["bits_down"][t]);
      CHECK(run["bits_per_node"][t] == run["bits"][t] / 3);
      // x travels down, the gradient takes 2 ms, and travels up: 128 bits take 128 us after 1 ms.
      CHECK(run["time"][t] == Approx(static_cast<double>(t) * (0.002 + 2 * 0.001128)).epsilon(1e-12));
    }
    // The workers hold what they were sent last, x_3.
    CHECK(run["consensus"] == Numbers(5, 0));
    CHECK(run.trace.parameters.size() == 6);
    CHECK(run.trace.parameters[0] == Approx(2 * (1 - std::pow(0.9, 3))));
    CHECK(row_of(run, "bits", 4) == Numbers(3, 4 * 128));
    CHECK(run.trace.mixing.empty());
  }
  SECTION("else the workers' mean") {
    Changes with = changes;
    with.push_back(
        "algorithm={kind: ef21, step_size: 0.1, wire: float64, compressor: {kind: top_k, k: 1, "
        "accounting: values}, bidirectional: true}");
    const Run run(with);
    CHECK(run["bits_up"].back() == 4 * 3 * 65);  // A value and an index of one bit.
    CHECK(run["bits_down"].back() == 4 * 3 * 65);
    CHECK(run["bits_paper"].back() == 4 * 6 * 64);  // Values alone.
    const double x0 = run.trace.parameters[0] - 2, x1 = run.trace.parameters[1] - 1;
    CHECK(run["grad_norm"].back() == Approx(std::sqrt(x0 * x0 + x1 * x1)));
  }
  SECTION("by simulated time, too") {
    Changes with = changes;
    with.push_back("algorithm={kind: sgd, step_size: 0.1, wire: float64}");
    with.push_back("record.every=3 ms");
    const Run run(with);
    // x arrives at 1.128 ms, the gradient is there at 3.128 ms, and at the server at 4.256 ms.
    CHECK(run["time"] == Numbers{0, 0.003, 0.006, 0.009, 0.012, 0.015, 0.017024});
    CHECK(run["gradients"] == Numbers{0, 0, 3, 6, 9, 9, 12});
    CHECK(run["bits_up"] == Numbers{0, 0, 384, 768, 1152, 1152, 1536});
    CHECK(run["bits_down"] == Numbers{0, 384, 768, 1152, 1152, 1536, 1536});
    CHECK(run["iteration"].back() == 4);
    CHECK(run["grad_norm"].back() == Approx(std::sqrt(5) * std::pow(0.9, 4)));
  }
}

TEST_CASE("Sparsity and compression error are recorded for the algorithms that have them") {
  const Changes changes = {"topology={star: 3}", "stop.iterations=4", "problem.x0=[0, 1]"};
  const auto with = [&](const std::string& algorithm) {
    Changes all = changes;
    all.push_back("algorithm=" + algorithm);
    return Run(all);
  };
  // lambda is so large that nothing moves away from zero, and the second coordinate is there at once.
  const Run shrunk = with("{kind: cmd_adagrad, step_size: 0.1, lambda: 1e6}");
  CHECK(shrunk["sparsity"] == Numbers{0.5, 1, 1, 1, 1});
  const Run quantized = with("{kind: qcmd_adagrad, step_size: 0.1, lambda: 1e-3, wire: float64}");
  CHECK(std::isnan(quantized["compression_error"][0]));
  // At (0, 1) the gradients are (0, -2), (-1, 1) and (-5, 1). Threshold quantization keeps what is above 0.75
  // of the mean magnitude: all but the zero, (0, -2), (-1, 1) and (-5, 0); their mean is (-2, -1/3), of which
  // (-2, 0) is kept. It should have been (-2, 0).
  CHECK(quantized["compression_error"][1] == Approx(0).margin(1e-24));
  CHECK(quantized["compression_error"][4] > 0);
  const Run gradient = with("{kind: sgd, step_size: 0.1}");
  CHECK(std::ranges::none_of(gradient.trace.metrics, [](const Column& column) {
    return column.name == "sparsity" || column.name == "compression_error";
  }));
}

TEST_CASE("Nodes know how long they computed") {
  const Run run({"compute={gradient: 2 ms, factors: [1, 2, 0.5]}"});
  CHECK(row_of(run, "compute_time", 3) == Numbers{0.006, 0.012, 0.003});
}

TEST_CASE("Around a switch the server's link is everybody's bottleneck") {
  // N messages of 16 bytes one after the other, up and down a link of 1 Mbit/s and 1 ms; the workers' own
  // take no time. Workers compute for 2 ms; worker 0 starts again while the server still sends, so that
  // between the first round's end and the last's start a round lasts 2 + 2 (1 ms) + (N + 1) 128 us.
  const auto with = [](const std::string& network, const std::string& nodes) {
    return Run({"topology={star: " + nodes + "}", "problem={kind: quadratic, dimension: 2}",
                "network=" + network,
                "algorithm={kind: cd_adam, step_size: 0.1, compressor: identity, wire: float64}"});
  };
  const std::string shared = "{graph: {kind: switch, server_latency: 1 ms, server_bandwidth: 1 Mbit/s}}";
  for (const int n : {1, 8}) {
    const Run run = with(shared, std::to_string(n));
    const double all = n * 0.000128;
    CHECK(run["time"].back() ==
          Approx(0.002 + 0.001 + all + 9 * (0.002 + 2 * 0.001 + (n + 1) * 0.000128) + 0.001 + all)
              .epsilon(1e-12));
    REQUIRE(run.trace.links[0].values.size() == 2 * (static_cast<std::size_t>(n) + 1));
    CHECK(run.trace.links[0].values.back() == n + 1);             // From the switch ...
    CHECK(run.trace.links[1].values.back() == n);                 // ... to the server.
    CHECK(run.trace.links[3].values.back() == n * 160);           // Bytes.
    CHECK(run.trace.links[4].values.back() == Approx(10 * all));  // Busy.
    CHECK(run.trace.links[5].values.back() == 16 * n);            // Longest queue.
  }
  // With links of its own for each worker none waits for another.
  CHECK(with("{latency: 1 ms, bandwidth: 1 Mbit/s}", "8")["time"].back() ==
        Approx(10 * (0.002 + 2 * 0.001128)).epsilon(1e-12));
}

TEST_CASE("Traces are the same, bit for bit, run by run and for any number of threads") {
  const auto every = GENERATE("record.every=1", "record.every=5 ms");
  const auto bytes = [&](int threads) {
    return to_hdf5(Run({small_logistic, every, "problem.x0=random", "stop.iterations=25",
                        "algorithm={kind: decentralized_amsgrad, step_size: 0.01}"},
                       threads)
                       .trace);
  };
  const auto first = bytes(1);
  CHECK(bytes(1) == first);
  CHECK(bytes(2) == first);
  CHECK(bytes(5) == first);
}

TEST_CASE("Who watches a run sees partial traces and how far it is") {
  const Setup setup(read_scenario(small_scenario()), DataPath());
  std::vector<double> done;
  const Outcome outcome = run(setup, {.watch = [&](const Progress& progress, const Trace& trace) {
                                REQUIRE(trace.status == Trace::Status::partial);
                                REQUIRE(static_cast<Round>(trace.rows()) == progress.iteration + 1);
                                REQUIRE(progress.simulated_seconds == trace.metrics[1].values.back());
                                REQUIRE_FALSE(to_hdf5(trace).empty());
                                done.push_back(progress.done);
                              }});
  CHECK(done == Numbers{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1});
  CHECK(outcome.trace.status == Trace::Status::complete);
}
