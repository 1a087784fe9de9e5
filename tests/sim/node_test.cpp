// What programs may rely on when they send and wait.
#include "sim/node.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <tuple>

#include "tests/sim/support.hpp"

namespace gossamer {
namespace {

using Numbers = std::vector<int>;

Numbers numbers(std::span<const Received<Packet>> received) {
  Numbers result;
  for (const auto& message : received) result.push_back(message->number);
  return result;
}

/// Sends the numbers to `to`, `pause` apart.
Process send_numbers(Worker self, NodeId to, Numbers sent, Duration pause) {
  for (const int number : sent) {
    self.send(to, Packet{.number = number});
    co_await self.sleep(pause);
  }
}

TEST_CASE("gather returns in node order, and one round at a time") {
  // Node 0 runs ahead: its three messages wait before the first of node 2 leaves.
  World world(path(3));
  std::vector<Numbers> rounds;
  std::vector<NodeId> senders;
  world.spawn(2, [](Worker self) -> Process {
    for (const int number : {21, 22, 23}) {
      co_await self.sleep(10ms);
      self.broadcast(Packet{.number = number});
    }
  });
  world.spawn(0, send_numbers, 1, Numbers{1, 2, 3}, 0ms);
  world.spawn(
      1,
      [](Worker self, std::vector<Numbers>& log, std::vector<NodeId>& from) -> Process {
        for (int t = 0; t < 3; ++t) {
          const auto received = co_await self.gather<Packet>();
          log.push_back(numbers(received));
          for (const auto& message : received) from.push_back(message.from);
        }
      },
      rounds, senders);
  world->run();
  CHECK(rounds == std::vector<Numbers>{{1, 21}, {2, 22}, {3, 23}});
  CHECK(senders == std::vector<NodeId>{0, 2, 0, 2, 0, 2});
}

TEST_CASE("gathering from some is not ended by the messages of others") {
  World world(path(3));
  Numbers got;
  world.spawn(2, send_numbers, 1, Numbers{21, 22}, 1ms);
  world.spawn(0, [](Worker self) -> Process {
    co_await self.sleep(10ms);
    self.send(1, Packet{.number = 1});
  });
  world.spawn(
      1,
      [](Worker self, Numbers& log) -> Process {
        const auto first = co_await self.gather_from(0);
        log = numbers({first.data(), first.size()});
        for (const auto& message : co_await self.gather_from(2)) log.push_back(message->number);
        for (const auto& message : co_await self.gather_from(2)) log.push_back(message->number);
      },
      got);
  world->run();
  CHECK(got == Numbers{1, 21, 22});
}

TEST_CASE("a node alone gathers nothing, at once") {
  World world(Adjacency(1, Edges{}));
  bool done = false;
  world.spawn(
      0,
      [](Worker self, bool& ended) -> Process {
        self.broadcast(Packet{});
        const auto received = co_await self.gather<Packet>();
        ended = received.empty();
      },
      done);
  world->run();
  CHECK(done);
  CHECK(world->now() == at(0ns));
}

TEST_CASE("channels do not mix, and each keeps its order") {
  const bool gather = GENERATE(false, true);
  World world(path(2));
  Numbers taken;
  world.spawn(0, [](Worker self) -> Process {
    for (const int number : {1, 2}) {
      self.send(1, Packet{.number = number}, "x");
      self.send(1, Packet{.number = 10 * number}, "y");
      self.send(1, Packet{.number = 100 * number});
    }
    co_return;
  });
  world.spawn(
      1,
      [](Worker self, bool gathers, Numbers& log) -> Process {
        const Channel channels[] = {"y", {}, "x", "x", "default", "y"};
        for (const Channel channel : channels) {
          if (gathers) {
            const auto received = co_await self.gather<Packet>(channel);
            log.push_back(received[0]->number);
          } else {
            const auto message = co_await self.receive<Packet>(0, channel);
            log.push_back(message->number);
          }
        }
      },
      gather, taken);
  world->run();
  CHECK(taken == Numbers{10, 100, 1, 2, 200, 20});
}

TEST_CASE("receive takes from one neighbour, whoever else sends") {
  World world(star(3));
  Numbers taken;
  for (const NodeId i : {0, 1, 2}) world.spawn(i, send_numbers, 3, Numbers{i, 10 + i}, 1ms);
  world.spawn(
      3,
      [](Worker self, Numbers& log) -> Process {
        for (const NodeId from : {2, 0, 0, 1, 2, 1}) {
          const auto message = co_await self.receive<Packet>(from);
          log.push_back(message->number);
        }
      },
      taken);
  world->run();
  CHECK(taken == Numbers{2, 0, 10, 1, 12, 11});
}

TEST_CASE("receive_any takes in the order of arrival, of sending where they arrive together") {
  // Nodes 2, 0, 1 send at 0 in this order, node 1 again at 1 ms, node 0 at 2 ms; all are the same time under
  // way. The hub begins to take at `start`: before, between or after the arrivals.
  const Duration start = GENERATE(0ms, 1ms, 2ms, 20ms);
  World world(star(3));
  Numbers taken;
  world.spawn(2, send_numbers, 3, Numbers{1}, 0ms);
  world.spawn(0, send_numbers, 3, Numbers{2, 5}, 2ms);
  world.spawn(1, send_numbers, 3, Numbers{3, 4}, 1ms);
  world.spawn(
      3,
      [](Worker self, Duration pause, Numbers& log) -> Process {
        co_await self.sleep(pause);
        for (int k = 0; k < 5; ++k) {
          const auto message = co_await self.receive_any<Packet>();
          log.push_back(message->number);
        }
      },
      start, taken);
  world->run();
  CHECK(taken == Numbers{1, 2, 3, 4, 5});
}

TEST_CASE("programs of one node may take from the same channel") {
  // The first program waits for both neighbours, the second takes away the first message of node 0, which the
  // first has counted: {1, 21} has become {2, 21}.
  World world(path(3));
  Numbers gathered, taken;
  world.spawn(
      1,
      [](Worker self, Numbers& log) -> Process {
        const auto received = co_await self.gather<Packet>();
        log = numbers(received);
      },
      gathered);
  world.spawn(
      1,
      [](Worker self, Numbers& log) -> Process {
        co_await self.sleep(5ms);
        const auto message = co_await self.receive_any<Packet>();
        log.push_back(message->number);
      },
      taken);
  world.spawn(0, send_numbers, 1, Numbers{1, 2}, 20ms);
  world.spawn(2, [](Worker self) -> Process {
    co_await self.sleep(10ms);
    self.send(1, Packet{.number = 21});
  });
  world->run();
  CHECK(taken == Numbers{1});
  CHECK(gathered == Numbers{2, 21});
}

TEST_CASE("a program that waits for few is not kept by one that waits for many, nor keeps it") {
  // The hub's first program misses four messages. One has come, on another channel, when the second begins to
  // wait, for just one.
  World world(star(4));
  Numbers gathered;
  std::vector<Instant> times(2);
  for (const NodeId i : {0, 1, 2, 3}) {
    world.spawn(i, [](Worker self) -> Process {
      co_await self.sleep(10ms * self.id());
      if (self.id() < 2) self.send(4, Packet{.number = -1}, "other");
      if (self.id() > 0) self.send(4, Packet{.number = self.id()});
      co_await self.sleep(100ms);
      if (self.id() == 0) self.send(4, Packet{.number = 0});
    });
  }
  world.spawn(
      4,
      [](Worker self, Numbers& log, Instant& end) -> Process {
        log = numbers(co_await self.gather<Packet>());
        end = self.now();
      },
      gathered, times[0]);
  world.spawn(
      4,
      [](Worker self, Instant& end) -> Process {
        co_await self.sleep(5ms);
        co_await self.receive<Packet>(1, "other");
        end = self.now();
      },
      times[1]);
  world->run();
  CHECK(gathered == Numbers{0, 1, 2, 3});
  CHECK(times[0] > Instant{100ms});
  CHECK(times[1] > Instant{10ms});
  CHECK(times[1] < Instant{20ms});
}

TEST_CASE("a broadcast makes one payload, which lives until the last receiver lets go") {
  struct Watch {
    std::weak_ptr<int> token;
    std::vector<const void*> addresses;
  } watch;
  World world(star(3));
  world.spawn(
      3,
      [](Worker self, Watch& seen) -> Process {
        Parcel parcel{std::make_shared<int>(7)};
        seen.token = parcel.token;
        self.broadcast(std::move(parcel));
        co_return;
      },
      watch);
  for (const NodeId i : {0, 1, 2}) {
    world.spawn(
        i,
        [](Worker self, Watch& seen) -> Process {
          const auto parcel = co_await self.receive<Parcel>(3);
          seen.addresses.push_back(&*parcel);
          co_await self.sleep(1ms * (1 + self.id()));
        },
        watch);
  }
  world->run_until(at(3ms));  // They arrive at 1.08 ms and hold it until 2.08, 3.08 and 4.08 ms.
  CHECK(watch.addresses == std::vector(3, watch.addresses.at(0)));
  CHECK(watch.token.use_count() == 1);
  world->run();
  CHECK(watch.token.expired());
}

TEST_CASE("a sleep of no time does not let others go first") {
  World world(path(2));
  Numbers order;
  const auto program = [](Worker self, Numbers& log) -> Process {
    log.push_back(self.id());
    co_await self.sleep(0ns);
    log.push_back(self.id());
  };
  world.spawn_everywhere(program, std::ref(order));
  world->run();
  CHECK(order == Numbers{0, 0, 1, 1});
}

TEST_CASE("nodes count what they send, receive and compute") {
  World world(star(3));
  world.spawn(3, [](Worker self) -> Process {
    self.broadcast(Packet{Bits{13}});
    co_await self.square_root(4, 2ms);
    self.send(0, Packet{Bits{7}});
    co_await self.square_root(9, 3ms);
  });
  world->run();
  const NodeCounters &hub = world->counters(3), &first = world->counters(0), &other = world->counters(1);
  CHECK(hub.messages_sent == 4);
  CHECK(hub.bits_sent == 3 * 13 + 7);
  CHECK(hub.messages_received == 0);
  CHECK(hub.computing == 5ms);
  CHECK(first.messages_received == 2);
  CHECK(first.bits_received == 13 + 7);
  CHECK(other.bits_received == 13);
  CHECK(other.computing == 0ms);
}

// ---- Patience

/// A packet that says in which round it was sent.
struct Dated {
  std::int64_t round = 0;
};
Bits wire_bits(const Dated&) {
  return byte_count(1'000);
}

struct Heard {
  Instant when;
  std::vector<std::pair<NodeId, std::int64_t>> what;
};
Process listen(Worker self, Patience patience, int rounds, std::vector<Heard>& log,
               Late late = Late::dropped) {
  for (std::int64_t t = 1; t <= rounds; ++t) {
    auto received = co_await self.gather<Dated>(patience, t, {}, late);
    Heard& heard = log.emplace_back(Heard{self.now(), {}});
    for (const auto& message : received) heard.what.emplace_back(message.from, message->round);
  }
}
/// Node i sends for each round t its packet after i times `pace`.
Process report(Worker self, NodeId hub, Duration pace, int rounds) {
  for (std::int64_t t = 1; t <= rounds; ++t) {
    co_await self.sleep((self.id() + 1) * pace);
    self.send(hub, Dated{t});
  }
}

std::vector<Heard> heard_with(Patience patience, int rounds) {
  World world(star(3), LinkParameters{});
  std::vector<Heard> log;
  for (const NodeId i : {0, 1, 2}) world.spawn_in_background(i, report, 3, 10ms, rounds);
  world.spawn(3, listen, patience, rounds, log, Late::dropped);
  world->run();
  return log;
}

TEST_CASE("a patient gather takes the first k, and throws away what comes too late") {
  using What = decltype(Heard::what);
  const auto log = heard_with({.first = 1}, 3);  // Node 0 sends at 10, 20, 30 ms, node 1 at 20, 40, 60.
  REQUIRE(log.size() == 3);
  for (std::size_t t = 0; t < 3; ++t) {
    CHECK(log[t].when == at((t + 1) * 10ms));
    CHECK(log[t].what == What{{0, static_cast<std::int64_t>(t) + 1}});
  }
  const auto two = heard_with({.first = 2}, 3);  // Round 1 at 20 ms: by then node 0 has sent round 2, too.
  CHECK(two[0].what == What{{0, 1}, {1, 1}});
  CHECK(two[1].when == at(40ms));
  CHECK(two[2].what == What{{0, 3}, {1, 3}});
  const auto all = heard_with({.first = 3}, 2);
  CHECK(all[1].when == at(60ms));
  CHECK(all[1].what.size() == 3);
}

/// Sends these packets, each at its time.
Process report_at(Worker self, NodeId hub, std::vector<std::pair<Duration, std::int64_t>> packets) {
  for (const auto& [when, t] : packets) {
    co_await self.sleep(when - (self.now() - Instant{}));
    self.send(hub, Dated{t});
  }
}

TEST_CASE("who has sent in a later round has come as far, and was silent") {
  using What = decltype(Heard::what);
  World world(star(2), LinkParameters{});
  std::vector<Heard> log;
  world.spawn(0, report_at, 2, std::vector<std::pair<Duration, std::int64_t>>{{10ms, 1}, {30ms, 2}});
  world.spawn(1, report_at, 2, std::vector<std::pair<Duration, std::int64_t>>{{5ms, 2}});
  world.spawn(2, listen, Patience{.first = 2}, 2, std::ref(log), Late::dropped);
  world->run();
  CHECK(log[0].when == at(10ms));
  CHECK(log[0].what == What{{0, 1}});
  CHECK(log[1].when == at(30ms));
  CHECK(log[1].what == What{{0, 2}, {1, 2}});
}

TEST_CASE("late messages are given when they come, where they are to be added") {
  using What = decltype(Heard::what);
  World world(star(2), LinkParameters{});
  std::vector<Heard> log;
  world.spawn(0, report_at, 2,
              std::vector<std::pair<Duration, std::int64_t>>{{10ms, 1}, {20ms, 2}, {30ms, 3}});
  world.spawn(1, report_at, 2,
              std::vector<std::pair<Duration, std::int64_t>>{{22ms, 1}, {23ms, 2}, {24ms, 3}});
  world.spawn(2, listen, Patience{.at_most = 13ms}, 3, std::ref(log), Late::added);
  world->run();
  CHECK(log[0].what == What{{0, 1}});  // At 13 ms.
  CHECK(log[1].when == at(23ms));      // Node 1's of round 1 was late, that of 2 the last.
  CHECK(log[1].what == What{{0, 2}, {1, 1}, {1, 2}});
  CHECK(log[2].what == What{{0, 3}, {1, 3}});
}

TEST_CASE("a patient gather ends after a time with what has come") {
  using What = decltype(Heard::what);
  const auto log = heard_with({.at_most = 25ms}, 3);
  REQUIRE(log.size() == 3);
  CHECK(log[0].when == at(25ms));
  CHECK(log[0].what == What{{0, 1}, {1, 1}});
  CHECK(log[1].when == at(50ms));  // Node 2's packet of round 1 came at 30 ms, too late.
  CHECK(log[1].what == What{{0, 2}, {1, 2}});
  CHECK(log[2].when == at(75ms));
  const auto both = heard_with({.first = 2, .at_most = 15ms}, 2);
  CHECK(both[0].when == at(15ms));
  CHECK(both[0].what == What{{0, 1}});
  CHECK(both[1].when == at(30ms));  // Node 0's of round 2 came at 20 ms, node 1's would at 40 ms.
  CHECK(both[1].what == What{{0, 2}});
}

}  // namespace
}  // namespace gossamer
