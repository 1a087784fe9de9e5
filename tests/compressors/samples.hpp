// Vectors and codecs for the tests of this folder.
#pragma once

#include <cmath>
#include <initializer_list>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "algorithms/compressors/bits.hpp"
#include "algorithms/compressors/compressor.hpp"
#include "algorithms/compressors/identity.hpp"
#include "algorithms/compressors/quantizers.hpp"
#include "algorithms/compressors/signs.hpp"
#include "algorithms/compressors/sparse.hpp"

namespace gossamer::testing {

constexpr Wire wires[] = {Wire::float16, Wire::bfloat16, Wire::float32, Wire::float64};

/// What the numbers of a wire are like.
struct Range {
  double digit;     ///< 2^(1 - p), with p the bits of a significand.
  double denormal;  ///< The smallest above 0.
  double largest;
};
inline Range range_of(Wire wire) {
  if (wire == Wire::float16) return {0x1p-10, 0x1p-24, 65504};
  if (wire == Wire::bfloat16) return {0x1p-7, 0x1p-133, 0x1.fep127};
  if (wire == Wire::float32) return {0x1p-23, 0x1p-149, 0x1.fffffep127};
  return {0x1p-52, 0x1p-1074, 0x1.fffffffffffffp1023};
}

/// Any codec, as itself: for what only its own type knows.
using AnyCodec = std::variant<Identity, Sign, ScaledSign, Ternary, Threshold, Qsgd, TopK, RandomK,
                              SparsifyMinVariance, SparsifyUniform>;

struct NamedCompressor {
  template <class Codec>
  NamedCompressor(std::string its_name, Codec its_codec)
      : name(std::move(its_name)), codec(its_codec), compressor(its_codec) {}
  std::string name;
  AnyCodec codec;
  Compressor compressor;
};

/// Every codec, in all its forms.
inline std::vector<NamedCompressor> all_compressors() {
  return {
      {"identity", Identity{}},
      {"sign", Sign{}},
      {"scaled_sign", ScaledSign{}},
      {"ternary", Ternary{}},
      {"threshold", Threshold{}},
      {"threshold, optimal", Threshold{.optimal = true}},
      {"qsgd, 1 level", Qsgd{.levels = 1}},
      {"qsgd, 5 levels", Qsgd{.levels = 5}},
      {"qsgd, 10^6 levels", Qsgd{.levels = 1'000'000}},
      {"top_k, k = 1", TopK{.k = 1}},
      {"top_k, k = 0.3 d", TopK{.fraction = 0.3}},
      {"top_k, k = d", TopK{.fraction = 1}},
      {"random_k, k = 1", RandomK{.k = 1}},
      {"random_k, k = 0.3 d", RandomK{.fraction = 0.3}},
      {"random_k, k = d", RandomK{.fraction = 1}},
      {"random_k, unbiased", RandomK{.fraction = 0.3, .unbiased = true}},
      {"random_k, shared seed", RandomK{.fraction = 0.3, .shared_seed = true}},
      {"random_k, unbiased, shared seed", RandomK{.fraction = 0.3, .unbiased = true, .shared_seed = true}},
      {"sparsify_min_variance, k = 1", SparsifyMinVariance{.k = 1}},
      {"sparsify_min_variance, k = 0.3 d", SparsifyMinVariance{.fraction = 0.3}},
      {"sparsify_min_variance, k = d", SparsifyMinVariance{.fraction = 1}},
      {"sparsify_uniform, k = 1", SparsifyUniform{.k = 1}},
      {"sparsify_uniform, k = 0.3 d", SparsifyUniform{.fraction = 0.3}},
      {"sparsify_uniform, k = d", SparsifyUniform{.fraction = 1}},
  };
}

/// C(x), through a message.
inline Vector compressed(const Compressor& compressor, const Vector& x, Wire wire, Rng& rng) {
  Vector result = zeros_like(x);
  add_decoded(compressor, encode(compressor, x, wire, rng), wire, 1, result);
  return result;
}

/// Uniform in [-1, 1), from the generator's bits alone: the same whatever the math library.
inline Vector random_vector(Index d, std::uint64_t seed) {
  Rng rng(seed);
  Vector x(d);
  for (double& x_j : coordinates(x)) x_j = 2 * rng.uniform() - 1;
  return x;
}

struct NamedVector {
  std::string name;
  Vector x;
};

/// Vectors of d coordinates of all shapes and sizes that the wire can carry, even the sum of their
/// magnitudes.
inline std::vector<NamedVector> vectors(Index d, Wire wire) {
  const bool has_wide_range = wire != Wire::float16;
  const auto [digit, denormal, largest] = range_of(wire);
  const double huge = largest / (has_wide_range ? 2e4 : 2e3), tiny = denormal / digit * 100;
  const Vector random = random_vector(d, 1), rank = Vector::LinSpaced(d, 1, static_cast<double>(d));
  const Vector steps = has_wide_range ? rank : rank / 256;
  const auto parity = [](Index j) { return j % 2 == 0 ? 1.0 : -1.0; };
  std::vector<NamedVector> all = {
      {"random", random},
      {"sparse", (random_vector(d, 2) > 0.8).select(random, 0)},
      {"one non-zero", (rank == std::ceil(static_cast<double>(d) / 2)).select(random, 0)},
      {"constant", Vector::Constant(d, -0.1)},
      {"zero", Vector::Zero(d)},
      {"negative zero", Vector::Constant(d, -0.0)},
      {"ties", Vector::NullaryExpr(d, parity)},
      {"ties among a few magnitudes", (4 * random).round() / 4},
      {"ascending", steps},
      {"descending", -steps.reverse()},
      {"geometric",
       Vector::NullaryExpr(d, [&](Index j) { return parity(j) * std::exp2(-0.5 * static_cast<double>(j)); })},
      {"one far above the others",
       (rank == 1).select(Vector::Constant(d, has_wide_range ? 1e6 : 30), 1e-3 * random)},
      // Nearly the worst case of the optimal threshold, for which all thresholds are equally good.
      {"sqrt(j) - sqrt(j - 1)",
       (rank.sqrt() - (rank - 1).sqrt()) * (1 - 1e-3 * rank / static_cast<double>(d))},
      // Nearly that of ternary, for which all thresholds are equally good again.
      {"1 and 1/(sqrt(d) + 1.1)",
       (rank == 1).select(Vector::Constant(d, 1), 1 / (std::sqrt(static_cast<double>(d)) + 1.1))},
      {"huge", random * huge},
      {"tiny", random * tiny},
      {"denormal", random.sign() * denormal},
      {"denormal, several", (8 * random).round() * denormal},
      {"huge and denormal", (random > 0.5).select(Vector::Constant(d, huge), 7 * denormal)},
  };
  return all;
}

/// A message of these numbers, value and bits, put together bit by bit.
inline Encoded message_of(std::initializer_list<std::pair<std::uint64_t, int>> numbers) {
  Encoded message{};
  for (const auto& [value, bits] : numbers) {
    for (int i = 0; i < bits; ++i, ++message.bits.count) {
      if (message.bits.count % 8 == 0) message.bytes.push_back({});
      message.bytes.back() |= static_cast<std::byte>((value >> i) % 2) << (message.bits.count % 8);
    }
  }
  return message;
}

}  // namespace gossamer::testing
