#include "algorithms/compressors/signs.hpp"

#include <bit>
#include <vector>

#if defined(__AVX__)
#include <immintrin.h>
#endif

#include "algorithms/compressors/magnitudes.hpp"

namespace gossamer {
namespace {

/// Coordinates whose signs fill a word.
constexpr Index block_size = 64;

/// Bit j is 1 where x_j < 0, so that neither zero counts as negative. At most 64 coordinates.
std::uint64_t negative_ones(std::span<const double> x) {
  std::uint64_t word = 0;
  std::size_t j = 0;
#if defined(__AVX__)
  for (; j + 4 <= x.size(); j += 4) {
    const __m256d negative = _mm256_cmp_pd(_mm256_loadu_pd(&x[j]), _mm256_setzero_pd(), _CMP_LT_OQ);
    word |= static_cast<std::uint64_t>(_mm256_movemask_pd(negative)) << j;
  }
#endif
  for (; j < x.size(); ++j) word |= std::uint64_t{x[j] < 0} << j;
  return word;
}

struct Signs {
  std::vector<std::uint64_t> words;
  double mean_magnitude;  ///< |x|_1 / d; 0 for an empty vector.
};

/// Signs and mean in one pass over x. Throws WireError where a coordinate is not finite.
Signs signs_of(std::span<const double> x, Wire wire) {
  const Index d = std::ssize(x);
  Signs signs;
  signs.words.reserve(static_cast<std::size_t>((d + block_size - 1) / block_size));
  LaneSum sum;
  for (Index begin = 0; begin < d; begin += block_size) {
    const std::span<const double> block = x.subspan(begin, std::min(block_size, d - begin));
    sum.add(std::ssize(block), [&](Index j) { return std::abs(block[j]); });
    signs.words.push_back(negative_ones(block));
  }
  signs.mean_magnitude = d == 0 ? 0 : sum.total() / static_cast<double>(d);
  if (!std::isfinite(signs.mean_magnitude)) {
    // The mean of finite coordinates is in double's range, though their sum is not.
    const double largest = finite_largest_magnitude(x, wire), unit = normalizer(largest);
    const double mean = lane_sum(d, [&](Index j) { return std::abs(unit * x[j]); }) / static_cast<double>(d);
    signs.mean_magnitude = std::min(mean / unit, largest);
  }
  return signs;
}

void put_signs(const Signs& signs, Index d, BitWriter& out) {
  for (const std::uint64_t word : signs.words) {
    out.put(word, static_cast<int>(std::min(block_size, d)));
    d -= block_size;
  }
}

/// sum <- sum + scale sign.
void add_signs(BitReader& in, double scale, std::span<double> sum) {
  const auto positive = std::bit_cast<std::uint64_t>(scale);
  const auto add = [&](std::span<double> block, std::uint64_t word) {
    for (std::size_t j = 0; j < block.size(); ++j) {
      block[j] += std::bit_cast<double>(positive ^ ((word >> j) << 63));
    }
  };
  for (; std::ssize(sum) >= block_size; sum = sum.subspan(block_size)) {
    add(sum.first<block_size>(), in.get(block_size));
  }
  add(sum, in.get(static_cast<int>(sum.size())));
}

}  // namespace

void Sign::encode(std::span<const double> x, Wire wire, Rng&, BitWriter& out) const {
  put_signs(signs_of(x, wire), std::ssize(x), out);
}

void Sign::add_decoded(BitReader& in, Wire, double weight, std::span<double> sum) const {
  add_signs(in, weight, sum);
}

void ScaledSign::encode(std::span<const double> x, Wire wire, Rng&, BitWriter& out) const {
  const Signs signs = signs_of(x, wire);
  put_scale(signs.mean_magnitude, wire, out);
  put_signs(signs, std::ssize(x), out);
}

void ScaledSign::add_decoded(BitReader& in, Wire wire, double weight, std::span<double> sum) const {
  const double scale = get_real(in, wire);
  add_signs(in, weight * scale, sum);
}

Theory ScaledSign::theory(Index d) const {
  return Theory::of_contraction(d > 0 ? 1 - 1 / static_cast<double>(d) : 0);
}

}  // namespace gossamer
