// The types of the real numbers that travel, and rounding to them.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "algorithms/compressors/wire.hpp"

namespace gossamer {

/// Calls body(std::type_identity<Real>()), with Real the type of the wire's numbers.
template <class Body>
decltype(auto) with_real(Wire wire, Body body) {
  switch (wire) {
    case Wire::float16:
      return body(std::type_identity<Eigen::half>());
    case Wire::bfloat16:
      return body(std::type_identity<Eigen::bfloat16>());
    case Wire::float32:
      return body(std::type_identity<float>());
    case Wire::float64:
      break;
  }
  return body(std::type_identity<double>());
}

/// The Real nearest to x, of two the even one; infinite where |x| rounds above the largest.
///
/// Eigen's types of 16 bits convert through float, which would round twice. So x is rounded here, to a
/// multiple of the last place that a Real of its magnitude has. Then Eigen's conversion is exact.
template <class Real>
Real nearest(double x) {
  if constexpr (sizeof(Real) > 2) {
    return static_cast<Real>(x);
  } else {
    constexpr int digits = std::numeric_limits<Real>::digits;
    constexpr int least_exponent = std::numeric_limits<Real>::min_exponent - 1;  // C++ counts from 1/2.
    constexpr std::uint64_t exponent_bits = 0x7ff0'0000'0000'0000;
    const double least_normal = std::bit_cast<double>(std::uint64_t{1023 + least_exponent} << 52);
    const double power = std::bit_cast<double>(std::bit_cast<std::uint64_t>(x) & exponent_bits);  // <= |x|
    const double last_place = std::max(power, least_normal) / (1 << (digits - 1));
    return static_cast<Real>(static_cast<float>(std::nearbyint(x / last_place) * last_place));
  }
}

/// Magnitudes as integers, which are ordered as they are as reals, with infinity and NaN above all others.
template <class Real>
using MagnitudePattern =
    std::conditional_t<sizeof(Real) == 2, std::int16_t,
                       std::conditional_t<sizeof(Real) == 4, std::int32_t, std::int64_t>>;
template <class Real>
MagnitudePattern<Real> magnitude_pattern(Real x) {
  using Pattern = MagnitudePattern<Real>;
  return static_cast<Pattern>(std::bit_cast<Pattern>(x) & std::numeric_limits<Pattern>::max());
}

/// Any of the types as a double, exactly.
template <class Real>
double as_double(Real x) {
  if constexpr (sizeof(Real) > 2) {
    return static_cast<double>(x);
  } else {
    return static_cast<double>(static_cast<float>(x));
  }
}

}  // namespace gossamer
