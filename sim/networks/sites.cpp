#include "sim/networks/sites.hpp"

#include <algorithm>
#include <compare>
#include <numeric>
#include <queue>
#include <stdexcept>

#include "sim/random.hpp"
#include "sim/setting_error.hpp"
#include "sim/text_file.hpp"

namespace gossamer {
namespace {

/// What a route costs, first things first.
struct Cost {
  std::int64_t first = 0, second = 0;
  auto operator<=>(const Cost&) const = default;  // NOLINT(modernize-use-nullptr): there is none.
};

/// Of entry k of a list of places.
int site_named(const std::string& text, std::size_t k, const SiteMap& map) {
  const auto site = find_named(text, map.names, map.sites);
  if (site && *site < map.homes) return *site;
  throw SettingError("graph.place." + std::to_string(k),
                     "place: there is no site '" + text + "' for nodes; they take " +
                         (map.names.empty() ? "0 to " + std::to_string(map.homes - 1)
                                            : "names, such as " + map.names.front()));
}

void require_nodes_for(int sites, NodeId nodes, const char* what) {
  if (sites <= nodes) return;
  throw std::invalid_argument(std::string(what) + ": " + std::to_string(sites) + " for " +
                              std::to_string(nodes) + " nodes; it takes at most one for each node");
}

/// Routes between the sites where nodes are, found when they are asked for.
class RouteBook {
 public:
  RouteBook(const SiteMap& map, Routing by)
      : map_(map), by_(by), last_(static_cast<std::size_t>(map.sites)) {}
  /// Appends the links from one site to another, numbered from `first_link` on.
  void add(int from, int to, LinkId first_link, std::vector<LinkId>& route) {
    std::vector<int>& last = last_[static_cast<std::size_t>(from)];
    if (last.empty()) last = best_routes(map_, from, by_);
    const auto begin = static_cast<std::ptrdiff_t>(route.size());
    for (int site = to; site != from;) {
      const int link = last[static_cast<std::size_t>(site)];
      if (link < 0) {
        throw std::invalid_argument("there is no route from site " + map_.name(from) + " to site " +
                                    map_.name(to) + ", where nodes are that send to each other");
      }
      route.push_back(first_link + link);
      site = map_.links[static_cast<std::size_t>(link)].from;
    }
    std::reverse(route.begin() + begin, route.end());
  }

