#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>

#include "algorithms/agent/schedule.hpp"
#include "algorithms/compressors/encoded.hpp"
#include "tests/compressors/definitions.hpp"
#include "tests/compressors/samples.hpp"

using namespace gossamer;
using namespace gossamer::testing;

TEST_CASE("Vectors travel at the wire's precision, one after the other", "[wire]") {
  for (const Index d : {1, 2, 255, 256, 257, 1000}) {
    Vector a = Vector::LinSpaced(d, -1, 1.0 / 3), b = Vector::Constant(d, 1e-30);
    for (const Wire wire : wires) {
      const Encoded message = encode(wire, {&a, &b});
      REQUIRE(message.bits == Bits{2 * d * width(wire)});
      REQUIRE(static_cast<std::int64_t>(message.bytes.size()) == message.bits.bytes());
      Vector sum = Vector::Constant(d, 2);
      add_decoded(message, wire, 0, 0.5, sum);
      add_decoded(message, wire, 1, 1, sum);
      for (Index k = 0; k < d; ++k) {
        REQUIRE(sum[k] == 2 + 0.5 * nearest(a[k], wire) + nearest(b[k], wire));
      }
    }
  }
}

TEST_CASE("The wire is little endian IEEE 754", "[wire]") {
  const Vector one = Vector::Constant(1, -1.5);
  const Encoded message = encode(Wire::float32, {&one});
  const unsigned char bytes[] = {0x00, 0x00, 0xc0, 0xbf};
  REQUIRE(std::memcmp(message.bytes.data(), bytes, 4) == 0);
}

TEST_CASE("The wire refuses what it cannot carry, and messages that are too short", "[wire]") {
  Vector x = Vector::Zero(300);
  x[299] = 1e39;
  REQUIRE_THROWS_WITH(encode(Wire::float32, {&x}), Catch::Contains("coordinate 299 of a message"));
  x[299] = 65520;  // Half of the way to 2^16, from which on numbers are out of a float16's range.
  REQUIRE_THROWS_WITH(encode(Wire::float16, {&x}),
                      "coordinate 299 of a message, 65520, is not a finite float16");
  REQUIRE_NOTHROW(encode(Wire::bfloat16, {&x}));
  REQUIRE_NOTHROW(encode(Wire::float64, {&x}));
  for (const double bad :
       {std::numeric_limits<double>::quiet_NaN(), -std::numeric_limits<double>::infinity()}) {
    x[0] = bad;
    REQUIRE_THROWS_AS(encode(Wire::float64, {&x}), WireError);
  }
  x.setZero();
  Vector sum = Vector::Zero(300);
  const Encoded message = encode(Wire::float32, {&x});
  REQUIRE_THROWS_AS(add_decoded(message, Wire::float32, 1, 1, sum), std::length_error);
  REQUIRE_THROWS_AS(add_decoded(message, Wire::float64, 0, 1, sum), std::length_error);
}

TEST_CASE("Step sizes", "[schedule]") {
  REQUIRE(Schedule(0.5)(1) == 0.5);
  REQUIRE(Schedule(0.5)(1000) == 0.5);
  Schedule falling(1);
  falling.kind = Schedule::Kind::inverse_sqrt;
  REQUIRE(falling(1) == 1);
  REQUIRE(falling(16) == 0.25);
  Schedule steps(8);
  steps.kind = Schedule::Kind::piecewise;
  steps.factor = 0.5;
  steps.at = {2, 4};
  const double expected[] = {8, 8, 4, 4, 2, 2};
  for (Round t = 1; t <= 6; ++t) REQUIRE(steps(t) == expected[t - 1]);
}
