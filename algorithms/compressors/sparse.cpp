#include "algorithms/compressors/sparse.hpp"

#include <fmt/format.h>

#include <bit>
#include <functional>
#include <limits>
#include <vector>

#include "algorithms/compressors/magnitudes.hpp"
#include "algorithms/compressors/reals.hpp"
#include "algorithms/vectors/support.hpp"

namespace gossamer {
namespace {

/// Bits of the number of survivors.
constexpr int count_bits = 32;

/// k for vectors of d coordinates, never above d. Throws std::invalid_argument unless one of k and fraction
/// is given.
template <class Codec>
Index size_kept(const Codec& codec, Index d) {
  if (codec.k && codec.fraction)
    throw std::invalid_argument("k and fraction are both given; give one of them");
  if (!codec.k && !codec.fraction)
    throw std::invalid_argument("neither k nor fraction is given; give one of them");
  if (codec.k) return std::clamp<Index>(*codec.k, 0, d);
  const double share = std::clamp(*codec.fraction, 0.0, 1.0);
  return std::min(d, std::max<Index>(1, std::lround(share * static_cast<double>(d))));
}

template <class Codec>
void require_kept(const Codec& codec, Index d) {
  (void)size_kept(codec, d);
  if (codec.k && (*codec.k < 1 || *codec.k > d)) {
    throw std::invalid_argument(fmt::format("k is {}, but it has to be in [1, d], d = {}", *codec.k, d));
  }
  if (codec.fraction && !(*codec.fraction > 0 && *codec.fraction <= 1)) {
    throw std::invalid_argument(fmt::format("fraction is {}, but it has to be in (0, 1]", *codec.fraction));
  }
}

template <class Codec>
void require_sparsify(const Codec& codec, Index d) {
  require_kept(codec, d);
  if (d > std::numeric_limits<std::uint32_t>::max()) {
    throw std::invalid_argument(
        fmt::format("d is {}, but the number of survivors has {} bits", d, count_bits));
  }
}

/// k/d.
template <class Codec>
double share(const Codec& codec, Index d) {
  return d > 0 ? static_cast<double>(size_kept(codec, d)) / static_cast<double>(d) : 1;
}

// ---- Coordinates on the wire

int index_bits(Index d) {
  return d > 0 ? static_cast<int>(std::bit_width(static_cast<std::uint64_t>(d - 1))) : 0;
}

Bits coordinates_size(Index count, Index d, Wire wire) {
  return count * Bits{index_bits(d) + width(wire)};
}

/// Counts the `count` coordinates that were written since the size was `since`.
void account(Accounting accounting, Bits since, Index count, Wire wire, BitWriter& out) {
  if (accounting == Accounting::values) out.recount(since, count * Bits{width(wire)});
  if (accounting == Accounting::pairs) out.recount(since, count * Bits{32 + 32});
}

struct Coordinate {
  Index j;
  double value;
};

void put(Coordinate coordinate, Index d, Wire wire, BitWriter& out) {
  out.put(static_cast<std::uint64_t>(coordinate.j), index_bits(d));
  put_coordinate(coordinate.j, coordinate.value, wire, out);
}

/// sum <- sum + weight * v, with v the next `count` coordinates.
void add(BitReader& in, Index count, Wire wire, double weight, std::span<double> sum) {
  const Index d = std::ssize(sum);
  Index previous = -1;
  for (; count > 0; --count) {
    const auto j = static_cast<Index>(in.get(index_bits(d)));
    if (j >= d) throw CorruptMessage(fmt::format("index {} in a vector of {} coordinates", j, d));
    if (j <= previous) throw CorruptMessage(fmt::format("index {} after index {}", j, previous));
    sum[j] += weight * get_real(in, wire);
    previous = j;
  }
}

void put_survivors(const std::vector<Coordinate>& survivors, Accounting accounting, Index d, Wire wire,
                   BitWriter& out) {
  const Bits begin = out.size();
  out.reserve(Bits{count_bits} + coordinates_size(std::ssize(survivors), d, wire));
  out.put(survivors.size(), count_bits);
  for (const Coordinate& survivor : survivors) put(survivor, d, wire, out);
  account(accounting, begin, std::ssize(survivors), wire, out);
}

void add_survivors(BitReader& in, Wire wire, double weight, std::span<double> sum) {
  add(in, static_cast<Index>(in.get(count_bits)), wire, weight, sum);
}

// ---- Largest magnitudes

/// The k-th largest of some numbers, and how many of the k largest equal it.
template <class Number>
struct Cut {
  Number value;
  Index ties;
};

/// Reorders the numbers so that the k >= 1 largest come first.
template <class Number>
Cut<Number> cut(std::vector<Number>& numbers, Index k) {
  const auto kth = numbers.begin() + (k - 1);
  std::nth_element(numbers.begin(), kth, numbers.end(), std::greater{});
  return {*kth, std::count(numbers.begin(), kth + 1, *kth)};
}

/// Appends the k >= 1 largest coordinates. If any is not finite on the wire, then one of these,
/// which is refused.
template <class Real>
void put_largest(std::span<const double> x, Index k, Wire wire, BitWriter& out) {
  const auto pattern = [](double x_j) { return magnitude_pattern(nearest<Real>(x_j)); };
  std::vector<MagnitudePattern<Real>> patterns(x.size());
  std::ranges::transform(x, patterns.begin(), pattern);
  auto [smallest, ties] = cut(patterns, k);
  const Index d = std::ssize(x);
  for (Index j = 0; j < d; ++j) {
    const auto magnitude = pattern(x[j]);
    if (magnitude > smallest || (magnitude == smallest && ties-- > 0)) put({j, x[j]}, d, wire, out);
  }
}

// ---- Random coordinates

/// Calls take(j) in ascending order for k of the indices 0, ..., d - 1, drawn without replacement: every set
/// of k has the same probability [Floyd's algorithm; Bentley, Floyd 1987].
template <class Take>
void draw_indices(std::uint64_t seed, Index k, Index d, Take take) {
  Support drawn(d);
  Rng rng(seed);
  for (Index last = d - k; last < d; ++last) {
    const auto j = static_cast<Index>(rng.below(static_cast<std::uint64_t>(last) + 1));
    drawn.insert(drawn.contains(j) ? last : j);
  }
  drawn.for_each(take);
}

/// The probabilities p_j = min(c |x_j|, 1) of SparsifyMinVariance, for k >= 1.
class MinVariance {
 public:
  MinVariance(std::span<const double> x, Index k) {
    std::vector<double> magnitudes(x.size());
    std::ranges::transform(x, magnitudes.begin(), [](double x_j) { return std::abs(x_j); });
    const double kth = cut(magnitudes, k).value;
    if (kth == 0) return;  // Fewer than k non-zeros.

    // If the r largest are capped at p_j = 1, the others share k - r: 1/c = (sum of the others) / (k - r).
    // That r is the smallest for which this caps no other. It is less than k, and if some r does, r + 1 does
    // too. All numbers are scaled so that the k-th largest is near 1: those above it may overflow, but then
    // they are capped.
    unit_ = normalizer(kth);
    std::sort(magnitudes.begin(), magnitudes.begin() + k, std::greater{});
    const Index d = std::ssize(x);
    const double below =
        lane_sum(d, [&](Index j) { return std::abs(x[j]) < kth ? unit_ * std::abs(x[j]) : 0.0; });
    const auto others_alike = static_cast<double>(std::count(magnitudes.begin() + k, magnitudes.end(), kth));
    const auto scaled = [&](Index rank) { return unit_ * magnitudes[rank]; };
    Index r = k - 1;
    double others = below + others_alike * scaled(k - 1) + scaled(k - 1);
    for (; r > 0 && static_cast<double>(k - r) * scaled(r - 1) <= others; --r) others += scaled(r - 1);
    level_ = others / static_cast<double>(k - r);
  }

