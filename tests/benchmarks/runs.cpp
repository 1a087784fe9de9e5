// Whole runs beside the bare arithmetic that they cannot do without.
#include <fmt/format.h>

#include <barrier>
#include <limits>
#include <thread>

#include "scenarios/lab/document.hpp"
#include "scenarios/lab/run.hpp"
#include "tests/benchmarks/benchmarks.hpp"

namespace gossamer {
namespace {

Setup setup_of(const std::string& scenario) {
  return Setup(read_scenario(parse_document(scenario, "benchmark")), DataPath(default_directories()));
}

/// Wall seconds of the programs alone: nobody watches, so nothing is evaluated.
double run_seconds(const Setup& setup, int threads) {
  Pool pool(threads);
  std::vector<Work> work(static_cast<std::size_t>(setup.nodes()));
  const Experiment experiment = setup.experiment(work, nullptr);
  Simulation simulation(setup.adjacency, make_network(setup.scenario, setup.links), pool);
  const double begin = wall_seconds();
  setup.spawn(simulation, experiment);
  simulation.run();
  return wall_seconds() - begin;
}

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

}  // namespace

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
