// The exact short trajectories of ../shared/golden, which two independent implementations agree on.
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "scenarios/lab/document.hpp"
#include "scenarios/lab/run.hpp"
#include "scenarios/lab/setup.hpp"
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

std::string scenario_of(const Value& problem, const std::string& kind, const Value& parameters,
                        const std::string& wire) {
  std::string text =
      "topology: {kind: ring, nodes: " + at(problem, "nodes").scalar +
      "}\nmixing: uniform_neighbors\nproblem: {kind: logistic_nonconvex, dataset: golden, lambda: " +
      at(problem, "lambda").scalar + ", x0: [";
  for (const double x : numbers(at(problem, "x0"))) text += text_of(x) + ", ";
  text += "]}\nalgorithm: {kind: " + kind + ", wire: " + wire;
  for (const Value::Entry& parameter : parameters.entries) {
    if (parameter.key != "topology" && parameter.key != "mixing")
      text += ", " + parameter.key + ": " + parameter.value.scalar;
  }
  return text + "}\nstop: {iterations: 20}\nrecord: {parameters: final}\n";
}

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

void check_case(const Value& problem, const std::string& kind, const Value& parameters,
                const std::string& wire, const Value& golden, const DataPath& data) {
  const double tolerance = wire == "float64" ? 1e-9 : 1e-5;
  Value document = parse_document(scenario_of(problem, kind, parameters, wire), kind);
  const Setup setup(read_scenario(document), data);
  const Outcome whole = run(setup, {});
  REQUIRE(whole.trace.status == Trace::Status::complete);
  for (const std::string name : {"loss", "grad_norm", "consensus"}) {
    const auto expected = numbers(at(golden, name));
    const auto& ours = metric(whole.trace, name);
    REQUIRE(ours.size() == expected.size());
    for (std::size_t t = 0; t < expected.size(); ++t) {
      INFO(kind << " " << wire << " " << name << " at iteration " << t);
      require_near({ours[t]}, {expected[t]}, tolerance);
    }
  }
  // The iterates of iteration t are the final ones of a run of t iterations.
  const auto& means = at(golden, "x_mean").items;
  for (std::size_t t = 1; t < means.size(); ++t) {
    INFO(kind << " " << wire << " x_mean at iteration " << t);
    set(document, "stop.iterations=" + std::to_string(t));
    const Setup shorter(read_scenario(document), data);
    const Trace trace = run(shorter, {}).trace;
    const auto d = static_cast<std::size_t>(shorter.problem->dimension());
    std::vector<double> mean(d, 0);
    for (std::size_t k = 0; k < trace.parameters.size(); ++k)
      mean[k % d] += trace.parameters[k] / shorter.nodes();
    require_near(mean, numbers(means[t]), tolerance);
  }
}

}  // namespace

TEST_CASE("Golden trajectories on logistic regression", "[golden]") {
  const auto folder = shared_folder("golden");
  if (!folder) return;
  const Value golden = read_document((*folder / "logistic.json").string());
  const Value& problem = at(golden, "problem");
  const TemporaryFolder data;
  write_data(problem, data.path());

  int checked = 0;
  for (const Value::Entry& entry : at(golden, "cases").entries) {
    if (!algorithms().find(entry.key)) continue;
    for (const Value::Entry& run : at(entry.value, "runs").entries) {
      check_case(problem, entry.key, at(entry.value, "parameters"), run.key, run.value,
                 DataPath({data.path()}));
      ++checked;
    }
  }
  REQUIRE(checked == 10);  // dgd, dadam, decentralized_amsgrad, _adam and _adagrad, with two wires each.
}

TEST_CASE("Golden trajectories on the counterexample of Theorem 1", "[golden]") {
  const auto folder = shared_folder("golden");
  if (!folder) return;
  const Value golden = read_document((*folder / "counterexample.json").string());
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
