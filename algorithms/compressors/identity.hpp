// No compression: the baseline, and what "uncompressed" means on the wire.
#pragma once

#include <optional>
#include <span>

#include "algorithms/compressors/bits.hpp"
#include "algorithms/compressors/theory.hpp"
#include "sim/random.hpp"

namespace gossamer {

/// C(x) = x at the wire's precision. Message: the d coordinates, w d bits.
struct Identity {
  static void fields(auto&, auto&&) {}

  void encode(std::span<const double> x, Wire wire, Rng&, BitWriter& out) const {
    put_coordinates(x, wire, out);
  }
  void add_decoded(BitReader& in, Wire wire, double weight, std::span<double> sum) const {
    add_coordinates(in, wire, weight, sum);
  }
  Theory theory(Index) const { return Theory::of_variance(0); }
  std::optional<Bits> bits(Index d, Wire wire) const { return d * Bits{width(wire)}; }
  void require(Index) const {}
};

}  // namespace gossamer
