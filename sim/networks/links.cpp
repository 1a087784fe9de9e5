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
  return graph->make(traffic, {latency, bandwidth});
}

}  // namespace gossamer
