// Doubles side by side in a register, with arithmetic that gives the same bits on every machine.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <numbers>

#if defined(__FMA__)
#include <immintrin.h>
#endif

#include "algorithms/vectors/vector.hpp"

namespace gossamer::kernels {

/// Four neighbouring doubles in a register.
struct Lanes {
  static constexpr Index size = 4;
  using Register [[gnu::vector_size(32)]] = double;
  Register value;
};

/// One double, for matrices that are narrower than Lanes.
struct Lane {
  static constexpr Index size = 1;
  double value;
};

template <class Pack>
inline Pack load(const double* from) {
  Pack pack;
  std::memcpy(&pack, from, sizeof(Pack));
  return pack;
}
template <class Pack>
inline void store(double* to, Pack pack) {
  std::memcpy(to, &pack, sizeof(Pack));
}
template <class Pack>
inline Pack broadcast(double x) {
  if constexpr (Pack::size == 1)
    return {x};
  else
    return {typename Pack::Register{x, x, x, x}};
}

/// Four bytes as numbers.
inline Lanes load_bytes(const std::uint8_t* from) {
#if defined(__FMA__)
  int four = 0;
  std::memcpy(&four, from, sizeof four);
  return {_mm256_cvtepi32_pd(_mm_cvtepu8_epi32(_mm_cvtsi32_si128(four)))};
#else
  return {Lanes::Register{double(from[0]), double(from[1]), double(from[2]), double(from[3])}};
#endif
}

/// Four floats as doubles.
inline Lanes load_floats(const float* from) {
#if defined(__FMA__)
  return {_mm256_cvtps_pd(_mm_loadu_ps(from))};
#else
  return {Lanes::Register{double(from[0]), double(from[1]), double(from[2]), double(from[3])}};
#endif
}

/// a * b + c in each lane, rounded once on every machine.
inline Lane fused(Lane a, Lane b, Lane c) {
  return {std::fma(a.value, b.value, c.value)};
}
inline Lanes fused(Lanes a, Lanes b, Lanes c) {
#if defined(__FMA__)
  return {_mm256_fmadd_pd(a.value, b.value, c.value)};
#else
  for (int i = 0; i < 4; ++i) c.value[i] = std::fma(a.value[i], b.value[i], c.value[i]);
  return c;
#endif
}
inline double sum(Lanes a) {
  return (a.value[0] + a.value[1]) + (a.value[2] + a.value[3]);
}

/// The sum of coefficients[k] x^k, even and odd powers apart, as either sum waits for each of its steps.
template <std::size_t terms>
inline Lanes polynomial(const std::array<double, terms>& coefficients, Lanes x) {
  static_assert(terms % 2 == 0);
  const Lanes x2{x.value * x.value};
  Lanes even = broadcast<Lanes>(coefficients[terms - 2]), odd = broadcast<Lanes>(coefficients[terms - 1]);
  for (std::size_t k = terms - 2; k > 0; k -= 2) {
    even = fused(even, x2, broadcast<Lanes>(coefficients[k - 2]));
    odd = fused(odd, x2, broadcast<Lanes>(coefficients[k - 1]));
  }
  return fused(odd, x, even);
}

/// e^x for x <= 0, to within 2 units in the last place. Below -708 it is e^-708: smaller values would have
/// fewer digits.
inline Lanes exp_of_negative(Lanes x) {
  constexpr auto reciprocal_factorials = [] {
    std::array<double, 14> all{1};
    for (std::size_t k = 1; k < all.size(); ++k) all[k] = all[k - 1] / static_cast<double>(k);
    return all;
  }();
  // x = k log 2 + r with a whole k and |r| <= log(2) / 2, so r^14 / 14! is negligible. Adding `whole` rounds
  // to a whole number and leaves k in the lowest bits.
  const Lanes whole = broadcast<Lanes>(0x1.8p52);
  const Lanes lowest = broadcast<Lanes>(-708);
  x.value = x.value < lowest.value ? lowest.value : x.value;
  const Lanes shifted = fused(x, broadcast<Lanes>(std::numbers::log2e), whole);
  const Lanes k{shifted.value - whole.value};
  Lanes r = fused(k, broadcast<Lanes>(-std::numbers::ln2), x);
  r = fused(k, broadcast<Lanes>(-0x1.abc9e3b39803fp-56), r);  // What rounding took from log 2.

  using Bits [[gnu::vector_size(32)]] = std::int64_t;
  const Bits power = (std::bit_cast<Bits>(shifted.value) + 1023) << 52;
  return {polynomial(reciprocal_factorials, r).value * std::bit_cast<Lanes::Register>(power)};
}

/// log(1 + x) for x in [0, 1], to within 2 units in the last place.
inline Lanes log_of_1_plus(Lanes x) {
  // 2 artanh(s) = 2 s + 2 s^3 / 3 + 2 s^5 / 5 + ... with s = x / (2 + x) <= 1/3, where 2 s = x - s x: then
  // the error of s matters little.
  constexpr auto coefficients = [] {
    std::array<double, 16> all{};
    for (std::size_t k = 0; k < all.size(); ++k) all[k] = 2 / static_cast<double>(2 * k + 3);
    return all;
  }();
  const Lanes s{x.value / (2 + x.value)}, s2{s.value * s.value};
  return fused({-s.value}, {x.value - s2.value * polynomial(coefficients, s2).value}, x);
}

/// log x for normal x > 0. The error is at most 3e-16 (1 + |log x|), so few digits are right where x is
/// near 1.
inline Lanes log_of(Lanes x) {
  // x = 2^k m with m in [1, 2).
  using Bits [[gnu::vector_size(32)]] = std::int64_t;
  const Bits bits = std::bit_cast<Bits>(x.value), one = std::bit_cast<Bits>(broadcast<Lanes>(1).value);
  const Lanes k{__builtin_convertvector((bits >> 52) - 1023, Lanes::Register)};
  const Lanes m{std::bit_cast<Lanes::Register>((bits & 0x000f'ffff'ffff'ffff) | one)};
  return fused(k, broadcast<Lanes>(std::numbers::ln2), log_of_1_plus({m.value - 1}));
}

}  // namespace gossamer::kernels
