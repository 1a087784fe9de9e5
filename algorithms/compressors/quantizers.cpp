#include "algorithms/compressors/quantizers.hpp"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <functional>
#include <vector>

#include "algorithms/compressors/magnitudes.hpp"

namespace gossamer {
namespace {

/// Symbols are written and read a word at a time: so many of `bits` bits fit in one.
Index symbols_per_word(int bits) {
  return 64 / bits;
}

/// Appends symbol(0), ..., symbol(d - 1), each of `bits` bits.
template <class Symbol>
void put_symbols(Index d, int bits, BitWriter& out, Symbol symbol) {
  for (Index j = 0; j < d;) {
    const Index end = std::min(d, j + symbols_per_word(bits));
    std::uint64_t word = 0;
    int used = 0;
    for (; j < end; ++j, used += bits) word |= static_cast<std::uint64_t>(symbol(j)) << used;
    out.put(word, used);
  }
}

/// Calls take(j, symbol) for the next symbols, j = 0, ..., d - 1.
template <class Take>
void get_symbols(BitReader& in, Index d, int bits, Take take) {
  const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
  for (Index j = 0; j < d;) {
    const Index end = std::min(d, j + symbols_per_word(bits));
    std::uint64_t word = in.get(static_cast<int>(end - j) * bits);
    for (; j < end; ++j, word >>= bits) take(j, word & mask);
  }
}

// ---- -1, 0 and 1 in two bits, two's complement

/// sign(x_j) or 0, without a branch, which would be a coin flip.
std::uint64_t trit(double x_j, bool kept) {
  const std::uint64_t nonzero{kept}, negative{x_j < 0};
  return nonzero | (nonzero & negative) << 1;
}

/// sum <- sum + weight * v, with v a scale times -1, 0 or 1 for each coordinate.
void add_trits(BitReader& in, Wire wire, double weight, std::span<double> sum) {
  const double step = weight * get_real(in, wire);
  const std::array<double, 4> steps{0, step, 0, -step};
  get_symbols(in, std::ssize(sum), 2, [&](Index j, std::uint64_t symbol) {
    if (symbol == 0b10) throw CorruptMessage("symbol 0b10 in a message of 0b00, 0b01 and 0b11");
    sum[j] += steps[symbol];
  });
}

/// Delta* of Eq. (24): maximises (sum of |x_j| over I)^2 / |I|.
double optimal_threshold(std::vector<double> magnitudes) {
  std::ranges::sort(magnitudes, std::greater{});
  double threshold = 0, largest = 0, sum = 0;
  for (std::size_t size = 1; size <= magnitudes.size(); ++size) {
    sum += magnitudes[size - 1];
    // Delta has to separate I from the next smaller magnitude; below all, it may be 0.
    const double next = size < magnitudes.size() ? magnitudes[size] : 0;
    const double objective = sum * sum / static_cast<double>(size);
    if (next < magnitudes[size - 1] && objective > largest) {
      largest = objective;
      threshold = next;
    }
  }
  return threshold;
}

}  // namespace

void Ternary::encode(std::span<const double> x, Wire wire, Rng& rng, BitWriter& out) const {
  const double s = rounded_up(finite_largest_magnitude(x, wire), wire);
  put_scale(s, wire, out);
  put_symbols(std::ssize(x), 2, out, [&](Index j) {
    const double probability = s > 0 ? std::abs(x[j]) / s : 0;
    return trit(x[j], rng.uniform() < probability);
  });
}

void Ternary::add_decoded(BitReader& in, Wire wire, double weight, std::span<double> sum) const {
  add_trits(in, wire, weight, sum);
}

Theory Ternary::theory(Index d) const {
  return Theory::of_variance(d > 0 ? (std::sqrt(static_cast<double>(d)) - 1) / 2 : 0);
}

void Threshold::encode(std::span<const double> x, Wire wire, Rng&, BitWriter& out) const {
  const Index d = std::ssize(x);
  const double largest = finite_largest_magnitude(x, wire), unit = normalizer(largest);
  const auto magnitude = [&](Index j) { return std::abs(unit * x[j]); };
  double delta = 0;
  if (optimal) {
    std::vector<double> magnitudes(x.size());
    for (Index j = 0; j < d; ++j) magnitudes[j] = magnitude(j);
    delta = optimal_threshold(std::move(magnitudes));
  } else if (d > 0) {
    delta = 0.75 * (lane_sum(d, magnitude) / static_cast<double>(d));
  }
  const auto kept = [&](Index j) { return magnitude(j) > delta; };
  const double count = lane_sum(d, [&](Index j) { return kept(j) ? 1.0 : 0.0; });
  const double sum = lane_sum(d, [&](Index j) { return kept(j) ? magnitude(j) : 0.0; });
  // A mean is not above the largest, unless it is rounded so.
  put_scale(count > 0 ? std::min(sum / count / unit, largest) : 0, wire, out);
  put_symbols(d, 2, out, [&](Index j) { return trit(x[j], kept(j)); });
}

void Threshold::add_decoded(BitReader& in, Wire wire, double weight, std::span<double> sum) const {
  add_trits(in, wire, weight, sum);
}

// With s as in Eq. (23), |C(x) - x|^2 = |x|^2 - S^2 / m, where m = |I| and S = sum of |x_j| over I.
//
// Delta = 0.75 |x|_1 / d: the d - m coordinates outside I make up at most (d - m) Delta, so with u = m / d
//   S >= |x|_1 (1 - 0.75 (1 - u)),   S^2 / m >= |x|_1^2 / d (1 + 3 u)^2 / (16 u) >= 3/4 |x|_1^2 / d,
// with the last minimum at u = 1/3, and |x|_1 >= |x|.
//
// Delta*: let B = max_m S_m^2 / m, S_m the sum of the m largest magnitudes. As every S_m <= sqrt(B m), they
// are weakly majorized by sqrt(B) (sqrt(m) - sqrt(m - 1)), m = 1, ..., d, so that
//   |x|^2 / B <= sum_m (sqrt(m) - sqrt(m - 1))^2 <= 1 + sum_{m > 1} 1 / (4 (m - 1)) <= 1 + (1 + log d) / 4.
Theory Threshold::theory(Index d) const {
  if (d == 0) return Theory::of_contraction(0);
  const auto dimension = static_cast<double>(d);
  return Theory::of_contraction(optimal ? 1 - 1 / (1 + (1 + std::log(dimension)) / 4)
                                        : 1 - 3 / (4 * dimension));
}

void Qsgd::encode(std::span<const double> x, Wire wire, Rng& rng, BitWriter& out) const {
  const Index d = std::ssize(x);
  const double unit = normalizer(finite_largest_magnitude(x, wire));
  const double squares = lane_sum(d, [&](Index j) { return (unit * x[j]) * (unit * x[j]); });
  const double norm = rounded_up(std::sqrt(squares) / unit, wire);
  put_scale(norm, wire, out);
  put_symbols(d, symbol_bits(), out, [&](Index j) {
    const double position = norm > 0 ? std::abs(x[j]) / norm * levels : 0;
    const double below = std::floor(position);
    const auto level = static_cast<std::uint64_t>(below) + (rng.uniform() < position - below);
    return level << 1 | std::uint64_t{x[j] < 0};
  });
}

void Qsgd::add_decoded(BitReader& in, Wire wire, double weight, std::span<double> sum) const {
  const double norm = get_real(in, wire);
  get_symbols(in, std::ssize(sum), symbol_bits(), [&](Index j, std::uint64_t symbol) {
    const auto level = static_cast<int>(symbol >> 1);
    if (level > levels) throw CorruptMessage(fmt::format("level {} of {}", level, levels));
    const double sign = 1 - 2 * static_cast<double>(symbol & 1);
    sum[j] += weight * (sign * norm * (static_cast<double>(level) / levels));
  });
}

Theory Qsgd::theory(Index d) const {
  const auto dimension = static_cast<double>(d), s = static_cast<double>(levels);
  return Theory::of_variance(std::min(dimension / (s * s), std::sqrt(dimension) / s));
}

void Qsgd::require(Index) const {
  if (levels < 1) throw std::invalid_argument(fmt::format("levels is {}; it has to be at least 1", levels));
}

int Qsgd::symbol_bits() const {
  return 1 + static_cast<int>(std::bit_width(static_cast<unsigned>(levels)));
}

}  // namespace gossamer
