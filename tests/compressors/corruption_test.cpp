// Whatever arrives is decoded to finite numbers or refused as a CorruptMessage.
#include <catch2/catch.hpp>

#include "tests/compressors/samples.hpp"

namespace gossamer {
namespace {

using namespace testing;

/// Whether the message is decoded; finite then.
bool decodes(const Compressor& compressor, const Encoded& message, Wire wire, Index d) {
  Vector sum = Vector::Zero(d);
  try {
    add_decoded(compressor, message, wire, 1, sum);
  } catch (const CorruptMessage&) {
    return false;
  }
  REQUIRE(sum.isFinite().all());
  return true;
}

/// Calls check(compressor, message, wire, d) for small messages of every codec.
template <class Check>
void for_all(Check check) {
  for (const auto& [name, codec, compressor] : all_compressors()) {
    for (const Wire wire : wires) {
      for (const Index d : {1, 5, 8, 70}) {
        INFO(name << ", d = " << d << ", " << names(wire)[static_cast<int>(wire)]);
        Rng rng(30);
        const Encoded message = encode(compressor, random_vector(d, 31), wire, rng);
        REQUIRE(decodes(compressor, message, wire, d));
        check(compressor, message, wire, d);
      }
    }
  }
}

Encoded resized(Encoded message, std::int64_t bits) {
  message.bits = {bits};
  message.bytes.resize(static_cast<std::size_t>(message.bits.bytes()));
  return message;
}

TEST_CASE("messages that are cut short or too long are refused", "[corruption]") {
  for_all([](const Compressor& compressor, const Encoded& message, Wire wire, Index d) {
    const std::int64_t size = message.bits.count;
    for (std::int64_t bits = 0; bits < size; ++bits) {
      REQUIRE_FALSE(decodes(compressor, resized(message, bits), wire, d));
    }
    for (std::int64_t bits = size + 1; bits < size + 70; ++bits) {
      REQUIRE_FALSE(decodes(compressor, resized(message, bits), wire, d));
    }
    Encoded wrong = message;
    wrong.bytes.push_back({});
    REQUIRE_FALSE(decodes(compressor, wrong, wire, d));
  });
}

TEST_CASE("messages with one bit flipped are decoded or refused", "[corruption]") {
  for_all([](const Compressor& compressor, const Encoded& message, Wire wire, Index d) {
    for (std::int64_t bit = 0; bit < message.bits.count; ++bit) {
      Encoded flipped = message;
      flipped.bytes[static_cast<std::size_t>(bit / 8)] ^= std::byte{1} << (bit % 8);
      decodes(compressor, flipped, wire, d);
    }
  });
}

TEST_CASE("random bytes are decoded or refused", "[corruption]") {
  Rng rng(32);
  for_all([&](const Compressor& compressor, Encoded message, Wire wire, Index d) {
    for (int i = 0; i < 200; ++i) {
      for (std::byte& byte : message.bytes) byte = static_cast<std::byte>(rng.below(256));
      decodes(compressor, message, wire, d);
      decodes(compressor, resized(message, static_cast<std::int64_t>(rng.below(400))), wire, d);
    }
  });
}

TEST_CASE("what is wrong with a message is said", "[corruption]") {
  constexpr std::uint64_t one = 0x3f800000, infinity = 0x7f800000;
  const auto refused = [](const Compressor& compressor, Index d, const Encoded& message, const char* words) {
    Vector sum = Vector::Zero(d);
    REQUIRE_THROWS_AS(add_decoded(compressor, message, Wire::float32, 1, sum), CorruptMessage);
    REQUIRE_THROWS_WITH(add_decoded(compressor, message, Wire::float32, 1, sum), words);
  };
  refused(TopK{.k = 1}, 5, message_of({{5, 3}, {one, 32}}), "index 5 in a vector of 5 coordinates");
  refused(TopK{.k = 2}, 5, message_of({{3, 3}, {one, 32}, {3, 3}, {one, 32}}), "index 3 after index 3");
  refused(RandomK{.k = 2}, 5, message_of({{3, 3}, {one, 32}, {1, 3}, {one, 32}}), "index 1 after index 3");
  refused(TopK{.k = 1}, 5, message_of({{4, 3}, {infinity, 32}}),
          "a real number in the message is not finite");
  refused(Identity{}, 1, message_of({{infinity + 1, 32}}), "a real number in the message is not finite");
  refused(ScaledSign{}, 1, message_of({{infinity, 32}, {1, 1}}),
          "a real number in the message is not finite");
  refused(SparsifyUniform{.k = 1}, 2,
          message_of({{3, 32}, {0, 1}, {one, 32}, {1, 1}, {one, 32}, {1, 1}, {one, 32}}),
          "index 1 after index 1");
  refused(SparsifyUniform{.k = 1}, 2, message_of({{0xffffffff, 32}}),
          "the message ends after 32 bits, where 1 more are read from bit 32 on");
  refused(Ternary{}, 2, message_of({{one, 32}, {0b1001, 4}}),
          "symbol 0b10 in a message of 0b00, 0b01 and 0b11");
  refused(Threshold{}, 1, message_of({{one, 32}, {0b10, 2}}),
          "symbol 0b10 in a message of 0b00, 0b01 and 0b11");
  const Encoded corrupt = message_of({{one, 32}, {0b1001, 4}});
  BitReader in(corrupt);
  REQUIRE_THROWS_WITH(Threshold{}.decode(in, Wire::float32, 2),
                      "symbol 0b10 in a message of 0b00, 0b01 and 0b11");
  BitReader short_of(corrupt);
  REQUIRE_THROWS_AS(Ternary{}.decode(short_of, Wire::float32, 3), CorruptMessage);
  refused(Qsgd{.levels = 4}, 1, message_of({{one, 32}, {5 << 1, 4}}), "level 5 of 4");
  refused(Sign{}, 2, message_of({{0, 3}}), "the message has 1 bits too many");
}

}  // namespace
}  // namespace gossamer
