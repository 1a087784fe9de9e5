// What each compressor computes, written down from its definition, plainly and slowly.
#pragma once

#include <algorithm>
#include <numeric>
#include <set>

#include "algorithms/compressors/identity.hpp"
#include "algorithms/compressors/quantizers.hpp"
#include "algorithms/compressors/signs.hpp"
#include "algorithms/compressors/sparse.hpp"

namespace gossamer::testing {

struct Definition {
  Vector value;           ///< C(x).
  std::int64_t bits = 0;  ///< Of its message.
};

/// All numbers of a wire of 16 bits from 0 to the largest, ascending: the k-th has the bit pattern k.
inline std::vector<double> numbers_of_16_bits(Wire wire) {
  const int fraction_bits = wire == Wire::float16 ? 10 : 7, one = 1 << fraction_bits;
  const int bias = wire == Wire::float16 ? 15 : 127;
  std::vector<double> numbers;
  for (int exponent = 0; exponent <= 2 * bias; ++exponent) {
    for (int fraction = 0; fraction < one; ++fraction) {
      const int significand = exponent == 0 ? fraction : one + fraction;
      numbers.push_back(std::ldexp(significand, std::max(exponent, 1) - bias - fraction_bits));
    }
  }
  return numbers;
}
inline const std::vector<double>& table_of(Wire wire) {
  static const std::vector<double> float16 = numbers_of_16_bits(Wire::float16),
                                   bfloat16 = numbers_of_16_bits(Wire::bfloat16);
  return wire == Wire::float16 ? float16 : bfloat16;
}

inline double nearest(double x, Wire wire) {
  if (wire == Wire::float64) return x;
  if (wire == Wire::float32) return static_cast<double>(static_cast<float>(x));
  const auto above = std::ranges::lower_bound(table_of(wire), std::abs(x));
  if (above == table_of(wire).begin()) return x;  // Zero, with its sign.
  const long double up = *above - static_cast<long double>(std::abs(x)), down = std::abs(x) - *(above - 1);
  const bool above_is_even = (above - table_of(wire).begin()) % 2 == 0;
  return std::copysign(up < down || (up == down && above_is_even) ? *above : *(above - 1), x);
}

inline double not_below(double x, Wire wire) {
  if (width(wire) == 16) return *std::ranges::lower_bound(table_of(wire), x);
  const double y = nearest(x, wire);
  return y < x ? static_cast<double>(std::nextafter(static_cast<float>(x), HUGE_VALF)) : y;
}

inline double sign(double x) {
  return x < 0 ? -1 : 1;
}

inline std::int64_t log2_ceil(double x) {
  return static_cast<std::int64_t>(std::ceil(std::log2(x)));
}

inline long double mean(const std::vector<double>& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), 0.0L) / static_cast<long double>(numbers.size());
}

/// Magnitudes above a threshold.
inline std::vector<double> magnitudes(const Vector& x, long double above = -1) {
  std::vector<double> result;
  for (const double x_j : coordinates(x)) {
    if (std::abs(x_j) > above) result.push_back(std::abs(x_j));
  }
  return result;
}

inline Definition definition(const Identity&, const Vector& x, Wire wire, Rng&) {
  return {x.unaryExpr([&](double x_j) { return nearest(x_j, wire); }), width(wire) * x.size()};
}

inline Definition definition(const Sign&, const Vector& x, Wire, Rng&) {
  return {x.unaryExpr([](double x_j) { return sign(x_j); }), x.size()};
}

inline Definition definition(const ScaledSign&, const Vector& x, Wire wire, Rng&) {
  const double scale = nearest(static_cast<double>(mean(magnitudes(x))), wire);
  return {x.unaryExpr([&](double x_j) { return scale * sign(x_j); }), width(wire) + x.size()};
}

inline Definition definition(const Ternary&, const Vector& x, Wire wire, Rng& rng) {
  const double s = not_below(x.abs().maxCoeff(), wire);
  Vector value = zeros_like(x);
  for (Index j = 0; j < x.size(); ++j) {
    if (rng.uniform() < std::abs(x[j]) / s) value[j] = s * sign(x[j]);
  }
  return {value, width(wire) + 2 * x.size()};
}

inline Definition definition(const Threshold& codec, const Vector& x, Wire wire, Rng&) {
  long double delta = 0;
  if (codec.optimal) {
    // Eq. (24), the magnitudes (and 0) being all thresholds that make a difference; the largest of the best.
    std::vector<double> candidates = magnitudes(x);
    candidates.push_back(0);
    std::ranges::sort(candidates, std::greater{});
    long double best = 0;
    for (const double candidate : candidates) {
      const auto kept = static_cast<long double>(magnitudes(x, candidate).size());
      if (kept == 0) continue;
      const long double sum = kept * mean(magnitudes(x, candidate));
      if (sum * sum / kept > best) {
        best = sum * sum / kept;
        delta = candidate;
      }
    }
  } else {
    delta = 0.75L * mean(magnitudes(x));
  }
  const std::vector<double> kept = magnitudes(x, delta);
  const double s = kept.empty() ? 0 : nearest(static_cast<double>(mean(kept)), wire);
  return {x.unaryExpr([&](double x_j) { return std::abs(x_j) > delta ? s * sign(x_j) : 0; }),
          width(wire) + 2 * x.size()};
}

