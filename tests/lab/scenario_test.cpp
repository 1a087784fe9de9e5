#include "scenarios/lab/scenario/scenario.hpp"

#include <catch2/catch.hpp>

#include "scenarios/lab/scenario/compressors.hpp"
#include "scenarios/lab/scenario/short_forms.hpp"
#include "tests/lab/support.hpp"

using namespace gossamer;
using namespace gossamer::testing;

namespace {

const std::array<std::string, 4> lines = {"topology: {kind: ring, nodes: 3}",
                                          "problem: {kind: quadratic, dimension: 2}",
                                          "algorithm: {kind: dgd, step_size: 0.1}", "stop: {iterations: 3}"};

std::string resolved_text(const std::string& text) {
  return to_yaml(resolved(read_scenario(parse_document(text, "a.yaml"))));
}

/// What is wrong with the scenario of these lines where one is another.
std::string complaint_with(std::size_t number, const std::string& line) {
  std::string text;
  for (std::size_t i = 1; i <= 5; ++i)
    text += (i == number ? line : i <= lines.size() ? lines[i - 1] : "") + "\n";
  return complaint([&] { Setup(read_scenario(parse_document(text, "a.yaml")), DataPath()); });
}

}  // namespace

TEST_CASE("A resolved scenario reads back to itself, whatever is chosen from the catalogues") {
  for (const std::string& algorithm : algorithms().names()) {
    for (const std::string& topology : topologies().names()) {
      if (algorithms().preset(algorithm)->has_server() && topology != "star") continue;
      for (const std::string& problem : problems().names()) {
        const std::string text = "topology: " + section_of(topologies(), topology) +
                                 "\nproblem: " + section_of(problems(), problem) +
                                 "\nalgorithm: " + section_of(algorithms(), algorithm) +
                                 "\nstop: {iterations: 3}\n";
        INFO(text);
        const std::string once = resolved_text(text);
        REQUIRE(resolved_text(once) == once);
      }
    }
  }
  for (const std::string& compressor : compressors().names()) {
    const std::string once =
        resolved_text(lines[1] +
                      "\ntopology: {star: 3}\nstop: {iterations: 3}\nalgorithm: {kind: cd_adam, "
                      "step_size: 0.1, compressor: " +
                      section_of(compressors(), compressor) + "}\n");
    CHECK(resolved_text(once) == once);
  }
  for (const std::string& mixing : mixings().names()) {
    const std::string once =
        resolved_text(to_yaml(small_scenario({"mixing=" + section_of(mixings(), mixing)})));
    CHECK(resolved_text(once) == once);
  }
}

TEST_CASE("A resolved scenario holds every key, in one form") {
  const std::string short_form =
      "topology: {ring: 4}\nmixing: lazy\nnetwork: {latency: 1000 us}\n"
      "compute: {gradient: 1 ms, factors: [1, 2, 1, 1]}\n"
      "problem: {kind: softmax, partition: {labels_per_node: 2}, batch_size: 8, x0: random, optimal_value: "
      "0}\n"
      "algorithm: {kind: dadam, step_size: {kind: piecewise, value: 1e-1, at: [5]}}\n"
      "stop: {iterations: 1e3, simulated_time: 60 s, bits: 1 Gbit, target: {loss: 0.5, test_accuracy: 0.9}}\n"
      "record: {every: 0.5 s, metrics: [loss, test_accuracy], nodes: false}\n";
  const std::string long_form =
      "name: a\nseed: 1\ntopology: {kind: ring, nodes: 4}\nmixing: {kind: lazy}\n"
      "network: {model: store_and_forward, latency: 1 ms, bandwidth: unlimited, header: 0 bit, graph: {kind: "
      "topology}, speed: []}\n"
      "compute: {kind: constant, gradient: 1 ms, per_row: 0 ns, factors: [1, 2, 1, 1]}\n"
      "problem: {kind: softmax, dataset: fashion-mnist, partition: {kind: labels_per_node, labels: 2}, "
      "batch_size: 8, dimension: 0, holdout: 0, l2: 0, bias: false, x0: random, optimal_value: 0}\n"
      "algorithm: {kind: dadam, step_size: {kind: piecewise, value: 0.1, factor: 0.1, at: [5]}, beta1: 0.9, "
      "beta2: 0.999, beta3: 0.9, epsilon: 1.0e-06, wire: float32}\n"
      "stop: {iterations: 1000, simulated_time: 1 min, bits: 1000000000, target: {loss: 0.5, test_accuracy: "
      "0.9}}\n"
      "record: {every: 500 ms, parameters: none, metrics: [loss, test_accuracy], nodes: false}\n";
  CHECK(resolved_text(short_form) == to_yaml(parse_document(long_form, "a.yaml")));
  CHECK(resolved_text(long_form) == resolved_text(short_form));
}

