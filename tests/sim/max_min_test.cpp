// Max-min fair rates, and messages that share links by them.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "sim/networks/max_min_fair.hpp"
#include "sim/random.hpp"
#include "tests/sim/support.hpp"

namespace gossamer {
namespace {

__extension__ using Int = __int128;

/// A rational number. Shares of up to 12 flows on up to 8 links, below 10^9, leave room for all that follows.
struct Exact {
  Int over = 0, under = 1;

  Exact(Int numerator = 0, Int denominator = 1) {  // NOLINT
    Int a = numerator < 0 ? -numerator : numerator, b = denominator;
    while (b != 0) a = std::exchange(b, a % b);
    over = a == 0 ? 0 : numerator / a;
    under = a == 0 ? 1 : denominator / a;
  }
  friend Exact operator-(Exact a, Exact b) {
    return {a.over * b.under - b.over * a.under, a.under * b.under};
  }
  friend Exact operator/(Exact a, std::int64_t b) { return {a.over, a.under * b}; }
  friend bool operator<(Exact a, Exact b) { return a.over * b.under < b.over * a.under; }
};
using Routes = std::vector<std::vector<std::int32_t>>;

constexpr Bits kilobyte = byte_count(1'000), megabyte = byte_count(1'000'000);

/// By the definition, in rational numbers: of all links that have flows without a rate, the one whose share
/// is least gives them that share.
std::vector<Exact> exact_rates(const std::vector<std::int64_t>& capacities, const Routes& routes) {
  std::vector<Exact> rates(routes.size());
  std::vector<bool> known(routes.size());
  for (;;) {
    std::optional<Exact> least;
    std::size_t full = 0;
    for (std::size_t link = 0; link < capacities.size(); ++link) {
      Exact left(capacities[link]);
      std::int64_t open = 0;
      for (std::size_t flow = 0; flow < routes.size(); ++flow) {
        if (std::ranges::count(routes[flow], static_cast<std::int32_t>(link)) == 0) continue;
        if (known[flow]) left = left - rates[flow];
        open += known[flow] ? 0 : 1;
      }
      if (open > 0 && (!least || left / open < *least)) {
        least = left / open;
        full = link;
      }
    }
    if (!least) return rates;
    for (std::size_t flow = 0; flow < routes.size(); ++flow) {
      if (known[flow] || std::ranges::count(routes[flow], static_cast<std::int32_t>(full)) == 0) continue;
      rates[flow] = *least;
      known[flow] = true;
    }
  }
}

struct Case {
  std::vector<std::int64_t> capacities;
  Routes routes;
};

Case random_case(Rng& rng) {
  Case random;
  const auto links = static_cast<std::int32_t>(1 + rng.below(8));
  for (std::int32_t link = 0; link < links; ++link) {
    random.capacities.push_back(
        static_cast<std::int64_t>(rng.below(3) == 0 ? 1'000'000 : 1 + rng.below(1'000'000'000)));
  }
  for (std::uint64_t flow = 1 + rng.below(12); flow > 0; --flow) {
    std::vector<std::int32_t> route(static_cast<std::size_t>(links));
    std::iota(route.begin(), route.end(), 0);
    shuffle(route, rng);
    route.resize(1 + rng.below(static_cast<std::uint64_t>(links)));
    random.routes.push_back(route);
  }
  return random;
}

std::vector<Rate> rates_of(MaxMin& solver, const Case& of) {
  solver.clear();
  for (const std::int64_t capacity : of.capacities) solver.add_link(rate_of({capacity}));
  for (const auto& route : of.routes) solver.add_flow(route);
  const auto rates = solver.rates();
  return {rates.begin(), rates.end()};
}

/// How far a rate, in units of 2^-40 bit/s, is from an exact one: in units.
Int units_between(Rate rate, Exact exact) {
  const Int difference = static_cast<Int>(rate) * exact.under - (exact.over << 40);
  return (difference < 0 ? -difference : difference) / exact.under;
}

/// The network of max-min sharing in place of store and forward.
std::unique_ptr<NetworkModel> sharing(std::vector<LinkParameters> parameters, std::vector<std::size_t> first,
                                      std::vector<LinkId> routes) {
  return std::make_unique<MaxMinFair>(
      links_with_routes(std::move(parameters), std::move(first), std::move(routes)), Bytes{});
}
std::unique_ptr<NetworkModel> own_edges(const Adjacency& graph, LinkParameters link = reference_link) {
  return std::make_unique<MaxMinFair>(OwnEdges{}.make({graph}, link), Bytes{});
}

Process send_at(Worker self, NodeId to, std::vector<Duration> starts, Bits size) {
  Duration before{};
  for (const Duration start : starts) {
    if (start > before) co_await self.sleep(start - before);
    before = start;
    self.send(to, Packet{size});
  }
}
Process log_any(Worker self, NodeId from, std::size_t count, std::vector<Instant>& log) {
  for (std::size_t k = 0; k < count; ++k) {
    co_await self.receive<Packet>(from);
    log.push_back(self.now());
  }
}

Process log_by_sender(Worker self, std::vector<Instant>& log) {
  for (std::size_t k = 0; k < log.size(); ++k) {
    auto packet = co_await self.receive_any<Packet>();
    log[static_cast<std::size_t>(packet.from)] = self.now();
  }
}

/// When messages from node 0 to node 1 arrive that are sent at these times.
std::vector<Instant> arrivals(const std::vector<Duration>& starts, Bits size,
                              LinkParameters link = reference_link) {
  const Adjacency graph = path(2);
  World world(graph, own_edges(graph, link));
  std::vector<Instant> log;
  world.spawn(0, send_at, 1, starts, size);
  world.spawn(1, log_any, 0, starts.size(), log);
  world->run();
  return log;
}

}  // namespace

TEST_CASE("max-min rates are those of the definition in rational numbers", "[max_min]") {
  Rng rng(1);
  MaxMin solver;
  for (int k = 0; k < 10'000; ++k) {
    const Case random = random_case(rng);
    const std::vector<Rate> rates = rates_of(solver, random);
    const std::vector<Exact> expected = exact_rates(random.capacities, random.routes);
    REQUIRE(rates.size() == expected.size());
    for (std::size_t flow = 0; flow < rates.size(); ++flow) {
      // Each share is rounded down, and what others leave is up to 12 units larger for each.
      REQUIRE(units_between(rates[flow], expected[flow]) < 1000);
    }
    // No link carries more than it can.
    for (std::size_t link = 0; link < random.capacities.size(); ++link) {
      Rate sum = 0;
      for (std::size_t flow = 0; flow < rates.size(); ++flow) {
        if (std::ranges::count(random.routes[flow], static_cast<std::int32_t>(link)) > 0) sum += rates[flow];
      }
      REQUIRE(sum <= rate_of({random.capacities[link]}));
    }
  }
}

TEST_CASE("one message alone takes L + S/B, over a route the least bandwidth and all latencies",
          "[max_min]") {
  CHECK(arrivals({0ns}, byte_count(1)) == std::vector{at(1'000'080ns)});
  CHECK(arrivals({0ns}, kilobyte) == std::vector{at(1'080us)});
  CHECK(arrivals({0ns}, megabyte) == std::vector{at(81ms)});
  CHECK(arrivals({0ns}, Bits{0}) == std::vector{at(1ms)});
  CHECK(arrivals({0ns}, megabyte, {1ms, Bandwidth::unlimited()}) == std::vector{at(1ms)});
  CHECK(arrivals({0ns}, byte_count(1), {0ns, {3'000'000'000}}) == std::vector{at(3ns)});

  World world(
      path(2),
      sharing({{1ms, mbit_per_second(100)}, {2ms, mbit_per_second(10)}, {3ms, Bandwidth::unlimited()}},
              {0, 3, 3}, {0, 1, 2}));
  std::vector<Instant> log;
  world.spawn(0, send_at, 1, std::vector<Duration>{0ns}, kilobyte);
  world.spawn(1, log_any, 0, std::size_t{1}, log);
  world->run();
  CHECK(log == std::vector{at(6ms + 800us)});
}

TEST_CASE("k equal messages that start together all end at L + k S/B", "[max_min]") {
  CHECK(arrivals({0ns, 0ns, 0ns}, megabyte) == std::vector(3, at(241ms)));
  CHECK(arrivals(std::vector<Duration>(7, 0ns), kilobyte) == std::vector(7, at(1ms + 7 * 80us)));
}

TEST_CASE("messages that start at 0, 10 and 20 ms end at 216, 236 and 241 ms", "[max_min]") {
  CHECK(arrivals({0ms, 10ms, 20ms}, megabyte) == std::vector{at(216ms), at(236ms), at(241ms)});
}

Process send_sizes(Worker self, std::vector<Bits> sizes) {
  for (std::size_t k = 0; k < sizes.size(); ++k) self.send(1, Packet{sizes[k], static_cast<int>(k)});
  co_return;
}
Process log_numbers(Worker self, std::vector<std::pair<int, Instant>>& log, std::size_t count) {
  while (log.size() < count) {
    auto message = co_await self.receive<Packet>(0);
    log.emplace_back(message->number, self.now());
  }
}

TEST_CASE("a short message does not overtake a longer one of its arc", "[max_min]") {
  // The three kilobytes have left after 4 times 80 us, and wait for the megabyte between them.
  const Adjacency graph = path(2);
  World world(graph, std::make_unique<MaxMinFair>(OwnEdges{}.make({graph}, reference_link), Bytes{0}));
  std::vector<std::pair<int, Instant>> log;
  world.spawn(0, send_sizes, std::vector{kilobyte, megabyte, kilobyte, kilobyte});
  world.spawn(1, log_numbers, log, 4);
  world->run();
  const Instant last = at(1ms + 80ms + 3 * 80us);
  CHECK(log ==
        std::vector<std::pair<int, Instant>>{{0, at(1ms + 4 * 80us)}, {1, last}, {2, last}, {3, last}});
}

TEST_CASE("where links are private, sharing changes nothing: jittered gossip", "[max_min]") {
  for (const auto& [size, last] : {std::pair{kilobyte, at(14'123us)}, {megabyte, at(413'723us)}}) {
    std::vector<Instant> ends(5);
    const Adjacency graph = ring(5);
    World world(graph, own_edges(graph));
    world.spawn_everywhere(gossip, size, jittered, std::ref(ends));
    world->run();
    CHECK(ends.back() == last);
  }
}

TEST_CASE("a star with a shared access link: T (c + 2 (L + N S/B))", "[max_min]") {
  constexpr NodeId workers = 8;
  constexpr int rounds = 50;
  World world(star(workers), std::make_unique<MaxMinFair>(shared_access(workers), Bytes{}));
  for (NodeId i = 0; i < workers; ++i) world.spawn(i, work_in_star, workers, megabyte, rounds);
  world.spawn(workers, serve_star, megabyte, rounds);
  world->run();
  CHECK(world->now() == at(rounds * (1ms + 2 * (1ms + workers * 80ms))));
  for (const LinkId link : {0, 1}) {
    CHECK(world.link(link).messages == rounds * workers);
    CHECK(world.link(link).bytes == std::int64_t{rounds} * workers * megabyte.bytes());
    CHECK(world.link(link).busy == std::int64_t{rounds} * workers * 80ms);
    CHECK(world.link(link).longest_queue == workers * megabyte.bytes());
  }
}

TEST_CASE("two links in a row: the flows of one wait for none of the other", "[max_min]") {
  // Node 0 sends over both links, 1 over the first and 2 over the second, to node 3; the links have 100 and
  // 40 Mbit/s. At first all of the second link is halved, and the first leaves 80 to node 1.
  Edges edges{{0, 3}, {1, 3}, {2, 3}};
  const Adjacency graph(4, edges);
  std::vector<std::size_t> first(7, 0);
  std::vector<LinkId> routes;
  for (ArcId arc = 0; arc < 6; ++arc) {
    if (arc == graph.arc(0, 3)) routes.insert(routes.end(), {0, 1});
    if (arc == graph.arc(1, 3)) routes.push_back(0);
    if (arc == graph.arc(2, 3)) routes.push_back(1);
    first[static_cast<std::size_t>(arc) + 1] = routes.size();
  }
  World world(Adjacency(4, edges),
              sharing({{0ns, mbit_per_second(100)}, {0ns, mbit_per_second(40)}}, first, routes));
  std::vector<Instant> log(3);
  for (const NodeId i : {0, 1, 2}) {
    world.spawn(i, send_at, 3, std::vector<Duration>{0ns}, megabyte);
  }
  world.spawn(3, log_by_sender, std::ref(log));
  world->run();
  CHECK(log == std::vector{at(400ms), at(100ms), at(400ms)});
}

namespace {

struct Sent {
  Duration start;
  std::int64_t bytes;
  std::vector<std::int32_t> route;
};

/// When messages have left, ns: from one change of rates to the next, slowly.
std::vector<long double> slow_ends(const std::vector<std::int64_t>& capacities,
                                   const std::vector<Sent>& sent) {
  std::vector<long double> left, ends(sent.size(), -1);
  for (const Sent& message : sent) left.push_back(8e9L * static_cast<long double>(message.bytes));
  long double now = 0;
  for (;;) {
    std::vector<std::size_t> active;
    long double next = std::numeric_limits<long double>::infinity();
    for (std::size_t k = 0; k < sent.size(); ++k) {
      const auto start = static_cast<long double>(sent[k].start.count());
      if (ends[k] >= 0) continue;
      if (start > now) {
        next = std::min(next, start);
      } else {
        active.push_back(k);
      }
    }
    // Progressive filling.
    std::vector<long double> rates(active.size(), -1), room(capacities.begin(), capacities.end());
    for (std::size_t done = 0; done < active.size();) {
      std::size_t full = 0;
      long double least = std::numeric_limits<long double>::infinity();
      const auto uses = [&](std::size_t a, std::size_t link) {
        return rates[a] < 0 && std::ranges::count(sent[active[a]].route, static_cast<std::int32_t>(link)) > 0;
      };
      for (std::size_t link = 0; link < room.size(); ++link) {
        long double open = 0;
        for (std::size_t a = 0; a < active.size(); ++a) open += uses(a, link) ? 1 : 0;
        if (open > 0 && room[link] / open < least) {
          least = room[link] / open;
          full = link;
        }
      }
      for (std::size_t a = 0; a < active.size(); ++a) {
        if (!uses(a, full)) continue;
        rates[a] = least;
        ++done;
        for (const std::int32_t link : sent[active[a]].route) room[static_cast<std::size_t>(link)] -= least;
      }
    }
    for (std::size_t a = 0; a < active.size(); ++a) next = std::min(next, now + left[active[a]] / rates[a]);
    if (!(next < std::numeric_limits<long double>::infinity())) return ends;
    for (std::size_t a = 0; a < active.size(); ++a) {
      left[active[a]] -= rates[a] * (next - now);
      if (left[active[a]] < rates[a] * 1e-4L) ends[active[a]] = next;
    }
    now = next;
  }
}

Process send_all(Worker self, NodeId to, std::vector<Sent> messages) {
  Duration before{};
  for (std::size_t m = 0; m < messages.size(); ++m) {
    if (messages[m].start > before) co_await self.sleep(messages[m].start - before);
    before = messages[m].start;
    self.send(to, Packet{byte_count(messages[m].bytes),
                         static_cast<int>(100 * self.id() + static_cast<NodeId>(m))});
  }
}
Process log_by_number(Worker self, std::size_t count, std::map<int, Instant>& ends) {
  while (ends.size() < count) {
    auto packet = co_await self.receive_any<Packet>();
    ends[packet->number] = self.now();
  }
}

Process send_small(Worker self, NodeId to, std::uint64_t seed, int count) {
  Rng own(seed);
  for (int m = 0; m < count; ++m) {
    co_await self.sleep(Duration{static_cast<std::int64_t>(own.below(20))});
    self.send(to, Packet{byte_count(static_cast<std::int64_t>(own.below(30)))});
  }
}
Process count_packets(Worker self, int count, int& received) {
  for (; received < count; ++received) co_await self.receive_any<Packet>();
}
}  // namespace

TEST_CASE("many flows over one link that others limit now and then end when a slow model says", "[max_min]") {
  Rng rng(11);
  for (int k = 0; k < 60; ++k) {
    // Senders 0, 1, ... have links of their own, and share the last one; some send several messages at a
    // time.
    const auto senders = static_cast<NodeId>(9 + rng.below(20));
    const std::int64_t shared = 100'000'000, scarce = k % 3 == 0 ? 20 : 3;
    std::vector<std::int64_t> capacities;
    std::vector<LinkParameters> parameters;
    for (NodeId i = 0; i < senders; ++i) {
      capacities.push_back(shared /
                           static_cast<std::int64_t>(1 + rng.below(static_cast<std::uint64_t>(scarce))));
    }
    capacities.push_back(shared);
    for (const std::int64_t capacity : capacities) parameters.push_back({0ns, {capacity}});
    std::vector<std::size_t> first{0};
    std::vector<LinkId> routes;
    const Adjacency graph = star(senders);
    for (NodeId i = 0; i < senders; ++i) {
      routes.insert(routes.end(), {i, senders});
      first.push_back(routes.size());
    }
    first.resize(static_cast<std::size_t>(2 * senders) + 1, routes.size());  // Nothing goes back.
    World world(star(senders), sharing(parameters, first, routes));
    std::vector<Sent> sent;
    for (NodeId i = 0; i < senders; ++i) {
      std::vector<Sent> own;
      Duration start{};
      for (std::uint64_t m = 1 + rng.below(6); m > 0; --m) {
        start += Duration{static_cast<std::int64_t>(rng.below(3) == 0 ? 0 : rng.below(3'000'000))};
        own.push_back({start, static_cast<std::int64_t>(1 + rng.below(60'000)), {i, senders}});
      }
      sent.insert(sent.end(), own.begin(), own.end());
      world.spawn(i, send_all, senders, own);
    }
    std::map<int, Instant> ends;
    world.spawn(senders, log_by_number, sent.size(), std::ref(ends));
    world->run();
    std::vector<long double> expected = slow_ends(capacities, sent);
    for (std::size_t m = 1; m < sent.size(); ++m) {  // None arrives before an earlier one of its sender.
      if (sent[m].route == sent[m - 1].route) expected[m] = std::max(expected[m], expected[m - 1]);
    }
    std::size_t at = 0;
    for (const auto& [number, end] : ends) {
      const auto time = static_cast<long double>(end.time_since_epoch().count());
      // Each start and each end before it may have moved it by a nanosecond, up or down with the shares.
      REQUIRE(std::abs(time - expected[at++]) < 2.0L * static_cast<long double>(sent.size()));
    }
  }
}

TEST_CASE("a link that two flows leave can carry one to a busy link in the same instant", "[max_min]") {
  // Nodes 1 to 8 send 1 MB each over link 1 to node 9, at first an eighth of it each. Two messages of node 0
  // to node 1 leave link 0 after 160 ms; then it sends one to node 9, too, over both links. Of the eight, 60
  // ms of their 80 on the whole link are left, at a ninth; then it has the link alone.
  Edges edges{{0, 1}, {0, 9}};
  for (NodeId i = 1; i <= 8; ++i) edges.emplace_back(i, 9);
  const Adjacency graph(10, edges);
  std::vector<std::size_t> first{0};
  std::vector<LinkId> routes;
  for (ArcId arc = 0; arc < 2 * static_cast<ArcId>(edges.size()); ++arc) {
    if (arc == graph.arc(0, 1)) routes.push_back(0);
    if (arc == graph.arc(0, 9)) routes.insert(routes.end(), {0, 1});
    for (NodeId i = 1; i <= 8; ++i) {
      if (arc == graph.arc(i, 9)) routes.push_back(1);
    }
    first.push_back(routes.size());
  }
  World world(Adjacency(10, edges),
              sharing({{0ns, mbit_per_second(100)}, {0ns, mbit_per_second(100)}}, first, routes));
  world.spawn(0, [](Worker self) -> Process {
    for (int k = 0; k < 2; ++k) self.send(1, Packet{megabyte});
    for (int k = 0; k < 2; ++k) co_await self.sleep(80ms);
    self.send(9, Packet{megabyte});
  });
  std::vector<Instant> log(9);
  for (NodeId i = 1; i <= 8; ++i) world.spawn(i, send_at, 9, std::vector<Duration>{0ns}, megabyte);
  world.spawn(9, log_by_sender, std::ref(log));
  world->run();
  CHECK(log[0] == at(720ms));
  for (NodeId i = 1; i <= 8; ++i) CHECK(log[static_cast<std::size_t>(i)] == at(700ms));
}

TEST_CASE("random traffic all arrives, whatever remainders are left, and the clock goes on", "[max_min]") {
  Rng rng(7);
  for (int k = 0; k < 300; ++k) {
    const auto nodes = static_cast<NodeId>(2 + rng.below(6));
    const Adjacency graph = star(nodes);
    std::vector<LinkParameters> parameters;
    for (NodeId i = 0; i <= nodes; ++i) {
      for (int way = 0; way < 2; ++way) {
        const auto bandwidth =
            static_cast<std::int64_t>(1 + rng.below(rng.below(2) == 0 ? 10 : 5'000'000'000));
        parameters.push_back({Duration{static_cast<std::int64_t>(rng.below(3))}, {bandwidth}});
      }
    }
    std::vector<std::size_t> first{0};
    std::vector<LinkId> routes;
    for (NodeId from = 0; from <= nodes; ++from) {
      for (const NodeId to : graph.out_neighbors(from)) {
        routes.insert(routes.end(), {2 * from, 2 * to + 1});
        first.push_back(routes.size());
      }
    }
    World world(star(nodes), sharing(parameters, first, routes));
    constexpr int count = 5;
    for (NodeId i = 0; i < nodes; ++i) {
      world.spawn(i, send_small, nodes, rng.next(), count);
    }
    int received = 0;
    world.spawn(nodes, count_packets, count * nodes, std::ref(received));
    world->run();
    REQUIRE(received == count * nodes);
    std::int64_t sent = 0;
    for (NodeId i = 0; i < nodes; ++i) sent += world.link(2 * i).bytes;
    REQUIRE(world.link(2 * nodes + 1).bytes == sent);
    // A link is busy at least as long as it needs for what it carried.
    for (LinkId link = 0; link < 2 * (nodes + 1); ++link) {
      const LinkCounters counted = world.link(link);
      REQUIRE(counted.busy >=
              transmission_time(counted.bytes, parameters[static_cast<std::size_t>(link)].bandwidth) -
                  Duration{1});
    }
  }
}

}  // namespace gossamer
