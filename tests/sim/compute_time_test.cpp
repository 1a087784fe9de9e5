#include "sim/compute_time.hpp"

#include <catch2/catch.hpp>

#include "tests/sim/support.hpp"

namespace gossamer {
namespace {

TEST_CASE("a constant compute time is the gradient's, times the node's factor") {
  const auto alike = ConstantComputeTime{3ms, {}}.make(2);
  for (const NodeId i : {0, 1}) CHECK(alike->gradient(i, 100) == 3ms);
  CHECK(alike->passes());
  const auto factors = ConstantComputeTime{3ms, {1, 2.5, 0}}.make(3);
  CHECK(factors->gradient(0, 1) == 3ms);
  CHECK(factors->gradient(1, 1) == 7'500us);
  CHECK(factors->gradient(1, 1) == 7'500us);  // The second time, too.
  CHECK(factors->gradient(2, 1) == 0ms);
  CHECK(factors->passes());
  CHECK(ConstantComputeTime{10ns, {0.26}}.make(1)->gradient(0, 1) == 3ns);  // To the nearest nanosecond.
}

TEST_CASE("whether compute time passes at all") {
  CHECK_FALSE(ConstantComputeTime{}.make(3)->passes());
  CHECK_FALSE(ConstantComputeTime{1ms, {0, 0}}.make(2)->passes());
  CHECK(ConstantComputeTime{1ms, {0, 1e-3}}.make(2)->passes());
}

TEST_CASE("compute times that cannot be meant are refused") {
  CHECK_THROWS_WITH(ConstantComputeTime({1ms, {1, 2}}).make(3),
                    "compute.factors has 2 entries; it takes one for each of the 3 nodes");
  CHECK_THROWS_WITH(ConstantComputeTime({0ms, {1, 2}}).make(2),
                    "factors: these have no effect, as a gradient takes no time; give gradient, too");
  CHECK_THROWS_WITH(ConstantComputeTime({100h, {1, 1e9}}).make(2),
                    "compute.factors: a gradient would outlast the clock (292 years)");
  CHECK_NOTHROW(ConstantComputeTime({100h, {1, 1e4}}).make(2));
}

}  // namespace
}  // namespace gossamer
