// Runs as a whole: how they end, what errors say, determinism, lifetimes.
#include "sim/simulation.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "sim/random.hpp"
#include "tests/sim/support.hpp"

namespace gossamer {
namespace {

std::string error_of_run(World& world) {
  return error_of<SimulationError>([&] { world->run(); });
}

Process nothing(Worker) {
  co_return;
}
Process gather_once(Worker self) {
  co_await self.gather<Packet>();
}

// ---- How runs end

TEST_CASE("a deadlock says who waits, when, for what, from whom, and how many more") {
  World world(path(3));
  SECTION("on all neighbours") {
    world.spawn(1, gather_once);
    CHECK(error_of_run(world) ==
          "node 1, at 0.000000 ms: waits for messages on channel 'default' from nodes 0, 2 since 0.000000 "
          "ms, and no message is "
          "under way (deadlock)");
  }
  SECTION("on those that have not sent") {
    world.spawn(0, [](Worker self) -> Process {
      self.broadcast(Packet{});
      co_await self.receive<Packet>(1, "answer");
    });
    world.spawn(1, gather_once);
    world.spawn(2, nothing);
    CHECK(error_of_run(world) ==
          "node 0, at 1.000080 ms: waits for a message on channel 'answer' from node 1 since 0.000000 ms, "
          "and no message is "
          "under "
          "way (deadlock; 1 other program waits too)");
  }
  SECTION("on anybody") {
    const auto program = [](Worker self) -> Process { co_await self.receive_any<Packet>("x"); };
    world.spawn_everywhere(program);
    CHECK(error_of_run(world) ==
          "node 0, at 0.000000 ms: waits for a message on channel 'x' from any neighbour since 0.000000 ms, "
          "and no message is "
          "under "
          "way (deadlock; 2 other programs wait too)");
  }
  SECTION("a run until some time notices, too") {
    world.spawn(0, gather_once);
    CHECK_THROWS_AS(world->run_until(at(1ms)), SimulationError);
  }
}

TEST_CASE("of many awaited neighbours an error names eight") {
  World world(star(10));
  world.spawn(10, gather_once);
  CHECK(error_of_run(world) ==
        "node 10, at 0.000000 ms: waits for messages on channel 'default' from nodes 0, 1, 2, 3, 4, 5, 6, 7 "
        "and 2 "
        "more since 0.000000 ms, and no message is under way (deadlock)");
}

TEST_CASE("a run that was stopped is no deadlock") {
  World world(path(2));
  world.spawn(0, gather_once);
  world.spawn(
      1,
      [](Worker self, Simulation& simulation) -> Process {
        co_await self.sleep(1ms);
        simulation.scheduler().stop();
      },
      *world.operator->());
  CHECK_NOTHROW(world->run());
  CHECK(world->now() == at(1ms));
}

TEST_CASE("a run may be cut into pieces") {
  World world(ring(5)), whole(ring(5));
  std::vector<Instant> ends(5), same(5);
  world.spawn_everywhere(gossip, byte_count(1'000), jittered, std::ref(ends));
  whole.spawn_everywhere(gossip, byte_count(1'000), jittered, std::ref(same));
  whole->run();
  CHECK_FALSE(world->run_until(at(14'123us - 1ns)));
  CHECK(world->now() == at(14'123us - 1ns));
  CHECK(world->run_until(at(1s)));
  CHECK(world->now() == at(14'123us));
  CHECK(world->fingerprint() == whole->fingerprint());
  CHECK(ends == same);
}

// ---- Programs in the background

/// Answers every number with its double, for ever.
Process echo(Worker self) {
  for (;;) {
    const auto packet = co_await self.receive_any<Packet>();
    self.send(packet.from, Packet{.number = 2 * packet->number});
  }
}

/// Asks node 1 `count` times, of which each takes 2 (L + S/B) = 2.000160 ms.
Process ask(Worker self, int count, int& answers) {
  for (int k = 0; k < count; ++k) {
    self.send(1, Packet{.number = k});
    const auto answer = co_await self.receive<Packet>(1);
    answers += answer->number == 2 * k;
  }
}

/// Ends at 3 ms with a halt of this round.
Process halt(Worker self, std::int64_t round) {
  co_await self.sleep(3ms);
  throw Halt(self.id(), round, self.now(), "halted");
}

TEST_CASE("a run ends with its last program, whoever waits in the background") {
  World world(path(3));
  int answers = 0;
  world.spawn_in_background(1, echo);
  world.spawn(0, ask, 3, answers);
  world.spawn(2, ask, 2, answers);
  SECTION("in one piece") {
    world->run();
  }
  SECTION("in several") {
    CHECK_FALSE(world->run_until(at(1ms)));
    CHECK_FALSE(world->run_until(at(3 * 2'000'160ns - 1ns)));
    CHECK(world->run_until(at(1s)));
  }
  CHECK(answers == 5);
  CHECK(world->now() == at(3 * 2'000'160ns));
}

TEST_CASE("what is under way in the background when the last program ends does not happen") {
  World world(path(2));
  int ticks = 0;
  world.spawn_in_background(
      1,
      [](Worker self, int& count) -> Process {
        for (;; ++count) co_await self.sleep(1ms);
      },
      ticks);
  world.spawn(0, [](Worker self) -> Process { co_await self.sleep(3'500us); });
  const bool cut = GENERATE(false, true);
  if (cut) {
    CHECK(world->run_until(at(1h)));
  } else {
    world->run();
  }
  CHECK(ticks == 3);
  CHECK(world->now() == at(3'500us));
}

TEST_CASE("programs in the background alone run until nothing happens, which is no deadlock") {
  World world(path(2));
  int ticks = 0;
  world.spawn_in_background(1, echo);
  world.spawn_in_background(
      0,
      [](Worker self, int& count) -> Process {
        for (; count < 3; ++count) co_await self.sleep(1ms);
      },
      ticks);
  CHECK_NOTHROW(world->run());
  CHECK(ticks == 3);
}

TEST_CASE("who waits for a program in the background that does not answer is in a deadlock") {
  World world(path(3));
  world.spawn_in_background(1, [](Worker self) -> Process { co_await self.receive_any<Packet>("other"); });
  int answers = 0;
  world.spawn(2, ask, 1, answers);
  CHECK(error_of_run(world) ==
        "node 2, at 1.000080 ms: waits for a message on channel 'default' from node 1 since 0.000000 ms, and "
        "no message is under "
        "way (deadlock)");
}

TEST_CASE("a halt surfaces though programs wait in the background") {
  const bool cut = GENERATE(false, true);
  World world(path(3));
  int answers = 0;
  world.spawn_in_background(1, echo);
  int expected = 0;
  SECTION("of the last program") {
    world.spawn(0, halt, 7);
  }
  SECTION("of one that is not the last") {
    world.spawn(0, halt, 7);
    world.spawn(2, ask, 5, answers);  // Ends at 10.0008 ms.
    expected = 5;
  }
  SECTION("of the least round, whoever was first") {
    world.spawn(0, halt, 7);
    world.spawn(2, [](Worker self) -> Process {
      co_await self.sleep(5ms);
      throw Halt(self.id(), 8, self.now(), "later");
    });
  }
  const std::string error = error_of<Halt>([&] { cut ? (void)world->run_until(at(1h)) : world->run(); });
  CHECK(error == "node 0, at 3.000000 ms: halted");
  CHECK(answers == expected);
}

TEST_CASE("a halt that ends the run at once does so, whoever could go on") {
  World world(path(3));
  int answers = 0;
  world.spawn_in_background(1, echo);
  world.spawn(0, ask, 5, answers);
  world.spawn(2, [](Worker self) -> Process {
    co_await self.sleep(3ms);
    throw Halt(self.id(), 8, self.now(), "halted", true);
  });
  CHECK(error_of<Halt>([&] { world->run(); }) == "node 2, at 3.000000 ms: halted");
  CHECK(world->now() == at(3ms));
  CHECK(answers == 1);
}

TEST_CASE("a halt in the background ends the run with it, once the others have ended") {
  World world(path(2));
  int answers = 0;
  world.spawn_in_background(0, halt, 1);
  world.spawn_in_background(1, echo);
  world.spawn(0, ask, 5, answers);
  CHECK(error_of<Halt>([&] { world->run(); }) == "node 0, at 3.000000 ms: halted");
  CHECK(answers == 5);
}

// ---- What errors say

struct Other {};
Bits wire_bits(const Other&) {
  return byte_count(1);
}

TEST_CASE("a message of another type than awaited is an error that names both") {
  World world(path(2));
  world.spawn(0, [](Worker self) -> Process {
    self.send(1, Other{}, "model");
    co_return;
  });
  SECTION("in a receive") {
    world.spawn(1, [](Worker self) -> Process { co_await self.receive<Packet>(0, "model"); });
  }
  SECTION("in a gather") {
    world.spawn(1, [](Worker self) -> Process { co_await self.gather<Packet>("model"); });
  }
  CHECK(error_of_run(world) ==
        "node 1, at 1.000080 ms: the message on channel 'model' from node 0 is a gossamer::(anonymous "
        "namespace)::Other, but a gossamer::Packet is awaited");
}

TEST_CASE("only neighbours can be reached") {
  World world(path(3));
  SECTION("in a send") {
    world.spawn(0, [](Worker self) -> Process {
      co_await self.sleep(1ms);
      self.send(2, Packet{});
    });
  }
  SECTION("in a receive") {
    world.spawn(0, [](Worker self) -> Process {
      co_await self.sleep(1ms);
      co_await self.receive<Packet>(2);
    });
  }
  CHECK(error_of_run(world) == "node 0, at 1.000000 ms: node 2 is not a neighbour of node 0");
}

TEST_CASE("an error of a computation surfaces when its simulated time is over") {
  World world(path(2), uniform(path(2)), GENERATE(1, 2));
  int rounds = 0;
  world.spawn(0, [](Worker self) -> Process { co_await self.square_root(-1, 5ms); });
  world.spawn(
      1,
      [](Worker self, int& count) -> Process {
        for (; count < 100; ++count) co_await self.sleep(2ms);
      },
      rounds);
  CHECK(error_of_run(world) == "node 0, at 5.000000 ms: no square root");
  CHECK(rounds == 2);
}

TEST_CASE("an overflow of the clock is an error that names node and time") {
  const std::string overflow = "the simulated clock overflows 292 years";
  const auto send_two = [](Worker self, Bits size) -> Process {
    co_await self.sleep(1ms);
    for (int k = 0; k < 2; ++k) self.send(1, Packet{size});
  };
  SECTION("by a sleep") {
    World world(path(2));
    world.spawn(0, [](Worker self) -> Process {
      co_await self.sleep(1ms);
      co_await self.sleep(Duration::max());
    });
    CHECK(error_of_run(world) == "node 0, at 1.000000 ms: " + overflow);
  }
  SECTION("by a computation") {
    World world(path(2));
    world.spawn(0, [](Worker self) -> Process {
      co_await self.sleep(1ms);
      co_await self.square_root(1, Duration::max());
    });
    CHECK(error_of_run(world) == "node 0, at 1.000000 ms: " + overflow);
  }
  SECTION("by a latency") {
    World world(path(2), {Duration::max(), Bandwidth::unlimited()});
    world.spawn(0, send_two, Bits{0});
    CHECK(error_of_run(world) == "node 0, at 1.000000 ms: " + overflow);
  }
  SECTION("by a queue of messages of which each would fit") {
    World world(path(2), {0ns, {1}});
    world.spawn(0, send_two, Bits{5'000'000'000});
    CHECK(error_of_run(world) == "node 0, at 1.000000 ms: " + overflow);
  }
  SECTION("by one message") {
    World world(path(2), {0ns, {1}});
    world.spawn(0, send_two, Bits{16'000'000'000});
    CHECK(error_of_run(world) ==
          "node 0, at 1.000000 ms: a transmission of 2000000000 bytes at 1 bit/s outlasts the simulated "
          "clock (292 "
          "years)");
  }
  SECTION("at a node between") {
    World world(path(2), routed({{2ms, {}}, {Duration::max(), {}}, {}}, {0, 2, 3}, {0, 1, 2}));
    world.spawn(0, send_two, Bits{0});
    CHECK(error_of_run(world) == "node 0, at 3.000000 ms: the message to node 1: " + overflow);
  }
}

// ---- Determinism

/// Traffic in which everything depends on everything: times on results of computations, the order of
/// messages on times, results on the order of messages.
Process tangle(Worker self, double& result) {
  Rng rng = named_stream(1, self.id(), "tangle");
  for (int t = 0; t < 30; ++t) {
    const Duration duration{static_cast<std::int64_t>(rng.below(3) * 500'000)};
    const double root = co_await self.square_root(2 + result, duration);
    self.broadcast(Packet{Bits{static_cast<std::int64_t>(root * 10'000)}, static_cast<int>(root * 1'000)},
                   "gossip");
    co_await self.sleep(Duration{rng.below(3)});
    const auto message = co_await self.receive_any<Packet>("gossip");
    result = 0.7 * result + root + message->number * (0.1 + message.from);
  }
}

struct Whole {
  std::uint64_t fingerprint;
  Instant end;
  std::vector<double> results;
  bool operator==(const Whole&) const = default;
};

/// A world in which all nodes are entangled; its results outlive its programs.
class Entangled {
 public:
  explicit Entangled(int threads, std::size_t prefetch_below = 0)
      : world_(ring(nodes), uniform(ring(nodes)), threads) {
    world_->scheduler().prefetch_below(prefetch_below);
    for (NodeId i = 0; i < nodes; ++i) world_.spawn(i, tangle, results_[static_cast<std::size_t>(i)]);
  }
  bool run_until(Instant end) { return world_->run_until(end); }
  Whole course() { return {world_->fingerprint(), world_->now(), results_}; }

 private:
  static constexpr NodeId nodes = 7;
  std::vector<double> results_ = std::vector<double>(nodes);
  World world_;
};

Whole course(int threads, std::size_t prefetch_below = 0) {
  Entangled world(threads, prefetch_below);
  REQUIRE(world.run_until(Instant::max()));
  return world.course();
}

TEST_CASE("a run takes the same course every time, on any number of threads") {
  const Whole expected = course(1);
  for (const int threads : {1, 2, 3}) CHECK(course(threads) == expected);
  CHECK(course(1, 1000) == expected);  // With memory fetched ahead.
}

TEST_CASE("two simulations in one process do not disturb each other") {
  Entangled one(1), other(2);
  bool one_ended = false, other_ended = false;
  for (Instant now{}; !one_ended || !other_ended; now += 700us) {
    one_ended = one.run_until(now);
    other_ended = other.run_until(now + 100us);
  }
  CHECK(one.course() == course(1));
  CHECK(other.course() == course(1));
}

TEST_CASE("a fingerprint changes with times, ends and sizes, and with nothing else") {
  const auto fingerprint = [](Bits size, Duration start, NodeId to, int number) {
    World world(path(3));
    world.spawn(
        1,
        [](Worker self, Packet packet, Duration pause, NodeId receiver) -> Process {
          co_await self.sleep(pause);
          self.send(receiver, packet);
        },
        Packet{size, number}, start, to);
    world->run();
    return world->fingerprint();
  };
  const std::uint64_t one = fingerprint(Bits{8}, 1ms, 0, 1);
  CHECK(fingerprint(Bits{8}, 1ms, 0, 2) == one);
  CHECK(fingerprint(Bits{7}, 1ms, 0, 1) != one);
  CHECK(fingerprint(Bits{8}, 2ms, 0, 1) != one);
  CHECK(fingerprint(Bits{8}, 1ms, 2, 1) != one);
}

TEST_CASE("the fingerprint of the reference gossip is what it was") {
  // Changes only with the network's model of time, the events it counts, or the hash.
  World world(ring(5));
  std::vector<Instant> ends(5);
  world.spawn_everywhere(gossip, byte_count(1'000), jittered, std::ref(ends));
  world->run();
  CHECK(world->fingerprint() == 0x2a6d35f70e0515a);
}

// ---- Threads and lifetimes

/// A computation that ends when both of two have begun.
class Meeting final : public Computation {
 public:
  Meeting(Simulation& simulation, NodeId id, std::atomic<int>& present)
      : Computation(simulation, id, 0ns), present_(present) {}
  ~Meeting() { abandon(); }
  bool await_resume() {
    wait();
    return met_;
  }

 private:
  void run() override {
    ++present_;
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (present_ < 2 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    met_ = present_ == 2;
  }
  std::atomic<int>& present_;
  bool met_ = false;
};

TEST_CASE("all computations of an instant have begun before any is waited for") {
  World world(path(2), uniform(path(2)), 2);
  std::atomic<int> present = 0;
  int met = 0;
  world.spawn_everywhere(
      [](Worker self, Simulation& simulation, std::atomic<int>& here, int& count) -> Process {
        count += co_await Meeting(simulation, self.id(), here);
      },
      std::ref(*world.operator->()), std::ref(present), std::ref(met));
  world->run();
  CHECK(met == 2);
}

TEST_CASE("a simulation that is destroyed half way leaves nothing behind") {
  // Programs that compute, sleep and wait; messages in a mailbox and under way.
  const auto token = std::make_shared<int>();
  {
    World world(path(2), uniform(path(2)), GENERATE(1, 2));
    const auto spawn = [&](NodeId i, Process (*program)(Worker, std::shared_ptr<int>)) {
      world.spawn(i, program, token);
    };
    spawn(0, [](Worker self, std::shared_ptr<int> held) -> Process {
      for (;;) {
        self.broadcast(Parcel{held});
        co_await self.square_root(2, 100us);
      }
    });
    spawn(1, [](Worker self, std::shared_ptr<int>) -> Process {
      for (int t = 0; t < 2; ++t) co_await self.gather<Parcel>();
      co_await self.sleep(1h);
    });
    spawn(1,
          [](Worker self, std::shared_ptr<int>) -> Process { co_await self.receive_any<Parcel>("silence"); });
    CHECK_FALSE(world->run_until(at(5'050us)));
    CHECK(token.use_count() > 10);
  }
  CHECK(token.use_count() == 1);
}

TEST_CASE("a simulation that has thrown leaves nothing behind") {
  const auto token = std::make_shared<int>();
  {
    World world(path(2), uniform(path(2)), GENERATE(1, 2));
    world.spawn(
        0,
        [](Worker self, std::shared_ptr<int> held) -> Process {
          self.broadcast(Parcel{held});
          co_await self.square_root(2, 10ms);
        },
        token);
    world.spawn(
        1,
        [](Worker self, std::shared_ptr<int>) -> Process {
          const auto parcel = co_await self.receive<Parcel>(0);
          throw std::runtime_error("stop here");
        },
        token);
    CHECK(error_of_run(world) == "node 1, at 1.080000 ms: stop here");
  }
  CHECK(token.use_count() == 1);
}

}  // namespace
}  // namespace gossamer
