#include "algorithms/problems/kernels/kernels.hpp"

#include <bit>
#include <catch2/catch.hpp>
#include <limits>
#include <numeric>

#include "algorithms/problems/empirical_risk.hpp"
#include "tests/problems/samples.hpp"

namespace gossamer {
namespace {

using namespace testing;

/// Random bytes, of which half are zero, often several side by side, as in an image.
std::vector<std::uint8_t> random_pixels(Index rows, Index columns) {
  Rng rng(5);
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(rows * columns));
  bool black = false;
  for (std::uint8_t& pixel : pixels) {
    if (rng.uniform() < 0.2) black = !black;
    pixel = black ? 0 : static_cast<std::uint8_t>(rng.below(256));
  }
  return pixels;
}

bool same_bits(const Vector& a, const Vector& b) {
  return std::ranges::equal(a, b, [](double s, double t) {
    return std::bit_cast<std::uint64_t>(s) == std::bit_cast<std::uint64_t>(t) ||
           (std::isnan(s) && std::isnan(t));
  });
}

/// Z = A W, and W + A^T D, by blocks of all rows.
template <class Rows>
std::pair<Vector, Vector> products(const Rows& matrix, const Vector& w, const Vector& d, Vector sum,
                                   Index width) {
  auto block = kernels::block_of(matrix);
  constexpr int capacity = decltype(block)::capacity;
  Vector z(matrix.rows() * width), of_block(capacity * width);
  std::vector<std::int32_t> rows(static_cast<std::size_t>(matrix.rows()));
  std::iota(rows.begin(), rows.end(), 0);
  for (Index first = 0; first < matrix.rows(); first += capacity) {
    const Index size = std::min<Index>(capacity, matrix.rows() - first);
    block.take(std::span(rows).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(size)));
    block.multiply(w, width, of_block.data());
    z.segment(first * width, size * width) = of_block.head(size * width);
    block.add_transposed(d.data() + first * width, width, sum);
  }
  return {z, sum};
}

TEST_CASE("products of bytes and of floats have the bits of those of the same doubles") {
  constexpr Index rows = 45;
  for (const Index columns : {1, 3, 4, 18, 37}) {
    for (const Index width : {1, 3, 4, 7, 10, 13, 24}) {
      INFO(columns << " columns, width " << width);
      const std::vector<std::uint8_t> pixels = random_pixels(rows, columns);
      const DenseRows<std::uint8_t> bytes(columns, pixels);
      const DenseRows<double> doubles(columns, std::vector<double>(pixels.begin(), pixels.end()));
      const Vector w = random_point(columns * width), d = random_point(rows * width, 4);
      const auto of_bytes = products(bytes, w, d, w, width), of_doubles = products(doubles, w, d, w, width);
      CHECK(same_bits(of_bytes.first, of_doubles.first));
      CHECK(same_bits(of_bytes.second, of_doubles.second));

      const Vector entries = random_point(rows * columns, 5).cast<float>().cast<double>();
      const DenseRows<float> narrow(columns, {entries.begin(), entries.end()});
      const DenseRows<double> wide(columns, {entries.begin(), entries.end()});
      const auto of_narrow = products(narrow, w, d, w, width), of_wide = products(wide, w, d, w, width);
      CHECK(same_bits(of_narrow.first, of_wide.first));
      CHECK(same_bits(of_narrow.second, of_wide.second));
    }
  }
}

TEST_CASE("what is left out of images leaves the sign of zero and no number as they are") {
  const DenseRows<std::uint8_t> bytes(8, std::vector<std::uint8_t>(24));
  const DenseRows<double> doubles(8, std::vector<double>(24));
  for (const Index width : {1, 2, 5}) {
    const Vector w = Vector::Constant(8 * width, -0.0);
    for (const double last : {-1.0, 1.0, std::numeric_limits<double>::infinity()}) {
      Vector d = Vector::Constant(3 * width, -1.0);
      d[3 * width - 1] = last;
      CHECK(same_bits(products(bytes, w, d, w, width).second, products(doubles, w, d, w, width).second));
    }
  }
}

}  // namespace
}  // namespace gossamer
