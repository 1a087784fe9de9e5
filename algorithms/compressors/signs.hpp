// One bit a coordinate. sign(0) = +1, so one bit holds a sign.
#pragma once

#include <optional>
#include <span>

#include "algorithms/compressors/bits.hpp"
#include "algorithms/compressors/theory.hpp"
#include "sim/random.hpp"

namespace gossamer {

/// C(x) = sign(x), for signSGD and majority votes [Bernstein et al. 2018]. Neither contractive nor unbiased.
/// Message: d bits, 1 for a negative coordinate.
struct Sign {
  static void fields(auto&, auto&&) {}

  void encode(std::span<const double> x, Wire wire, Rng&, BitWriter& out) const;
  void add_decoded(BitReader& in, Wire wire, double weight, std::span<double> sum) const;
  Theory theory(Index) const { return {}; }
  std::optional<Bits> bits(Index d, Wire) const { return Bits{d}; }
  void require(Index) const {}
};

/// C(x) = (|x|_1 / d) sign(x) [Karimireddy et al. 2019; Wang, Lin, Chen 2022, Appendix A].
/// Message: the scale |x|_1 / d, then the signs as for Sign; w + d bits.
struct ScaledSign {
  static void fields(auto&, auto&&) {}

  void encode(std::span<const double> x, Wire wire, Rng&, BitWriter& out) const;
  void add_decoded(BitReader& in, Wire wire, double weight, std::span<double> sum) const;
  /// pi = 1 - 1/d: by (A.2) of Wang, Lin, Chen 2022 it is 1 - |x|_1^2 / (d |x|^2) for a given x, and
  /// |x|_1 >= |x|.
  Theory theory(Index d) const;
  std::optional<Bits> bits(Index d, Wire wire) const { return Bits{width(wire) + d}; }
  void require(Index) const {}
};

}  // namespace gossamer
