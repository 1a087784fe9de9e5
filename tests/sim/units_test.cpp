#include "sim/units.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>

#include "sim/random.hpp"

namespace gossamer {
namespace {

using namespace std::chrono_literals;
__extension__ using Wide = unsigned __int128;

constexpr std::int64_t greatest = std::numeric_limits<std::int64_t>::max();

/// Of all magnitudes alike.
std::int64_t random_count(Rng& rng) {
  return static_cast<std::int64_t>(rng.next() >> (1 + rng.below(63)));
}

TEST_CASE("quantities are read exactly, with their units") {
  const std::pair<const char*, Duration> durations[] = {
      {"0 s", 0ns},         {"7 ns", 7ns},
      {"3 us", 3us},        {"10 ms", 10ms},
      {"10ms", 10ms},       {"1.5 s", 1'500ms},
      {"2 min", 2min},      {"1.25 h", 75min},
      {".5 us", 500ns},     {"0.1 s", 100ms},
      {"0.001 us", 1ns},    {"9223372036.854775807 s", Duration::max()},
      {"1.000 ns", 1ns},    {"9223372036854775807 ns", Duration::max()},
      {"012 ms", 12'000us}, {"1e3 ms", 1s},
      {"1.5E+1 us", 15us},  {"1e-3 s", 1ms},
      {"0e5 ns", 0ns},      {"120e-1 ns", 12ns}};
  for (const auto& [text, expected] : durations) {
    CAPTURE(text);
    CHECK(parse_duration(text) == expected);
  }
  const std::pair<const char*, std::int64_t> bandwidths[] = {{"1 bit/s", 1},
                                                             {"9.6 kbit/s", 9'600},
                                                             {"100 Mbit/s", 100'000'000},
                                                             {"2.5 Gbit/s", 2'500'000'000},
                                                             {"1 Tbit/s", 1'000'000'000'000},
                                                             {"1e9 bit/s", 1'000'000'000}};
  for (const auto& [text, expected] : bandwidths) {
    CAPTURE(text);
    CHECK(parse_bandwidth(text) == Bandwidth{expected});
  }
  CHECK(parse_bandwidth("unlimited") == Bandwidth::unlimited());
  const std::pair<const char*, std::int64_t> sizes[] = {{"1 bit", 1},
                                                        {"40 B", 320},
                                                        {"1.5 kB", 12'000},
                                                        {"0.125 B", 1},
                                                        {"3 kbit", 3'000},
                                                        {"2 MB", 16'000'000},
                                                        {"2 Mbit", 2'000'000},
                                                        {"0 B", 0},
                                                        {"1 GB", 8'000'000'000},
                                                        {"1 Gbit", 1'000'000'000},
                                                        {"2 TB", 16'000'000'000'000},
                                                        {"1 Tbit", 1'000'000'000'000}};
  for (const auto& [text, expected] : sizes) {
    CAPTURE(text);
    CHECK(parse_size(text) == Bits{expected});
  }
}

TEST_CASE("times and bandwidths are rounded to the nearest ns and bit/s, and nothing but 0 to 0") {
  const std::pair<const char*, std::int64_t> durations[] = {
      {"5.7291859440607205ms", 5'729'186},
      {"3.33333333 ms", 3'333'333},
      {"3.3333335 ms", 3'333'334},
      {"0.5 ns", 1},
      {"1.49999999999999999999999999 ns", 1},
      {"0.33333333333333333333333333333 s", 333'333'333},
      {"99999.9999999999999999999999999 ns", 100'000},
      {"5.7291859440607205e-3 s", 5'729'186},
      {"1e-9 s", 1},
      {"0.00000000000000000000001e15 s", 10},
      {"2.7755575615628914e-17 h", 0}};
  for (const auto& [text, expected] : durations) {
    CAPTURE(text);
    CHECK(parse_duration(text) == (expected > 0 ? std::optional(Duration{expected}) : std::nullopt));
  }
  CHECK(parse_bandwidth("3.3333333333 Mbit/s") == Bandwidth{3'333'333});
  CHECK(parse_bandwidth("1.5 kbit/s") == Bandwidth{1500});
  CHECK(parse_bandwidth("1.5 bit/s") == std::nullopt);  // A part of little would be much.
  CHECK(parse_size("0.3 B") == std::nullopt);           // Bits are counted.
}

TEST_CASE("what is no quantity, or does not fit, is refused") {
  for (const char* text : {"",
                           "ms",
                           "10",
                           "0",
                           "-1 ms",
                           "+1 ms",
                           " 1 ms",
                           "1 ms ",
                           "1\tms",
                           "1e ms",
                           "1e- ms",
                           "e3 ms",
                           "1e3",
                           "1e1.5 ms",
                           "1e-10 s",
                           "1e13 ms",
                           "1e999999999999 ms",
                           "1e-999999999999 h",
                           "1.2.3 ms",
                           ". ms",
                           "1,5 ms",
                           "0x1 ms",
                           "1 m",
                           "1 MS",
                           "1 ms/s",
                           "unlimited",
                           "inf s",
                           "nan s",
                           "1 bit/s",
                           "0.4 ns",
                           "1e-40 s",
                           "0.0000000001 s",
                           "9223372036854775808 ns",
                           "9223372036.854775808 s",
                           "2562048 h",
                           "99999999999999999999 ns",
                           "0.0000000000000000001 h"}) {
    CAPTURE(text);
    CHECK(parse_duration(text) == std::nullopt);
  }
  for (const char* text :
       {"100", "0 bit/s", "0.4 bit/s", "-1 bit/s", "1 Mbit", "1 MB/s", "1 Mbps", "Unlimited"}) {
    CAPTURE(text);
    CHECK(parse_bandwidth(text) == std::nullopt);
  }
  for (const char* text : {"40", "0.5 bit", "1 KB", "1 Mbit/s", "unlimited", "1152921504606846976 B"}) {
    CAPTURE(text);
    CHECK(parse_size(text) == std::nullopt);
  }
}

TEST_CASE("text_of is read back as the same value") {
  Rng rng(1);
  for (int i = 0; i < 2'000; ++i) {
    const std::int64_t count = random_count(rng);
    CAPTURE(count);
    REQUIRE(parse_duration(text_of(Duration{count})) == Duration{count});
    REQUIRE(parse_bandwidth(text_of(Bandwidth{count})) == Bandwidth{count});  // 0: unlimited.
    REQUIRE(parse_size(text_of(Bits{count})) == Bits{count});
  }
  CHECK(text_of(Duration{0}) == "0 ns");
  CHECK(text_of(Duration{90min}) == "90 min");
  CHECK(text_of(Bandwidth{1'500'000}) == "1500 kbit/s");
  CHECK(text_of(Bits{1'000'000'000}) == "125 MB");
}

TEST_CASE("times are written for people in milliseconds") {
  CHECK(to_string(Duration{2'080'500}) == "2.080500 ms");
  CHECK(to_string(Instant{}) == "0.000000 ms");
  CHECK(to_string(Instant::max()) == "9223372036854.775807 ms");
  CHECK(seconds(Duration{1'500ms}) == 1.5);
}

TEST_CASE("bits fill ceil(bits / 8) bytes") {
  const std::pair<std::int64_t, std::int64_t> cases[] = {{0, 0}, {1, 1}, {7, 1},
                                                         {8, 1}, {9, 2}, {greatest, std::int64_t{1} << 60}};
  for (const auto& [bits, bytes] : cases) CHECK(Bits{bits}.bytes() == bytes);
}

TEST_CASE("a transmission takes the least whole t with t * bandwidth >= bits * 10^9") {
  Rng rng(2);
  int fitted = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::int64_t bytes = random_count(rng), bps = std::max<std::int64_t>(1, random_count(rng));
    CAPTURE(bytes, bps);
    const Wide work = static_cast<Wide>(bytes) * 8'000'000'000ULL;
    if (work > static_cast<Wide>(greatest) * static_cast<Wide>(bps)) {
      REQUIRE_THROWS_AS(transmission_time(bytes, {bps}), std::overflow_error);
      continue;
    }
    ++fitted;
    const std::int64_t time = transmission_time(bytes, {bps}).count();
    REQUIRE(static_cast<Wide>(time) * static_cast<Wide>(bps) >= work);
    REQUIRE((time == 0 || static_cast<Wide>(time - 1) * static_cast<Wide>(bps) < work));
  }
  CHECK(std::clamp(fitted, 1'000, 19'000) == fitted);  // Both branches are tried.
}

TEST_CASE("nothing outlasts the clock silently") {
  // At 8 Gbit/s a byte takes 1 ns; at 8 bit/s it takes 1 s, and the clock holds 9223372036 of these.
  CHECK(transmission_time(greatest, {8'000'000'000}) == Duration::max());
  CHECK(transmission_time(9'223'372'036, {8}) == 9'223'372'036s);
  CHECK_THROWS_WITH(transmission_time(9'223'372'037, {8}),
                    "a transmission of 9223372037 bytes at 8 bit/s outlasts the simulated clock (292 years)");
  CHECK(transmission_time(greatest, Bandwidth::unlimited()) == 0ns);
  CHECK(transmission_time(Bits{42}, {1'000'000'000}) == 42ns);
  CHECK(transmission_time(Bits{7}, {2'000'000'000}) == 4ns);
  CHECK_THROWS_WITH(transmission_time(Bits{9'223'372'037}, {1}),
                    "a transmission of 9223372037 bits at 1 bit/s outlasts the simulated clock (292 years)");

  CHECK(later(Instant{1ms}, 2ms) == Instant{3ms});
  CHECK(later(Instant{1ns}, Duration::max() - 1ns) == Instant::max());
  CHECK_THROWS_AS(later(Instant{1ns}, Duration::max()), std::overflow_error);
}

}  // namespace
}  // namespace gossamer
