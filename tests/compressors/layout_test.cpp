// The format of messages, so that it cannot change unnoticed.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <map>

#include "tests/compressors/samples.hpp"

namespace gossamer {
namespace {

using namespace testing;

std::string hex(const Encoded& message) {
  std::string text;
  for (const std::byte byte : message.bytes) text += fmt::format("{:02x}", std::to_integer<int>(byte));
  return text;
}

/// The message of (1, -2, 0, 0.5, -0.25).
std::string example(const Compressor& compressor, Wire wire = Wire::float32) {
  const Vector x{{1, -2, 0, 0.5, -0.25}};
  Rng rng(5);
  return hex(encode(compressor, x, wire, rng));
}

std::string hex_of(std::initializer_list<std::pair<std::uint64_t, int>> numbers) {
  return hex(message_of(numbers));
}

std::uint64_t word(float x) {
  return std::bit_cast<std::uint32_t>(x);
}

TEST_CASE("numbers begin with their least significant bit, bytes too", "[layout]") {
  CHECK(example(Identity{}) == "0000803f000000c0000000000000003f000080be");
  CHECK(example(Identity{}, Wire::float64) ==
        "000000000000f03f00000000000000c00000000000000000000000000000e03f000000000000d0bf");
  CHECK(example(Identity{}, Wire::float16) == "003c00c00000003800b4");
  CHECK(example(Identity{}, Wire::bfloat16) == "803f00c00000003f80be");
  CHECK(example(ScaledSign{}) == "0000403f12");
  CHECK(example(ScaledSign{}, Wire::float64) == "000000000000e83f12");
  CHECK(example(ScaledSign{}, Wire::float16) == "003a12");
  CHECK(example(ScaledSign{}, Wire::bfloat16) == "403f12");
  CHECK(example(TopK{.k = 2}) == "000000fc0900000030");
}

TEST_CASE("the fields of messages", "[layout]") {
  // From the last coordinate to the first, as bits are written in numbers.
  constexpr std::uint64_t signs = 0b1'0'0'1'0;
  CHECK(example(Sign{}) == hex_of({{signs, 5}}));
  CHECK(example(ScaledSign{}) == hex_of({{word(0.75f), 32}, {signs, 5}}));
  CHECK(example(Ternary{}) == hex_of({{word(2), 32}, {0b00'01'00'11'01, 10}}));
  CHECK(example(Threshold{}) == hex_of({{word(1.5f), 32}, {0b00'00'00'11'01, 10}}));
  CHECK(example(Threshold{.optimal = true}) == hex_of({{word(1.5f), 32}, {0b00'00'00'11'01, 10}}));
  // Levels 2, 3, 0, 1, 0 of 4, each before its sign; sqrt(5.3125) rounded up.
  CHECK(example(Qsgd{.levels = 4}) ==
        hex_of({{word(2.3048863f), 32}, {0b000'1'001'0'000'0'011'1'010'0, 20}}));

  CHECK(example(TopK{.k = 2}) == hex_of({{0, 3}, {word(1), 32}, {1, 3}, {word(-2), 32}}));
  CHECK(example(RandomK{.k = 2}) == hex_of({{2, 3}, {word(0), 32}, {4, 3}, {word(-0.25f), 32}}));
  CHECK(example(RandomK{.k = 2, .unbiased = true}) ==
        hex_of({{2, 3}, {word(0), 32}, {4, 3}, {word(-0.625f), 32}}));
  CHECK(example(RandomK{.k = 2, .shared_seed = true}) ==
        hex_of({{0x4ac202caf347fc1e, 64}, {word(0), 32}, {word(-0.25f), 32}}));
  CHECK(Rng(5).next() == 0x4ac202caf347fc1e);

  // c = 1 / 1.75: (1 + 0.5 + 0.25) / 1.75 = k - 1, and -2 is sent whole.
  CHECK(example(SparsifyMinVariance{.k = 2}) ==
        hex_of({{3, 32}, {0, 3}, {word(1.75f), 32}, {1, 3}, {word(-2), 32}, {3, 3}, {word(1.75f), 32}}));
  CHECK(example(SparsifyUniform{.k = 2}) ==
        hex_of({{3, 32}, {0, 3}, {word(2.5f), 32}, {2, 3}, {word(0), 32}, {3, 3}, {word(1.25f), 32}}));
}

/// FNV-1a.
std::uint64_t hash(std::span<const std::byte> bytes, std::uint64_t hash) {
  for (const std::byte byte : bytes) hash = (hash ^ std::to_integer<std::uint64_t>(byte)) * 0x100000001b3;
  return hash;
}

TEST_CASE("longer messages are the same for every compiler, build type and instruction set", "[layout]") {
  const std::map<std::string, std::uint64_t> expected = {
      {"identity", 0x68eebca2d9f2dfff},
      {"sign", 0x1860176cb658600b},
      {"scaled_sign", 0xf7e920059b8ee7a1},
      {"ternary", 0xd83d3c431a9bd55e},
      {"threshold", 0xa2029d19f38a6a77},
      {"threshold, optimal", 0xc19ae42cb9a69f76},
      {"qsgd, 1 level", 0x75e4ed1ec3bdffae},
      {"qsgd, 5 levels", 0x0bf64346171a8fd6},
      {"qsgd, 10^6 levels", 0x6d05b3efb70619fb},
      {"top_k, k = 1", 0x477ca327bd0e67da},
      {"top_k, k = 0.3 d", 0xb3d1ea666fee209e},
      {"top_k, k = d", 0xcd7cd9ebf12c1f83},
      {"random_k, k = 1", 0x2a3b0ffc49dac4ad},
      {"random_k, k = 0.3 d", 0xf78fec858df1330c},
      {"random_k, k = d", 0xcd7cd9ebf12c1f83},
      {"random_k, unbiased", 0xdcf7185d8ecd5afd},
      {"random_k, shared seed", 0x1c7f96fff915f75b},
      {"random_k, unbiased, shared seed", 0xf07c615cb0f5bc87},
      {"sparsify_min_variance, k = 1", 0xf2632d510c06d9b3},
      {"sparsify_min_variance, k = 0.3 d", 0x570cc4134ee27f4c},
      {"sparsify_min_variance, k = d", 0xbac904467f96d4c3},
      {"sparsify_uniform, k = 1", 0x8f07f64cbaba799c},
      {"sparsify_uniform, k = 0.3 d", 0x0676df63fdac79a3},
      {"sparsify_uniform, k = d", 0xbac904467f96d4c3},
  };
  for (const auto& [name, codec, compressor] : all_compressors()) {
    std::uint64_t actual = 0xcbf29ce484222325;
    for (const Wire wire : {Wire::float32, Wire::float64}) {
      for (const Index d : {5, 64, 1003}) {
        Rng rng(6);
        actual = hash(encode(compressor, random_vector(d, 7), wire, rng).bytes, actual);
      }
    }
    const auto found = expected.find(name);
    if (found == expected.end() || found->second != actual) {
      FAIL_CHECK(fmt::format("it is now {{\"{}\", {:#018x}}},", name, actual));
    }
  }
}

}  // namespace
}  // namespace gossamer
