// The exact short trajectories of ../shared/golden, which two independent implementations agree on.
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

/// The graph of decentralized cases, and of those with a server.
const std::string ring = "topology: {kind: ring, nodes: 5}\nmixing: uniform_neighbors\n";
const std::string star = "topology: {kind: star, nodes: 5}\n";

/// A case of the golden file as scenarios say it.
struct Case {
  std::string name, graph, algorithm;
};
const std::vector<Case> cases = {
    {"dgd", ring, "kind: dgd"},
    {"dadam", ring, "kind: dadam"},
    {"decentralized_amsgrad", ring, "kind: decentralized_amsgrad"},
    {"decentralized_adagrad", ring, "kind: decentralized_adagrad"},
    {"decentralized_adam", ring, "kind: decentralized_adam"},
    {"amsgrad", star, "kind: amsgrad"},
    {"amsgrad_naive_sign", star, "kind: sparse_ams, compressor: scaled_sign, error_feedback: false"},
    {"amsgrad_ef_sign", star, "kind: sparse_ams, compressor: scaled_sign"},
    {"sparse_ams_top2", star, "kind: sparse_ams, compressor: {kind: top_k, k: 2}"},
    {"cd_adam_sign", star, "kind: cd_adam, compressor: scaled_sign"},
    {"cd_adam_top1", star, "kind: cd_adam, compressor: {kind: top_k, k: 1}"},
    {"ef21_sign", star, "kind: ef21, compressor: scaled_sign"},
    {"ef21_bidirectional_top2", star, "kind: ef21, bidirectional: true, compressor: {kind: top_k, k: 2}"},
    {"onebit_adam", star, "kind: onebit_adam"},
    {"cmd_adagrad", star, "kind: cmd_adagrad"},
    {"qcmd_adagrad_threshold", star, "kind: qcmd_adagrad, quantizer: threshold"},
    {"qcmd_adagrad_threshold_one_way", star, "kind: qcmd_adagrad, both_ways: false"},
    {"qcmd_adagrad_threshold_optimal", star,
     "kind: qcmd_adagrad, quantizer: {kind: threshold, optimal: true}"},
    {"rda_adagrad", star, "kind: rda_adagrad"},
    {"qrda_adagrad_threshold", star, "kind: qrda_adagrad, quantizer: threshold"},
    {"qrda_adagrad_threshold_one_way", star, "kind: qrda_adagrad, both_ways: false"},
    {"qrda_adagrad_threshold_optimal", star,
     "kind: qrda_adagrad, quantizer: {kind: threshold, optimal: true}"},
};

std::string scenario_of(const Value& problem, const Case& of, const Value& parameters,
                        const std::string& wire) {
  std::string text = of.graph + "problem: {kind: logistic_nonconvex, dataset: golden, lambda: " +
                     at(problem, "lambda").scalar + ", x0: [";
  for (const double x : numbers(at(problem, "x0"))) text += text_of(x) + ", ";
  text += "]}\nalgorithm: {" + of.algorithm + ", wire: " + wire;
  for (const Value::Entry& parameter : parameters.entries) {
    if (parameter.key == "topology" || parameter.key == "mixing" || parameter.key == "k") continue;
    text += ", " + parameter.key + ": " + parameter.value.scalar;
  }
  return text + "}\nstop: {iterations: 20}\n";
}

/// x after each iteration: the server's where it holds one, else the mean of the nodes'.
struct Iterates final : Observer {
  explicit Iterates(const Setup& of) : setup(of), x(21, Vector::Zero(of.problem->dimension())) {}
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

void check_case(const Value& problem, const Case& of, const Value& parameters, const std::string& wire,
                const Value& golden, const DataPath& data) {
  const double tolerance = wire == "float64" ? 1e-9 : 1e-5;
  const Setup setup(read_scenario(parse_document(scenario_of(problem, of, parameters, wire), of.name)), data);
  const Outcome whole = run(setup, {});
  REQUIRE(whole.trace.status == Trace::Status::complete);
  for (const std::string name : {"loss", "grad_norm", "consensus"}) {
    const auto expected = numbers(at(golden, name));
    const auto& ours = metric(whole.trace, name);
    REQUIRE(ours.size() == expected.size());
    for (std::size_t t = 0; t < expected.size(); ++t) {
      INFO(of.name << " " << wire << " " << name << " at iteration " << t);
      require_near({ours[t]}, {expected[t]}, tolerance);
    }
  }
  Pool pool(1);
  std::vector<Work> work(static_cast<std::size_t>(setup.nodes()));
  Iterates iterates(setup);
  const Experiment experiment = setup.experiment(work, &iterates);
  Simulation simulation(setup.adjacency, make_network(setup.scenario, setup.links), pool);
  setup.spawn(simulation, experiment);
  simulation.run();
  const auto& means = at(golden, "x_mean").items;
  for (std::size_t t = 1; t < means.size(); ++t) {
    INFO(of.name << " " << wire << " x_mean at iteration " << t);
    require_near({iterates.x[t].begin(), iterates.x[t].end()}, numbers(means[t]), tolerance);
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

  for (const Case& of : cases) {
    const Value& entry = at(at(golden, "cases"), of.name);
    for (const std::string wire : {"float32", "float64"}) {
      check_case(problem, of, at(entry, "parameters"), wire, at(at(entry, "runs"), wire),
                 DataPath({data.path()}));
    }
  }
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
