#include "sim/speed_profile.hpp"

#include <catch2/catch.hpp>

#include "sim/networks/max_min_fair.hpp"
#include "sim/networks/sites.hpp"
#include "sim/random.hpp"
#include "tests/sim/support.hpp"

namespace gossamer {
namespace {

using Pieces = std::vector<std::string>;

TEST_CASE("work takes as long as the integral of the speed needs") {
  const SpeedProfile profile(Pieces{"10ms 0.5", "20ms 0", "30ms 2"});
  CHECK(profile.end_of(at(0ms), 4ms) == at(4ms));
  CHECK(profile.end_of(at(0ms), 12ms) == at(14ms));
  CHECK(profile.end_of(at(0ms), 15ms) == at(20ms));
  CHECK(profile.end_of(at(0ms), 16ms) == at(30ms + 500us));
  CHECK(profile.end_of(at(25ms), 8ms) == at(34ms));
  CHECK(profile.end_of(at(1h), 8ms) == at(1h + 4ms));
  CHECK(profile.end_of(at(25ms), 0ms) == at(25ms));
  CHECK(SpeedProfile().end_of(at(1ms), 2ms) == at(3ms));
  CHECK(SpeedProfile(Pieces{"0s 0.25"}).end_of(at(1ms), 2ms) == at(9ms));
  CHECK(SpeedProfile(Pieces{"0s 3"}).end_of(at(0ms), 1ns) == at(1ns));  // Rounded up.
}

TEST_CASE("work in parts ends when all of it does, to what a part loses at a nanosecond's rounding") {
  Rng rng(3);
  const SpeedProfile profile(Pieces{"5us 0.3", "9us 1.7", "15us 0.01", "40us 1"});
  for (int trial = 0; trial < 2'000; ++trial) {
    const auto begin = static_cast<std::int64_t>(rng.below(40'000));
    const auto a = static_cast<std::int64_t>(rng.below(5'000)),
               b = static_cast<std::int64_t>(rng.below(5'000));
    const Instant whole = profile.end_of(at(Duration{begin}), Duration{a + b});
    const Instant parts = profile.end_of(profile.end_of(at(Duration{begin}), Duration{a}), Duration{b});
    REQUIRE(parts >= whole);
    REQUIRE(parts - whole <= 171ns);  // A nanosecond at a speed of 1.7, made good for at 0.01.
  }
}

TEST_CASE("pieces of a profile that are none are refused") {
  const std::string takes =
      "; it takes `10s 0.25`: from when on, and which share of the full speed, up to 1000";
  CHECK_THROWS_WITH(SpeedProfile(Pieces{"10s"}), "'10s' is no piece" + takes);
  CHECK_THROWS_WITH(SpeedProfile(Pieces{"10 1"}), "'10 1' is no piece" + takes);
  CHECK_THROWS_WITH(SpeedProfile(Pieces{"10s 1 2"}), "'10s 1 2' is no piece" + takes);
  CHECK_THROWS_WITH(SpeedProfile(Pieces{"10s -1"}), "'10s -1' has no such share" + takes);
  CHECK_THROWS_WITH(SpeedProfile(Pieces{"10s 1", "10s 2"}),
                    "'10s 2' comes no later than the piece above" + takes);
  CHECK_THROWS_WITH(SpeedProfile(Pieces{"10s 0"}),
                    "'10s 0' is the last piece, whose share cannot be 0" + takes);
}

/// One link of 100 Mbit/s and no latency, whose speed is that of these pieces.
template <class Model>
World world_of(const Pieces& pieces, NodeId leaves = 1) {
  const Adjacency graph = star(leaves);
  Links links = shared_access(leaves);
  for (LinkParameters& link : links.parameters) link.latency = 0ms;
  add_speeds(pieces, {}, links);
  return {graph, std::make_unique<Model>(std::move(links), Bytes{0})};
}

Process send_at(Worker self, NodeId to, Duration when, std::int64_t bytes) {
  co_await self.sleep(when);
  self.send(to, Packet{byte_count(bytes)});
}
Process note_arrival(Worker self, NodeId from, Instant& when) {
  co_await self.receive<Packet>(from);
  when = self.now();
}

TEST_CASE("a link whose speed changes takes as long as its transmissions need") {
  // 1 MB at 100 Mbit/s is 80 ms of work; from 40 ms on the speed is a quarter. A second one follows.
  World world = world_of<StoreAndForward>({"40ms 0.25"});
  for (int k = 0; k < 2; ++k) world.spawn(0, send_at, 1, 0ms, 1'000'000);
  world->run();
  CHECK(world->now() == at(40ms + 4 * 120ms));
  CHECK(world.link(0).busy == 40ms + 4 * 120ms);
}

TEST_CASE("flows share what speed a link has") {
  struct Case {
    Pieces pieces;
    Duration second;  ///< When the second of two messages of 1 MB starts.
    Duration ends[2];
  };
  const Case cases[] = {
      // Alone until 40 ms at full speed, then both with an eighth.
      {{"40ms 0.25"}, 40ms, {40ms + 8 * 40ms, 40ms + 8 * 40ms + 4 * 40ms}},
      // Nothing from 10 to 30 ms: the first waits, and shares from then on with the second.
      {{"10ms 0", "30ms 1"}, 20ms, {30ms + 2 * 70ms, 30ms + 2 * 70ms + 10ms}},
      // The first leaves at the instant at which the link stops, and the second comes.
      {{"80ms 0", "100ms 2"}, 80ms, {80ms, 140ms}},
      // Speeds that changed while nothing was on its way.
      {{"100ms 0.5", "200ms 0.25", "300ms 4"}, 300ms, {80ms, 320ms}},
  };
  for (const Case& of : cases) {
    World world = world_of<MaxMinFair>(of.pieces, 2);
    Instant ends[2];
    for (NodeId i = 0; i < 2; ++i) {
      world.spawn(i, send_at, 2, i == 0 ? 0ms : of.second, 1'000'000);
      world.spawn(2, note_arrival, i, ends[i]);
    }
    world->run();
    CHECK(ends[0] == at(of.ends[0]));
    CHECK(ends[1] == at(of.ends[1]));
  }
}

TEST_CASE("twelve flows that one link limits slow down and stop together") {
  World world = world_of<MaxMinFair>({"120ms 0.5", "240ms 0", "1s 1"}, 12);
  std::vector<Instant> ends(12);
  for (NodeId i = 0; i < 12; ++i) {
    world.spawn(i, send_at, 12, 0ms, 250'000);  // 20 ms each alone, 240 ms together
    world.spawn(12, note_arrival, i, ends[static_cast<std::size_t>(i)]);
  }
  world->run();
  for (const Instant end : ends) CHECK(end == at(1s + 60ms));
}

TEST_CASE("a message alone takes as long, be links shared or first come, first served") {
  Rng rng(7);
  for (int trial = 0; trial < 500; ++trial) {
    Pieces pieces;
    Duration when{};
    for (int k = 0; k < 4; ++k) {
      when += Duration{1 + static_cast<std::int64_t>(rng.below(40'000'000))};
      pieces.push_back(text_of(when) + " " +
                       std::to_string(k == 3 ? 1.0 : 0.25 * static_cast<double>(rng.below(8))));
      pieces.back().erase(pieces.back().find(' '), 1);  // "12 ns": a piece has no blank in its time.
    }
    const auto start = Duration{static_cast<std::int64_t>(rng.below(100'000'000))};
    const auto bytes = static_cast<std::int64_t>(rng.below(1'000'000));
    const auto end_by = [&]<class Model>(Model*) {
      World world = world_of<Model>(pieces);
      world.spawn(0, send_at, 1, start, bytes);
      world->run();
      return world->now();
    };
    const Duration difference =
        end_by(static_cast<StoreAndForward*>(nullptr)) - end_by(static_cast<MaxMinFair*>(nullptr));
    INFO(trial);
    REQUIRE(difference >=
            -2ns);               // First come, first served rounds the work up to a nanosecond at full speed,
    REQUIRE(difference <= 4ns);  // which may be four at a quarter.
  }
}

TEST_CASE("speeds of a file are those of all links or of one, and mistakes have their lines") {
  const Adjacency graph = path(3);
  const std::vector<std::string> counted_from_1 = {"1", "2", "3"};
  bool named = false;
  const auto with = [&](const std::string& text, LinkParameters link = reference_link) {
    Traffic traffic{graph};
    if (named) traffic.names = counted_from_1;
    Links links = OwnEdges{}.make(traffic, link);
    InputFile file("speeds.txt");
    file.content = std::make_shared<const std::string>(text);
    add_speeds({}, file, links);
    return links;
  };
  const Links links = with("# all\n10s 0.5\n1 2 0s 0.25\n20s 1\n1 2 5s 2\n");
  const auto share = [&](NodeId from, NodeId to, Instant when) {
    return static_cast<double>(links.speeds[static_cast<std::size_t>(graph.arc(from, to))]->share_at(when)) /
           SpeedProfile::full;
  };
  CHECK(share(0, 1, at(9s)) == 1);
  CHECK(share(2, 1, at(10s)) == 0.5);
  CHECK(share(0, 1, at(1h)) == 1);
  CHECK(share(1, 2, at(0s)) == 0.25);
  CHECK(share(1, 2, at(10s)) == 2);

  const std::string takes = "it takes `10s 0.25`, or `0 1 10s 0.25` for the link from 0 to 1";
  CHECK_THROWS_WITH(with("10s 0.5 1\n"), "speeds.txt:1: " + takes);
  CHECK_THROWS_WITH(with("a b 10s 1\n"), "speeds.txt:1: there is no link from a to b");
  CHECK_THROWS_WITH(with("1s 1\n0 2 10s 1\n"), "speeds.txt:2: there is no link from 0 to 2");
  CHECK_THROWS_WITH(with("1s 1\n1s 0.5\n"), Catch::StartsWith("speeds.txt:2: '1s 0.5' comes no later than"));
  CHECK_THROWS_WITH(with("1s 0\n"), "speeds.txt: the last share of a link cannot be 0");
  CHECK_THROWS_WITH(with("# nothing\n"), "speeds.txt: has no speed; it takes lines `10s 0.25`");
  CHECK_THROWS_WITH(with("1s 0.5\n", {1ms, Bandwidth::unlimited()}),
                    "speed_file: has no effect, as no link has a bandwidth");

  named = true;
  const Links of_names = with("1 2 0s 0.25\n");
  CHECK(of_names.speeds[static_cast<std::size_t>(graph.arc(0, 1))]->share_at(at(0s)) ==
        SpeedProfile::full / 4);
  CHECK_THROWS_WITH(with("0 1 10s 1\n"),
                    "speeds.txt:1: there is no link from 0 to 1; ends have names, such as 1");
}

TEST_CASE("speeds of links between sites are given by names") {
  const Adjacency graph = path(2);
  const std::vector<std::string> names = {"a", "Oslo"};
  const auto with = [&](const std::string& text, SiteMap map) {
    map.sites = map.homes = 2;
    map.join(0, 1, reference_link);
    Links links =
        AccessLinks{}.make({.graph = graph, .names = names}, reference_link, map, {0, 1}, Routing::hops);
    InputFile file("speeds.txt");
    file.content = std::make_shared<const std::string>(text);
    add_speeds({}, file, links);
    std::vector<std::pair<NodeId, NodeId>> slower;
    for (std::size_t l = 0; l < links.ends.size(); ++l) {
      if (links.speeds[l]->share_at(at(0s)) < SpeedProfile::full) slower.push_back(links.ends[l]);
    }
    return slower;
  };
  using Ends = std::vector<std::pair<NodeId, NodeId>>;
  const SiteMap cities{.names = {"Bern", "Oslo"}};
  CHECK(with("Bern Oslo 0s 0.5\n", cities) == Ends{{2, 3}});
  CHECK(with("Oslo Bern 0s 0.5\n", cities) == Ends{{3, 2}});
  CHECK(with("a Bern 0s 0.5\n", cities) == Ends{{0, 2}});
  CHECK(with("a site0 0s 0.5\n", {}) == Ends{{0, 2}});
  CHECK(with("2 3 0s 0.5\n", {}) == Ends{{2, 3}});  // No name is a number.
  CHECK_THROWS_WITH(
      with("Oslo Oslo 0s 0.5\n", cities),
      "speeds.txt:1: there are several links from Oslo to Oslo, as a node and a site have one name");
}

}  // namespace
}  // namespace gossamer
