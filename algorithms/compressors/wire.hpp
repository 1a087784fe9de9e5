// The wire: the precision at which real numbers are sent.
#pragma once

#include <array>
#include <string_view>

namespace gossamer {

/// Precision of every real number that is sent: w = 16, 32 or 64 bits, little endian. float16, float32 and
/// float64 are IEEE 754's binary16, binary32 and binary64; bfloat16 is the upper half of a binary32. Numbers
/// are rounded to the nearest, of two the even one, and subnormal ones are kept. The largest are 65504 for
/// float16, and about 3.4e38 for bfloat16 and float32; what rounds above is refused.
enum class Wire { float16, bfloat16, float32, float64 };
constexpr std::array<std::string_view, 4> names(Wire) {
  return {"float16", "bfloat16", "float32", "float64"};
}

/// w, the bits of one real number.
constexpr int width(Wire wire) {
  if (wire == Wire::float64) return 64;
  return wire == Wire::float32 ? 32 : 16;
}

}  // namespace gossamer