TEST_CASE("A scenario has the name of its file unless it has another") {
  CHECK(read_scenario(small_scenario()).name == "small");
  CHECK(read_scenario(small_scenario({"name=large"})).name == "large");
}

TEST_CASE("Every mistake in a scenario is said in one line with its place") {
  struct Mistake {
    std::size_t line;  // That takes the place of the one with this number.
    std::string text, complaint;
  };
  const std::string a_number = "a number in (0, inf)";
  const auto mistake = GENERATE_COPY(values<Mistake>({
      {5, "", "nothing"},
      {5, "stopp: 1",
       "a.yaml:5:1: unknown key 'stopp' in the scenario; did you mean 'stop'? there are: name, seed, "
       "topology, mixing, "
       "network, compute, coding, faults, problem, algorithm, stop, record, sweep"},
      {5, "name: \"a\\0b\"", "a.yaml:5:7: a text with a NUL, U+0000; leave it out"},
      {4, "", "a.yaml:1:1: missing section 'stop'; topology, problem, algorithm and stop have to be given"},
      {4, "stop:", "a.yaml:4:1: stop: found nothing; it takes a map, {key: value, ...}"},
      {4, "stop: {}", "a.yaml:4:7: stop: it takes at least one of iterations, simulated_time, bits, target"},
      {4, "stop: {iterations: 0}",
       "a.yaml:4:20: iterations: '0' is not allowed; it takes an integer in [1, 9223372036854775807]"},
      {4, "stop: {simulated_time: 10}",
       "a.yaml:4:24: simulated_time: '10' is not allowed; it takes a time with its unit (ns, us, ms, s, min, "
       "h), '10 ms': 0, or 1 ns to 2562047 h"},
      {4, "stop: {bits: 0 kB}",
       "a.yaml:4:14: bits: '0 kB' is not allowed; it takes a number of bits, 1e9, or a size with its unit "
       "(B, kB, ..., TB, bit, ..., Tbit), '1 Gbit', above 0"},
      {4, "stop: {target: {lss: 1}}",
       "a.yaml:4:17: unknown metric 'lss'; did you mean 'loss'? there are: iteration, updates, time, bits, "
       "bits_up, bits_down, bits_per_node, bits_paper, messages_lost, epoch, gradients, loss, grad_norm, "
       "suboptimality, consensus, train_accuracy, test_loss, test_accuracy, validation_accuracy, node_loss, "
       "node_train_accuracy, node_test_accuracy, worst_test_accuracy, sparsity, "
       "compression_error, contraction, delay, worst_delay"},
      {4, "stop: {iterations: 5}\nrecord: {metrics: [loss, grad_norm, loss]}",
       "a.yaml:5:37: metrics: 'loss' is there twice"},
      {4, "stop: {target: {loss: low}}", "a.yaml:4:23: loss: 'low' is not allowed; it takes a number"},
      {4, "stop: {target: {loss: [1]}}", "a.yaml:4:23: loss: a list is not allowed; it takes a number"},
      {4, "stop: {target: {test_loss: 1}}",
       "a.yaml:4:28: the run has no test_loss; there are: iteration, time, bits, bits_per_node, epoch, "
       "gradients, "
       "loss, grad_norm, suboptimality, consensus, node_loss"},
      {5, "seed: -1",
       "a.yaml:5:7: seed: '-1' is not allowed; it takes an integer in [0, 18446744073709551615]"},
      {5, "topology: 1", "a.yaml:5:1: duplicate key 'topology'; it was given on line 1 already"},
      {5, "- topology", "a.yaml:5:1: not YAML: end of map not found"},
      {1, "topology: {kind: rong, nodes: 3}",
       "a.yaml:1:18: unknown topology 'rong'; did you mean 'ring'? there are: ring, path, torus, grid, "
       "complete, two_cliques, hypercube, star, tree, exponential, erdos_renyi, random_regular, "
       "watts_strogatz, "
       "barabasi_albert, geometric, karate_club, davis_southern_women, florentine_families, les_miserables, "
       "directed_ring, directed_exponential, one_peer_exponential, random_matchings, file"},
      {1, "topology: {kind: ring}",
       "a.yaml:1:11: topology: missing key 'nodes'; it takes an integer in [1, 2147483647]"},
      {1, "topology: {kind: ring, nodes: 3, degree: 2}",
       "a.yaml:1:34: unknown key 'degree' in topology; there are: kind, nodes, seed"},
      {1, "topology: {nodes: 3}",
       "a.yaml:1:11: topology: missing key 'kind'; there are: ring, path, torus, grid, complete, "
       "two_cliques, hypercube, star, tree, exponential, erdos_renyi, random_regular, watts_strogatz, "
       "barabasi_albert, geometric, karate_club, davis_southern_women, florentine_families, les_miserables, "
       "directed_ring, directed_exponential, one_peer_exponential, random_matchings, file"},
      {5, "mixing: {kind: metropolis, weight: 1}",
       "a.yaml:5:28: unknown key 'weight' in mixing; there are: kind"},
      {5, "network: {latency: 10, bandwidth: 1 Mbit/s}",
       "a.yaml:5:20: latency: '10' is not allowed; it takes a time with its unit (ns, us, ms, s, min, h), "
       "'10 ms': 0, or 1 ns to 2562047 h"},
      {5, "network: {mtu: 10 B, latency: 1 ms}",  // It would have no effect.
       "a.yaml:5:1: mtu: has no effect, as no link has a bandwidth, and no packet a header"},
      {5, "network: {graph: {kind: racks, racks: 1, uplink_bandwidth: 1 Mbit/s}}",
       "a.yaml:5:39: racks: '1' is not allowed; it takes an integer in [2, 2147483647]"},
      {5, "network: {bandwidth: 1 Mbit/s, speed: [10ms 1, 10ms 0.5]}",
       "a.yaml:5:48: speed: '10ms 0.5' comes no later than the piece above; it takes `10s 0.25`: from when "
       "on, "
       "and which share of the full speed, up to 1000"},
      {5, "network: {graph: {kind: dumbbell, bottleneck_bandwidth: 1 Mbit/s, place: [0, 1, 2]}}",
       "a.yaml:5:81: place: there is no site '2' for nodes; they take 0 to 1"},
      {5, "faults: {pauses: {schedule: [0 1s 1s, .inf]}}",
       "a.yaml:5:39: pauses: schedule: '.inf': has 1 word; it takes `3 2s 500ms`: a node, when it begins and "
       "how long it lasts"},
      {5, "faults: {outages: {schedule: ['']}}",
       "a.yaml:5:31: '' is not allowed; it takes a text that is not empty"},
      {5, "network: {bandwidth: 1}",
       "a.yaml:5:22: bandwidth: '1' is not allowed; it takes a bandwidth with its unit (bit/s, kbit/s, "
       "Mbit/s, Gbit/s, "
       "Tbit/s), '100 Mbit/s': 1 bit/s to 9223372 Tbit/s, or 'unlimited'"},
      {5, "network: {header: 12 bit}",
       "a.yaml:5:19: header: '12 bit' is not allowed; it takes a size in whole bytes with its unit (B, kB, "
       "..., TB, bit, kbit, ..., Tbit), '40 B': 0 to 1073741824 B"},
      {5, "network: {model: ideal, latency: 1 ms}",  // It would have no effect.
       "a.yaml:5:25: unknown key 'latency' in network model; there are: model"},
      {5, "network: {graph: {kind: swich}}",
       "a.yaml:5:25: unknown network graph 'swich'; did you mean 'switch'? there are: topology, "
       "switch, dumbbell, racks, clusters, file, matrix"},
      {5, "network: {graph: {kind: switch, server_bandwidth: 1 Mbit/s}}",
       "a.yaml:5:1: graph: the algorithm has no server, so settings of its link have no effect"},
      {3, "algorithm: {kind: cd_adam, step_size: 1}",
       "a.yaml:1:1: topology: cd_adam has a server; it takes {kind: star, nodes: n}, or a file with a star"},
      {5, "compute: {gradient: 1 ms, factors: [1, 2]}",
       "a.yaml:5:36: compute.factors has 2 entries; it takes one for each of the 3 nodes"},
      {5, "compute: {gradient: 1 ms, factors: [1, -2, 1]}",
       "a.yaml:5:40: '-2' is not allowed; it takes a number in [0, inf)"},
      {5, "compute: {gradient: 100 h, factors: [1, 1e9, 1]}",
       "a.yaml:5:37: compute.factors: a gradient would outlast the clock (292 years)"},
      {5, "coding: {}",
       "a.yaml:5:9: coding: has no effect; it takes a speed for encode, for decode, or for both"},
      {5, "coding: {encode: 10 ms}",
       "a.yaml:5:18: encode: '10 ms' is not allowed; it takes a bandwidth with its unit (bit/s, kbit/s, "
       "Mbit/s, Gbit/s, "
       "Tbit/s), '100 Mbit/s': 1 bit/s to 9223372 Tbit/s, or 'unlimited'"},
      {5, "compute: {factors: [1, 2, 1]}",  // It would have no effect.
       "a.yaml:5:20: factors: these have no effect, as a gradient takes no time; give gradient or per_row, "
       "too"},
      {2, "problem: {kind: softmax, dataset: synthetic, batch_size: 335}",
       "a.yaml:2:58: batch_size: no node has 335 rows; it takes full, or up to 334"},
      {3, "algorithm: {kind: dgd, step_size: {kind: piecewise, value: 1, at: []}}",
       "a.yaml:3:35: at: it takes the iterations after which the step size changes, [500, 750]"},
      {2, "problem: {kind: quadratic, targets: [[0], [1]]}",
       "a.yaml:2:37: quadratic: 2 targets for 3 nodes; one for each is needed"},
      {2, "problem: {kind: quadratic, dimension: 2, x0: [1, 2, 3]}",
       "a.yaml:2:46: x0 has 3 coordinates; the problem has 2"},
      {2, "problem: {kind: quadratic, dimension: 2, x0: []}",
       "a.yaml:2:46: x0: an empty list is not allowed; it takes zeros, random, model, or a list of numbers"},
      {2, "problem: {kind: quadratic, dimension: 2, x0: ones}",
       "a.yaml:2:46: x0: 'ones' is not allowed; it takes zeros, random, model, or a list of numbers"},
      {2, "problem: {kind: quadratic, dimension: 1, x0: [1e200]}",
       "a.yaml:2:46: x0: at this point x, the loss or its gradient is not finite, or too large to square; "
       "choose another"},
      {2, "problem: {kind: quadratic, dimension: 2, batch_size: 3}",  // It would have no effect.
       "a.yaml:2:42: unknown key 'batch_size' in problem; there are: kind, targets, dimension, x0, "
       "optimal_value, seed"},
      {2, "problem: {kind: softmax, dataset: synthetic, partition: {labels_per_node: 5}}",
       "a.yaml:2:57: labels_per_node: 5 labels a node, but the data have 2; 1 to 2 are allowed"},
      {3, "algorithm: {kind: dgd, step_size: 0}",
       "a.yaml:3:35: step_size: '0' is not allowed; it takes " + a_number +
           ", or a schedule: {kind: inverse_sqrt, value: 0.1}, {kind: piecewise, value: 0.1, factor: 0.1, "
           "at: [500, 750]}"},
      {3, "algorithm: {kind: dadam, step_size: 1, beta1: 1}",
       "a.yaml:3:47: beta1: '1' is not allowed; it takes a number in [0, 1)"},
      {3, "algorithm: {kind: dgd, step_size: 1, wire: float8}",
       "a.yaml:3:44: wire: 'float8' is not allowed; it takes one of float16, bfloat16, float32, float64"},
      {5, "record: {every: 0}",
       "a.yaml:5:17: every: '0' is not allowed; it takes a number of iterations, 10, or a simulated time "
       "with its unit, '1 s', above 0"},
      {5, "record: {every: 0 s}",
       "a.yaml:5:17: every: '0 s' is not allowed; it takes a number of iterations, 10, or a simulated time "
       "with its unit, '1 s', above 0"},
      {5, "record: {parameters: all}",
       "a.yaml:5:22: parameters: 'all' is not allowed; it takes one of none, final"},
      {5, "record: {metrics: loss}",
       "a.yaml:5:19: metrics: 'loss' is not allowed; it takes a list of loss, grad_norm, suboptimality, "
       "consensus, "
       "train_accuracy, test_loss, test_accuracy, validation_accuracy, node_loss, node_train_accuracy, "
       "node_test_accuracy, "
       "worst_test_accuracy, sparsity, compression_error, contraction, delay, worst_delay (the "
       "others "
       "come with every row)"},
      {5, "record: {metrics: [loss, train_accuracy]}",
       "a.yaml:5:19: the run has no train_accuracy; there are: iteration, time, bits, bits_per_node, "
       "epoch, "
       "gradients, loss, grad_norm, suboptimality, consensus, node_loss"},
  }));
  CHECK(complaint_with(mistake.line, mistake.text) == mistake.complaint);
}