  double operator()(double x_j) const {
    if (x_j == 0) return 0;
    const double magnitude = unit_ * std::abs(x_j);
    return magnitude < level_ ? magnitude / level_ : 1;
  }

 private:
  double unit_ = 1;
  double level_ = 0;  ///< unit / c.
};

/// The coordinates that survive, each with probability(x_j), as x_j / probability(x_j).
template <class Probability>
std::vector<Coordinate> survivors_of(std::span<const double> x, Rng& rng, Probability probability) {
  std::vector<Coordinate> survivors;
  for (Index j = 0; j < std::ssize(x); ++j) {
    const double p = probability(x[j]);
    if (rng.uniform() < p) survivors.push_back({j, x[j] / p});
  }
  return survivors;
}

}  // namespace

void TopK::encode(std::span<const double> x, Wire wire, Rng&, BitWriter& out) const {
  const Index kept = size_kept(*this, std::ssize(x));
  if (kept == 0) return;
  const Bits begin = out.size();
  with_real(wire, [&]<class Real>(std::type_identity<Real>) { put_largest<Real>(x, kept, wire, out); });
  account(accounting, begin, kept, wire, out);
}

void TopK::add_decoded(BitReader& in, Wire wire, double weight, std::span<double> sum) const {
  add(in, size_kept(*this, std::ssize(sum)), wire, weight, sum);
}

Theory TopK::theory(Index d) const {
  return Theory::of_contraction(1 - share(*this, d));
}

std::optional<Bits> TopK::bits(Index d, Wire wire) const {
  return coordinates_size(size_kept(*this, d), d, wire);
}

void TopK::require(Index d) const {
  require_kept(*this, d);
}

void RandomK::encode(std::span<const double> x, Wire wire, Rng& rng, BitWriter& out) const {
  const Index d = std::ssize(x), kept = size_kept(*this, d);
  require_finite(x, wire);
  const double factor = unbiased ? 1 / share(*this, d) : 1;
  const std::uint64_t seed = rng.next();
  const Bits begin = out.size();
  if (shared_seed) out.put(seed, 64);
  draw_indices(seed, kept, d, [&](Index j) {
    if (shared_seed)
      put_coordinate(j, factor * x[j], wire, out);
    else
      put({j, factor * x[j]}, d, wire, out);
  });
  account(accounting, begin, kept, wire, out);
}

void RandomK::add_decoded(BitReader& in, Wire wire, double weight, std::span<double> sum) const {
  const Index d = std::ssize(sum), kept = size_kept(*this, d);
  if (!shared_seed) return add(in, kept, wire, weight, sum);
  draw_indices(in.get(64), kept, d, [&](Index j) { sum[j] += weight * get_real(in, wire); });
}

Theory RandomK::theory(Index d) const {
  return unbiased ? Theory::of_variance(1 / share(*this, d) - 1)
                  : Theory::of_contraction(1 - share(*this, d));
}

std::optional<Bits> RandomK::bits(Index d, Wire wire) const {
  const Index kept = size_kept(*this, d);
  return shared_seed ? Bits{64} + kept * Bits{width(wire)} : coordinates_size(kept, d, wire);
}

void RandomK::require(Index d) const {
  require_kept(*this, d);
}

void SparsifyMinVariance::encode(std::span<const double> x, Wire wire, Rng& rng, BitWriter& out) const {
  const Index d = std::ssize(x), kept = size_kept(*this, d);
  require_finite(x, wire);
  std::vector<Coordinate> survivors;
  if (kept > 0) survivors = survivors_of(x, rng, MinVariance(x, kept));
  put_survivors(survivors, accounting, d, wire, out);
}

void SparsifyMinVariance::add_decoded(BitReader& in, Wire wire, double weight, std::span<double> sum) const {
  add_survivors(in, wire, weight, sum);
}

Theory SparsifyMinVariance::theory(Index d) const {
  return Theory::of_variance(1 / share(*this, d) - 1);
}

void SparsifyMinVariance::require(Index d) const {
  require_sparsify(*this, d);
}

void SparsifyUniform::encode(std::span<const double> x, Wire wire, Rng& rng, BitWriter& out) const {
  const Index d = std::ssize(x);
  require_finite(x, wire);
  const double p = share(*this, d);
  put_survivors(survivors_of(x, rng, [&](double) { return p; }), accounting, d, wire, out);
}

void SparsifyUniform::add_decoded(BitReader& in, Wire wire, double weight, std::span<double> sum) const {
  add_survivors(in, wire, weight, sum);
}

Theory SparsifyUniform::theory(Index d) const {
  return Theory::of_variance(1 / share(*this, d) - 1);
}

void SparsifyUniform::require(Index d) const {
  require_sparsify(*this, d);
}

}  // namespace gossamer
