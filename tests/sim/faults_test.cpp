#include "sim/faults.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "sim/crashes.hpp"
#include "sim/networks/ideal.hpp"
#include "tests/sim/support.hpp"

namespace gossamer {
namespace {

/// A world with faults; the network without them takes 1.08 ms for a kilobyte.
struct Disturbed {
  Disturbed(Adjacency among, Faults what, std::uint64_t seed = 1, AfterLoss after = AfterLoss::arc_goes_on)
      : graph(std::move(among)),
        faults(std::move(what)),
        nodes(node_downtimes(faults, graph, graph.nodes(), seed)),
        world(graph, std::make_unique<FaultyNetwork>(uniform(graph), faults, graph, nodes, seed, after)) {
    faults.require(graph, graph.nodes());
  }
  Adjacency graph;
  Faults faults;
  NodeDowntimes nodes;
  World world;
};

constexpr Bits kilobyte = byte_count(1'000);

Process send_every(Worker self, NodeId to, int count, Duration period) {
  for (int k = 0; k < count; ++k) {
    self.send(to, Packet{kilobyte, k});
    co_await self.sleep(period);
  }
}

struct Arrival {
  int number;
  Instant when;
};
Process log_all(Worker self, NodeId from, int count, std::vector<Arrival>& log) {
  for (int k = 0; k < count; ++k) {
    auto message = co_await self.receive<Packet>(from);
    log.push_back({message->number, self.now()});
  }
}

/// `count` kilobytes from node 0 to node 1, one every `period`, and when they arrive.
std::vector<Arrival> arrivals(Disturbed& disturbed, int count, Duration period) {
  std::vector<Arrival> log;
  disturbed.world.spawn(0, send_every, 1, count, period);
  disturbed.world.spawn(1, log_all, 0, count, log);
  disturbed.world->run();
  for (int k = 0; k < count; ++k) REQUIRE(log[static_cast<std::size_t>(k)].number == k);  // In their order.
  return log;
}

double mean_delay(const std::vector<Arrival>& log, Duration period) {
  double sum = 0;
  for (const Arrival& arrival : log) sum += seconds(arrival.when) - seconds(arrival.number * period);
  return sum / static_cast<double>(log.size());
}

TEST_CASE("lost messages are sent again until they arrive: p/(1 - p) times in the mean") {
  // Each takes 1.08 ms, and after each of its losses 50 ms + 1.08 ms more. The number of losses is geometric,
  // of mean p/(1 - p) and variance p/(1 - p)^2. One message a second: none waits for another.
  constexpr int count = 20'000;
  for (const double p : {0.1, 0.6}) {
    Disturbed lossy(path(2), {.loss = {p, 50ms}});
    const double losses = (mean_delay(arrivals(lossy, count, 1s), 1s) - 0.00108) / 0.05108;
    const double sigma = std::sqrt(p / count) / (1 - p);
    CHECK(std::abs(losses - p / (1 - p)) < 5 * sigma);  // False alarm: 6e-7.
    const LinkCounters link = lossy.world.link(0);
    CHECK(link.messages == count + std::lround(losses * count));  // The link carries each of them.
    CHECK(lossy.world->counters(0).messages_sent == count);       // Sent once, ...
    CHECK(lossy.world->counters(0).messages_lost == 0);           // ... and not lost for good.
    CHECK(lossy.world->counters(1).messages_received == count);
  }
}

TEST_CASE("messages wait for an earlier one that is sent again") {
  // In bursts, most wait behind a lost one. arrivals() checks that they come in order.
  Disturbed lossy(path(2), {.loss = {0.3, 50ms}});
  const auto log = arrivals(lossy, 1'000, 1ms);
  CHECK(std::ranges::is_sorted(log, {}, &Arrival::when));
}

TEST_CASE("without retransmission lost messages are gone, and counted") {
  constexpr int count = 100'000;
  Disturbed lossy(path(2), {.loss = {0.25, {}}});
  lossy.world.spawn(0, send_every, 1, count, 1ms);
  lossy.world->run();
  const NodeCounters& sender = lossy.world->counters(0);
  CHECK(sender.messages_sent == count);
  CHECK(sender.messages_lost + lossy.world->counters(1).messages_received == count);
  const double sigma = std::sqrt(0.25 * 0.75 * count);
  CHECK(std::abs(static_cast<double>(sender.messages_lost) - 0.25 * count) < 5 * sigma);  // 6e-7.
}

TEST_CASE("where receivers take one message after the other, what follows a lost one is lost, too") {
  // With jitter some are still on their way when a later one is lost; they arrive.
  struct Exponential final : Jitter {
    Duration draw(Rng& rng) const override { return law.draw(rng); }
    JitterBy<ExponentialLaw> law{{}, Duration(5ms)};
  };
  constexpr int count = 300;
  int delivered = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    for (const bool late : {false, true}) {
      Faults faults{.loss = {0.05, {}}};
      if (late) faults.jitter = std::make_shared<Exponential>();
      Disturbed lossy(path(2), faults, seed, AfterLoss::arc_ends);
      std::vector<Arrival> log;
      lossy.world.spawn(0, send_every, 1, count, 1ms);
      lossy.world.spawn(1, log_all, 0, count, log);
      CHECK_THROWS_WITH(lossy.world->run(), Catch::Contains("waits for a message") &&
                                                Catch::Contains("(deadlock; messages were lost for ever)"));
      // The first of them, so many as come before the first loss: 0, 1, 2, ...
      for (std::size_t k = 0; k < log.size(); ++k) REQUIRE(log[k].number == static_cast<int>(k));
      CHECK(lossy.world->counters(1).messages_received == std::ssize(log));
      CHECK(lossy.world->counters(0).messages_lost == count - std::ssize(log));
      Rng losses = named_stream(seed, std::int64_t{0} << 32 | 1, "loss");
      int before = 0;
      while (losses.uniform() >= 0.05) ++before;
      CHECK(std::ssize(log) == before);
      delivered += before;
    }
  }
  CHECK(delivered > 0);
}

TEST_CASE("whoever waits for a lost message is named, with the time since when") {
  Disturbed lossy(path(2), {.loss = {0.999, {}}});
  std::vector<Arrival> log;
  lossy.world.spawn(0, send_every, 1, 1, 0ms);
  lossy.world.spawn(1, log_all, 0, 1, log);
  CHECK_THROWS_WITH(
      lossy.world->run(),
      Catch::Contains("waits for a message on channel 'default' from node 0 since 0.000000 ms"));
}

Process wait_later(Worker self, NodeId from, std::vector<Arrival>& log) {
  co_await self.sleep(5ms);
  auto message = co_await self.receive<Packet>(from);
  log.push_back({message->number, self.now()});
}

TEST_CASE("who has waited longest is named, as the others wait for what it does not send") {
  Disturbed lossy(path(3), {.loss = {0.999, {}}});
  std::vector<Arrival> log, other;
  lossy.world.spawn(0, wait_later, 1, other);
  lossy.world.spawn(1, send_every, 2, 1, 0ms);
  lossy.world.spawn(2, log_all, 1, 1, log);
  CHECK_THROWS_WITH(lossy.world->run(),
                    Catch::Contains("node 2, at") && Catch::Contains("1 other program waits too"));
}

TEST_CASE("jitter delays each message by a random time, and keeps their order") {
  Faults late{.jitter = nullptr};
  struct Exponential final : Jitter {
    Duration draw(Rng& rng) const override { return law.draw(rng); }
    JitterBy<ExponentialLaw> law{{}, Duration(5ms)};
  };
  late.jitter = std::make_shared<Exponential>();
  constexpr int count = 20'000;
  Disturbed disturbed(path(2), late);
  const double added = mean_delay(arrivals(disturbed, count, 1s), 1s) - 0.00108;
  CHECK(std::abs(added - 0.005) < 5 * 0.005 / std::sqrt(count));  // 6e-7.
  Disturbed dense(path(2), late);
  const auto log = arrivals(dense, 1'000, 100us);
  CHECK(std::ranges::is_sorted(log, {}, &Arrival::when));
}

TEST_CASE("what is sent into an outage waits for its end") {
  Disturbed down(path(2), {.outages = {.schedule = {"1 0 3ms 10ms", "0 1 20ms 1ms", "0 1 21ms 2ms"}}});
  const auto log = arrivals(down, 3, 10ms);  // At 0, 10 and 20 ms.
  CHECK(log[0].when == at(1'080us));
  CHECK(log[1].when == at(13ms + 1'080us));
  CHECK(log[2].when == at(23ms + 1'080us));
}

TEST_CASE("a node that pauses neither hears nor computes") {
  Disturbed resting(path(2), {.pauses = {.schedule = {"1 1ms 10ms"}}});
  const auto log = arrivals(resting, 2, 20ms);
  CHECK(log[0].when == at(11ms));  // It came at 1.08 ms.
  CHECK(log[1].when == at(20ms + 1'080us));
  PausedComputeTime times(ConstantComputeTime{.gradient = 5ms}.make(2, 1), resting.nodes.pauses);
  NodeDowntimes fresh = node_downtimes(resting.faults, resting.graph, 2, 1);
  PausedComputeTime again(ConstantComputeTime{.gradient = 5ms}.make(2, 1), fresh.pauses);
  CHECK(again.gradient(0, 1, at(0ms)) == 5ms);
  CHECK(again.gradient(1, 1, at(0ms)) == 15ms);       // 1 ms, the pause, and 4 ms.
  CHECK(again.gradient(1, 1, at(6ms)) == 5ms + 5ms);  // Begun in the pause.
  CHECK(again.gradient(1, 1, at(11ms)) == 5ms);
}

Process note_wake_up(Worker self, std::vector<Instant>& log) {
  co_await self.sleep(10ms);
  co_await self.square_root(4, 5ms);
  log.push_back(self.now());
}

TEST_CASE("a node that crashes loses its programs, its mail, and what arrives meanwhile") {
  // Packets arrive at 1.08, 6.08, 11.08 and 16.08 ms. Node 1 is down from 3 to 13 ms.
  Disturbed down(path(2), {.crashes = {.schedule = {"1 3ms 10ms"}}});
  std::vector<Arrival> log;
  std::vector<Instant> awake;
  const auto start = [&] {
    down.world.spawn_in_background(1, note_wake_up, awake);
    down.world.spawn_in_background(1, log_all, 0, 4, log);
  };
  start();
  Crashes crashes(*down.world.operator->(), down.nodes.crashes, [&](NodeId node) {
    REQUIRE(node == 1);
    CHECK(down.world->now() == at(13ms));
    start();
  });
  down.world.spawn(0, send_every, 1, 9, 5ms);  // To the end at 45 ms.
  down.world->run();
  REQUIRE(log.size() == 5);
  CHECK(log[0].number == 0);
  CHECK(log[1].number == 3);
  CHECK(log[1].when == at(16'080us));
  CHECK(down.world->counters(0).messages_lost == 2);
  CHECK(down.world->counters(0).bits_lost == 16'000);
  CHECK(down.world->counters(1).messages_received == 7);
  CHECK(awake == std::vector{at(28ms)});  // 13 ms and 15 more; the first one's sleep never ended.
  CHECK(down.world->counters(1).computing == 5ms);
}

TEST_CASE("what had come before a crash is gone, and programs end with their payloads") {
  Disturbed down(path(2), {.crashes = {.schedule = {"1 3ms 1ms"}}});
  const auto token = std::make_shared<int>();
  down.world.spawn(
      0,
      [](Worker self, std::shared_ptr<int> mine) -> Process {
        self.send(1, Parcel{mine});
        co_await self.sleep(50ms);
      },
      token);
  Crashes crashes(*down.world.operator->(), down.nodes.crashes,
                  [&](NodeId) { CHECK(token.use_count() == 2); });
  down.world->run_until(at(2ms));
  CHECK(down.world->counters(1).messages_received == 1);
  CHECK(token.use_count() == 3);
  down.world->run();
}

TEST_CASE("a run ends though nodes could crash for ever") {
  const Faults often{.crashes = {.every = 5ms, .lasting = 2ms}};
  const auto run = [&](bool ends) {
    Disturbed down(path(2), often);
    std::vector<Arrival> log;
    std::vector<Instant> awake;
    int crashed = 0;
    down.world.spawn(0, log_all, 1, ends ? 0 : 1, log);
    Crashes crashes(*down.world.operator->(), down.nodes.crashes, [&](NodeId node) {
      ++crashed;
      if (node == 0) down.world.spawn(0, log_all, 1, ends ? 0 : 1, log);
      if (node == 1 && crashed < 20) down.world.spawn(1, note_wake_up, awake);
    });
    down.world->run();
    return crashed;
  };
  CHECK_THROWS_WITH(run(false),
                    Catch::Contains("waits for a message on channel 'default' from node 1 since"));
  CHECK(run(true) >= 0);
}

TEST_CASE("a run ends though nodes that are down so often do nothing but come back") {
  // There is always one that is down. None has ever anything to send.
  Disturbed down(ring(4), {.crashes = {.every = 1ms, .lasting = 1h}});
  std::vector<Arrival> log;
  const auto start = [&](NodeId node) { down.world.spawn(node, log_all, (node + 1) % 4, 1, log); };
  for (NodeId i = 0; i < 4; ++i) start(i);
  Crashes crashes(*down.world.operator->(), down.nodes.crashes, start);
  CHECK_THROWS_WITH(
      down.world->run(),
      Catch::Contains("waits for a message on channel 'default' from node") && Catch::Contains(" since "));
}

TEST_CASE("what is drawn beyond the clock's end never comes") {
  // The clock ends after 2562047 h: with a mean of 2000000 h a share of e^-1.28 = 0.28 begins later.
  int never = 0;
  for (std::int64_t k = 0; k < 200; ++k) {
    Downtime times(named_stream(1, k, "test"), 2'000'000h, 2'000'000h);
    CHECK(times.up_from(at(0ms)) == at(0ms));
    CHECK(times.end_of(at(0ms), 7ms) == at(7ms));
    never += !times.first_after(at(0ms));
  }
  CHECK(never > 30);
  CHECK(never < 90);
}

TEST_CASE("downtimes that are drawn have their means, and do not depend on when they are asked for") {
  const auto drawn = [] { return Downtime(named_stream(3, 0, "test"), 10ms, 2ms); };
  // Of long work a share of 10/12 of the time is left. 10^5 cycles: the relative error of their sum is
  // about sqrt((10^2 + 2^2) / 12^2 / 10^5) = 0.0027.
  Downtime times = drawn();
  const double ratio = seconds(times.end_of(at(0s), 1'000s)) / 1'000;
  CHECK(std::abs(ratio - 1.2) < 5 * 0.0027 * 1.2);
  // The same times, asked for often or once.
  Downtime often = drawn(), once = drawn();
  for (int k = 0; k < 5'000; ++k) often.up_from(at(k * 1ms));
  CHECK(often.up_from(at(5s)) == once.up_from(at(5s)));
  CHECK(often.end_of(at(5s), 100ms) == once.end_of(at(5s), 100ms));
}

TEST_CASE("work over listed downtimes, against a clock that ticks") {
  Rng rng(11);
  for (int trial = 0; trial < 500; ++trial) {
    std::vector<Downtime::Interval> listed;
    for (std::uint64_t k = rng.below(6); k > 0; --k) {
      const auto begin = static_cast<std::int64_t>(rng.below(30)),
                 length = static_cast<std::int64_t>(rng.below(9));
      listed.push_back({at(Duration{begin}), at(Duration{begin + length})});
    }
    const auto works = [&](std::int64_t tick) {  // From tick to tick + 1.
      return std::ranges::none_of(listed, [&](const Downtime::Interval& down) {
        return at(Duration{tick}) >= down.begin && at(Duration{tick}) < down.end;
      });
    };
    Downtime times(listed);
    for (std::int64_t t = static_cast<std::int64_t>(rng.below(5)); t < 40;
         t += 1 + static_cast<std::int64_t>(rng.below(6))) {
      std::int64_t up = t;
      while (!works(up)) ++up;
      REQUIRE(times.up_from(at(Duration{t})) == at(Duration{up}));
      const auto work = static_cast<std::int64_t>(1 + rng.below(12));
      std::int64_t end = t;
      for (std::int64_t done = 0; done < work; ++end) done += works(end);
      REQUIRE(times.end_of(at(Duration{t}), Duration{work}) == at(Duration{end}));
    }
  }
}

TEST_CASE("the same faults in every run with the seed, whatever else is sent") {
  const Faults faults{.loss = {0.3, 5ms}, .outages = {.every = 30ms, .lasting = 5ms}};
  const auto ends_of = [&](std::uint64_t seed, Bits size) {
    Disturbed disturbed(ring(5), faults, seed);
    std::vector<Instant> ends(20);
    disturbed.world.spawn_everywhere(gossip, size, jittered, std::ref(ends));
    disturbed.world->run();
    return std::pair(ends.back(), disturbed.world->fingerprint());
  };
  CHECK(ends_of(1, kilobyte) == ends_of(1, kilobyte));
  CHECK(ends_of(1, kilobyte) != ends_of(2, kilobyte));
}

TEST_CASE("nodes that have names are called by them") {
  const Adjacency graph = path(3);
  const std::vector<std::string> words = {"Bern", "Rome", "Oslo"}, numbers = {"1", "2", "3"};
  const auto paused = [&](const std::vector<std::string>& names, const char* line) {
    const Faults faults{.pauses = {.schedule = {line}}};
    faults.require({graph, names}, 3);
    NodeDowntimes times = node_downtimes(faults, {graph, names}, 3, 1);
    for (std::size_t i = 0; i < 3; ++i) {
      if (times.pauses[i].first_after({})) return i;
    }
    return std::size_t{3};
  };
  CHECK(paused(words, "Rome 1s 1s") == 1);
  CHECK(paused(words, "2 1s 1s") == 2);
  CHECK(paused(numbers, "2 1s 1s") == 1);
  CHECK(paused({}, "2 1s 1s") == 2);
  CHECK_THROWS_WITH(paused(numbers, "0 1s 1s"),
                    Catch::Contains("there is no node '0'; nodes have names, such as 1; it takes"));
  CHECK_THROWS_WITH((Faults{.outages = {.schedule = {"Bern Oslo 1s 1s"}}}.require({graph, words}, 3)),
                    Catch::Contains("there is no edge between Bern and Oslo"));
}

TEST_CASE("faults that cannot be meant are refused") {
  const auto refused = [](const Faults& faults) {
    try {
      faults.require(path(3), 3);
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  CHECK(refused({}) == "faults: there are none; it takes loss, jitter, outages, pauses, crashes");
  CHECK(refused({.loss = {{}, 1ms}}) == "loss: retransmit_after has no effect without probability");
  CHECK(refused({.loss = {0., 1ms}}) == "no error");  // As one of several in a sweep.
  CHECK(refused({.outages = {.every = 1s}}) == "outages: every and lasting belong together");
  CHECK(refused({.pauses = {.every = 0s, .lasting = 1s}}) == "pauses: every has to be above 0");
  CHECK(refused({.pauses = {.every = 1s, .lasting = 1s, .schedule = {"1 1s 1s"}}}) ==
        "pauses: one of every, schedule and path, not several");
  const std::string edge = "; it takes `0 1 2s 500ms`: two nodes, when it begins and how long it lasts";
  CHECK(refused({.outages = {.schedule = {"0 2 1s 1s"}}}) ==
        "outages: schedule: '0 2 1s 1s': there is no edge between 0 and 2" + edge);
  CHECK(refused({.outages = {.schedule = {"0 1 1s"}}}) == "outages: schedule: '0 1 1s': has 3 words" + edge);
  CHECK(refused({.outages = {.schedule = {"0 1 1s 3"}}}) ==
        "outages: schedule: '0 1 1s 3': a time has no unit, or is none" + edge);
  CHECK(
      refused({.pauses = {.schedule = {"3 1s 1s"}}}) ==
      "pauses: schedule: '3 1s 1s': there is no node '3'; it takes `3 2s 500ms`: a node, when it begins and "
      "how long it lasts");
  CHECK(refused({.outages = {.schedule = {"1 0 1s 1s"}}}) == "no error");
}

}  // namespace
}  // namespace gossamer
