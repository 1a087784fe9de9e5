#include "sim/networks/links.hpp"

#include <algorithm>
#include <stdexcept>

namespace gossamer {

bool Links::take_time() const {
  return std::ranges::any_of(parameters, [](const LinkParameters& link) {
    return link.latency > Duration::zero() || !link.bandwidth.is_unlimited();
  });
}

Links OwnEdges::make(const Traffic& traffic, const LinkParameters& parameters) const {
  const Adjacency& graph = traffic.graph;
  Links links;
  links.parameters.assign(static_cast<std::size_t>(graph.arcs()), parameters);
  for (NodeId u = 0; u < graph.nodes(); ++u) {
    for (const NodeId v : graph.out_neighbors(u)) links.ends.emplace_back(u, v);
  }
  for (const Traffic::Override& own : traffic.overrides) {
    LinkParameters& link = links.parameters[static_cast<std::size_t>(own.arc)];
    link = {own.latency.value_or(link.latency), own.bandwidth.value_or(link.bandwidth)};
  }
  return links;
}

Links Switch::make(const Traffic& traffic, const LinkParameters& parameters) const {
  const Adjacency& graph = traffic.graph;
  if (!traffic.overrides.empty()) {
    throw std::invalid_argument(
        "the topology's file gives links their own latency or bandwidth, which a switch ignores");
  }
  if (!traffic.has_server && (server_latency || server_bandwidth)) {
    throw std::invalid_argument("graph: the algorithm has no server, so settings of its link have no effect");
  }
  Links links;
  links.parameters.assign(2 * static_cast<std::size_t>(graph.nodes()), parameters);
  for (NodeId u = 0; u < graph.nodes(); ++u) {
    links.ends.emplace_back(u, graph.nodes());
    links.ends.emplace_back(graph.nodes(), u);
  }
  if (traffic.has_server) {
    const LinkParameters server{server_latency.value_or(parameters.latency),
                                server_bandwidth.value_or(parameters.bandwidth)};
    std::fill(links.parameters.end() - 2, links.parameters.end(), server);
  }
  links.first.push_back(0);
  for (NodeId u = 0; u < graph.nodes(); ++u) {
    for (const NodeId v : graph.out_neighbors(u)) {
      links.routes.insert(links.routes.end(), {2 * u, 2 * v + 1});
      links.first.push_back(links.routes.size());
    }
  }
  return links;
}

void require_header(Bytes header) {
  constexpr std::int64_t most = 1 << 30;  // Then a link can count its bytes.
  if (header.count >= 0 && header.count <= most) return;
  throw std::invalid_argument("header: it takes 0 B to 1 GiB");
}

void require_links(const Links& links, Bytes header) {
  require_header(header);
  for (const LinkParameters& parameters : links.parameters) {
    if (parameters.latency < Duration::zero()) throw std::invalid_argument("a latency cannot be negative");
  }
}

Links NetworkOfLinks::links(const Traffic& traffic) const {
  require_header(header);
  return std::visit([&](const auto& kind) { return kind.make(traffic, {latency, bandwidth}); }, graph);
}

}  // namespace gossamer