TEST_CASE("Keys of kinds that are written short can be set") {
  const auto of = [](const std::string& text, const std::string& path) {
    Value document = parse_document(text, "a.yaml");
    spell_out(document, path);
    return to_flow_yaml(document);
  };
  CHECK(of("{problem: {partition: {dirichlet: 0.1}}}", "problem.partition.alpha") ==
        "{problem: {partition: {kind: dirichlet, alpha: 0.1}}}");
  CHECK(of("{algorithm: {compressor: top_k}}", "algorithm.compressor.k") ==
        "{algorithm: {compressor: {kind: top_k}}}");
  CHECK(of("{network: store_and_forward}", "network.latency") == "{network: {model: store_and_forward}}");
  // Where the key is there, or nothing is written short, all stays.
  for (const char* text : {"{problem: {partition: {dirichlet: 0.1}}}", "{problem: {partition: unknown}}",
                           "{problem: {partition: {kind: dirichlet, alpha: 2}}}",
                           "{problem: {options: {iid: 1}}}", "{sweep: {problem: iid}}", "{stop: {}}"}) {
    for (const char* path :
         {"problem.partition.dirichlet", "problem.options.k", "sweep.problem.alpha", "problem"}) {
      CHECK(of(text, path) == to_flow_yaml(parse_document(text, "a.yaml")));
    }
  }
}

