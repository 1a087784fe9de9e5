#include "scenarios/lab/scenario/links.hpp"

#include <algorithm>

namespace gossamer {
namespace {

/// Every arc of the topology is a link of its own, with the settings that the topology's file may give.
Links own_edges(const StoreAndForwardNetwork& settings, const Topology& topology, const Adjacency& graph) {
  Links links;
  links.parameters.assign(static_cast<std::size_t>(graph.arcs()), {settings.latency, settings.bandwidth});
  for (NodeId u = 0; u < graph.nodes(); ++u) {
    for (const NodeId v : graph.neighbors(u)) links.ends.emplace_back(u, v);
  }
  for (const auto& link : topology.links) {
    const auto& [u, v] = link.first;
    const ArcId arc = graph.arc(u, v);
    const LinkText& text = link.second;
    const auto set = [&](const std::string& given, auto parse, auto LinkParameters::*parameter,
                         const char* example) {
      if (given.empty()) return;
      const auto value = parse(given);
      if (!value) throw BadInput(text.where + ": '" + given + "' is not allowed; it takes " + example);
      for (const ArcId a : {arc, graph.reverse(arc)})
        links.parameters[static_cast<std::size_t>(a)].*parameter = *value;
    };
    set(text.latency, parse_duration, &LinkParameters::latency, "latency=10ms");
    set(text.bandwidth, parse_bandwidth, &LinkParameters::bandwidth,
        "bandwidth=1Mbit/s or bandwidth=unlimited");
  }
  return links;
}

/// Link 2 i leads from node i to the switch, link 2 i + 1 back.
Links around_a_switch(const StoreAndForwardNetwork& settings, const Switch& with, const Scenario& scenario,
                      const Adjacency& graph) {
  Links links;
  links.parameters.assign(2 * static_cast<std::size_t>(graph.nodes()),
                          {settings.latency, settings.bandwidth});
  for (NodeId u = 0; u < graph.nodes(); ++u) {
    links.ends.emplace_back(u, graph.nodes());
    links.ends.emplace_back(graph.nodes(), u);
  }
  if (has_server(scenario.algorithm.value)) {
    for (auto link = links.parameters.end() - 2; link != links.parameters.end(); ++link) {
      link->latency = with.server_latency.value_or(settings.latency);
      link->bandwidth = with.server_bandwidth.value_or(settings.bandwidth);
    }
  } else if (with.server_latency || with.server_bandwidth) {
    throw BadInput(scenario.at("network"), "graph: " + scenario.algorithm.kind +
                                               " has no server, so settings of its link have no effect");
  }
  links.first.push_back(0);
  for (NodeId u = 0; u < graph.nodes(); ++u) {
    for (const NodeId v : graph.neighbors(u)) {
      links.routes.insert(links.routes.end(), {2 * u, 2 * v + 1});
      links.first.push_back(links.routes.size());
    }
  }
  return links;
}

}  // namespace

bool Links::take_time() const {
  return std::ranges::any_of(parameters, [](const LinkParameters& link) {
    return link.latency > Duration::zero() || !link.bandwidth.is_unlimited();
  });
}

Links make_links(const Scenario& scenario, const Topology& topology, const Adjacency& graph) {
  const auto* settings = std::get_if<StoreAndForwardNetwork>(&scenario.network.value);
  const auto* with = settings ? std::get_if<Switch>(&settings->graph) : nullptr;
  if ((!settings || with) && !topology.links.empty()) {
    throw BadInput(scenario.at("network"),
                   std::string("the topology's file gives links their own latency or bandwidth, which ") +
                       (with ? "a switch" : "the ideal network") + " ignores");
  }
  if (!settings) return {};
  return with ? around_a_switch(*settings, *with, scenario, graph) : own_edges(*settings, topology, graph);
}

std::unique_ptr<NetworkModel> make_network(const Scenario& scenario, const Links& links) {
  const auto* settings = std::get_if<StoreAndForwardNetwork>(&scenario.network.value);
  if (!settings) return std::make_unique<Ideal>();
  const std::int64_t header = settings->header.count / 8;
  if (links.routes.empty()) return std::make_unique<StoreAndForward>(links.parameters, header);
  return std::make_unique<StoreAndForward>(links.parameters, header, links.first, links.routes);
}

}  // namespace gossamer
