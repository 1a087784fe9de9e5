#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "scenarios/lab/command/commands.hpp"
#include "scenarios/lab/run/setup.hpp"

namespace gossamer {
namespace {

/// The degrees of all nodes: "2", or "1 to 2, 1.6 on average".
std::string text_of_degrees(const Graph& graph) {
  const int n = node_count(graph);
  int least = degree(graph, 0), most = least;
  for (int i = 1; i < n; ++i) {
    least = std::min(least, degree(graph, i));
    most = std::max(most, degree(graph, i));
  }
  if (least == most) return std::to_string(least);
  return fmt::format("{} to {}, {:.4g} on average", least, most, 1.0 * arc_count(graph) / n);
}

/// "2", or of a directed graph "2 to send to, 1 to 3 to hear from".
std::string text_of_degrees(const Topology& topology) {
  if (!topology.directed) return text_of_degrees(topology.graph);
  return fmt::format("{} to send to, {} to hear from", text_of_degrees(topology.graph),
                     text_of_degrees(reversed(topology.graph)));
}

/// "0 Bern, 1 Oslo, 2 Rome", up to so many that they can be read.
std::string text_of_names(const std::vector<std::string>& names) {
  constexpr std::size_t most = 20;
  std::string text;
  for (std::size_t node = 0; node < std::min(names.size(), most); ++node) {
    text += fmt::format("{}{} {}", node > 0 ? ", " : "", node, names[node]);
  }
  return text + (names.size() > most ? fmt::format(", and {} more", names.size() - most) : "");
}

void print_graph(const std::string& kind, const Topology& topology) {
  const Graph& graph = topology.graph;
  const bool changes = !topology.phases.empty();
  const std::string links = topology.directed ? fmt::format("{} arcs", arc_count(graph))
                                              : fmt::format("{} edges", edge_count(graph));
  fmt::print("topology            {}, {} nodes, {}{}\n", kind, node_count(graph), links,
             changes ? fmt::format(" in all, {} graphs in turn", period(topology)) : "");
  fmt::print("degree              {}{}\n", text_of_degrees(topology), changes ? ", in all" : "");
  if (changes) fmt::print("degree at first     {}\n", text_of_degrees(topology.phases.front()));
  if (!topology.names.empty())
    fmt::print("nodes               {}\n", printable(text_of_names(topology.names)));
  const Diameter span = diameter(topology);
  fmt::print("diameter            {}{}{}\n", span.exact ? "" : "at least ", span.value,
             changes ? ", of all" : "");
}

std::string predicted_consensus(double gap, int period) {
  const double rounds = consensus_rounds(gap, 1e-3);
  if (gap < 0) return "never: the gap is below 0, nodes are driven apart";
  if (!std::isfinite(rounds)) return "never: the gap is 0";
  if (period > 1 && gap == 1) return fmt::format("exact within {} rounds", period);
  return fmt::format("{:.6g} rounds until the disagreement is 1/1000{}", rounds,
                     period > 1 ? ", at the mean rate" : "");
}

void print_certificate(const std::string& rule, const Certificate& certificate, const MixingFacts& facts) {
  const int P = certificate.period;
  fmt::print("mixing              {}: {} within 1e-12, {}, support on the edges, {}{}\n", rule,
             certificate.doubly_stochastic ? "doubly stochastic" : "column-stochastic, not doubly,",
             facts.may_be_negative ? "negative weights allowed" : "non-negative",
             certificate.symmetric ? "symmetric" : "not symmetric",
             P > 1 ? "; so is W of each iteration" : "");
  if (facts.change) fmt::print("normalized          entries changed by at most {:.3g}\n", *facts.change);
  if (!certificate.spectral_gap) {
    fmt::print("spectral gap        not certified: {}\n", certificate.reason);
    return;
  }
  const double gap = *certificate.spectral_gap;
  fmt::print(
      "lambda              {:.15g}{}\n", 1 - gap,
      P > 1 ? fmt::format(" (mean of an iteration: that of {} in turn, to the power 1/{})", P, P) : "");
  if (certificate.lambda_bound) {
    fmt::print("lambda is at least  {:.15g} for every symmetric non-negative W on this graph\n",
               *certificate.lambda_bound);
  }
  fmt::print("spectral gap        {:.15g} ({}{})\n", gap, to_string(certificate.method),
             certificate.error > 0 ? fmt::format(", within {:.1e}", certificate.error) : "");
  fmt::print("predicted consensus {}\n", predicted_consensus(gap, P));
}

}  // namespace

int topology_command(const std::string& path, const std::vector<std::string>& assignments) {
  const Scenario scenario = read_graphs(document_with(path, assignments));
  const Graphs graphs(scenario);
  std::set<std::string> said;
  say_notes(graphs, said);
  print_graph(scenario.topology.kind, graphs.topology);
  if (graphs.certificate) {
    print_certificate(scenario.mixing->kind, *graphs.certificate, graphs.mixing.front().facts());
  } else {
    fmt::print("mixing              none: {} {}\n", scenario.algorithm.kind,
               scenario.has_server() ? "has a server" : "mixes nothing");
  }
  return 0;
}

}  // namespace gossamer
