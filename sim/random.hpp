// Random streams named by what they are for, not by the order in which they are created.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <string_view>

namespace gossamer {

/// xoshiro256++ 1.0 [Blackman, Vigna 2021] with its own distributions: those of <random> give different
/// values with different standard libraries.
class Rng {
 public:
  /// State from SplitMix64 [Steele, Lea, Flood 2014], as its authors advise.
  explicit constexpr Rng(std::uint64_t seed) {
    for (std::uint64_t& word : state_) word = split_mix(seed);
  }

  constexpr std::uint64_t next() {
    const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  /// Uniform in [0, 1), with 53 random bits.
  constexpr double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

  /// Uniform in {0, ..., bound - 1}, without bias; bound >= 1 [Lemire 2019].
  constexpr std::uint64_t below(std::uint64_t bound) {
    __extension__ using Wide = unsigned __int128;
    Wide product = static_cast<Wide>(next()) * bound;
    if (static_cast<std::uint64_t>(product) < bound) {
      const std::uint64_t threshold = (0 - bound) % bound;
      while (static_cast<std::uint64_t>(product) < threshold) product = static_cast<Wide>(next()) * bound;
    }
    return static_cast<std::uint64_t>(product >> 64);
  }

  /// Exponential with the given mean.
  double exponential(double mean) { return -mean * std::log1p(-uniform()); }

  /// Standard normal (Box-Muller, the cosine half).
  double normal() {
    const double radius = std::sqrt(-2 * std::log1p(-uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }

  /// Gamma with the given shape > 0 and scale 1 [Marsaglia, Tsang 2000]. Its logarithm, which does not
  /// underflow however small the shape.
  double log_gamma(double shape) {
    if (shape < 1) {
      const double larger = log_gamma(shape + 1);  // Drawn first: the order of operands is the compiler's.
      return larger + std::log1p(-uniform()) / shape;
    }
    const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
    for (;;) {
      const double z = normal(), t = 1 + c * z;
      if (t <= 0) continue;
      const double v = t * t * t;
      if (std::log1p(-uniform()) < z * z / 2 + d - d * v + d * std::log(v)) return std::log(d * v);
    }
  }

 private:
  friend constexpr std::uint64_t stream_seed(std::uint64_t, std::int64_t, std::string_view);

  static constexpr std::uint64_t split_mix(std::uint64_t& state) {
    std::uint64_t z = (state += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

  std::uint64_t state_[4] = {};
};

/// The seed of the stream of `node` for `purpose`: a function of its arguments alone, so that changing the
/// algorithm leaves, say, every node's mini-batches untouched (common random numbers). Streams that belong to
/// no node have node -1.
constexpr std::uint64_t stream_seed(std::uint64_t seed, std::int64_t node, std::string_view purpose) {
  std::uint64_t hash = Rng::split_mix(seed);
  hash ^= static_cast<std::uint64_t>(node);
  hash = Rng::split_mix(hash);
  for (const char c : purpose) {
    hash ^= static_cast<unsigned char>(c);
    hash = Rng::split_mix(hash);
  }
  return hash;
}

constexpr Rng named_stream(std::uint64_t seed, std::int64_t node, std::string_view purpose) {
  return Rng(stream_seed(seed, node, purpose));
}

/// A seeded shuffle [Fisher, Yates], the same everywhere, as std::shuffle is not.
template <class Range>
void shuffle(Range& range, Rng& rng) {
  using std::swap;
  for (auto i = range.size(); i > 1; --i) swap(range[i - 1], range[rng.below(i)]);
}

}  // namespace gossamer
