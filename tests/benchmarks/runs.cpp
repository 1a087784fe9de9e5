// Whole runs beside the bare arithmetic that they cannot do without.
#include "tests/benchmarks/runs.hpp"

#include <fmt/format.h>

#include <barrier>
#include <limits>
#include <thread>

#include "algorithms/compressors/signs.hpp"
#include "algorithms/server/cd_adam.hpp"
#include "scenarios/lab/run/run.hpp"
#include "scenarios/lab/yaml/document.hpp"

namespace gossamer {

Setup setup_of(const std::string& scenario) {
  return Setup(read_scenario(parse_document(scenario, "benchmark")), DataPath(default_directories()));
}

double run_seconds(const Setup& setup, int threads, double (*clock)()) {
  Pool pool(threads);
  Programs programs(setup, pool, nullptr);
  const double begin = clock();
  programs.spawn();
  programs.simulation.run();
  return clock() - begin;
}

namespace {

/// Wall seconds of the same gradients in a loop, on as many threads, which meet after every iteration.
double bare_seconds(const Setup& setup, int threads) {
  const int nodes = setup.nodes();
  const Round iterations = *setup.scenario.stop.iterations;
  std::barrier meeting(threads);
  const auto work = [&](int thread) {
    Vector g;
    for (Round t = 0; t < iterations; ++t) {
      for (int i = thread; i < nodes; i += threads) setup.problem->gradient(i, setup.initial_point, {}, g);
      meeting.arrive_and_wait();
    }
  };
  const double begin = wall_seconds();
  std::vector<std::thread> others;
  for (int thread = 1; thread < threads; ++thread) others.emplace_back(work, thread);
  work(0);
  for (std::thread& other : others) other.join();
  return wall_seconds() - begin;
}

/// The best of several, alternating, so that what else the machine does strikes both alike.
void compare(const std::string& name, const Setup& setup) {
  double run[3], bare[3];
  for (const int threads : {1, 2}) run[threads] = bare[threads] = std::numeric_limits<double>::infinity();
  for (int repeat = 0; repeat < 5; ++repeat) {
    for (const int threads : {1, 2}) {
      run[threads] = std::min(run[threads], run_seconds(setup, threads));
      bare[threads] = std::min(bare[threads], bare_seconds(setup, threads));
    }
  }
  const double gradients =
      static_cast<double>(setup.nodes()) * static_cast<double>(*setup.scenario.stop.iterations);
  fmt::print("{:<44} | {:>9.1f} | {:>6.3f} | {:>5.2f} {:>5.2f} {:>6.3f}\n", name, 1e6 * bare[1] / gradients,
             run[1] / bare[1], run[1] / run[2], bare[1] / bare[2], run[1] / run[2] / (bare[1] / bare[2]));
}

/// CPU seconds of CD-Adam's arithmetic in a loop: gradients, messages and steps, without nodes and a
/// network. The scenario gives the algorithm this step and leaves all else at its default.
double bare_cd_adam_seconds(const Setup& setup, double step_size) {
  const CdAdam with{{}, step_size};
  const int n = setup.workers();
  const Vector zero = zeros_like(setup.initial_point);
  struct Worker {
    Vector x, g_hat, g_tilde, m, v, v_hat, g;
    Encoded c;
  };
  std::vector<Worker> workers(static_cast<std::size_t>(n),
                              {setup.initial_point, zero, zero, zero, zero, zero, zero, {}});
  Vector g_hat = zero, g_tilde = zero;
  Rng rng(1);
  const double begin = cpu_seconds();
  for (Round t = 1; t <= *setup.scenario.stop.iterations; ++t) {
    for (int i = 0; i < n; ++i) {
      Worker& w = workers[static_cast<std::size_t>(i)];
      setup.problem->gradient(i, w.x, {}, w.g);
      w.c = encode(with.compressor, w.g - w.g_hat, Wire::float32, rng);
      add_decoded(with.compressor, w.c, Wire::float32, 1, w.g_hat);
    }
    for (const Worker& w : workers) add_decoded(with.compressor, w.c, Wire::float32, 1.0 / n, g_hat);
    const Encoded c = encode(with.compressor, g_hat - g_tilde, Wire::float32, rng);
    add_decoded(with.compressor, c, Wire::float32, 1, g_tilde);
    for (Worker& w : workers) {
      add_decoded(with.compressor, c, Wire::float32, 1, w.g_tilde);
      w.m = with.beta1 * w.m + (1 - with.beta1) * w.g_tilde;
      w.v = with.beta2 * w.v + (1 - with.beta2) * w.g_tilde.square();
      w.v_hat = w.v_hat.max(w.v);
      w.x -= with.step_size(t) * (w.m / (w.v_hat + with.nu).sqrt());
    }
  }
  return cpu_seconds() - begin;
}

void compare_cd_adam(int workers, int iterations) {
  const bool real = DataPath(default_directories()).find("w8a").has_value();
  const std::string data =
      real ? "w8a" : "synthetic, synthetic: {samples: 49749, features: 300, density: 0.039}";
  constexpr double step_size = 0.001;
  const Setup setup = setup_of("topology: {kind: star, nodes: " + std::to_string(workers) +
                               "}\nalgorithm: {kind: cd_adam, step_size: " + std::to_string(step_size) +
                               "}\nstop: {iterations: " + std::to_string(iterations) +
                               "}\nproblem: {kind: logistic_nonconvex, dataset: " + data + "}\n");
  double run = std::numeric_limits<double>::infinity(), bare = run;
  for (int repeat = 0; repeat < 3; ++repeat) {
    run = std::min(run, run_seconds(setup, 1, cpu_seconds));
    bare = std::min(bare, bare_cd_adam_seconds(setup, step_size));
  }
  fmt::print(
      "CD-Adam, {}, n = {}, full batch, {} iterations: {:.2f} s, {:.3f} ms an iteration, {:.3f} of bare\n",
      real ? "w8a" : "the size of w8a", workers, iterations, run, 1e3 * run / iterations, run / bare);
  if (workers != 20 || !real) return;
  const auto others = python_milliseconds("cd_adam_numpy.py", {"numpy_dense_ms", "scipy_csr_ms"});
  if (!others.empty()) {
    const double mine = 1e3 * run / iterations;
    fmt::print(
        "  dense NumPy {:.2f} ms, {:.1f} times; SciPy CSR {:.2f} ms, {:.1f} times (targets: 8 and 2)\n",
        others[0], others[0] / mine, others[1], others[1] / mine);
  }
}

/// QCMD AdaGrad on rows as news20 has them. The loops measure no compression error; neither does the run.
void compare_qcmd(const std::string& name, const std::string& step, const std::string& lambda,
                  int iterations) {
  const Setup setup = setup_of(fmt::format(
      "topology: {{kind: star, nodes: 2}}\nalgorithm: {{kind: qcmd_adagrad, step_size: {}, lambda: {}}}\n"
      "problem: {{kind: logistic, dataset: synthetic_text, partition: iid, batch_size: 20, synthetic_text: "
      "{{like: news20, test_samples: 0}}}}\nstop: {{iterations: {}}}\nrecord: {{metrics: [loss]}}\n",
      step, lambda, iterations));
  double run = std::numeric_limits<double>::infinity();
  for (int repeat = 0; repeat < 3; ++repeat) run = std::min(run, run_seconds(setup, 1, cpu_seconds));
  const double mine = 1e3 * run / iterations;
  fmt::print(
      "QCMD AdaGrad, the size of news20, {}, 2 workers, batches of 20, {} iterations: {:.2f} s, {:.2f} ms an "
      "iteration\n",
      name, iterations, run, mine);
  const auto others =
      python_milliseconds(fmt::format("qcmd_numpy.py 15994 1355191 455 {} {} {}", step, lambda, iterations),
                          {"dense_ms", "indexed_ms"});
  if (!others.empty()) {
    fmt::print(
        "  NumPy and SciPy with dense vectors {:.1f} ms, {:.1f} times; with indices {:.1f} ms, {:.1f} times "
        "(target: 5)\n",
        others[0], others[0] / mine, others[1], others[1] / mine);
  }
}

}  // namespace

void benchmark_servers() {
  fmt::print(
      "Parameter server: CD-Adam beside its bare arithmetic on one thread (target: at most 1.15 times), and "
      "the same\nloop in NumPy and SciPy; QCMD AdaGrad beside such loops.\n\n");
  compare_cd_adam(20, 500);
  compare_cd_adam(142, 1000);
  compare_qcmd("Table 2's step and lambda", "0.02", "1e-5", 100);
  compare_qcmd("tuned ones", "0.3", "3e-4", 100);
  fmt::print("\n");
}

void benchmark_runs() {
  fmt::print(
      "Runs of DGD on 8 nodes beside their bare gradients. Targets: overhead at most 1.15 where a gradient "
      "takes\n"
      "10 us or more; two threads reach at least 0.93 of the speed-up of the bare gradients (softmax).\n\n");
  fmt::print("{:<44} | {:>9} | {:>6} | {:>5} {:>5} {:>6}\n", "", "us/grad.", "over-", "speed", "bare",
             "ratio");
  fmt::print("{:<44} | {:>9} | {:>6} | {:>5} {:>5} {:>6}\n", "", "", "head", "-up", "", "");
  const std::string rest = "topology: {kind: ring, nodes: 8}\nalgorithm: {kind: dgd, step_size: 0.1}\n";
  compare("softmax, Fashion-MNIST, full batch",
          setup_of(rest + "problem: {kind: softmax}\nstop: {iterations: 20}"));
  compare("logistic, sparse, 500 rows a node",
          setup_of(rest +
                   "problem: {kind: logistic, dataset: synthetic, synthetic: {samples: 4000, features: 112, "
                   "density: 0.19}}\nstop: {iterations: 4000}"));
  fmt::print("\n");

  const double seconds =
      measure_apart([] {
        const Setup setup = setup_of(
            "topology: {kind: torus, nodes: 100000}\nnetwork: {latency: 1 ms, bandwidth: 100 Mbit/s}\n"
            "compute: {gradient: 1 ms}\nproblem: {kind: quadratic, dimension: 10}\n"
            "algorithm: {kind: dgd, step_size: 0.1}\nstop: {iterations: 100}\nrecord: {every: 100, nodes: "
            "false}");
        const double begin = cpu_seconds();
        (void)run(setup, {});
        return cpu_seconds() - begin;
      }).seconds;
  fmt::print(
      "DGD, quadratic (d = 10), torus of 100,000 nodes, 100 rounds: {:.1f} s, {:.2f} M messages per CPU "
      "second\n",
      seconds, 4e5 * 100 / seconds / 1e6);
}

}  // namespace gossamer
