// A small scenario to change, and what its run leaves.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "scenarios/lab/run/run.hpp"
#include "scenarios/lab/run/setup.hpp"
#include "tests/shared.hpp"

namespace gossamer::testing {

/// What a call complains of.
template <class Call>
std::string complaint(Call call) {
  try {
    call();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "nothing";
}

/// As `--set` would.
using Changes = std::vector<std::string>;

/// Three nodes that each send 2 x 128 bits in a round of 2 ms.
inline Value small_scenario(const Changes& changes = {}) {
  Value document = parse_document(
      "topology: {kind: ring, nodes: 3}\n"
      "network: {latency: 1 ms, bandwidth: 1 Mbit/s}\n"
      "compute: {gradient: 2 ms}\n"
      "problem: {kind: quadratic, targets: [[0, 3], [1, 0], [5, 0]]}\n"
      "algorithm: {kind: dgd, step_size: 0.1, wire: float64}\n"
      "stop: {iterations: 10}\n"
      "record: {parameters: final}\n",
      "small.yaml");
  for (const std::string& change : changes) set(document, change);
  return document;
}

/// Sixty rows of two classes, twenty at each node, in batches of five.
inline const std::string small_logistic =
    "problem={kind: logistic, dataset: synthetic, synthetic: {samples: 60, features: 4}, partition: iid, "
    "batch_size: 5}";

/// The place of a kind among those of its section.
inline std::size_t place_of(const Kinds& kinds, const std::string& name) {
  const std::vector<std::string> names = kinds.names();
  return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
}

/// A section of this kind, in which all that has to be given is given.
inline std::string section_of(const Kinds& kinds, const std::string& name) {
  static const std::map<std::string, std::string> values = {
      {"nodes", "4"},
      {"model", "cnn3"},
      {"p", "0.9"},
      {"degree", "3"},
      {"k", "2"},
      {"m", "2"},
      {"radius", "2"},
      {"path", "/dev/null"},
      {"step_size", "0.1"},
      {"dataset", "synthetic"},
      {"warmup", "3"},
      {"levels", "4"},
      {"lambda", "0.01"},
      {"consensus_step", "0.1"},
      {"command", "[true]"},
  };
  std::string text = "{kind: " + name;
  for (const FieldText& field : kinds.list(place_of(kinds, name))) {
    INFO(name << " needs a value for " << field.key);
    if (field.initial.empty()) text += ", " + field.key + ": " + values.at(field.key);
  }
  return text + "}";
}

/// A scenario and its trace, which refers to it.
struct Run {
  explicit Run(const Changes& changes = {}, int threads = 1)
      : setup(read_scenario(small_scenario(changes)), DataPath()),
        outcome(run(setup, {.threads = threads})) {}

  const std::vector<double>& operator[](const std::string& name) const {
    for (const Column& column : outcome.trace.metrics) {
      if (column.name == name) return column.values;
    }
    FAIL("no metric " << name);
    throw 0;  // Unreachable.
  }

  Setup setup;
  Outcome outcome;
  const Trace& trace = outcome.trace;
};

using Numbers = std::vector<double>;

/// NaN, which says that there is no value, equals itself.
inline bool same(const Numbers& a, const Numbers& b) {
  return std::ranges::equal(a, b,
                            [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

}  // namespace gossamer::testing
