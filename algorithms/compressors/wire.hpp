// The wire: the precision at which real numbers are sent.
#pragma once

#include <array>
#include <string_view>

namespace gossamer {

/// Precision of every real number that is sent: w = 32 or 64 bits, IEEE 754, little endian.
enum class Wire { float32, float64 };
constexpr std::array<std::string_view, 2> names(Wire) {
  return {"float32", "float64"};
}

/// w, the bits of one real number.
constexpr int width(Wire wire) {
  return wire == Wire::float32 ? 32 : 64;
}

}  // namespace gossamer
