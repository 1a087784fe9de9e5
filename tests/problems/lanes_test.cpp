#include "algorithms/vectors/lanes.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "sim/random.hpp"

namespace gossamer::kernels {
namespace {

/// The distance from the exact value in units of the last place of a double.
double error_in_ulps(double value, long double exact) {
  const double rounded = static_cast<double>(exact);
  const double ulp = std::nextafter(rounded, std::numeric_limits<double>::infinity()) - rounded;
  return static_cast<double>(std::abs((value - exact) / ulp));
}

template <class Function, class Exact>
double largest_error(Function function, Exact exact, double largest_argument) {
  Rng rng(1);
  double largest = 0;
  for (int k = 0; k < 100000; ++k) {
    // From 1e-20 times the largest on, small arguments as often as large ones.
    const double x = largest_argument * std::pow(10, -20 * rng.uniform());
    const Lanes y = function(broadcast<Lanes>(x));
    for (int lane = 0; lane < Lanes::size; ++lane) REQUIRE(y.value[lane] == y.value[0]);
    largest = std::max(largest, error_in_ulps(y.value[0], exact(static_cast<long double>(x))));
  }
  return largest;
}

TEST_CASE("exponentials and logarithms are accurate") {
  CHECK(largest_error(
            exp_of_negative, [](long double x) { return std::exp(x); }, -1) <= 2);
  CHECK(largest_error(
            exp_of_negative, [](long double x) { return std::exp(x); }, -708) <= 2);
  CHECK(largest_error(
            log_of_1_plus, [](long double x) { return std::log1p(x); }, 1) <= 2);
  // Away from 1, where few digits of a logarithm near 0 are right.
  CHECK(largest_error(
            log_of, [](long double x) { return std::log(x); }, 0.5) <= 2);
  CHECK(largest_error(
            log_of, [](long double x) { return std::log(x); }, 1e40) <= 1000);
}

TEST_CASE("exponentials and logarithms at the ends of their domains, lane by lane") {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const Lanes e = exp_of_negative({Lanes::Register{0, -1000, -infinity, std::nan("")}});
  CHECK(e.value[0] == 1);
  CHECK(e.value[1] == Approx(std::exp(-708)).epsilon(1e-15));
  CHECK(e.value[2] == e.value[1]);
  CHECK(std::isnan(e.value[3]));
  const Lanes l = log_of_1_plus({Lanes::Register{0, 1, 1e-300, std::nan("")}});
  CHECK(l.value[0] == 0);
  CHECK(l.value[1] == Approx(std::log(2)).epsilon(1e-15));
  CHECK(l.value[2] == 1e-300);
  CHECK(std::isnan(l.value[3]));
}

}  // namespace
}  // namespace gossamer::kernels
