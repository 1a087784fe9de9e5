#include "algorithms/compressors/bits.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "sim/random.hpp"
#include "tests/compressors/definitions.hpp"
#include "tests/compressors/samples.hpp"

namespace gossamer {
namespace {

using namespace testing;

struct Number {
  std::uint64_t value;
  int bits;
};

std::vector<Number> random_numbers(int count, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<Number> numbers;
  for (int i = 0; i < count; ++i) {
    const int bits = static_cast<int>(rng.below(65));
    const std::uint64_t value = rng.next();
    numbers.push_back({bits == 0 ? 0 : value >> (64 - bits), bits});
  }
  return numbers;
}

TEST_CASE("numbers of 0 to 64 bits come back from any offset", "[bits]") {
  for (const std::uint64_t seed : {1, 2, 3, 4, 5, 6, 7, 8}) {
    const std::vector<Number> numbers = random_numbers(1000, seed);
    BitWriter out;
    if (seed % 2 == 0) out.reserve({10000});
    std::int64_t size = 0;
    for (const auto& [value, bits] : numbers) {
      out.put(value, bits);
      REQUIRE(out.size() == Bits{size += bits});
    }
    const Encoded message = out.finish();
    REQUIRE(message.bits == Bits{size});
    REQUIRE(message.bits_paper == Bits{size});
    REQUIRE(std::ssize(message.bytes) == Bits{size}.bytes());
    BitReader in(message);
    for (const auto& [value, bits] : numbers) REQUIRE(in.get(bits) == value);
    REQUIRE_NOTHROW(in.finish());
  }
}

TEST_CASE("bytes stand behind any number of bits", "[bits]") {
  const std::vector<Number> words = random_numbers(3, 5);
  const auto bytes = std::as_bytes(std::span(words));
  for (int offset = 0; offset <= 64; ++offset) {
    BitWriter out;
    out.put(0, offset);
    out.put_bytes(bytes);
    out.put_bytes(bytes.first(0));
    out.put(1, 3);
    const Encoded message = out.finish();
    REQUIRE(message.bits == Bits{offset + 8 * std::ssize(bytes) + 3});
    BitReader in(message);
    in.skip({offset});
    std::vector<std::byte> read(bytes.size());
    in.get_bytes(read);
    REQUIRE(std::ranges::equal(read, bytes));
    REQUIRE(in.left() == Bits{3});
    REQUIRE(in.get(3) == 1);
  }
}

TEST_CASE("the first bit is the least significant of the first byte", "[bits]") {
  BitWriter out;
  out.put(1, 1);
  out.put(0x2bc, 10);
  const Encoded message = out.finish();
  REQUIRE(message.bytes == std::vector{std::byte{0x79}, std::byte{0x05}});
  REQUIRE(out.finish().bits == Bits{0});
}

TEST_CASE("reads beyond the end throw, and so do bits left over", "[bits]") {
  BitWriter out;
  out.put(0x1f, 5);
  const Encoded message = out.finish();
  BitReader in(message);
  REQUIRE_THROWS_AS(in.get(6), CorruptMessage);
  REQUIRE_THROWS_AS(in.skip({6}), CorruptMessage);
  std::array<std::byte, 1> byte;
  REQUIRE_THROWS_AS(in.get_bytes(byte), CorruptMessage);
  REQUIRE(in.get(4) == 0xf);
  REQUIRE_THROWS_WITH(in.finish(), "the message has 1 bits too many");
  REQUIRE(in.get(1) == 1);
  REQUIRE(in.get(0) == 0);
  REQUIRE_NOTHROW(in.finish());
  REQUIRE_THROWS_AS(in.get(1), CorruptMessage);

  for (const std::int64_t bits : {-1, 0, 9, 1000}) {
    Encoded wrong = message;
    wrong.bits = {bits};
    REQUIRE_THROWS_AS(BitReader(wrong), CorruptMessage);
  }
}

TEST_CASE("a paper's count replaces what it is about", "[bits]") {
  BitWriter out;
  out.put(0, 10);
  const Bits begin = out.size();
  out.put(0, 64);
  out.recount(begin, {7});
  out.put(0, 1);
  const Encoded message = out.finish();
  REQUIRE(message.bits == Bits{75});
  REQUIRE(message.bits_paper == Bits{18});
  REQUIRE(out.finish().bits_paper == Bits{0});
}

TEST_CASE("rounding up to the wire", "[bits]") {
  REQUIRE(rounded_up(0.1, Wire::float64) == 0.1);
  Rng rng(1);
  for (int i = 0; i < 1000; ++i) {
    const double x = std::exp2(300 * rng.uniform() - 160);
    const double up = rounded_up(x, Wire::float32);
    REQUIRE(up == static_cast<double>(static_cast<float>(up)));
    REQUIRE(up >= x);
    REQUIRE(static_cast<double>(std::nextafter(static_cast<float>(up), 0.0f)) < x);
  }
  REQUIRE(rounded_up(0, Wire::float32) == 0);
  REQUIRE(rounded_up(0.5, Wire::float32) == 0.5);
  REQUIRE(rounded_up(0x1p-1074, Wire::float32) == 0x1p-149);
  REQUIRE(std::isinf(rounded_up(std::nextafter(0x1.fffffep127, 1e39), Wire::float32)));
}

TEST_CASE("all numbers of 16 bits, what lies between them, and what is beyond", "[bits]") {
  const auto pattern_of = [](double x, Wire wire) {
    BitWriter out;
    put_scale(x, wire, out);
    const Encoded message = out.finish();
    REQUIRE(message.bits == Bits{16});
    return BitReader(message).get(16);
  };
  const auto number_of = [](std::uint64_t pattern, Wire wire) {
    const Encoded message = message_of({{pattern, 16}});
    BitReader in(message);
    return get_real(in, wire);
  };
  constexpr std::uint64_t minus = 0x8000;
  for (const Wire wire : {Wire::float16, Wire::bfloat16}) {
    const std::vector<double>& numbers = table_of(wire);
    const std::uint64_t beyond = numbers.size();  // The pattern of infinity; NaNs are above.
    REQUIRE(beyond == (wire == Wire::float16 ? 0x7c00 : 0x7f80));
    REQUIRE(numbers.back() == range_of(wire).largest);
    for (std::uint64_t pattern = 0; pattern < beyond; ++pattern) {
      const double x = numbers[pattern];
      REQUIRE(number_of(pattern, wire) == x);
      REQUIRE(number_of(pattern | minus, wire) == -x);
      REQUIRE(pattern_of(x, wire) == pattern);
      REQUIRE(pattern_of(-x, wire) == (pattern | minus));
      REQUIRE(rounded_up(x, wire) == x);
      const bool is_last = pattern + 1 == beyond;
      const double next = is_last ? 2 * x - numbers[pattern - 1] : numbers[pattern + 1];
      const double middle = (x + next) / 2;
      REQUIRE(pattern_of(std::nextafter(middle, 0), wire) == pattern);
      REQUIRE(pattern_of(-std::nextafter(middle, 0), wire) == (pattern | minus));
      if (is_last) {
        REQUIRE_THROWS_AS(pattern_of(middle, wire), WireError);
        REQUIRE(std::isinf(rounded_up(std::nextafter(x, next), wire)));
        continue;
      }
      REQUIRE(pattern_of(middle, wire) == pattern + pattern % 2);
      REQUIRE(pattern_of(-middle, wire) == (pattern + pattern % 2 | minus));
      REQUIRE(pattern_of(std::nextafter(middle, next), wire) == pattern + 1);
      REQUIRE(rounded_up(std::nextafter(x, next), wire) == next);
    }
    for (std::uint64_t pattern = beyond; pattern < minus; ++pattern) {
      REQUIRE_THROWS_AS(number_of(pattern, wire), CorruptMessage);
      REQUIRE_THROWS_AS(number_of(pattern | minus, wire), CorruptMessage);
    }
    REQUIRE(pattern_of(0x1p-1074, wire) == 0);
    REQUIRE_THROWS_AS(pattern_of(1e308, wire), WireError);
  }
}

TEST_CASE("reals are refused on both sides where they are not finite", "[bits]") {
  for (const Wire wire : wires) {
    for (const int offset : {0, 3}) {
      BitWriter out;
      out.put(0, offset);
      put_coordinate(7, -1.5, wire, out);
      put_scale(2.5, wire, out);
      REQUIRE_THROWS_WITH(put_coordinate(7, std::nan(""), wire, out), Catch::StartsWith("coordinate 7 of a"));
      REQUIRE_THROWS_WITH(put_scale(std::numeric_limits<double>::infinity(), wire, out),
                          Catch::StartsWith("the scale of a message, inf, is not"));
      const Encoded message = out.finish();  // The refused ones are in it.
      BitReader in(message);
      in.skip({offset});
      REQUIRE(get_real(in, wire) == -1.5);
      REQUIRE(get_real(in, wire) == 2.5);
      REQUIRE_THROWS_AS(get_real(in, wire), CorruptMessage);
      REQUIRE_THROWS_AS(get_real(in, wire), CorruptMessage);
    }
  }
}

}  // namespace
}  // namespace gossamer
