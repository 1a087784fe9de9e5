// Any bytes are a message that every codec decodes to finite numbers, or a CorruptMessage.
#include <cstddef>
#include <cstdint>

#include "tests/compressors/samples.hpp"

/// The first byte is d, the second how many bits of the last byte are not used.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gossamer;
  if (size < 2) return 0;
  const Index d = data[0];
  const auto bytes = std::as_bytes(std::span(data, size)).subspan(2);
  const Encoded message{{bytes.begin(), bytes.end()}, {8 * std::ssize(bytes) - data[1] % 8}, {}};
  for (const auto& [name, compressor] : testing::all_compressors()) {
    for (const Wire wire : {Wire::float32, Wire::float64}) {
      Vector sum = Vector::Zero(d);
      try {
        add_decoded(compressor, message, wire, 1, sum);
        if (!sum.isFinite().all()) __builtin_trap();
      } catch (const CorruptMessage&) {
      }
    }
  }
  return 0;
}