TEST_CASE("Sections may have seeds of their own") {
  const Scenario plain = read_scenario(small_scenario({"seed=7"})),
                 own = read_scenario(
                     small_scenario({"seed=7", "topology.seed=1", "problem.seed=2", "algorithm.seed=3"}));
  CHECK(plain.seed_of(plain.of_problem) == 7);
  CHECK(own.seed_of(own.of_topology) == 1);
  CHECK(own.seed_of(own.of_problem) == 2);
  CHECK(own.seed_of(own.of_algorithm) == 3);
  // A resolved scenario has them where they are given, so that others keep their identities.
  CHECK(resolved(plain).find("topology")->find("seed") == nullptr);
  CHECK(resolved(own).find("topology")->find("seed")->scalar == "1");
  CHECK(to_yaml(resolved(read_scenario(resolved(own)))) == to_yaml(resolved(own)));
}

TEST_CASE("What suits the algorithm is known before the run") {
  const auto of = [](const std::string& algorithm, const std::string& more = "") {
    return complaint([&] {
      Setup(read_scenario(parse_document("topology: {star: 3}\n" + lines[1] + "\nalgorithm: " + algorithm +
                                             "\n" + lines[3] + "\n" + more,
                                         "a.yaml")),
            DataPath());
    });
  };
  CHECK(of("{kind: cd_adam, step_size: 1}") == "nothing");
  CHECK(of("{kind: cd_adam, step_size: 1}", "mixing: lazy") ==
        "a.yaml:5:1: mixing: cd_adam has a server and mixes nothing; leave it out");
  CHECK_THAT(of("{kind: cd_adam, step_size: 1, compressor: sign}"),
             Catch::StartsWith("a.yaml:3:1: compressor: ") && Catch::Contains("scaled_sign, top_k"));
  CHECK_THAT(of("{kind: cd_adam, step_size: 1, compressor: {kind: top_k, k: 3}}"),
             Catch::StartsWith("a.yaml:3:1: "));
  CHECK_THAT(of("{kind: cd_adam, step_size: 1, compressor: top_k}"), Catch::StartsWith("a.yaml:3:1: "));
  CHECK(of("{kind: amsgrad, step_size: 1, compressor: sign}") ==
        "a.yaml:3:42: unknown key 'compressor' in algorithm; there are: kind, step_size, beta1, beta2, nu, "
        "weight_decay, average, wait_for, wait_at_most, wire, seed");
  CHECK(of("{kind: sgd, step_size: 1, average: ring_all_reduce}") ==
        "a.yaml:3:1: average: ring_all_reduce goes around a ring; it takes topology: {kind: ring, nodes: n}");
  CHECK(of("{kind: sgd, step_size: 1, average: ring_all_reduce}", "mixing: lazy") ==
        "a.yaml:5:1: mixing: sgd mixes nothing; leave it out");
}

