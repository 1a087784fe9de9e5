// The statistical tests have fixed seeds: they pass or fail for good. The false-alarm probability stated for
// each is that of a correct generator failing with a seed chosen at random.
#include "sim/random.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <vector>

namespace gossamer {
namespace {

/// The greatest distance between the distribution of `count` draws and `cdf`, times sqrt(count). That of a
/// correct sampler exceeds 2.7 with probability 2 exp(-2 * 2.7^2) < 1e-6 [Massart 1990].
template <class Draw, class Cdf>
double kolmogorov_smirnov(int count, Draw draw, Cdf cdf) {
  std::vector<double> sample(static_cast<std::size_t>(count));
  for (double& x : sample) x = draw();
  std::ranges::sort(sample);
  double distance = 0;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const double p = cdf(sample[i]), below = static_cast<double>(i) / count;
    distance = std::max({distance, p - below, below + 1.0 / count - p});
  }
  return distance * std::sqrt(count);
}

/// The probability that chi-square with this many degrees of freedom is at least x: Q(degrees / 2, x / 2),
/// with Q(1/2, y) = erfc(sqrt(y)), Q(1, y) = exp(-y), Q(a + 1, y) = Q(a, y) + y^a exp(-y) / Gamma(a + 1).
double chi_square_tail(double x, int degrees) {
  const bool odd = degrees % 2 == 1;
  const double y = x / 2;
  double q = odd ? std::erfc(std::sqrt(y)) : std::exp(-y);
  // NOLINTNEXTLINE(clang-analyzer-security.FloatLoopCounter): halves are exact.
  for (double a = odd ? 0.5 : 1; a < degrees / 2.0; ++a)
    q += std::exp(a * std::log(y) - y - std::lgamma(a + 1));
  return q;
}

/// The probability that cells of equal probability are filled at least as unevenly as this.
double evenness(const std::vector<int>& counts) {
  const auto cells = static_cast<double>(counts.size());
  const double expected = std::accumulate(counts.begin(), counts.end(), 0.0) / cells;
  double x = 0;
  for (const int count : counts) x += (count - expected) * (count - expected) / expected;
  return chi_square_tail(x, static_cast<int>(counts.size()) - 1);
}

TEST_CASE("the generator is xoshiro256++ seeded by SplitMix64") {
  // From the authors' splitmix64.c and xoshiro256plusplus.c; Rust's rand publishes the same ten for seed 0.
  Rng rng(0);
  for (const std::uint64_t expected :
       {5987356902031041503U, 7051070477665621255U, 6633766593972829180U, 211316841551650330U,
        9136120204379184874U, 379361710973160858U, 15813423377499357806U, 15596884590815070553U,
        5439680534584881407U, 1369371744833522710U}) {
    CHECK(rng.next() == expected);
  }
}

TEST_CASE("streams differ in seed, node and purpose") {
  std::set<std::uint64_t> seeds;
  std::size_t streams = 0;
  for (const std::uint64_t seed : {0U, 1U, 2U, 1000U}) {
    for (std::int64_t node = -1; node < 500; ++node) {
      for (const char* purpose : {"", "a", "b", "ab", "ba", "sampling", "compressor"}) {
        seeds.insert(stream_seed(seed, node, purpose));
        ++streams;
      }
    }
  }
  CHECK(seeds.size() == streams);
  static_assert(stream_seed(1, 2, "sampling") == stream_seed(1, 2, "sampling"));
}

TEST_CASE("streams of neighbours are not alike") {
  // Two independent words differ in 32 +- 4 bits; the mean over 40,000 pairs in 32 +- 0.02. False alarm
  // beyond 6 sigma: 2e-9.
  constexpr int pairs = 40'000;
  std::int64_t differing = 0;
  for (int i = 0; i < pairs; ++i) {
    differing += std::popcount(named_stream(1, i, "x").next() ^ named_stream(1, i + 1, "x").next());
  }
  CHECK(std::abs(static_cast<double>(differing) / pairs - 32) < 0.12);
}

TEST_CASE("below is unbiased") {
  // For the bound 3 * 2^62, next() % bound would favour the lowest third, and the upper word of next() *
  // bound without rejection the multiples of 3. Nine equal cells, 8 degrees of freedom; false alarm 1e-6.
  constexpr std::uint64_t third = std::uint64_t{1} << 62;
  Rng rng(3);
  std::vector<int> counts(9);
  for (int i = 0; i < 90'000; ++i) {
    const std::uint64_t x = rng.below(3 * third);
    REQUIRE(x < 3 * third);
    ++counts[3 * (x / third) + x % 3];
  }
  CHECK(evenness(counts) > 1e-6);
  CHECK(rng.below(1) == 0);
}

TEST_CASE("a shuffle makes every order equally likely") {
  // 4! cells, 23 degrees of freedom; false alarm 1e-6. An order's cell is its number in base 4.
  Rng rng(4);
  std::map<int, int> cells;
  for (int i = 0; i < 24'000; ++i) {
    std::array<int, 4> order{0, 1, 2, 3};
    shuffle(order, rng);
    ++cells[order[0] + 4 * order[1] + 16 * order[2] + 64 * order[3]];
  }
  std::vector<int> counts;
  for (const auto& [order, count] : cells) counts.push_back(count);
  REQUIRE(counts.size() == 24);
  CHECK(evenness(counts) > 1e-6);
}

TEST_CASE("the distributions are what they are called") {
  // False alarm of each below 1e-6.
  constexpr int count = 20'000;
  Rng rng(5);
  const auto uniform = [](double x) { return x; };
  CHECK(kolmogorov_smirnov(
            count, [&] { return rng.uniform(); }, uniform) < 2.7);
  CHECK(kolmogorov_smirnov(
            count, [&] { return rng.exponential(3); }, [](double x) { return -std::expm1(-x / 3); }) < 2.7);
  CHECK(kolmogorov_smirnov(
            count, [&] { return rng.normal(); },
            [](double x) { return std::erfc(-x / std::numbers::sqrt2) / 2; }) < 2.7);
  // Gamma(1/2) is half the square of a normal; Gamma(3) is the third arrival of a Poisson process.
  CHECK(kolmogorov_smirnov(
            count, [&] { return std::exp(rng.log_gamma(0.5)); },
            [](double x) { return std::erf(std::sqrt(x)); }) < 2.7);
  CHECK(kolmogorov_smirnov(
            count, [&] { return std::exp(rng.log_gamma(3)); },
            [](double x) { return 1 - std::exp(-x) * (1 + x + x * x / 2); }) < 2.7);
}

TEST_CASE("a tiny gamma shape does not underflow") {
  // Gamma(k)^k tends to a uniform as k tends to 0, and Gamma(k) itself is mostly below the least double.
  constexpr double shape = 1e-6;
  Rng rng(6);
  const auto draw = [&] { return std::exp(shape * rng.log_gamma(shape)); };
  CHECK(kolmogorov_smirnov(20'000, draw, [](double x) { return x; }) < 2.7);
}

TEST_CASE("the order of draws does not depend on the compiler") {
  // log Gamma(k) = log Gamma(k + 1) + log(U) / k, in this order.
  Rng rng(7), same(7);
  const double larger = same.log_gamma(1.25);
  CHECK(rng.log_gamma(0.25) == larger + std::log1p(-same.uniform()) / 0.25);
}

}  // namespace
}  // namespace gossamer
