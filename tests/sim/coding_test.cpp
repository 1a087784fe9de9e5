#include "sim/coding.hpp"

#include <catch2/catch.hpp>

#include "tests/sim/support.hpp"

namespace gossamer {
namespace {

/// A message of 1 kB into which so many bytes were compressed.
struct Squeezed {
  std::int64_t bytes = 0;
};
Bits wire_bits(const Squeezed&) {
  return byte_count(1'000);
}
Bits uncompressed_bits(const Squeezed& message) {
  return byte_count(message.bytes);
}

/// 1 ns a byte to encode, 2 ns a byte to decode; a kilobyte takes 1.08 ms in between.
constexpr Coding speeds{{8'000'000'000}, {4'000'000'000}};
constexpr Duration travel = 1080us;
constexpr Duration decoding = 2us;

NodeDowntimes no_downtimes;

World coded(const Adjacency& graph, Coding coding = speeds, NodeDowntimes& downtimes = no_downtimes) {
  return {graph, std::make_unique<CodingNetwork>(uniform(graph), coding, downtimes, graph.nodes())};
}

Process send_to_each(Worker self, std::int64_t bytes, int count) {
  for (int k = 0; k < count; ++k) self.broadcast(Squeezed{bytes});
  co_return;
}
Process log_all(Worker self, NodeId from, int count, std::vector<Instant>& log) {
  for (int k = 0; k < count; ++k) {
    (void)co_await self.receive<Squeezed>(from);
    log.push_back(self.now());
  }
}

TEST_CASE("A message is encoded, travels, and is decoded") {
  World world = coded(path(2));
  std::vector<Instant> log;
  world.spawn(0, send_to_each, 1'000'000, 1);
  world.spawn(1, log_all, 0, 1, log);
  world->run();
  CHECK(log == std::vector{at(1ms + travel + decoding)});
}

TEST_CASE("What is sent uncompressed takes no time to code") {
  World world = coded(path(2));
  std::vector<Instant> log;
  world.spawn(0, send_to_each, 0, 1);
  world.spawn(1, log_all, 0, 1, log);
  world->run();
  CHECK(log == std::vector{at(travel)});
}

TEST_CASE("A broadcast is encoded once; the next waits for the encoder") {
  World world = coded(star(3));
  std::vector<Instant> first, last;
  world.spawn(3, send_to_each, 1'000'000, 2);
  world.spawn(0, log_all, 3, 2, first);
  world.spawn(2, log_all, 3, 2, last);
  world->run();
  CHECK(first == std::vector{at(1ms + travel + decoding), at(2ms + travel + decoding)});
  CHECK(last == first);
}

TEST_CASE("Messages that come at once are decoded one after the other") {
  World world = coded(star(3));
  std::vector<std::vector<Instant>> logs(3);
  for (NodeId i = 0; i < 3; ++i) {
    world.spawn(i, send_to_each, 1'000, 1);
    world.spawn(3, log_all, i, 1, logs[static_cast<std::size_t>(i)]);
  }
  world->run();
  for (int i = 0; i < 3; ++i) {
    CHECK(logs[static_cast<std::size_t>(i)] == std::vector{at(1us + travel + (i + 1) * decoding)});
  }
}

Process send_both(Worker self) {
  self.send(1, Squeezed{1'000'000});
  self.send(1, Squeezed{0});
  co_return;
}

TEST_CASE("What needs no coding does not overtake what does") {
  World world = coded(path(2));
  std::vector<Instant> log;
  world.spawn(0, send_both);
  world.spawn(1, log_all, 0, 2, log);
  world->run();
  CHECK(log == std::vector{at(1ms + travel + decoding), at(1ms + travel + decoding + 78us)});
}

TEST_CASE("What a node would decode while it is down is lost") {
  NodeDowntimes downtimes;
  downtimes.crashes = {Downtime({}), Downtime({{at(travel + 1us), at(1s)}})};
  World world = coded(path(2), speeds, downtimes);
  world.spawn(0, send_to_each, 1'000, 1);  // It comes before the node goes down, and is decoded afterwards.
  world->run();
  CHECK(world->counters(0).messages_lost == 1);
  CHECK(world->counters(1).messages_received == 0);
}

/// 42 bits, into which 81 were compressed.
struct Few {};
Bits wire_bits(const Few&) {
  return {42};
}
Bits uncompressed_bits(const Few&) {
  return {81};
}
Process send_few(Worker self) {
  self.send(1, Few{});
  co_return;
}
Process note_few(Worker self, std::vector<Instant>& log) {
  (void)co_await self.receive<Few>(0);
  log.push_back(self.now());
}

TEST_CASE("Speeds are those of bits, though the network carries whole bytes") {
  World world = coded(path(2), {{1'000'000'000}, {100'000'000}});
  std::vector<Instant> log;
  world.spawn(0, send_few);
  world.spawn(1, note_few, log);
  world->run();
  CHECK(log == std::vector{at(81ns + 1ms + 6 * 80ns + 420ns)});
}

TEST_CASE("One speed alone takes its time alone") {
  for (const bool encodes : {true, false}) {
    World world = coded(path(2), encodes ? Coding{.encode = speeds.encode} : Coding{.decode = speeds.decode});
    std::vector<Instant> log;
    world.spawn(0, send_to_each, 1'000'000, 1);
    world.spawn(1, log_all, 0, 1, log);
    world->run();
    CHECK(log == std::vector{at(travel + (encodes ? Duration(1ms) : decoding))});
  }
}

}  // namespace
}  // namespace gossamer