inline Definition definition(const Qsgd& codec, const Vector& x, Wire wire, Rng& rng) {
  long double squares = 0;
  for (const long double x_j : coordinates(x)) squares += x_j * x_j;
  const double norm = not_below(static_cast<double>(std::sqrt(squares)), wire);
  Vector value = zeros_like(x);
  for (Index j = 0; j < x.size(); ++j) {
    const double position = norm > 0 ? std::abs(x[j]) / norm * codec.levels : 0, below = std::floor(position);
    const double level = rng.uniform() < position - below ? below + 1 : below;
    value[j] = sign(x[j]) * (norm * (level / codec.levels));
  }
  return {value, width(wire) + x.size() * (1 + log2_ceil(codec.levels + 1.0))};
}

/// k, for the codecs that keep so many of d coordinates.
inline Index kept(const auto& codec, Index d) {
  return codec.k ? *codec.k : std::max<Index>(1, std::lround(*codec.fraction * static_cast<double>(d)));
}

/// x times a factor at the wire's precision, at these indices.
inline Vector only(const Vector& x, const std::vector<Index>& indices, double factor, Wire wire) {
  Vector value = zeros_like(x);
  for (const Index j : indices) value[j] = nearest(factor * x[j], wire);
  return value;
}

inline std::int64_t pair_bits(Index d, Wire wire) {
  return width(wire) + log2_ceil(static_cast<double>(d));
}

inline Definition definition(const TopK& codec, const Vector& x, Wire wire, Rng&) {
  std::vector<Index> order(static_cast<std::size_t>(x.size()));
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(
      order, [&](Index i, Index j) { return std::abs(nearest(x[i], wire)) > std::abs(nearest(x[j], wire)); });
  order.resize(static_cast<std::size_t>(kept(codec, x.size())));
  return {only(x, order, 1, wire), kept(codec, x.size()) * pair_bits(x.size(), wire)};
}

inline Definition definition(const RandomK& codec, const Vector& x, Wire wire, Rng& rng) {
  const Index d = x.size(), k = kept(codec, d);
  Rng indices(rng.next());
  std::set<Index> drawn;
  for (Index last = d - k; last < d; ++last) {
    if (!drawn.insert(static_cast<Index>(indices.below(static_cast<std::uint64_t>(last + 1)))).second) {
      drawn.insert(last);
    }
  }
  const double factor = codec.unbiased ? static_cast<double>(d) / static_cast<double>(k) : 1;
  return {only(x, {drawn.begin(), drawn.end()}, factor, wire),
          codec.shared_seed ? 64 + k * width(wire) : k * pair_bits(d, wire)};
}

/// Coordinates survive with probability p_j, as x_j / p_j.
inline Definition sparsified(const Vector& x, const std::vector<long double>& p, Wire wire, Rng& rng) {
  Definition result{zeros_like(x), 32};
  for (Index j = 0; j < x.size(); ++j) {
    if (rng.uniform() >= static_cast<double>(p[j])) continue;
    result.value[j] = nearest(static_cast<double>(x[j] / p[j]), wire);
    result.bits += pair_bits(x.size(), wire);
  }
  return result;
}

/// p_j = min(c |x_j|, 1) with sum k, or 1 for all non-zeros where there are no more than k.
inline std::vector<long double> min_variance(const Vector& x, Index k) {
  std::vector<double> sorted = magnitudes(x, 0);
  std::ranges::sort(sorted, std::greater{});
  long double c = HUGE_VALL;
  if (std::ssize(sorted) > k) {
    for (Index capped = k - 1; capped >= 0; --capped) {
      const long double others = std::accumulate(sorted.begin() + capped, sorted.end(), 0.0L);
      const long double candidate = static_cast<long double>(k - capped) / others;
      if (candidate * sorted[capped] <= 1) c = candidate;
    }
  }
  std::vector<long double> p;
  for (const double x_j : coordinates(x)) p.push_back(x_j == 0 ? 0 : std::min(c * std::abs(x_j), 1.0L));
  return p;
}

inline Definition definition(const SparsifyMinVariance& codec, const Vector& x, Wire wire, Rng& rng) {
  return sparsified(x, min_variance(x, kept(codec, x.size())), wire, rng);
}

inline Definition definition(const SparsifyUniform& codec, const Vector& x, Wire wire, Rng& rng) {
  const auto d = static_cast<double>(x.size()), k = static_cast<double>(kept(codec, x.size()));
  return sparsified(x, std::vector<long double>(static_cast<std::size_t>(x.size()), k / d), wire, rng);
}

}  // namespace gossamer::testing
