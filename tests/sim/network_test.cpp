// Times in closed form. L: latency, S: size, B: bandwidth; the numbers are those of sim/networks/README.md:
// L = 1 ms and B = 100 Mbit/s, so that S/B is 80 us for 1 kB and 80 ms for 1 MB.
#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <set>

#include "sim/network_model.hpp"
#include "sim/networks/ideal.hpp"
#include "tests/sim/support.hpp"

namespace gossamer {
namespace {

constexpr Bits kilobyte = byte_count(1'000), megabyte = byte_count(1'000'000);

Process send_packets(Worker self, NodeId to, int count, Bits size) {
  for (int k = 0; k < count; ++k) self.send(to, Packet{size});
  co_return;
}

Process send_sizes(Worker self, NodeId to, std::vector<Bits> sizes) {
  for (const Bits size : sizes) self.send(to, Packet{size});
  co_return;
}

Process log_arrivals(Worker self, NodeId from, int count, std::vector<Instant>& log) {
  for (int k = 0; k < count; ++k) {
    co_await self.receive<Packet>(from);
    log.push_back(self.now());
  }
}

Process log_any(Worker self, int count, std::vector<Instant>& log) {
  for (int k = 0; k < count; ++k) {
    co_await self.receive_any<Packet>();
    log.push_back(self.now());
  }
}

/// When `count` messages, sent at once at time 0 from node 0 to node 1, arrive.
std::vector<Instant> arrivals(World& world, int count, Bits size) {
  std::vector<Instant> log;
  world.spawn(0, send_packets, 1, count, size);
  world.spawn(1, log_arrivals, 0, count, log);
  world->run();
  return log;
}

Instant arrival(Bits size, LinkParameters link = reference_link, std::int64_t header_bytes = 0) {
  World world(path(2), link, header_bytes);
  return arrivals(world, 1, size).at(0);
}

/// When the last node ends each round of gossip.
std::vector<Instant> round_ends(NodeId nodes, Bits size, Duration (*compute)(NodeId, int), int rounds,
                                std::int64_t header_bytes = 0) {
  std::vector<Instant> ends(static_cast<std::size_t>(rounds));
  World world(ring(nodes), reference_link, header_bytes);
  world.spawn_everywhere(gossip, size, compute, std::ref(ends));
  world->run();
  return ends;
}

TEST_CASE("a message takes L + S/B") {
  CHECK(arrival(byte_count(1)) == at(1'000'080ns));
  CHECK(arrival(kilobyte) == at(1'080us));
  CHECK(arrival(megabyte) == at(81ms));
  CHECK(arrival(Bits{0}) == at(1ms));
}

TEST_CASE("the network carries whole bytes, and a header with each message") {
  CHECK(arrival(Bits{8'001}) == at(1ms + 1'001 * 80ns));
  CHECK(arrival(Bits{8'001}, reference_link, 29) == at(1ms + 1'030 * 80ns));
}

TEST_CASE("packets of a message pipeline over hops: K L + (S + (K - 1) M)/B for an MTU of M") {
  const auto arrival_over = [](int hops, Bits size, std::int64_t header, std::int64_t mtu) {
    std::vector<LinkId> routes(static_cast<std::size_t>(2 * hops));
    std::iota(routes.begin(), routes.end(), 0);
    const auto links =
        links_with_routes(std::vector(routes.size(), reference_link),
                          {0, static_cast<std::size_t>(hops), static_cast<std::size_t>(2 * hops)}, routes);
    World world(path(2), std::make_unique<StoreAndForward>(links, Bytes{header}, Bytes{mtu}));
    const Instant when = arrivals(world, 1, size).at(0);
    const std::int64_t payload = mtu - header, packets = (size.bytes() + payload - 1) / payload;
    for (LinkId l = 0; l < hops; ++l) {
      CHECK(world.link(l).messages == 1);
      CHECK(world.link(l).bytes == size.bytes() + packets * header);
      CHECK(world.link(l).busy == world.link(l).bytes * 80ns);
    }
    return when;
  };
  CHECK(arrival_over(3, megabyte, 0, 1'000) == at(3ms + 80ms + 2 * 80us));
  CHECK(arrival_over(1, megabyte, 0, 1'000) == at(1ms + 80ms));
  CHECK(arrival_over(3, kilobyte, 0, 1'000) == at(3ms + 3 * 80us));  // It fits into one packet.
  // 1,000 packets of 1,000 B with a header of 40 B each; then a last one, of 1 B and a header.
  CHECK(arrival_over(3, megabyte, 40, 1'040) == at(3ms + 1'002 * 1'040 * 80ns));
  CHECK(arrival_over(1, megabyte + byte_count(1), 40, 1'040) == at(1ms + (1'000 * 1'040 + 41) * 80ns));
  CHECK(arrival_over(2, megabyte + byte_count(1), 40, 1'040) ==
        at(2ms + (1'001 * 1'040 + 41) * 80ns));  // The last waits for the one before at the second hop.
  CHECK_THROWS_WITH(arrival_over(2, kilobyte, 40, 40),
                    "mtu: packets have no room besides their header of 40 B; it takes more than that");
}

TEST_CASE("a slow hop sets the pace of packets, and another message's go between them") {
  // Over 100 Mbit/s, then 10 Mbit/s: (M / B_1) + S / B_2 + 2 L.
  const std::vector<LinkParameters> links{{1ms, mbit_per_second(100)}, {1ms, mbit_per_second(10)}};
  const auto model = [&](std::vector<std::size_t> first, std::vector<LinkId> routes) {
    return std::make_unique<StoreAndForward>(links_with_routes(links, std::move(first), std::move(routes)),
                                             Bytes{0}, Bytes{1'000});
  };
  World one(path(2), model({0, 2, 4}, {0, 1, 0, 1}));
  CHECK(arrivals(one, 1, megabyte) == std::vector{at(2ms + 80us + 800ms)});
  // Two messages of 10 packets from different nodes meet on the slow link, where they take turns.
  World two(star(2),
            std::make_unique<StoreAndForward>(
                links_with_routes(
                    {{1ms, mbit_per_second(100)}, {1ms, mbit_per_second(100)}, {1ms, mbit_per_second(10)}},
                    {0, 2, 4, 6, 8}, {0, 2, 1, 2, 0, 2, 1, 2}),
                Bytes{0}, Bytes{1'000}));
  std::vector<Instant> log;
  two.spawn(0, send_packets, 2, 1, byte_count(10'000));
  two.spawn(1, send_packets, 2, 1, byte_count(10'000));
  two.spawn(2, log_any, 2, log);
  two->run();
  CHECK(log == std::vector{at(2ms + 80us + 19 * 800us), at(2ms + 80us + 20 * 800us)});
}

TEST_CASE("a transmission ends at a whole nanosecond, never early") {
  // 1 byte at 3 Gbit/s: 8/3 ns.
  CHECK(arrival(byte_count(1), {0ns, {3'000'000'000}}) == at(3ns));
}

TEST_CASE("without a bandwidth there is latency alone, and in an ideal network not even that") {
  CHECK(arrival(megabyte, {1ms, Bandwidth::unlimited()}) == at(1ms));
  CHECK(arrival(megabyte, {}) == at(0ns));
  World ideal(path(2), std::make_unique<Ideal>());
  CHECK(arrivals(ideal, 3, megabyte) == std::vector(3, at(0ns)));
}

TEST_CASE("k messages on one link arrive at L + S/B, L + 2 S/B, ..., L + k S/B") {
  World world(path(2));
  CHECK(arrivals(world, 3, megabyte) == std::vector{at(81ms), at(161ms), at(241ms)});
}

TEST_CASE("links are full duplex, and each its own") {
  World world(ring(3));
  std::vector<Instant> log;
  for (const NodeId i : {0, 1, 2}) {
    world.spawn(i, send_packets, (i + 1) % 3, 1, megabyte);
    world.spawn(i, send_packets, (i + 2) % 3, 1, megabyte);
    world.spawn(i, log_arrivals, (i + 1) % 3, 1, log);
    world.spawn(i, log_arrivals, (i + 2) % 3, 1, log);
  }
  world->run();
  CHECK(log == std::vector(6, at(81ms)));
}

TEST_CASE("a round of gossip lasts c + L + S/B") {
  const auto one_ms = [](NodeId, int) -> Duration { return 1ms; };
  CHECK(round_ends(8, kilobyte, one_ms, 10).back() == at(10 * 2'080us));
  CHECK(round_ends(8, megabyte, one_ms, 10).back() == at(10 * 82ms));
  CHECK(round_ends(8, kilobyte, one_ms, 10, 30).back() == at(10 * 2'082'400ns));  // ns-3, UDP
}

TEST_CASE("a round that sends before it computes lasts max(c, L + S/B)") {
  const auto program = [](Worker self, Duration compute) -> Process {
    for (int t = 0; t < 10; ++t) {
      self.broadcast(Packet{kilobyte});
      co_await self.sleep(compute);
      co_await self.gather<Packet>();
    }
  };
  for (const Duration c : {0us, 1'000us, 1'080us, 5'000us}) {
    World world(ring(5));
    world.spawn_everywhere(program, c);
    world->run();
    CHECK(world->now() == at(10 * std::max<Duration>(c, 1'080us)));
  }
}

TEST_CASE("jittered gossip ends its rounds when the exact reference does") {
  CHECK(round_ends(5, kilobyte, jittered, 5) ==
        std::vector{at(2'999us), at(5'808us), at(8'265us), at(11'127us), at(14'123us)});
  CHECK(round_ends(5, megabyte, jittered, 5) ==
        std::vector{at(82'919us), at(165'648us), at(248'025us), at(330'807us), at(413'723us)});
}

TEST_CASE("a message over several links is stored at each node between and forwarded") {
  // The k-th of equal messages sent together arrives at sum (L + S/B) + (k - 1) S / min B; S/B = 80, 800, 8
  // us.
  const std::vector<LinkParameters> links{
      {1ms, mbit_per_second(100)}, {2ms, mbit_per_second(10)}, {500us, mbit_per_second(1'000)}, {}};
  World world(path(2), routed(links, {0, 3, 4}, {0, 1, 2, 3}));
  CHECK(arrivals(world, 3, kilobyte) == std::vector{at(4'388us), at(5'188us), at(5'988us)});
  for (const LinkId link : {0, 1, 2}) CHECK(world.link(link).messages == 3);
  CHECK(world.link(3).messages == 0);
}

TEST_CASE("a route without links takes no time") {
  World world(path(2), routed({}, {0, 0, 0}, {}));
  CHECK(arrivals(world, 2, megabyte) == std::vector(2, at(0ns)));
}

TEST_CASE("a star with a shared access link takes the time of the reference") {
  // N workers; link 0 leads up to the server, link 1 down from it; each worker computes, sends, waits.
  // The first answers leave at c + L + N S/B. Worker 0 has its own after L + S/B, and so its next message is
  // on the server's link while the other answers are still under way: a round lasts c + 2 L + (N + 1) S/B,
  // and the last answer of the last one arrives after L + N S/B:
  //   1 + 1 + 640 + 624 (1 + 2 + 720) + 1 + 640 = 452,435 ms.
  constexpr NodeId workers = 8;
  constexpr int rounds = 625;
  World world(star(workers), std::make_unique<StoreAndForward>(shared_access(workers), Bytes{0}));
  for (NodeId i = 0; i < workers; ++i) world.spawn(i, work_in_star, workers, megabyte, rounds);
  world.spawn(workers, serve_star, megabyte, rounds);
  world->run();
  CHECK(world->now() == at(452'435ms));

  // All N are queued together in each answer, and before the first.
  for (const LinkId link : {0, 1}) {
    CHECK(world.link(link).messages == rounds * workers);
    CHECK(world.link(link).bytes == rounds * workers * megabyte.bytes());
    CHECK(world.link(link).busy == rounds * workers * 80ms);
    CHECK(world.link(link).longest_queue == workers * megabyte.bytes());
  }
}

TEST_CASE("links count messages, bytes with headers, busy time and the longest queue") {
  World world(path(2), reference_link, 24);
  std::vector<Instant> log;
  world.spawn(0, [](Worker self) -> Process {
    for (const int burst : {3, 5, 2}) {
      for (int k = 0; k < burst; ++k) self.send(1, Packet{kilobyte});
      co_await self.sleep(10ms);
    }
  });
  world->run();
  const LinkCounters there = world.link(0), back = world.link(1);
  CHECK(there.messages == 10);
  CHECK(there.bytes == 10 * 1'024);
  CHECK(there.busy == 10 * 81'920ns);
  CHECK(there.longest_queue == 5 * 1'024);
  CHECK(back.messages == 0);
  CHECK(back.bytes == 0);
  CHECK(back.busy == 0ns);
  CHECK(back.longest_queue == 0);
}

TEST_CASE("links count messages of any sizes, in any order, whole and in packets") {
  // Equal ones follow each other, and sizes of as many bytes; the last two are 2 and 3 packets.
  const std::vector<Bits> sizes{kilobyte, kilobyte, kilobyte, Bits{8'001}, Bits{8'005},     kilobyte,
                                kilobyte, Bits{0},  Bits{0},  kilobyte,    Bits{16 * 1000}, Bits{24'000}};
  constexpr std::int64_t header = 24, payload = 1'000;
  // Over two hops packets travel one by one.
  for (const std::size_t hops : {1, 2}) {
    std::vector<LinkId> routes(2 * hops, 0);
    if (hops == 2) routes = {0, 1, 2, 3};
    World world(path(2), std::make_unique<StoreAndForward>(
                             links_with_routes(std::vector(4, reference_link), {0, hops, 2 * hops}, routes),
                             Bytes{header}, Bytes{header + payload}));
    world.spawn(0, send_sizes, 1, sizes);
    std::int64_t bytes = 0;
    for (const Bits size : sizes) {
      bytes += size.bytes() + header * std::max<std::int64_t>(1, (size.bytes() + payload - 1) / payload);
    }
    world->run();
    for (LinkId link = 0; link < static_cast<LinkId>(hops); ++link) {
      CHECK(world.link(link).messages == std::ssize(sizes));
      CHECK(world.link(link).bytes == bytes);
      CHECK(world.link(link).busy == bytes * 80ns);
    }
    CHECK(world.link(0).longest_queue == bytes);
  }
}

// ---- Networks that lose messages

/// Every message takes 1 ms, and every third is lost: when it is sent, or on its way.
class Lossy final : public NetworkModel {
 public:
  enum class When { sent, on_its_way };
  explicit Lossy(When when, std::set<const Message*>* seen = nullptr) : when_(when), seen_(seen) {}

 private:
  void carry(Message& message) override {
    if (seen_) seen_->insert(&message);
    const bool lost = ++count_ % 3 == 0;
    if (lost && when_ == When::sent) return sink().drop(message);
    message.hop = lost ? 1 : 0;
    scheduler().at(later(scheduler().now(), 1ms), message);
  }
  void arrived(Message& message) override {
    message.hop == 1 ? sink().drop(message) : sink().deliver(message);
  }

  When when_;
  std::set<const Message*>* seen_;
  int count_ = 0;
};

TEST_CASE("lost messages never arrive, and are counted where they were sent") {
  const auto when = GENERATE(Lossy::When::sent, Lossy::When::on_its_way);
  World world(path(2), std::make_unique<Lossy>(when));
  world.spawn(0, [](Worker self) -> Process {
    for (int k = 1; k <= 8; ++k) {
      self.send(1, Packet{Bits{k}, k});
      co_await self.sleep(10ms);
    }
  });
  std::vector<int> taken;
  world.spawn(
      1,
      [](Worker self, std::vector<int>& numbers) -> Process {
        for (int k = 0; k < 6; ++k) {
          const auto packet = co_await self.receive<Packet>(0);
          numbers.push_back(packet->number);
        }
      },
      taken);
  world->run();
  CHECK(taken == std::vector{1, 2, 4, 5, 7, 8});
  const NodeCounters &sender = world->counters(0), &receiver = world->counters(1);
  CHECK(sender.messages_sent == 8);
  CHECK(sender.messages_lost == 2);  // The third and the sixth.
  CHECK(sender.bits_sent == 36);
  CHECK(receiver.messages_received == 6);
  CHECK(receiver.messages_lost == 0);
  CHECK(receiver.bits_received == 36 - 3 - 6);
}

TEST_CASE("what a lost message held is let go, and its memory used again") {
  // At most two messages at a time are there, the one that is sent and one in the mailbox, of 30,000.
  const auto when = GENERATE(Lossy::When::sent, Lossy::When::on_its_way);
  const auto token = std::make_shared<int>();
  std::set<const Message*> seen;
  {
    World world(path(2), std::make_unique<Lossy>(when, &seen));
    world.spawn(
        0,
        [](Worker self, std::shared_ptr<int> held) -> Process {
          for (int k = 0; k < 30'000; ++k) {
            self.send(1, Parcel{held});
            co_await self.sleep(2ms);
          }
        },
        token);
    world.spawn(1, [](Worker self) -> Process {
      for (int k = 0; k < 20'000; ++k) co_await self.receive<Parcel>(0);
    });
    world->run();
    CHECK(world->counters(0).messages_lost == 10'000);
    CHECK(token.use_count() == 2);  // The program's, and this.
  }
  CHECK(seen.size() <= 2);
}

TEST_CASE("a fingerprint tells which messages were lost, and when") {
  const auto fingerprint = [](std::unique_ptr<NetworkModel> model, int lost_third) {
    // Three equal messages to each of two nodes; the third that is sent goes to node 0 or to node 2.
    World world(path(3), std::move(model));
    world.spawn(
        1,
        [](Worker self, int third) -> Process {
          for (const NodeId to : {0, 2, third}) self.send(to, Packet{});
          co_return;
        },
        lost_third);
    world->run();
    return world->fingerprint();
  };
  const auto lossy = [](Lossy::When when) { return std::make_unique<Lossy>(when); };
  const std::uint64_t lost = fingerprint(lossy(Lossy::When::sent), 0);
  CHECK(fingerprint(lossy(Lossy::When::sent), 0) == lost);
  CHECK(fingerprint(lossy(Lossy::When::sent), 2) != lost);
  CHECK(fingerprint(lossy(Lossy::When::on_its_way), 0) != lost);
  CHECK(fingerprint(uniform(path(3), {1ms, Bandwidth::unlimited()}), 0) != lost);
}

TEST_CASE("a program that waits for a lost message is a deadlock that names who did not get through") {
  // Node 1 hears from 0 and 3, and the third message, that of node 2, is lost.
  Edges edges{{0, 1}, {1, 2}, {1, 3}};
  World world(Adjacency(4, edges), std::make_unique<Lossy>(Lossy::When::on_its_way));
  world.spawn(1, [](Worker self) -> Process { co_await self.gather<Packet>(); });
  for (const NodeId i : {0, 3, 2}) world.spawn(i, send_packets, 1, 1, kilobyte);
  CHECK(error_of<SimulationError>([&] { world->run(); }) ==
        "node 1, at 1.000000 ms: waits for a message on channel 'default' from node 2 since 0.000000 ms, and "
        "no message is under "
        "way (deadlock; messages were lost for ever)");
}

// ---- Directed graphs

TEST_CASE("on a directed ring a node waits for the one before it alone") {
  // A round lasts c + L + S/B, as on an undirected ring, with one message a node: 2.080 ms.
  constexpr NodeId nodes = 5;
  constexpr int rounds = 10;
  std::vector<Adjacency::Pair> arcs;
  for (NodeId i = 0; i < nodes; ++i) arcs.emplace_back(i, (i + 1) % nodes);
  World world(Adjacency::directed(nodes, arcs));
  std::vector<std::vector<NodeId>> heard(nodes);
  for (NodeId i = 0; i < nodes; ++i) {
    world.spawn(
        i,
        [](Worker self, std::vector<NodeId>& from) -> Process {
          for (int t = 0; t < rounds; ++t) {
            co_await self.sleep(1ms);
            self.broadcast(Packet{kilobyte, t});
            const auto received = co_await self.gather<Packet>();
            for (const auto& packet : received) {
              from.push_back(packet.from);
              if (packet->number != t) throw std::logic_error("a packet of another round");
            }
          }
        },
        heard[static_cast<std::size_t>(i)]);
  }
  world->run();
  CHECK(world->now() == at(rounds * 2'080us));
  for (NodeId i = 0; i < nodes; ++i) {
    CHECK(heard[static_cast<std::size_t>(i)] == std::vector(rounds, (i + nodes - 1) % nodes));
    CHECK(world->counters(i).messages_sent == rounds);
  }
}

TEST_CASE("nobody can be reached against an arc") {
  const std::vector<Adjacency::Pair> arcs{{0, 1}};
  World world(Adjacency::directed(2, arcs));
  SECTION("in a send") {
    world.spawn(1, send_packets, 0, 1, kilobyte);
    CHECK(error_of<SimulationError>([&] { world->run(); }) ==
          "node 1, at 0.000000 ms: node 0 is not a neighbour of node 1");
  }
  SECTION("in a receive") {
    world.spawn(0, [](Worker self) -> Process { co_await self.receive<Packet>(1); });
    CHECK(error_of<SimulationError>([&] { world->run(); }) ==
          "node 0, at 0.000000 ms: node 1 is not a neighbour of node 0");
  }
}

TEST_CASE("impossible links are refused") {
  CHECK_THROWS_WITH(StoreAndForward({{{-1ns, {}}}, {}, {}, {}}, Bytes{0}), "a latency cannot be negative");
  CHECK_THROWS_WITH(StoreAndForward({}, Bytes{-1}), "header: it takes 0 B to 1 GiB");
}

}  // namespace
}  // namespace gossamer
