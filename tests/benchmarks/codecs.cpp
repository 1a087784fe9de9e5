// Encoding and decoding beside the cheapest things that can be done with the same doubles: copying them, and
// for top_k selecting once among their magnitudes.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>
#include <vector>

#include "algorithms/compressors/compressor.hpp"
#include "algorithms/compressors/identity.hpp"
#include "algorithms/compressors/quantizers.hpp"
#include "algorithms/compressors/signs.hpp"
#include "algorithms/compressors/sparse.hpp"
#include "tests/benchmarks/benchmarks.hpp"

namespace gossamer {
namespace {

Vector random_vector(Index d) {
  Rng rng(1);
  Vector x(d);
  for (double& x_j : coordinates(x)) x_j = rng.normal();
  return x;
}

/// Keeps the compiler from leaving out what computes it.
void use(const void* result) {
  asm volatile("" : : "r"(result) : "memory");
}

/// What is timed together, alternating, so that what else the machine does strikes all alike.
struct Contestant {
  std::function<void()> prepare;  ///< Not timed.
  std::function<void()> work;
  double seconds = std::numeric_limits<double>::infinity();  ///< The best time of one call.
};

/// Each runs about as often as fits 0.1 s, in 7 turns.
void measure(const std::vector<Contestant*>& contestants, Index d) {
  const int calls = std::max(1, static_cast<int>(2'000'000 / d));
  for (int turn = 0; turn < 7; ++turn) {
    for (Contestant* contestant : contestants) {
      if (contestant->prepare) contestant->prepare();
      const double begin = wall_seconds();
      for (int call = 0; call < calls; ++call) contestant->work();
      contestant->seconds = std::min(contestant->seconds, (wall_seconds() - begin) / calls);
    }
  }
}

void compare_with_copy(const std::string& name, const Compressor& compressor, Index d, const char* target) {
  const double ns = 1e9 / static_cast<double>(d);  // A coordinate's part of a second.
  const Vector x = random_vector(d);
  Vector sum = zeros_like(x), copied = zeros_like(x);
  Rng rng(2);
  Encoded message;
  Contestant copy{{}, [&] {
                    std::memcpy(copied.data(), x.data(), static_cast<std::size_t>(d) * sizeof(double));
                    use(copied.data());
                  }};
  Contestant encoding{{}, [&] { message = encode(compressor, x, Wire::float32, rng); }};
  Contestant decoding{{}, [&] { add_decoded(compressor, message, Wire::float32, 0.5, sum); }};
  measure({&copy, &encoding, &decoding}, d);
  fmt::print("{:<24} {:>9} | {:>9.2f} {:>9.2f} {:>9.2f} | {:>7.2f} {}\n", name, d, ns * copy.seconds,
             ns * encoding.seconds, ns * decoding.seconds,
             (encoding.seconds + decoding.seconds) / copy.seconds, target);
}

void compare_with_selection(Index d) {
  const Vector x = random_vector(d);
  const double ns = 1e9 / static_cast<double>(d);
  const Index k = d / 1000;
  const Compressor compressor = TopK{.k = k};
  Rng rng(2);
  Encoded message;
  std::vector<double> magnitudes;
  Contestant selection{
      [&] {
        magnitudes.resize(static_cast<std::size_t>(d));
        std::ranges::transform(coordinates(x), magnitudes.begin(), [](double x_j) { return std::abs(x_j); });
      },
      [&] {
        std::nth_element(magnitudes.begin(), magnitudes.begin() + k - 1, magnitudes.end(), std::greater{});
        use(magnitudes.data());
      }};
  // In one call a turn, as it has to be prepared.
  for (const Wire wire : {Wire::float32, Wire::float64}) {
    Contestant encoding{{}, [&] { message = encode(compressor, x, wire, rng); }};
    measure({&selection, &encoding}, std::numeric_limits<Index>::max());
    fmt::print("top_k, k = d/1000, {:<11} {:>9} | {:>9.2f} {:>9.2f} | {:>7.2f}  at most 3\n",
               names(wire)[static_cast<std::size_t>(wire)], d, ns * selection.seconds, ns * encoding.seconds,
               encoding.seconds / selection.seconds);
  }
}

}  // namespace

void benchmark_codecs() {
  fmt::print("Codecs, float32, in ns a coordinate, beside memcpy of the same doubles.\n\n");
  fmt::print("{:<24} {:>9} | {:>9} {:>9} {:>9} | {:>7} {}\n", "", "d", "memcpy", "encode", "decode", "ratio",
             "target");
  for (const Index d : {10'000, 1'000'000, 10'000'000}) {
    compare_with_copy("scaled_sign", ScaledSign{}, d, " at most 3");
  }
  const Index d = 1'000'000;
  compare_with_copy("identity", Identity{}, d, "");
  compare_with_copy("sign", Sign{}, d, "");
  compare_with_copy("ternary", Ternary{}, d, "");
  compare_with_copy("threshold", Threshold{}, d, "");
  compare_with_copy("threshold, optimal", Threshold{.optimal = true}, d, "");
  compare_with_copy("qsgd, 4 levels", Qsgd{.levels = 4}, d, "");
  compare_with_copy("top_k, k = d/100", TopK{.fraction = 0.01}, d, "");
  compare_with_copy("random_k, k = d/100", RandomK{.fraction = 0.01}, d, "");
  compare_with_copy("sparsify_min_variance", SparsifyMinVariance{.fraction = 0.01}, d, "");
  compare_with_copy("sparsify_uniform", SparsifyUniform{.fraction = 0.01}, d, "");

  fmt::print("\nBeside one nth_element over the same magnitudes.\n\n");
  fmt::print("{:<30} {:>9} | {:>9} {:>9} | {:>7}  {}\n", "", "d", "select", "encode", "ratio", "target");
  for (const Index size : {100'000, 10'000'000}) compare_with_selection(size);
  fmt::print("\n");
}

}  // namespace gossamer
