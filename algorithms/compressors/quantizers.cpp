#include "algorithms/compressors/quantizers.hpp"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <functional>
#include <utility>
#include <vector>

#include "algorithms/compressors/magnitudes.hpp"

namespace gossamer {
namespace {

/// Symbols are written and read a word at a time: the number of symbols of `bits` bits that fit in a word.
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

/// sign(x_j) with probability |x_j| / s, else 0.
std::uint64_t drawn_trit(double x_j, double s, Rng& rng) {
  const double probability = s > 0 ? std::abs(x_j) / s : 0;
  return trit(x_j, rng.uniform() < probability);
}

constexpr Index trits_per_word = 32;

/// Appends d of them: trit(k) for the k-th coordinate that x lists, 0 for the others.
template <class Trit>
void put_trits(const SparseVector& x, Index d, BitWriter& out, Trit trit) {
  std::uint64_t word = 0;
  Index first = 0;  // The coordinate that the word begins with.
  const auto write_before = [&](Index j) {
    for (; first + trits_per_word <= j; first += trits_per_word) out.put(std::exchange(word, 0), 64);
  };
  for (Index k = 0; k < x.size(); ++k) {
    const Index j = x.indices[k];
    write_before(j);
    word |= trit(k) << 2 * (j - first);
  }
  write_before(d);
  out.put(word, static_cast<int>(2 * (d - first)));
}

[[noreturn]] void refuse_trit() {
  throw CorruptMessage("symbol 0b10 in a message of 0b00, 0b01 and 0b11");
}

/// sum <- sum + weight * v, with v a scale times -1, 0 or 1 for each coordinate.
void add_trits(BitReader& in, Wire wire, double weight, std::span<double> sum) {
  const double step = weight * get_real(in, wire);
  const std::array<double, 4> steps{0, step, 0, -step};
  get_symbols(in, std::ssize(sum), 2, [&](Index j, std::uint64_t symbol) {
    if (symbol == 0b10) refuse_trit();
    sum[j] += steps[symbol];
  });
}

/// v itself, in R^d.
SparseVector get_sparse_trits(BitReader& in, Wire wire, Index d) {
  const double scale = get_real(in, wire);
  SparseVector v;
  for (Index first = 0; first < d; first += trits_per_word) {
    const Index count = std::min(d - first, trits_per_word);
    for (std::uint64_t rest = in.get(static_cast<int>(2 * count)); rest != 0;) {
      const int shift = std::countr_zero(rest) & ~1;
      const std::uint64_t symbol = rest >> shift & 0b11;
      if (symbol == 0b10) refuse_trit();
      v.indices.push_back(static_cast<std::int32_t>(first + shift / 2));
      v.values.push_back(symbol == 0b01 ? scale : -scale);
      rest ^= symbol << shift;
    }
  }
  return v;
}

/// Delta* of Eq. (24): maximises (sum of |x_j| over I)^2 / |I|. Zeros may be left out.
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

/// Threshold::encode for the coordinates of x in R^d that are listed, and `largest`, their largest magnitude.
/// `sum` adds a term for each of them, and `put` writes a symbol for each; both have zeros for the others.
template <class Sum, class Put>
void encode_threshold(bool optimal, std::span<const double> listed, double largest, Index d, Wire wire,
                      BitWriter& out, Sum sum, Put put) {
  const double unit = normalizer(largest);
  const auto magnitude = [&](Index k) { return std::abs(unit * listed[k]); };
  double delta = 0;
  if (optimal) {
    std::vector<double> magnitudes(listed.size());
    for (Index k = 0; k < std::ssize(listed); ++k) magnitudes[k] = magnitude(k);
    delta = optimal_threshold(std::move(magnitudes));
  } else if (d > 0) {
    delta = 0.75 * (sum(magnitude) / static_cast<double>(d));
  }
  const auto kept = [&](Index k) { return magnitude(k) > delta; };
  const double count = sum([&](Index k) { return kept(k) ? 1.0 : 0.0; });
  const double total = sum([&](Index k) { return kept(k) ? magnitude(k) : 0.0; });
  // A mean is not above the largest, unless it is rounded so.
  put_scale(count > 0 ? std::min(total / count / unit, largest) : 0, wire, out);
  put([&](Index k) { return trit(listed[k], kept(k)); });
}

}  // namespace

void Ternary::encode(std::span<const double> x, Wire wire, Rng& rng, BitWriter& out) const {
  const double s = rounded_up(finite_largest_magnitude(x, wire), wire);
  put_scale(s, wire, out);
  put_symbols(std::ssize(x), 2, out, [&](Index j) { return drawn_trit(x[j], s, rng); });
}

void Ternary::encode(const SparseVector& x, Index d, Wire wire, Rng& rng, BitWriter& out) const {
  const double s = rounded_up(finite_largest_magnitude(x, wire), wire);
  put_scale(s, wire, out);
  Index drawn = 0;  // For every coordinate a number is drawn, listed or not.
  const auto skip_before = [&](Index j) {
    for (; drawn < j; ++drawn) rng.next();
  };
  put_trits(x, d, out, [&](Index k) {
    skip_before(x.indices[k]);
    ++drawn;
    return drawn_trit(x.values[k], s, rng);
  });
  skip_before(d);
}

void Ternary::add_decoded(BitReader& in, Wire wire, double weight, std::span<double> sum) const {
  add_trits(in, wire, weight, sum);
}

SparseVector Ternary::decode(BitReader& in, Wire wire, Index d) const {
  return get_sparse_trits(in, wire, d);
}

Theory Ternary::theory(Index d) const {
  return Theory::of_variance(d > 0 ? (std::sqrt(static_cast<double>(d)) - 1) / 2 : 0);
}

void Threshold::encode(std::span<const double> x, Wire wire, Rng&, BitWriter& out) const {
  const Index d = std::ssize(x);
  encode_threshold(
      optimal, x, finite_largest_magnitude(x, wire), d, wire, out,
      [d](auto term) { return lane_sum(d, term); }, [&](auto trit_at) { put_symbols(d, 2, out, trit_at); });
}

void Threshold::encode(const SparseVector& x, Index d, Wire wire, Rng&, BitWriter& out) const {
  encode_threshold(
      optimal, x.values, finite_largest_magnitude(x, wire), d, wire, out,
      [&](auto term) { return lane_sum(x.indices, term); },
      [&](auto trit_at) { put_trits(x, d, out, trit_at); });
}

void Threshold::add_decoded(BitReader& in, Wire wire, double weight, std::span<double> sum) const {
  add_trits(in, wire, weight, sum);
}

SparseVector Threshold::decode(BitReader& in, Wire wire, Index d) const {
  return get_sparse_trits(in, wire, d);
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
  const int s = levels;
  const double norm = rounded_up(std::sqrt(squares) / unit, wire);
  put_scale(norm, wire, out);
  put_symbols(d, symbol_bits(), out, [&](Index j) {
    const double position = norm > 0 ? std::abs(x[j]) / norm * s : 0;
    const double below = std::floor(position);
    const auto level = static_cast<std::uint64_t>(below) + (rng.uniform() < position - below);
    return level << 1 | std::uint64_t{x[j] < 0};
  });
}

void Qsgd::add_decoded(BitReader& in, Wire wire, double weight, std::span<double> sum) const {
  const double norm = get_real(in, wire);
  const int s = levels;
  get_symbols(in, std::ssize(sum), symbol_bits(), [&](Index j, std::uint64_t symbol) {
    const auto level = static_cast<int>(symbol >> 1);
    if (level > s) throw CorruptMessage(fmt::format("level {} of {}", level, s));
    const double sign = 1 - 2 * static_cast<double>(symbol & 1);
    sum[j] += weight * (sign * norm * (static_cast<double>(level) / s));
  });
}

Theory Qsgd::theory(Index d) const {
  const auto dimension = static_cast<double>(d), s = static_cast<double>(*levels);
  return Theory::of_variance(std::min(dimension / (s * s), std::sqrt(dimension) / s));
}

void Qsgd::require(Index) const {
  if (levels < 1) throw std::invalid_argument(fmt::format("levels is {}; it has to be at least 1", *levels));
}

int Qsgd::symbol_bits() const {
  return 1 + static_cast<int>(std::bit_width(static_cast<unsigned>(*levels)));
}

}  // namespace gossamer
