#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>

#include "scenarios/lab/command/commands.hpp"
#include "scenarios/lab/scenario/algorithms.hpp"
#include "scenarios/lab/scenario/networks.hpp"
#include "scenarios/lab/scenario/partitions.hpp"
#include "scenarios/lab/scenario/problems.hpp"
#include "scenarios/lab/scenario/texts.hpp"
#include "scenarios/lab/scenario/topologies.hpp"
#include "scenarios/lab/trace/metrics.hpp"

namespace gossamer {
namespace {

/// A comment of lines that are not too long.
std::string comment(const std::string& text) {
  constexpr std::size_t longest = 100;
  std::string result = "#";
  std::size_t line = 1;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (line + 1 + end - at > longest) {
      result += "\n#";
      line = 1;
    }
    result += ' ' + text.substr(at, end - at);
    line += 1 + end - at;
    at = end + 1;
  }
  return result + "\n";
}

std::string kinds_of(const Kinds& kinds) {
  return joined(kinds.names());
}

/// The fields of a section that start with these defaults.
template <HasFields T>
std::string keys_of(const T& fields) {
  std::vector<std::string> keys;
  for (const FieldText& field : list_fields(fields)) keys.push_back(field.key);
  return joined(keys);
}

/// Each algorithm by what it runs on.
std::string algorithms_with(bool server) {
  std::vector<std::string> names;
  for (const Kind<Algorithm>& kind : algorithms().all()) {
    if (kind.prototype->has_server() == server) names.push_back(kind.name);
  }
  return joined(names);
}

std::string first_scenario() {
  std::string text = comment(
                         "A scenario to start from. `gossamer check FILE` checks it, `gossamer run FILE` "
                         "runs it, and `gossamer "
                         "list` shows all kinds with their keys and defaults.") +
                     "name: a first scenario\nseed: 1  # the root of all random streams\n";
  const auto section = [&](const std::string& about, const std::string& yaml) {
    text += "\n" + comment(about) + yaml + "\n";
  };
  section("Who talks to whom. Kinds: " + kinds_of(topologies()) + ".", "topology: {kind: ring, nodes: 8}");
  section("How nodes weigh what they receive: the matrix W. Leave it out where there is a server. Kinds: " +
              kinds_of(mixings()) + ".",
          "mixing: {kind: metropolis}");
  section("What carries the messages. Models: " + kinds_of(networks()) +
              ". Graphs (key `graph`): " + kinds_of(network_graphs()) + ".",
          "network: {model: store_and_forward, latency: 10 ms, bandwidth: 100 Mbit/s}");
  section("How long a gradient takes. Kinds: " + kinds_of(compute_times()) + ".",
          "compute: {gradient: 5 ms}");
  section("How fast nodes compress, if that takes time: " + keys_of(Coding{}) + ".",
          "# coding: {encode: 4 Gbit/s, decode: 16 Gbit/s}");
  section("What goes wrong, if anything: " + keys_of(Faults{}) + ".",
          "# faults: {loss: {probability: 0.01, retransmit_after: 200 ms}}");
  section("The objective and its data. Kinds: " + kinds_of(problems()) +
              ". Partitions: " + kinds_of(partitions()) +
              ". `dataset: synthetic` needs no files; `gossamer datasets` lists those that do.",
          "problem: {kind: logistic, dataset: synthetic, partition: iid, batch_size: 32, l2: 1e-3}");
  section("The algorithm. Without a server: " + algorithms_with(false) +
              ". With a server, on `topology: {kind: star, nodes: 8}` and without `mixing`: " +
              algorithms_with(true) + ".",
          "algorithm: {kind: dgd, step_size: 0.1}");
  section("The run ends at the first of these that comes true: " + keys_of(Stop{}) + ".",
          "stop: {iterations: 500}");
  section("What the trace keeps: " + keys_of(Record{}) +
              ". Metrics (`gossamer list metrics`): " + joined(metric_names()) + ".",
          "record: {every: 10}");
  section("Many runs: `gossamer sweep FILE` makes one for each combination of values.",
          "# sweep:\n#   algorithm.step_size: [0.01, 0.1, 1]\n#   seed: [1, 2, 3]");
  return text;
}

}  // namespace

int new_command(const std::string& path) {
  const std::string text = first_scenario();
  if (path.empty()) {
    fmt::print("{}", text);
    return 0;
  }
  // "x": never what is there already.
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "wx"), std::fclose);
  if (!file) {
    const bool is_there = errno == EEXIST;
    throw BadInput(path + ": cannot be written: " +
                   (is_there ? "it is there already; choose another name" : std::strerror(errno)));
  }
  if (std::fwrite(text.data(), 1, text.size(), file.get()) != text.size() || std::fflush(file.get()) != 0) {
    throw std::system_error(errno, std::generic_category(), path + ": cannot be written");
  }
  fmt::print("{}: written; next: gossamer check {}\n", printable(path), printable(path));
  return 0;
}

}  // namespace gossamer