TEST_CASE("A run that nothing would end is refused") {
  const auto of = [](const Changes& changes) {
    return complaint([&] { Setup(read_scenario(small_scenario(changes)), DataPath()); });
  };
  const std::string no_time =
      ": stop: this is never reached, as no simulated time passes; give iterations, too";
  const std::string by_time = "stop={simulated_time: 1 s}", idle = "compute.gradient=0 s";
  CHECK(of({by_time, idle, "network=ideal"}) == "--set " + by_time + no_time);
  CHECK(of({by_time, idle, "network={header: 40 B}"}) == "--set " + by_time + no_time);
  CHECK(of({by_time, idle}) == "nothing");
  CHECK(of({by_time, "network=ideal"}) == "nothing");
  CHECK(of({"stop={bits: 1000}", idle, "network=ideal"}) == "nothing");
  // By simulated time, bits and targets are looked at when a row is made.
  CHECK(of({"stop={bits: 1000}", idle, "network=ideal", "record.every=1 s"}) ==
        "--set stop={bits: 1000}" + no_time);
  CHECK(of({"stop={target: {loss: 1}}", idle, "network=ideal"}) == "nothing");
  CHECK(of({"stop={target: {loss: 1}}", idle, "network=ideal", "record.every=1 s"}) ==
        "--set stop={target: {loss: 1}}" + no_time);
  const Changes alone = {"topology.nodes=1", "problem.targets=[[1]]"};
  CHECK(of({alone[0], alone[1], "stop={bits: 1}"}) ==
        "--set stop={bits: 1}: stop: this is never reached, as a single node sends nothing; give "
        "iterations, too");
  CHECK(of({alone[0], alone[1], "stop={bits: 1}", idle, "network=ideal"}) ==
        "--set stop={bits: 1}: stop: this is never reached, as a single node sends nothing; give "
        "iterations, too");
  CHECK(of({alone[0], alone[1], by_time}) == "nothing");
}

