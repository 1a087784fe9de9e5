#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "scenarios/lab/command/commands.hpp"
#include "scenarios/lab/run/setup.hpp"

namespace gossamer {

int topology_command(const std::string& path, const std::vector<std::string>& assignments) {
  const Scenario scenario = read_graphs(document_with(path, assignments));
  const Graphs graphs(scenario);
  const Graph& graph = graphs.topology.graph;
  const int n = node_count(graph);
  int least = degree(graph, 0), most = least;
  for (int i = 1; i < n; ++i) {
    least = std::min(least, degree(graph, i));
    most = std::max(most, degree(graph, i));
  }
  const Diameter span = diameter(graphs.topology);
  fmt::print("topology            {}, {} nodes, {} edges\n", scenario.topology.kind, n, edge_count(graph));
  fmt::print("degree              {}\n", least == most ? std::to_string(least)
                                                       : fmt::format("{} to {}, {:.4g} on average", least,
                                                                     most, 2.0 * edge_count(graph) / n));
  fmt::print("diameter            {}{}\n", span.exact ? "" : "at least ", span.value);
  if (!graphs.certificate) {
    fmt::print("mixing              none: {} {}\n", scenario.algorithm.kind,
               scenario.has_server() ? "has a server" : "uses no W");
    return 0;
  }
  const Certificate& certificate = *graphs.certificate;
  fmt::print("mixing              {}: doubly stochastic within 1e-12, non-negative, support on the edges{}\n",
             scenario.mixing->kind, certificate.symmetric ? ", symmetric" : ", not symmetric");
  if (!certificate.spectral_gap) {
    fmt::print("spectral gap        not certified: {}\n", certificate.reason);
    return 0;
  }
  const double gap = *certificate.spectral_gap;
  fmt::print("lambda              {:.15g}\n", 1 - gap);
  fmt::print("spectral gap        {:.15g} ({}{})\n", gap, to_string(certificate.method),
             certificate.error > 0 ? fmt::format(", within {:.1e}", certificate.error) : "");
  const double rounds = consensus_rounds(gap, 1e-3);
  fmt::print("predicted consensus {}\n",
             std::isfinite(rounds) ? fmt::format("{:.6g} rounds until the disagreement is 1/1000", rounds)
                                   : std::string("never: the gap is 0"));
  return 0;
}

}  // namespace gossamer
