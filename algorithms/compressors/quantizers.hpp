// A few levels a coordinate, all relative to one scale. Those of three levels also take and give sparse
// vectors, with the same messages: then the time grows with the coordinates that are listed, and with d only
// as the message does.
#pragma once

#include <optional>
#include <span>

#include "algorithms/compressors/bits.hpp"
#include "algorithms/compressors/theory.hpp"
#include "algorithms/vectors/sparse_vector.hpp"
#include "sim/random.hpp"
#include "sim/required.hpp"

namespace gossamer {

/// TernGrad [Wen et al. 2017]: coordinate j is sent as sign(x_j) s with probability |x_j| / s, else as 0,
/// where s = max |x_j| rounded up to the wire, so that these are probabilities. Unbiased. Message: s, then
/// for each coordinate 2 bits, -1, 0 or 1 in two's complement; w + 2 d bits.
struct Ternary {
  static void fields(auto&, auto&&) {}

  void encode(std::span<const double> x, Wire wire, Rng& rng, BitWriter& out) const;
  void encode(const SparseVector& x, Index d, Wire wire, Rng& rng, BitWriter& out) const;
  void add_decoded(BitReader& in, Wire wire, double weight, std::span<double> sum) const;
  SparseVector decode(BitReader& in, Wire wire, Index d) const;
  /// omega = (sqrt(d) - 1) / 2: E|C(x) - x|^2 = s |x|_1 - |x|^2, whose ratio to |x|^2 is largest where all
  /// coordinates but the largest are s / (sqrt(d) + 1).
  Theory theory(Index d) const;
  std::optional<Bits> bits(Index d, Wire wire) const { return Bits{width(wire) + 2 * d}; }
  void require(Index) const {}
};

/// Threshold quantization [Xu et al. 2022, Sections 3.4 and 3.5]: with I = {j: |x_j| > Delta}, coordinates in
/// I are sent as sign(x_j) s, s = mean of |x_j| over I (Eq. 23), the others as 0. Delta is 0.75 |x|_1 / d
/// (section 3.5), or the one that minimises |C(x) - x|^2 (Eq. 24; of several, the largest). Message: as for
/// Ternary; w + 2 d bits.
struct Threshold {
  bool optimal = false;
  static void fields(auto& self, auto&& visit) {
    visit("optimal", self.optimal, "",
          "take the best threshold, found by sorting, not 0.75 times the mean magnitude");
  }

  void encode(std::span<const double> x, Wire wire, Rng&, BitWriter& out) const;
  void encode(const SparseVector& x, Index d, Wire wire, Rng&, BitWriter& out) const;
  void add_decoded(BitReader& in, Wire wire, double weight, std::span<double> sum) const;
  SparseVector decode(BitReader& in, Wire wire, Index d) const;
  /// pi = 1 - 3 / (4 d), or optimal 1 - 1 / (1 + (1 + log d) / 4); see quantizers.cpp.
  Theory theory(Index d) const;
  std::optional<Bits> bits(Index d, Wire wire) const { return Bits{width(wire) + 2 * d}; }
  void require(Index) const {}
};

/// QSGD [Alistarh et al. 2017, section 3.1] with s levels and the 2-norm, without its entropy coding: |x_j| s
/// / |x| is rounded at random to one of the two nearest integers l, without bias, and sent as sign(x_j) |x| l
/// / s. The norm is rounded up to the wire. Unbiased. Message: the norm, then for each coordinate a bit, 1
/// for a negative one, and l in ceil(log2(s + 1)) bits.
struct Qsgd {
  Required<int> levels;  ///< s >= 1.
  static void fields(auto& self, auto&& visit) {
    visit("levels", self.levels, "[1, inf)", "number of magnitudes above 0 that a coordinate can take");
  }

  void encode(std::span<const double> x, Wire wire, Rng& rng, BitWriter& out) const;
  /// Throws CorruptMessage for a level above s.
  void add_decoded(BitReader& in, Wire wire, double weight, std::span<double> sum) const;
  /// omega = min(d / s^2, sqrt(d) / s) [Alistarh et al. 2017, Lemma 3.1].
  Theory theory(Index d) const;
  std::optional<Bits> bits(Index d, Wire wire) const { return Bits{width(wire) + d * symbol_bits()}; }
  void require(Index d) const;

 private:
  int symbol_bits() const;
};

}  // namespace gossamer
