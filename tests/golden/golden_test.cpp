// Short trajectories of every algorithm, beside those that reference.py computes from the papers' listings.
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "scenarios/lab/run/run.hpp"
#include "scenarios/lab/run/setup.hpp"
#include "scenarios/lab/yaml/document.hpp"
#include "tests/shared.hpp"

using namespace gossamer;

namespace {

std::vector<double> numbers(const Value& list) {
  std::vector<double> all;
  REQUIRE(Text<std::vector<double>>::read(list, all, ""));
  return all;
}

const Value& at(const Value& map, const std::string& key) {
  const Value* value = map.find(key);
  INFO(key);
  REQUIRE(value);
  return *value;
}

/// Writes the problem of the golden cases as a LIBSVM file, DIR/golden/golden, with all digits.
void write_data(const Value& problem, const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder / "golden");
  std::ofstream file(folder / "golden" / "golden");
  const auto labels = numbers(at(problem, "labels"));
  for (std::size_t r = 0; r < labels.size(); ++r) {
    file << text_of(labels[r]);
    const auto row = numbers(at(problem, "features").items[r]);
    for (std::size_t j = 0; j < row.size(); ++j) {
      if (row[j] != 0) file << ' ' << j + 1 << ':' << text_of(row[j]);
    }
    file << '\n';
  }
}

/// A case's scenario on the golden problem.
Value scenario_of(const Value& of, const Value& problem, const std::string& wire, std::size_t iterations) {
  Value scenario = at(of, "scenario");
  set(scenario, "problem={kind: " + at(problem, "kind").scalar + ", dataset: golden, lambda: " +
                    at(problem, "lambda").scalar + ", x0: " + to_flow_yaml(at(problem, "x0")) + "}");
  set(scenario, "algorithm.wire=" + wire);
  set(scenario, "stop.iterations=" + std::to_string(iterations));
  return scenario;
}

/// x after each iteration: the server's where it holds one, else the mean of the nodes'.
struct Iterates final : Observer {
  Iterates(const Setup& of, std::size_t rows) : setup(of), x(rows, Vector::Zero(of.problem->dimension())) {}
  void finished(NodeId node, Round t, const Vector* iterate) override {
    Vector& sum = x[static_cast<std::size_t>(t)];
    if (node == setup.workers()) {
      server_holds_x = iterate != nullptr;
      if (iterate) sum = *iterate;
    } else if (!server_holds_x) {
      sum += *iterate / setup.workers();
    }
  }
  const Setup& setup;
  std::vector<Vector> x;
  bool server_holds_x = false;
};

const std::vector<double>& metric(const Trace& trace, const std::string& name) {
  for (const Column& column : trace.metrics) {
    if (column.name == name) return column.values;
  }
  FAIL("no metric " << name);
  return trace.metrics.front().values;
}

/// |a - b| <= tolerance * max |golden row| + 1e-15.
void require_near(const std::vector<double>& ours, const std::vector<double>& golden, double tolerance) {
  REQUIRE(ours.size() == golden.size());
  double largest = 0;
  for (const double value : golden) largest = std::max(largest, std::abs(value));
  for (std::size_t j = 0; j < golden.size(); ++j) {
    REQUIRE(std::abs(ours[j] - golden[j]) <= tolerance * largest + 1e-15);
  }
}

void check_run(const std::string& name, const Value& scenario, const Value& golden, double tolerance,
               const DataPath& data) {
  const Setup setup(read_scenario(scenario), data);
  const Outcome whole = run(setup, {});
  REQUIRE(whole.trace.status == Trace::Status::complete);
  for (const Value::Entry& series : golden.entries) {
    if (series.key == "x_mean") continue;
    const auto expected = numbers(series.value);
    const auto& ours = metric(whole.trace, series.key);
    REQUIRE(ours.size() == expected.size());
    for (std::size_t t = 0; t < expected.size(); ++t) {
      INFO(name << " " << series.key << " at iteration " << t);
      require_near({ours[t]}, {expected[t]}, tolerance);
    }
  }
  const auto& means = at(golden, "x_mean").items;
  Pool pool(1);
  Iterates iterates(setup, means.size());
  Programs programs(setup, pool, &iterates);
  programs.spawn();
  programs.simulation.run();
  for (std::size_t t = 1; t < means.size(); ++t) {
    INFO(name << " x_mean at iteration " << t);
    require_near({iterates.x[t].begin(), iterates.x[t].end()}, numbers(means[t]), tolerance);
  }
}

const std::filesystem::path golden_folder = std::filesystem::path(GOSSAMER_SOURCE_DIR) / "tests" / "golden";

}  // namespace

TEST_CASE("Golden trajectories on logistic regression", "[golden]") {
  const Value golden = read_document((golden_folder / "logistic.json").string());
  const Value& problem = at(golden, "problem");
  const TemporaryFolder data;
  write_data(problem, data.path());

  for (const Value::Entry& of : at(golden, "cases").entries) {
    for (const auto& [wire, tolerance] : {std::pair{"float32", 1e-5}, {"float64", 1e-12}}) {
      const Value& expected = at(at(of.value, "runs"), wire);
      const Value scenario = scenario_of(of.value, problem, wire, at(expected, "x_mean").items.size() - 1);
      check_run(of.key + " " + wire, scenario, expected, tolerance, DataPath({data.path()}));
    }
  }
}

TEST_CASE("Golden trajectories on the counterexample of Theorem 1", "[golden]") {
  const Value golden = read_document((golden_folder / "counterexample.json").string());
  const auto iterations = numbers(at(golden, "iterations"));
  for (const std::string kind : {"dadam", "decentralized_amsgrad"}) {
    const Setup setup(read_scenario(parse_document("topology: {kind: ring, nodes: 2}\n"
                                                   "mixing: uniform_neighbors\n"
                                                   "network: {latency: 1 ms, bandwidth: 1 Mbit/s}\n"
                                                   "problem: {kind: quadratic, targets: [[0], [1]]}\n"
                                                   "algorithm: {kind: " +
                                                       kind + ", step_size: 0.001, beta1: 0, beta2: 0, " +
                                                       (kind == "dadam" ? "beta3: 0, " : "") +
                                                       "epsilon: 0.6, wire: float64}\n"
                                                       "stop: {iterations: 20000}\n",
                                                   kind)),
                      DataPath());
    const Trace trace = run(setup, {}).trace;
    const auto expected = numbers(at(golden, kind));
    // f has its minimum at 1/2, so |grad f| = |mean - 1/2|, and the mean rises towards 1/2 from below.
    const auto& grad_norm = metric(trace, "grad_norm");
    for (std::size_t k = 0; k < iterations.size(); ++k) {
      INFO(kind << " at iteration " << iterations[k]);
      require_near({0.5 - grad_norm[static_cast<std::size_t>(iterations[k])]}, {expected[k]}, 1e-9);
    }
    // Closed forms: each of two nodes sends v vectors of one 64-bit number a round, v = 2 with the tracker,
    // which take 64 v us at 1 Mbit/s after a latency of 1 ms.
    const double vectors = kind == "dadam" ? 1 : 2;
    REQUIRE(metric(trace, "bits").back() == 20000 * 2 * 64 * vectors);
    REQUIRE(metric(trace, "time").back() == Approx(20000 * (1e-3 + 64e-6 * vectors)).epsilon(1e-12));
  }
}