TEST_CASE("Time passes where nodes wait or code, though neither network nor gradients take any") {
  const Changes by_time = {"stop={simulated_time: 10 ms}", "compute.gradient=0 s", "network=ideal"};
  const auto run = [&](const Changes& more) {
    Changes changes = by_time;
    changes.insert(changes.end(), more.begin(), more.end());
    return Run(changes);
  };
  const Run codes = run({"algorithm={kind: choco_sgd, step_size: 0.1, consensus_step: 0.5, wire: float64}",
                         "coding={encode: 1 Mbit/s}"});
  CHECK(codes.outcome.reason == "");
  CHECK(codes["iteration"].back() == 78);  // 128 bits take 128 us.
  const Run waits =
      run({"algorithm={kind: dgd, step_size: 0.1, wait_at_most: 1 ms}", "faults={loss: {probability: 0.5}}"});
  CHECK(waits.outcome.reason == "");
  CHECK(waits["time"].back() == 0.01);
}

TEST_CASE("A run by time alone fails where none passes, and says so") {
  const Changes by_time = {"stop={simulated_time: 10 ms}", "compute.gradient=0 s"};
  const auto stands = [&](const Changes& more) {
    Changes changes = by_time;
    changes.insert(changes.end(), more.begin(), more.end());
    const Run run(changes);
    INFO(run.outcome.reason);
    return run.trace.status == Trace::Status::failed &&
           run.outcome.reason.find("at 0.000000 ms: 100") != std::string::npos &&
           run.outcome.reason.ends_with(
               "00 iterations have ended at this instant: no simulated time passes, and stop is never "
               "reached; "
               "give iterations, too");
  };
  const std::string factors = "compute={gradient: 1 ms, factors: [1, 0, 1]}";
  CHECK(stands({"network={model: max_min_fair, bandwidth: 9000000 Tbit/s}"}));
  CHECK(stands({"network={graph: {kind: dumbbell, bottleneck_bandwidth: 1 Mbit/s, place: [0, 0, 0]}}"}));
  CHECK(stands({"network=ideal", "algorithm={kind: ad_psgd, step_size: 0.1}", factors}));
  CHECK(stands(
      {"network=ideal", "topology={star: 3}", "algorithm={kind: async_sgd, step_size: 0.1}", factors}));
  CHECK(stands({"network=ideal", "faults={outages: {schedule: [0 1 2s 1s]}}", "record.every=1 ms"}));
}

