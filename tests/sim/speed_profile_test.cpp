#include "sim/speed_profile.hpp"

#include <catch2/catch.hpp>

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
  CHECK_THROWS_WITH(SpeedProfile(Pieces{"10s"}), "'10s': is no piece" + takes);
  CHECK_THROWS_WITH(SpeedProfile(Pieces{"10 1"}), "'10 1': is no piece" + takes);
  CHECK_THROWS_WITH(SpeedProfile(Pieces{"10s 1 2"}), "'10s 1 2': is no piece" + takes);
  CHECK_THROWS_WITH(SpeedProfile(Pieces{"10s -1"}), "'10s -1': no such share" + takes);
  CHECK_THROWS_WITH(SpeedProfile(Pieces{"10s 1", "10s 2"}), "'10s 2': comes before the piece above" + takes);
  CHECK_THROWS_WITH(SpeedProfile(Pieces{"10s 0"}), "'10s 0': the last share cannot be 0" + takes);
}

TEST_CASE("a link whose speed changes takes as long as its transmissions need") {
  // 1 MB at 100 Mbit/s is 80 ms of work; from 40 ms on the speed is a quarter. A second one follows.
  const Adjacency graph = path(2);
  const auto sender = [](Worker self) -> Process {
    for (int k = 0; k < 2; ++k) self.send(1, Packet{byte_count(1'000'000)});
    co_return;
  };
  World world(graph, std::make_unique<StoreAndForward>(OwnEdges{}.make({graph}, reference_link), Bytes{0},
                                                       std::nullopt, SpeedProfile(Pieces{"40ms 0.25"})));
  world.spawn(0, sender);
  world->run();
  CHECK(world->now() == at(1ms + 40ms + 4 * 120ms));
  CHECK(world.link(0).busy == 40ms + 4 * 120ms);
}

}  // namespace
}  // namespace gossamer
