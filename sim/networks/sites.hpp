// Sites: places joined by links. Each node is at a site, and has a link of its own to the site's switch.
//
// A site is whatever shares its links to others: a switch, a rack, a machine with several nodes, a city. A
// message travels its sender's link, the links between the two sites, and its receiver's link.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "sim/networks/links.hpp"
#include "sim/required.hpp"

namespace gossamer {

/// Sites 0, 1, ... and the links between them.
struct SiteMap {
  /// Leads from one site to another. Of several between the same two, routes take the best.
  struct Link {
    int from, to;
    LinkParameters parameters;
  };
  int sites = 1;
  int homes = 1;  ///< Nodes may be at the sites 0, ..., homes - 1 only.
  std::vector<Link> links{};
  std::vector<std::string> names{};  ///< [site], or empty: their numbers.
  std::vector<std::string> notes{};  ///< As in Links.

  /// A link each way.
  void join(int a, int b, const LinkParameters& parameters) {
    links.push_back({a, b, parameters});
    links.push_back({b, a, parameters});
  }
  std::string name(int site) const {
    return names.empty() ? std::to_string(site) : names[static_cast<std::size_t>(site)];
  }
};

/// What a route between sites has least of: latency and then links, or links and then latency. Of equal
/// routes it takes the one whose last link has the least number, and so on backwards.
enum class Routing { latency, hops };
constexpr std::array<std::string_view, 2> names(Routing) {
  return {"latency", "hops"};
}

/// For every site `to`, the last link of the best route from `from`; -1 where there is none. Throws
/// std::overflow_error where the clock cannot hold a latency.
std::vector<int> best_routes(const SiteMap& map, int from, Routing by);

/// At which site each node is. blocks: of consecutive nodes, as equal as can be, one for each site, the first
/// ones larger. in_turn: node i at site i mod the number of sites. random: drawn from the stream
/// "places", as many nodes at each site as in turn, but for one. Or a list of sites, as find_named() finds
/// them, one for each node.
struct Placement {
  enum class Rule { blocks, in_turn, random };
  std::variant<Rule, std::vector<std::string>> value = Rule::blocks;

  /// [node]: its site. Throws std::invalid_argument where a list does not suit so many nodes, or names a site
  /// that is none or no home.
  std::vector<int> of(NodeId nodes, const SiteMap& map, std::uint64_t seed) const;
};
constexpr std::array<std::string_view, 3> names(Placement::Rule) {
  return {"blocks", "in_turn", "random"};
}

/// The nodes' own links. Those of the network's settings lead up, and down, too, unless these differ.
struct AccessLinks {
  std::optional<Duration> down_latency{};
  std::optional<Bandwidth> down_bandwidth{};
  std::optional<Duration> server_latency{};
  std::optional<Bandwidth> server_bandwidth{};

  static void fields(auto& self, auto&& visit) {
    visit("down_latency", self.down_latency, "", "of links to a node; if none, as of those from it");
    visit("down_bandwidth", self.down_bandwidth, "", "of links to a node; if none, as of those from it");
    visit("server_latency", self.server_latency, "", "of the server's links; if none, as of every node's");
    visit("server_bandwidth", self.server_bandwidth, "",
          "of the server's links; if none, as of every node's");
  }

  /// Link 2 i leads from node i to its site, link 2 i + 1 back; those of the map come after. The site s is
  /// numbered nodes + s. Throws std::invalid_argument for settings without effect, and where there is no
  /// route between the sites of two nodes that send to each other.
  Links make(const Traffic& traffic, const LinkParameters& up, const SiteMap& map,
             const std::vector<int>& site_of, Routing by) const;
};

// The graphs of sites that a network may have.

/// One site.
struct Switch : AccessLinks {
  static void fields(auto& self, auto&& visit) { AccessLinks::fields(self, visit); }
  Links make(const Traffic& traffic, const LinkParameters& parameters) const;
};

/// Sites that a map of so many nodes has, with nodes placed there.
template <class Map>
struct PlacedOn : Map, AccessLinks {
  Placement place{};
  static void fields(auto& self, auto&& visit) {
    Map::fields(self, visit);
    visit("place", self.place, "", "at which site each node is");
    AccessLinks::fields(self, visit);
  }
  Links make(const Traffic& traffic, const LinkParameters& parameters) const {
    const SiteMap map = Map::sites(traffic.graph.nodes());
    return AccessLinks::make(traffic, parameters, map, place.of(traffic.graph.nodes(), map, traffic.seed),
                             Map::routing());
  }
};

/// Two sites, and a link between them that all share.
struct DumbbellMap {
  Required<Bandwidth> bottleneck_bandwidth;
  Duration bottleneck_latency{};
  static void fields(auto& self, auto&& visit) {
    visit("bottleneck_bandwidth", self.bottleneck_bandwidth, "", "of the link between the two sites");
    visit("bottleneck_latency", self.bottleneck_latency, "", "of the link between the two sites");
  }
  SiteMap sites(NodeId nodes) const;
  static Routing routing() { return Routing::latency; }
};
using Dumbbell = PlacedOn<DumbbellMap>;

/// A tree of two levels: racks, each with a link to the core, which is the last site. A rack may be a machine
/// whose nodes share its network card.
struct RacksMap {
  Required<int> racks;
  Required<Bandwidth> uplink_bandwidth;
  Duration uplink_latency{};
  static void fields(auto& self, auto&& visit) {
    visit("racks", self.racks, "[2, inf)", "how many; at most as many as nodes");
    visit("uplink_bandwidth", self.uplink_bandwidth, "", "of the link from a rack to the core, and back");
    visit("uplink_latency", self.uplink_latency, "", "of the link from a rack to the core, and back");
  }
  /// Throws std::invalid_argument where there are less nodes than racks.
  SiteMap sites(NodeId nodes) const;
  static Routing routing() { return Routing::latency; }
};
using Racks = PlacedOn<RacksMap>;

/// Clusters with a link from each to each, as over a wide area.
struct ClustersMap {
  Required<int> clusters;
  Required<Bandwidth> wan_bandwidth;
  Required<Duration> wan_latency;
  static void fields(auto& self, auto&& visit) {
    visit("clusters", self.clusters, "[2, inf)", "how many; at most as many as nodes");
    visit("wan_bandwidth", self.wan_bandwidth, "", "of the link from a cluster to another");
    visit("wan_latency", self.wan_latency, "", "of the link from a cluster to another");
  }
  /// Throws std::invalid_argument where there are less nodes than clusters.
  SiteMap sites(NodeId nodes) const;
  static Routing routing() { return Routing::hops; }
};
using Clusters = PlacedOn<ClustersMap>;

}  // namespace gossamer
