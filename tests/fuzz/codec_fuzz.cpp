// Any bytes are a message that every codec decodes to finite numbers, or a CorruptMessage; to the same as a
// sparse vector, where it can.
#include <cstddef>
#include <cstdint>
#include <optional>

#include "tests/compressors/samples.hpp"

namespace {

using namespace gossamer;

/// What the message says, if it is one.
template <class Codec>
std::optional<SparseVector> sparse(const Codec& codec, const Encoded& message, Wire wire, Index d) {
  try {
    BitReader in(message);
    SparseVector v = codec.decode(in, wire, d);
    in.finish();
    return v;
  } catch (const CorruptMessage&) {
    return std::nullopt;
  }
}

std::optional<Vector> dense(const Compressor& compressor, const Encoded& message, Wire wire, Index d) {
  try {
    Vector sum = Vector::Zero(d);
    add_decoded(compressor, message, wire, 1, sum);
    return sum;
  } catch (const CorruptMessage&) {
    return std::nullopt;
  }
}

void require(bool holds) {
  if (!holds) __builtin_trap();
}

}  // namespace

/// The first byte is d, the second how many bits of the last byte are not used.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Index d = data[0];
  const auto bytes = std::as_bytes(std::span(data, size)).subspan(2);
  const Encoded message{{bytes.begin(), bytes.end()}, {8 * std::ssize(bytes) - data[1] % 8}, {}};
  for (const auto& [name, codec, compressor] : testing::all_compressors()) {
    for (const Wire wire : testing::wires) {
      const std::optional<Vector> decoded = dense(compressor, message, wire, d);
      if (decoded) require(decoded->isFinite().all());
      std::visit(
          [&](const auto& its) {
            if constexpr (requires(BitReader in) { its.decode(in, wire, d); }) {
              const auto same = sparse(its, message, wire, d);
              require(same.has_value() == decoded.has_value());
              if (same) require((to_dense(*same, d) == *decoded).all());
            }
          },
          codec);
    }
  }
  return 0;
}