 private:
  const SiteMap& map_;
  Routing by_;
  std::vector<std::vector<int>> last_;  // [from][to]: the last link
};

/// As in Links.
std::vector<std::string> names_of_ends(const Traffic& traffic, const SiteMap& map) {
  std::vector<std::string> names(traffic.names.begin(), traffic.names.end());
  if (names.empty() && map.names.empty()) return names;
  for (NodeId u = 0; traffic.names.empty() && u < traffic.graph.nodes(); ++u)
    names.push_back(std::to_string(u));
  for (int s = 0; s < map.sites; ++s) {
    names.push_back(map.names.empty() ? "site" + std::to_string(s) : map.name(s));
  }
  return names;
}

}  // namespace

std::vector<int> best_routes(const SiteMap& map, int from, Routing by) {
  const auto sites = static_cast<std::size_t>(map.sites);
  std::vector<std::vector<int>> leaving(sites);
  for (std::size_t l = 0; l < map.links.size(); ++l) {
    leaving[static_cast<std::size_t>(map.links[l].from)].push_back(static_cast<int>(l));
  }
  // Dijkstra 1959.
  std::vector<int> last(sites, -1);
  std::vector<std::optional<Cost>> best(sites);
  using Reached = std::pair<Cost, int>;
  std::priority_queue<Reached, std::vector<Reached>, std::greater<>> reached;
  best[static_cast<std::size_t>(from)] = Cost{};
  reached.emplace(Cost{}, from);
  while (!reached.empty()) {
    const auto [cost, site] = reached.top();
    reached.pop();
    if (cost != best[static_cast<std::size_t>(site)]) continue;
    for (const int l : leaving[static_cast<std::size_t>(site)]) {
      const SiteMap::Link& link = map.links[static_cast<std::size_t>(l)];
      const auto to = static_cast<std::size_t>(link.to);
      std::int64_t latency = by == Routing::latency ? cost.first : cost.second;
      if (__builtin_add_overflow(latency, link.parameters.latency.count(), &latency)) throw_clock_overflow();
      const Cost next =
          by == Routing::latency ? Cost{latency, cost.second + 1} : Cost{cost.first + 1, latency};
      if (best[to] && (next > *best[to] || (next == *best[to] && l > last[to]))) continue;
      if (next != best[to]) reached.emplace(next, link.to);
      best[to] = next;
      last[to] = l;
    }
  }
  return last;
}

std::vector<int> Placement::of(NodeId nodes, const SiteMap& map, std::uint64_t seed) const {
  std::vector<int> site_of(static_cast<std::size_t>(nodes));
  if (const auto* const list = std::get_if<std::vector<std::string>>(&value)) {
    if (list->size() != site_of.size()) {
      throw SettingError("graph.place", "place has " + counted(list->size(), "entry", "entries") +
                                            "; it takes one for each of the " + std::to_string(nodes) +
                                            " nodes, a server included");
    }
    for (std::size_t k = 0; k < site_of.size(); ++k) site_of[k] = site_named((*list)[k], k, map);
    return site_of;
  }
  std::vector<int> homes(static_cast<std::size_t>(map.homes));
  std::iota(homes.begin(), homes.end(), 0);
  const Rule rule = std::get<Rule>(value);
  if (rule == Rule::blocks) {
    const NodeId size = nodes / map.homes, larger = nodes % map.homes;
    auto next = site_of.begin();
    for (int s = 0; s < map.homes; ++s) next = std::fill_n(next, size + (s < larger ? 1 : 0), s);
    return site_of;
  }
  Rng rng = named_stream(seed, -1, "places");
  if (rule == Rule::random) shuffle(homes, rng);
  for (std::size_t i = 0; i < site_of.size(); ++i) site_of[i] = homes[i % homes.size()];
  if (rule == Rule::random) shuffle(site_of, rng);
  return site_of;
}

Links AccessLinks::make(const Traffic& traffic, const LinkParameters& up, const SiteMap& map,
                        const std::vector<int>& site_of, Routing by) const {
  const Adjacency& graph = traffic.graph;
  if (!traffic.overrides.empty()) {
    throw std::invalid_argument(
        "the topology's file gives links their own latency or bandwidth, which no link of this graph has");
  }
  if (!traffic.has_server && (server_latency || server_bandwidth)) {
    throw std::invalid_argument("graph: the algorithm has no server, so settings of its link have no effect");
  }
  const LinkParameters down{down_latency.value_or(up.latency), down_bandwidth.value_or(up.bandwidth)};
  Links links;
  links.notes = map.notes;
  links.names = names_of_ends(traffic, map);
  for (NodeId u = 0; u < graph.nodes(); ++u) {
    const NodeId site = graph.nodes() + site_of[static_cast<std::size_t>(u)];
    for (const LinkParameters& own : {up, down}) {
      const bool server = traffic.has_server && u == graph.nodes() - 1;
      links.parameters.push_back(server ? LinkParameters{server_latency.value_or(own.latency),
                                                         server_bandwidth.value_or(own.bandwidth)}
                                        : own);
    }
    links.ends.emplace_back(u, site);
    links.ends.emplace_back(site, u);
  }
  const auto first_between = static_cast<LinkId>(links.parameters.size());
  for (const SiteMap::Link& link : map.links) {
    links.parameters.push_back(link.parameters);
    links.ends.emplace_back(graph.nodes() + link.from, graph.nodes() + link.to);
  }
  RouteBook routes(map, by);
  links.first.push_back(0);
  for (NodeId u = 0; u < graph.nodes(); ++u) {
    for (const NodeId v : graph.out_neighbors(u)) {
      links.routes.push_back(2 * u);
      routes.add(site_of[static_cast<std::size_t>(u)], site_of[static_cast<std::size_t>(v)], first_between,
                 links.routes);
      links.routes.push_back(2 * v + 1);
      links.first.push_back(links.routes.size());
    }
  }
  return links;
}

Links Switch::make(const Traffic& traffic, const LinkParameters& parameters) const {
  const std::vector<int> all_at_one(static_cast<std::size_t>(traffic.graph.nodes()), 0);
  return AccessLinks::make(traffic, parameters, SiteMap{}, all_at_one, Routing::hops);
}

SiteMap DumbbellMap::sites(NodeId) const {
  SiteMap map{.sites = 2, .homes = 2};
  map.join(0, 1, {bottleneck_latency, bottleneck_bandwidth});
  return map;
}

SiteMap RacksMap::sites(NodeId nodes) const {
  require_nodes_for(racks, nodes, "racks");
  SiteMap map{.sites = racks + 1, .homes = racks};
  for (int rack = 0; rack < racks; ++rack) map.join(rack, racks, {uplink_latency, uplink_bandwidth});
  return map;
}

SiteMap ClustersMap::sites(NodeId nodes) const {
  require_nodes_for(clusters, nodes, "clusters");
  SiteMap map{.sites = clusters, .homes = clusters};
  for (int a = 0; a < clusters; ++a) {
    for (int b = a + 1; b < clusters; ++b) map.join(a, b, {wan_latency, wan_bandwidth});
  }
  return map;
}

}  // namespace gossamer
