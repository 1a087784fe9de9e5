// Links: the physical network under a topology.
#pragma once

#include <memory>
#include <vector>

#include "scenarios/lab/scenario/scenario.hpp"
#include "sim/network.hpp"

namespace gossamer {

/// The links of the network, and which of them a message on each arc of the topology travels.
struct Links {
  std::vector<LinkParameters> parameters;  ///< [link]; none: the ideal network.
  std::vector<Edge> ends;                  ///< [link], from and to; a switch is numbered after the nodes.
  // Messages on arc a travel the links routes[first[a]], ..., routes[first[a + 1] - 1]; where there are no
  // routes link = arc.
  std::vector<std::size_t> first;
  std::vector<LinkId> routes;

  /// Whether a message could take any time.
  bool take_time() const;
};

/// Throws BadInput for settings that are wrong or would have no effect.
Links make_links(const Scenario& scenario, const Topology& topology, const Adjacency& graph);

std::unique_ptr<NetworkModel> make_network(const Scenario& scenario, const Links& links);

}  // namespace gossamer
