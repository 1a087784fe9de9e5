#include "sim/networks/sites.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <numeric>

#include "sim/random.hpp"
#include "tests/sim/support.hpp"

namespace gossamer {
namespace {

using Route = std::vector<std::pair<NodeId, NodeId>>;  // The ends of its links.

Route route_of(const Links& links, const Adjacency& graph, NodeId from, NodeId to) {
  const auto arc = static_cast<std::size_t>(graph.arc(from, to));
  Route route;
  for (std::size_t k = links.first[arc]; k < links.first[arc + 1]; ++k) {
    route.push_back(links.ends[static_cast<std::size_t>(links.routes[k])]);
  }
  return route;
}

Bandwidth gbit_per_second(std::int64_t count) {
  return {count * 1'000'000'000};
}

TEST_CASE("around a switch a message travels its sender's link, then its receiver's") {
  const Adjacency graph = star(2);  // Node 2 is the server, 3 the switch.
  Switch around;
  around.down_latency = 5ms;
  around.server_bandwidth = gbit_per_second(1);
  const Links links = around.make({.graph = graph, .has_server = true}, reference_link);
  CHECK(route_of(links, graph, 0, 2) == Route{{0, 3}, {3, 2}});
  CHECK(links.parameters.size() == 6);
  CHECK(links.parameters[0].latency == 1ms);
  CHECK(links.parameters[1].latency == 5ms);
  CHECK(links.parameters[1].bandwidth == mbit_per_second(100));
  CHECK(links.parameters[4].latency == 1ms);
  CHECK(links.parameters[5].latency == 5ms);
  for (const std::size_t l : {4, 5}) CHECK(links.parameters[l].bandwidth == gbit_per_second(1));
  CHECK_THROWS_WITH(around.make({.graph = graph}, reference_link),
                    "graph: the algorithm has no server, so settings of its link have no effect");
  CHECK_THROWS_WITH(around.make({.graph = graph, .has_server = true, .overrides = {{0, 1ms, {}}}}, {}),
                    Catch::Contains("which no link of this graph has"));
}

TEST_CASE("in a dumbbell only messages between the halves take the bottleneck") {
  const Adjacency graph = ring(4);  // The sites are 4 and 5.
  const Dumbbell dumbbell{{.bottleneck_bandwidth = mbit_per_second(10), .bottleneck_latency = 7ms}, {}, {}};
  const Links links = dumbbell.make({.graph = graph}, reference_link);
  CHECK(route_of(links, graph, 0, 1) == Route{{0, 4}, {4, 1}});
  CHECK(route_of(links, graph, 1, 2) == Route{{1, 4}, {4, 5}, {5, 2}});
  CHECK(route_of(links, graph, 0, 3) == Route{{0, 4}, {4, 5}, {5, 3}});
  CHECK(links.parameters[8].bandwidth == mbit_per_second(10));
  CHECK(links.parameters[9].latency == 7ms);
}

TEST_CASE("racks share their links to the core, and clusters have one to each other") {
  const Adjacency graph = ring(6);
  Racks racks{{.racks = 3, .uplink_bandwidth = gbit_per_second(1)}, {}, {}};
  const Links tree = racks.make({.graph = graph}, reference_link);
  CHECK(route_of(tree, graph, 0, 1) == Route{{0, 6}, {6, 1}});
  CHECK(route_of(tree, graph, 1, 2) == Route{{1, 6}, {6, 9}, {9, 7}, {7, 2}});
  racks.place.value = Placement::Rule::in_turn;
  CHECK(route_of(racks.make({.graph = graph}, reference_link), graph, 0, 1) ==
        Route{{0, 6}, {6, 9}, {9, 7}, {7, 1}});
  const Clusters clusters{{.clusters = 3, .wan_bandwidth = mbit_per_second(10), .wan_latency = 40ms}, {}, {}};
  const Links wan = clusters.make({.graph = graph}, reference_link);
  CHECK(route_of(wan, graph, 1, 2) == Route{{1, 6}, {6, 7}, {7, 2}});
  CHECK(route_of(wan, graph, 0, 5) == Route{{0, 6}, {6, 8}, {8, 5}});
  racks.racks = 7;
  CHECK_THROWS_WITH(racks.make({.graph = graph}, reference_link),
                    "racks: 7 for 6 nodes; it takes at most one for each node");
}

TEST_CASE("messages over a bottleneck take turns on it") {
  // Both nodes of one half send to the other half: the bottleneck takes 0.8 s for a megabyte, and the
  // nodes' own links 80 ms.
  const Adjacency graph(4, Edges{{0, 2}, {1, 3}});
  const Dumbbell dumbbell{{.bottleneck_bandwidth = mbit_per_second(10)}, {}, {}};
  World world(graph,
              std::make_unique<StoreAndForward>(dumbbell.make({.graph = graph}, reference_link), Bytes{0}));
  std::vector<Instant> ends(1);
  const auto still = [](NodeId, int) { return Duration{0}; };
  world.spawn_everywhere(gossip, byte_count(1'000'000), still, std::ref(ends));
  world->run();
  CHECK(ends[0] == at(81ms + 2 * 800ms + 81ms));
}

/// Sites in a row, 0 - 1 - ..., with further links.
SiteMap chain(int sites, const std::vector<SiteMap::Link>& further = {}) {
  SiteMap map{.sites = sites, .homes = sites};
  for (int s = 1; s < sites; ++s) map.join(s - 1, s, reference_link);
  map.links.insert(map.links.end(), further.begin(), further.end());
  return map;
}

TEST_CASE("routes are shortest by latency or by hops, and the same wherever they are computed") {
  // From 0 to 2: over 1 in 2 ms, or at once in 5 ms.
  const SiteMap map = chain(3, {{0, 2, {5ms, {}}}});
  CHECK(best_routes(map, 0, Routing::latency)[2] == 2);  // The link 1 -> 2.
  CHECK(best_routes(map, 0, Routing::hops)[2] == 4);
  // Of two links between the same sites the faster one, and of equal ones the first.
  const SiteMap twice = chain(2, {{0, 1, {500us, {}}}, {0, 1, {500us, {}}}});
  for (const Routing by : {Routing::latency, Routing::hops}) CHECK(best_routes(twice, 0, by)[1] == 2);
  // 0 -> 3 over 1 or over 2, both in 2 ms: the last link with the least number.
  SiteMap square{.sites = 4, .homes = 4};
  for (const auto& [a, b] : {std::pair(0, 2), std::pair(2, 3), std::pair(0, 1), std::pair(1, 3)}) {
    square.links.push_back({a, b, reference_link});
  }
  CHECK(best_routes(square, 0, Routing::latency)[3] == 1);
  CHECK(best_routes(square, 3, Routing::latency) == std::vector(4, -1));
}

TEST_CASE("no walk is better than the best route, on random maps with links that take no time, too") {
  Rng rng(5);
  for (int trial = 0; trial < 200; ++trial) {
    const int sites = 2 + static_cast<int>(rng.below(7));
    SiteMap map{.sites = sites, .homes = sites};
    for (std::uint64_t k = rng.below(20); k > 0; --k) {
      map.links.push_back({static_cast<int>(rng.below(static_cast<std::uint64_t>(sites))),
                           static_cast<int>(rng.below(static_cast<std::uint64_t>(sites))),
                           {Duration{static_cast<std::int64_t>(rng.below(4))}, {}}});
    }
    for (const Routing by : {Routing::latency, Routing::hops}) {
      // Bellman and Ford's recursion, with the costs in the order that `by` says.
      using Cost = std::pair<std::int64_t, std::int64_t>;
      std::vector<std::optional<Cost>> best(static_cast<std::size_t>(sites));
      best[0] = Cost{};
      const auto after = [&](Cost cost, const SiteMap::Link& link) {
        const std::int64_t latency = link.parameters.latency.count();
        return by == Routing::latency ? Cost{cost.first + latency, cost.second + 1}
                                      : Cost{cost.first + 1, cost.second + latency};
      };
      for (int round = 0; round < sites; ++round) {
        for (const SiteMap::Link& link : map.links) {
          const auto& here = best[static_cast<std::size_t>(link.from)];
          auto& there = best[static_cast<std::size_t>(link.to)];
          if (here && (!there || after(*here, link) < *there)) there = after(*here, link);
        }
      }
      const std::vector<int> last = best_routes(map, 0, by);
      for (int s = 1; s < sites; ++s) {
        const auto i = static_cast<std::size_t>(s);
        REQUIRE((last[i] >= 0) == best[i].has_value());
        if (last[i] < 0) continue;
        const SiteMap::Link& link = map.links[static_cast<std::size_t>(last[i])];
        REQUIRE(link.to == s);
        REQUIRE(after(*best[static_cast<std::size_t>(link.from)], link) == *best[i]);
        for (int l = 0; l < last[i]; ++l) {  // No link of a lesser number is as good.
          const SiteMap::Link& other = map.links[static_cast<std::size_t>(l)];
          const auto& before = best[static_cast<std::size_t>(other.from)];
          REQUIRE_FALSE((other.to == s && before && after(*before, other) == *best[i]));
        }
      }
    }
  }
}

TEST_CASE("nodes are placed in blocks, in turn, at random, or by a list") {
  using Sites = std::vector<int>;
  SiteMap map = chain(3);
  map.names = {"A", "B", "C"};
  const auto placed = [&](auto value, NodeId nodes, std::uint64_t seed = 1) {
    return Placement{value}.of(nodes, map, seed);
  };
  using enum Placement::Rule;
  CHECK(placed(blocks, 7) == Sites{0, 0, 0, 1, 1, 2, 2});
  CHECK(placed(blocks, 2) == Sites{0, 1});
  CHECK(placed(in_turn, 7) == Sites{0, 1, 2, 0, 1, 2, 0});
  using Names = std::vector<std::string>;
  CHECK(placed(Names{"C", "0", "B"}, 3) == Sites{2, 0, 1});
  CHECK_THROWS_WITH(placed(Names{"C", "3"}, 2),
                    "place: there is no site '3' for nodes; they take names, such as A");
  CHECK_THROWS_WITH(placed(Names{"C"}, 2),
                    "place has 1 entry; it takes one for each of the 2 nodes, a server included");
  map.homes = 2;  // As the core of racks is none.
  CHECK_THROWS_WITH(placed(Names{"C", "A"}, 2), Catch::Contains("no site 'C'"));
  CHECK(placed(blocks, 3) == Sites{0, 0, 1});
  map.names = {"1", "2", "3"};  // Numbers that are names are no numbers.
  map.homes = 3;
  CHECK(placed(Names{"1", "2", "3"}, 3) == Sites{0, 1, 2});
  CHECK_THROWS_WITH(placed(Names{"0", "1"}, 2), Catch::Contains("no site '0'"));
  map = chain(20);
  const Sites drawn = placed(random, 20), again = placed(random, 20), other = placed(random, 20, 2);
  CHECK(drawn == again);
  CHECK(drawn != other);
  Sites sorted = drawn;
  std::ranges::sort(sorted);
  Sites all(20);
  std::iota(all.begin(), all.end(), 0);
  CHECK(sorted == all);
  CHECK(drawn != all);
}

TEST_CASE("nodes that are placed at random share a site with whom chance says", "[statistical]") {
  // Twelve nodes at three sites, four at each: two nodes share one with probability 3/11. Six standard errors
  // of 1,000 draws are exceeded with probability 2e-9.
  const SiteMap map = chain(3);
  int together = 0;
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    const std::vector<int> site_of = Placement{Placement::Rule::random}.of(12, map, seed);
    for (int site = 0; site < 3; ++site) REQUIRE(std::ranges::count(site_of, site) == 4);
    together += site_of[0] == site_of[1];
  }
  CHECK(std::abs(together - 1000 * 3 / 11.) < 6 * std::sqrt(1000 * 3 / 11. * 8 / 11.));
}

TEST_CASE("sites without a route are no matter, unless their nodes send to each other") {
  SiteMap map{.sites = 2, .homes = 2, .names = {"A", "B"}};
  const Adjacency graph = path(3);
  const auto links = [&](const std::vector<int>& site_of) {
    return AccessLinks{}.make({.graph = graph}, reference_link, map, site_of, Routing::hops);
  };
  CHECK_NOTHROW(links({0, 0, 0}));
  CHECK_THROWS_WITH(links({0, 0, 1}), Catch::Contains("no route from site A to site B"));
  map.links.push_back({0, 1, reference_link});  // One way alone does not do.
  CHECK_THROWS_WITH(links({0, 0, 1}), Catch::Contains("no route from site B to site A"));
}

}  // namespace
}  // namespace gossamer