TEST_CASE("Who is told that coding takes no time") {
  const auto notes = [](const std::string& algorithm) {
    const Setup setup(read_scenario(small_scenario({"algorithm=" + algorithm, "coding={encode: 1 kbit/s}"})),
                      DataPath());
    return joined(setup.graphs.notes);
  };
  CHECK(notes("{kind: dgd, step_size: 0.1}") ==
        "coding: note: dgd sends all uncompressed here, which takes no time");
  const std::string choco = "{kind: choco_sgd, step_size: 0.1, consensus_step: 0.5";
  CHECK(notes(choco + "}") == "");
  CHECK(notes(choco + ", compressor: identity}") ==
        "coding: note: choco_sgd sends all uncompressed here, which takes no time");
}

TEST_CASE("Files of a scenario are found beside it, and their mistakes have their own places") {
  const TemporaryFolder folder;
  folder.write("graph.txt", "0 1 latency=1ms\n1 2 bandwidth=fast\n");
  folder.write("w.txt", "1 0 0\n0 0.5 0.5\n0 0.5 0.4\n");
  const auto of = [&](const std::string& first_lines) {
    const std::string path =
        folder.write("a.yaml", first_lines + "\n" + lines[1] + "\n" + lines[2] + "\n" + lines[3]);
    return complaint([&] { Setup(read_scenario(read_document(path)), DataPath()); });
  };
  CHECK(of("topology: {kind: file, path: graph.txt}") ==
        (folder.path() / "graph.txt").string() +
            ":2:5: bandwidth 'fast' is not allowed; it takes one with its unit, 1Mbit/s, or unlimited");
  CHECK(of("topology: {kind: ring, nodes: 3}\nmixing: {file: w.txt}") ==
        (folder.path() / "a.yaml").string() +
            ":2:1: mixing matrix: row 2 sums to 0.9, not to 1 (within 1e-12); of a file with few digits, "
            "normalize: "
            "true makes it 1");
  CHECK_THAT(of("topology: {kind: file, path: none.txt}"),
             Catch::EndsWith(":1:30: " + (folder.path() / "none.txt").string() +
                             ": cannot be opened: No such file or directory"));
  folder.write("graph.txt", "0 1 latency=1ms\n1 2\n");
  CHECK(of("topology: {kind: file, path: graph.txt}") == "nothing");
  CHECK(of("topology: {file: graph.txt, lines: edges}\nmixing: {file: w.txt, normalize: true}") == "nothing");
  CHECK_THAT(of("topology: {kind: file, path: graph.txt}\nnetwork: ideal"),
             Catch::EndsWith("which the ideal network ignores"));
}

TEST_CASE("The certificate of the mixing matrix refers to the scenario") {
  const auto of = [](const Changes& changes) {
    return complaint([&] { Setup(read_scenario(small_scenario(changes)), DataPath()); });
  };
  CHECK_THAT(of({"topology.kind=path", "mixing=uniform_neighbors"}),
             Catch::StartsWith("--set mixing=uniform_neighbors: "));
  CHECK_THAT(
      of({"topology={kind: erdos_renyi, nodes: 30, p: 0.01}", "problem={kind: quadratic, dimension: 1}"}),
      Catch::StartsWith(
          "--set topology={kind: erdos_renyi, nodes: 30, p: 0.01}: the graph is not connected: "));
}
