#include "sim/compute_time.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>
#include <sstream>

#include "sim/text_file.hpp"
#include "tests/sim/support.hpp"

namespace gossamer {
namespace {

TEST_CASE("a constant compute time is the gradient's, times the node's factor") {
  const auto alike = ConstantComputeTime{.gradient = 3ms}.make(2, 1);
  for (const NodeId i : {0, 1}) CHECK(alike->gradient(i, 100, {}) == 3ms);
  CHECK(alike->passes());
  const auto factors = ConstantComputeTime{.gradient = 3ms, .factors = {1, 2.5, 0}}.make(3, 1);
  CHECK(factors->gradient(0, 1, {}) == 3ms);
  CHECK(factors->gradient(1, 1, {}) == 7'500us);
  CHECK(factors->gradient(1, 1, {}) == 7'500us);  // The second time, too.
  CHECK(factors->gradient(2, 1, {}) == 0ms);
  CHECK(factors->passes());
  CHECK(ConstantComputeTime{.gradient = 10ns, .factors = {0.26}}.make(1, 1)->gradient(0, 1, {}) ==
        3ns);  // To the nearest nanosecond.
}

TEST_CASE("whether compute time passes at all") {
  CHECK_FALSE(ConstantComputeTime{}.make(3, 1)->passes());
  CHECK_FALSE(ConstantComputeTime{.gradient = 1ms, .factors = {0, 0}}.make(2, 1)->passes());
  CHECK(ConstantComputeTime{.gradient = 1ms, .factors = {0, 1e-3}}.make(2, 1)->passes());
}

TEST_CASE("compute times that cannot be meant are refused") {
  CHECK_THROWS_WITH(ConstantComputeTime({.gradient = 1ms, .factors = {1, 2}}).make(3, 1),
                    "compute.factors has 2 entries; it takes one for each of the 3 nodes");
  CHECK_THROWS_WITH(
      ConstantComputeTime({.gradient = 0ms, .factors = {1, 2}}).make(2, 1),
      "factors: these have no effect, as a gradient takes no time; give gradient or per_row, too");
  CHECK_THROWS_WITH(ConstantComputeTime({.gradient = 100h, .factors = {1, 1e9}}).make(2, 1),
                    "compute.factors: a gradient would outlast the clock (292 years)");
  CHECK_NOTHROW(ConstantComputeTime({.gradient = 100h, .factors = {1, 1e4}}).make(2, 1));
}

TEST_CASE("rows of data take time") {
  const ConstantComputeTime batches{.gradient = 1ms, .per_row = 20us, .factors = {1, 2}};
  const auto times = batches.make(2, 1);
  CHECK(times->gradient(0, 50, {}) == 2ms);
  CHECK(times->gradient(1, 50, {}) == 4ms);
  CHECK(ConstantComputeTime{.per_row = 1ns}.make(1, 1)->passes());
  CHECK_THROWS_AS((ConstantComputeTime{.per_row = 1h}.make(1, 1)->gradient(0, 1'000'000'000, {})),
                  std::overflow_error);
}

/// `count` compute times of node 0, in units of their mean, ascending.
template <class Law>
std::vector<double> drawn(Law law, int count) {
  const auto times = RandomComputeTime<Law>{{.gradient = 600ms, .per_row = 4ms}, law}.make(1, 7);
  std::vector<double> x;
  for (int k = 0; k < count; ++k) x.push_back(seconds(times->gradient(0, 100, {})));
  std::ranges::sort(x);
  return x;
}

/// The largest difference between a sample's distribution and F, times sqrt(n): above 3 with a probability
/// of 2 exp(-18), or 3e-8 [Kolmogorov 1933; Massart 1990].
double kolmogorov(const std::vector<double>& ascending, auto F) {
  const auto n = static_cast<double>(ascending.size());
  double largest = 0;
  for (std::size_t k = 0; k < ascending.size(); ++k) {
    const double below = static_cast<double>(k) / n;
    largest = std::max({largest, F(ascending[k]) - below, below + 1 / n - F(ascending[k])});
  }
  return largest * std::sqrt(n);
}

TEST_CASE("compute times have the distribution that is named, in units of their mean") {
  constexpr int count = 100'000;
  const auto normal = [](double z) { return std::erfc(-z / std::numbers::sqrt2) / 2; };
  CHECK(kolmogorov(drawn(ExponentialLaw{}, count), [](double x) { return 1 - std::exp(-x); }) < 3);
  CHECK(kolmogorov(drawn(ShiftedExponentialLaw{0.75}, count),
                   [](double x) { return x < 0.75 ? 0 : 1 - std::exp(-(x - 0.75) / 0.25); }) < 3);
  CHECK(kolmogorov(drawn(LognormalLaw{0.8}, count),
                   [&](double x) { return normal((std::log(x) + 0.32) / 0.8); }) < 3);
  // Of an integer shape k: 1 - sum_{j < k} exp(-k x) (k x)^j / j!. The sum of two of shape 1/2 is
  // exponential.
  CHECK(kolmogorov(drawn(GammaLaw{3.0}, count), [](double x) {
          const double y = 3 * x;
          return 1 - std::exp(-y) * (1 + y + y * y / 2);
        }) < 3);
  // Of shape 1/2: X = Z^2 with Z standard normal.
  CHECK(kolmogorov(drawn(GammaLaw{0.5}, count), [&](double x) { return 2 * normal(std::sqrt(x)) - 1; }) < 3);
  CHECK(drawn(LognormalLaw{0.0}, 3) == std::vector<double>{1, 1, 1});
}

TEST_CASE("each node has compute times of its own, the same in every run with the seed") {
  const RandomComputeTime<ExponentialLaw> law{{.gradient = 1s, .factors = {1, 10}}, {}};
  const auto a = law.make(2, 3), b = law.make(2, 3), other = law.make(2, 4);
  std::vector<Duration> first, second;
  for (int k = 0; k < 5; ++k) first.push_back(a->gradient(0, 1, {}));
  for (int k = 0; k < 5; ++k) second.push_back(a->gradient(1, 1, {}));
  for (int k = 0; k < 5; ++k) {  // In another order: a node's do not depend on the others'.
    CHECK(b->gradient(1, 1, {}) == second[static_cast<std::size_t>(k)]);
    CHECK(b->gradient(0, 1, {}) == first[static_cast<std::size_t>(k)]);
  }
  CHECK(second[0] != 10 * first[0]);
  CHECK(other->gradient(0, 1, {}) != first[0]);
  CHECK_THROWS_WITH((RandomComputeTime<ExponentialLaw>{}.make(2, 3)),
                    "the distribution has no effect, as a gradient takes no time; give gradient or per_row");
}

TEST_CASE("compute times from a file are taken line by line, and again from the first") {
  const auto made = [](const std::string& text, NodeId nodes) {
    InputFile file("times.txt");
    file.content = std::make_shared<const std::string>(text);
    return RecordedComputeTime{file}.make(nodes, 1);
  };
  const auto each = made("# node 0, node 1\n1ms 2ms\n3ms 4ms\n", 2);
  for (const Duration expected : {1ms, 3ms, 1ms}) CHECK(each->gradient(0, 9, {}) == expected);
  CHECK(each->gradient(1, 9, {}) == 2ms);
  const auto all = made("1ms\n1.5s", 2);
  for (const NodeId i : {0, 1}) CHECK(all->gradient(i, 9, {}) == 1ms);
  for (const NodeId i : {0, 1}) CHECK(all->gradient(i, 9, {}) == 1'500ms);
  CHECK(all->passes());
  CHECK(made("1ms,2ms\r3ms;4ms\r", 2)->gradient(1, 9, {}) == 2ms);
  CHECK_FALSE(made("0ns", 2)->passes());
  CHECK_THROWS_WITH(made("1ms\n\n2ms 3ms\n", 2),
                    "times.txt:3: has 2 durations; every line takes one for all nodes, or 2, one for each");
  CHECK_THROWS_WITH(made("1ms 2ms 3ms", 2),
                    "times.txt:1: has 3 durations; every line takes one for all nodes, or 2, one for each");
  CHECK_THROWS_WITH(made("1ms 2ms\n1ms", 2),
                    "times.txt:2: has 1 duration; every line takes one for all nodes, or 2, one for each");
  CHECK_THROWS_WITH(made("1ms 2", 2), "times.txt:1:5: '2' is no duration; it takes 12.5ms, without a blank");
  CHECK_THROWS_WITH(made("12.5 ms\n", 2),
                    "times.txt:1:1: '12.5' is no duration; it takes 12.5ms, without a blank");
  CHECK_THROWS_WITH(made("# nothing", 2), "times.txt: has no duration");
}

}  // namespace
}  // namespace gossamer
