// What theory() promises. The statistical tests have fixed seeds: they pass or fail for good.
#include <catch2/catch.hpp>
#include <map>

#include "tests/compressors/definitions.hpp"
#include "tests/compressors/samples.hpp"

namespace gossamer {
namespace {

using namespace testing;

/// How far the mean of `count` independent numbers may be from its expectation, if they have at most this
/// variance and are at most `range` away from it. A right codec exceeds it with probability 1e-10 at most
/// [Bernstein 1946].
double deviation(double variance, double range, int count) {
  const double odds = std::log(2 / 1e-10);
  return std::sqrt(2 * variance * odds / count) + 2 * range * odds / (3 * count);
}

/// The largest magnitude that C(x) can have.
double reach(const auto&, const Vector& x) {
  return x.abs().maxCoeff();
}
double reach(const Qsgd&, const Vector& x) {
  return norm(x);
}
double reach(const RandomK& codec, const Vector& x) {
  const double d_k = static_cast<double>(x.size()) / static_cast<double>(kept(codec, x.size()));
  return x.abs().maxCoeff() * (codec.unbiased ? d_k : 1);
}
double reach(const SparsifyMinVariance& codec, const Vector& x) {
  return std::max(x.abs().maxCoeff(), x.abs().sum() / static_cast<double>(kept(codec, x.size())));
}
double reach(const SparsifyUniform& codec, const Vector& x) {
  return x.abs().maxCoeff() * static_cast<double>(x.size()) / static_cast<double>(kept(codec, x.size()));
}

/// E|C(x) - x|^2 where it has a simple form.
std::optional<double> expected_error(const auto&, const Vector&) {
  return std::nullopt;
}
std::optional<double> expected_error(const Ternary&, const Vector& x) {
  return std::max(0.0, x.abs().maxCoeff() * x.abs().sum() - squared_norm(x));
}
std::optional<double> expected_error(const RandomK& codec, const Vector& x) {
  const double k_d = static_cast<double>(kept(codec, x.size())) / static_cast<double>(x.size());
  return (codec.unbiased ? 1 / k_d - 1 : 1 - k_d) * squared_norm(x);
}
std::optional<double> expected_error(const SparsifyUniform& codec, const Vector& x) {
  return (static_cast<double>(x.size()) / static_cast<double>(kept(codec, x.size())) - 1) * squared_norm(x);
}

/// What rounding to the wire may change a coordinate by.
double rounding(double magnitude, Wire wire) {
  const auto [digit, denormal, largest] = range_of(wire);
  return (wire == Wire::float64 ? 0x1p-45 : 2 * digit) * magnitude + denormal;
}

TEST_CASE("messages are as near to x, and as unbiased, as theory says", "[theory]") {
  // About 20 bounds a case, 1800 cases: a false alarm for one seed in 250,000.
  constexpr Index d = 20;
  constexpr int count = 2000;
  for (const auto& [codec_name, codec, compressor] : all_compressors()) {
    const Theory constants = theory(compressor, d);
    for (const Wire wire : wires) {
      for (const auto& [vector_name, x] : vectors(d, wire)) {
        const double largest = x.abs().maxCoeff(), squares = squared_norm(x);
        if (largest > 1e150 || (largest > 0 && largest < 1e-150))
          continue;  // Their squares are out of range.
        INFO(codec_name << ", " << vector_name << ", " << names(wire)[static_cast<int>(wire)]);

        Rng rng(20);
        Vector mean = zeros_like(x);
        double error = 0, farthest = 0;
        for (int i = 0; i < count; ++i) {
          const Vector c = compressed(compressor, x, wire, rng);
          farthest = std::max(farthest, c.abs().maxCoeff());
          mean += c / count;
          error += squared_norm(c - x) / count;
        }

        const double bound = std::visit([&, &x = x](const auto& its) { return reach(its, x); }, codec);
        const double rounded = rounding(bound, wire);
        if (!std::holds_alternative<Sign>(codec)) CHECK(farthest <= bound + rounded);

        // Rounding moves |C(x) - x| by at most sqrt(d) rounded.
        const auto moved = [&](double square) {
          return std::pow(std::sqrt(square) + std::sqrt(static_cast<double>(d)) * rounded, 2) - square;
        };
        const double error_range = d * std::pow(bound + largest, 2);
        const auto check_error = [&](double limit) {
          CHECK(error <= limit + moved(limit) + deviation(error_range * limit, error_range, count));
        };
        if (constants.contraction) check_error(*constants.contraction * squares);
        if (constants.variance) check_error(*constants.variance * squares);
        const auto exact = std::visit([&, &x = x](const auto& its) { return expected_error(its, x); }, codec);
        if (exact) {
          const double margin = deviation(error_range * *exact, error_range, count);
          CHECK(std::abs(error - *exact) <= moved(*exact) + margin);
        }

        if (!constants.unbiased) continue;
        // |C(x)_j| <= bound and E|C(x)_j| = |x_j|, so the variance is at most bound |x_j|.
        for (Index j = 0; j < d; ++j) {
          const double margin = deviation(bound * std::abs(x[j]), 2 * bound, count);
          if (!(std::abs(mean[j] - x[j]) <= margin + rounded))
            FAIL("coordinate " << j << ": " << mean[j] << ", not " << x[j]);
        }
      }
    }
  }
}

TEST_CASE("the constants", "[theory]") {
  const auto contraction = [](const Compressor& compressor, Index d) {
    return theory(compressor, d).contraction;
  };
  const auto variance = [](const Compressor& compressor, Index d) { return theory(compressor, d).variance; };
  CHECK(contraction(Identity{}, 8) == 0);
  CHECK(contraction(ScaledSign{}, 8) == 1 - 1.0 / 8);
  CHECK(contraction(TopK{.k = 2}, 8) == 0.75);
  CHECK(contraction(TopK{.fraction = 0.3}, 8) == 0.75);
  CHECK(contraction(RandomK{.k = 2}, 8) == 0.75);
  CHECK(contraction(Threshold{}, 8) == 1 - 3.0 / 32);
  CHECK_FALSE(contraction(Sign{}, 8));
  CHECK_FALSE(contraction(RandomK{.k = 2, .unbiased = true}, 8));
  CHECK(contraction(RandomK{.k = 6, .unbiased = true}, 8) == 8.0 / 6 - 1);
  CHECK(variance(RandomK{.k = 2, .unbiased = true}, 8) == 3);
  CHECK(variance(SparsifyUniform{.k = 2}, 8) == 3);
  CHECK(variance(SparsifyMinVariance{.k = 2}, 8) == 3);
  CHECK(variance(Qsgd{.levels = 2}, 100) == 5);
  CHECK(variance(Qsgd{.levels = 100}, 100) == 0.01);
  CHECK(variance(Ternary{}, 100) == 4.5);
  CHECK_FALSE(variance(TopK{.k = 2}, 8));
}

TEST_CASE("constants cannot be smaller: vectors that reach them", "[theory]") {
  Rng rng(21);
  const auto error = [&](const Compressor& compressor, const Vector& x) {
    return squared_norm(compressed(compressor, x, Wire::float64, rng) - x) / squared_norm(x);
  };
  for (const Index d : {1, 2, 10, 1000}) {
    const Vector rank = Vector::LinSpaced(d, 1, static_cast<double>(d));
    // Scaled sign: all but one 0.
    CHECK(error(ScaledSign{}, (rank == 1).select(Vector::Constant(d, 3), 0)) ==
          Approx(*theory(ScaledSign{}, d).contraction).margin(1e-15));
    // Top-k: all alike.
    CHECK(error(TopK{.k = 1}, Vector::Constant(d, 2)) ==
          Approx(*theory(TopK{.k = 1}, d).contraction).margin(1e-15));
    // Ternary: its expected error is s |x|_1 - |x|^2.
    const Vector x = (rank == 1).select(Vector::Constant(d, 1), 1 / (std::sqrt(static_cast<double>(d)) + 1));
    CHECK(*expected_error(Ternary{}, x) / squared_norm(x) ==
          Approx(*theory(Ternary{}, d).variance).margin(1e-15));
    // The optimal threshold: sqrt(j) - sqrt(j - 1) is the worst, and the bound on its squares is not far off.
    const double worst = error(Threshold{.optimal = true}, rank.sqrt() - (rank - 1).sqrt());
    CHECK(worst == Approx(1 - 1 / (rank.sqrt() - (rank - 1).sqrt()).square().sum()).margin(1e-12));
    CHECK(worst <= *theory(Threshold{.optimal = true}, d).contraction);
    CHECK(worst >= *theory(Threshold{.optimal = true}, d).contraction - 0.2);
  }
}

TEST_CASE("no message of -s, 0 and s is nearer than the optimal threshold's", "[theory]") {
  // Xu et al. 2022, Eq. (21): all v in {-1, 0, 1}^d, each with its best s >= 0, max(<v, x>, 0) / |v|^2.
  for (const Index d : {1, 2, 3, 5, 7}) {
    for (const auto& [name, x] : vectors(d, Wire::float64)) {
      const double largest = x.abs().maxCoeff();
      if (largest > 1e150 || largest < 1e-150) continue;
      double least = squared_norm(x);  // v = 0
      Vector v = Vector::Constant(d, -1);
      for (bool is_last = false; !is_last;) {
        const double product = (v * x).sum(), squares = squared_norm(v);
        if (product > 0) least = std::min(least, squared_norm(product / squares * v - x));
        is_last = (v == 1).all();
        for (Index j = 0; j < d; ++j) {  // Counts in base 3.
          v[j] = v[j] == 1 ? -1 : v[j] + 1;
          if (v[j] != -1) break;
        }
      }
      INFO(name << ", d = " << d);
      Rng rng(25);
      const double error = squared_norm(compressed(Threshold{.optimal = true}, x, Wire::float64, rng) - x);
      CHECK(error <= least + 1e-13 * squared_norm(x));
      CHECK(error >= least - 1e-13 * squared_norm(x));
    }
  }
}

TEST_CASE("so many coordinates survive on average", "[theory]") {
  // The number of survivors is a sum of independent indicators: variance at most k, range at most d. Four
  // bounds.
  constexpr Index d = 50;
  constexpr int count = 5000;
  const Vector x = random_vector(d, 22);
  for (const Index k : {3, 20}) {
    for (const Compressor& compressor :
         {Compressor(SparsifyMinVariance{.k = k}), Compressor(SparsifyUniform{.k = k})}) {
      Rng rng(23);
      double survivors = 0;
      for (int i = 0; i < count; ++i) {
        const double bits = static_cast<double>(encode(compressor, x, Wire::float32, rng).bits.count);
        survivors += (bits - 32) / (32 + 6) / count;
      }
      CHECK(std::abs(survivors - static_cast<double>(k)) <= deviation(static_cast<double>(k), d, count));
    }
  }
}

TEST_CASE("every set of k indices is drawn equally often", "[theory]") {
  // 10 sets of 2 of 5 indices; each count is binomial with variance below count / 10. A false alarm: 1e-9.
  constexpr int count = 20000;
  for (const bool shared_seed : {false, true}) {
    Rng rng(24);
    std::map<std::pair<Index, Index>, double> share;
    for (int i = 0; i < count; ++i) {
      const Vector c =
          compressed(RandomK{.k = 2, .shared_seed = shared_seed}, Vector::Constant(5, 1), Wire::float32, rng);
      std::vector<Index> drawn;
      for (Index j = 0; j < 5; ++j) {
        if (c[j] == 1) drawn.push_back(j);
      }
      REQUIRE(drawn.size() == 2);
      share[{drawn[0], drawn[1]}] += 1.0 / count;
    }
    CHECK(share.size() == 10);
    for (const auto& [set, part] : share) CHECK(std::abs(part - 0.1) <= deviation(0.1, 1, count));
  }
}

}  // namespace
}  // namespace gossamer
