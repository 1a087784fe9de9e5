#include "algorithms/vectors/sparse_vector.hpp"

#include <catch2/catch.hpp>

#include "sim/random.hpp"

namespace gossamer {
namespace {

TEST_CASE("vectors become sparse and dense again") {
  Vector x = Vector::Zero(5);
  CHECK(to_sparse(x).size() == 0);
  x[1] = -2;
  x[4] = 0.5;
  CHECK(to_sparse(x).indices == std::vector<std::int32_t>{1, 4});
  CHECK(to_sparse(x).values == std::vector<double>{-2, 0.5});
  CHECK((to_dense(to_sparse(x), 5) == x).all());
}

TEST_CASE("sparse sums have the bits of dense ones") {
  // As many digits of an index as there are, and terms that would be rounded otherwise in another order.
  for (const Index d : {1, 2, 2047, 2048, 2049, 1 << 22, (1 << 22) + 1}) {
    INFO("d = " << d);
    Rng rng(static_cast<std::uint64_t>(d));
    Vector expected = Vector::Zero(d);
    SparseSum sum;
    const auto add = [&](Index j, double value) {
      add_at(expected, j, value);
      add_at(sum, j, value);
    };
    add(d - 1, 1e16);
    for (int k = 0; k < 3000; ++k) {
      add(static_cast<Index>(rng.below(static_cast<std::uint64_t>(d))), rng.normal());
      add(d - 1 - static_cast<Index>(rng.below(static_cast<std::uint64_t>(std::min<Index>(d, 3)))), 1.0 / 3);
    }
    SparseVector total;
    sum.move_to(total);
    CHECK(std::ranges::adjacent_find(total.indices, std::greater_equal()) == total.indices.end());
    CHECK((to_dense(total, d) == expected).all());

    sum.move_to(total);
    CHECK(total.size() == 0);
  }
}

TEST_CASE("sparse sums list what was added, up to the largest index there is") {
  SparseSum sum;
  for (const Index j : {2147483647, 0, 2147483647, 5, 5}) sum.add(j, j == 5 ? 0 : 1);
  SparseVector total;
  sum.move_to(total);
  CHECK(total.indices == std::vector<std::int32_t>{0, 5, 2147483647});
  CHECK(total.values == std::vector<double>{1, 0, 2});
}

}  // namespace
}  // namespace gossamer
