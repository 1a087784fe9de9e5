// A few coordinates with their indices, in ascending order; the others are 0.
//
// A coordinate that is sent is its index, ceil(log2 d) bits, followed by a real number, w bits.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "algorithms/compressors/bits.hpp"
#include "algorithms/compressors/theory.hpp"
#include "sim/random.hpp"

namespace gossamer {

/// How `bits_paper` counts a message of k coordinates.
enum class Accounting {
  wire,    ///< As it is sent.
  values,  ///< w k: no indices, no count.
  pairs,   ///< 64 k: a value and an index of 32 bits each.
};
constexpr std::array<std::string_view, 3> names(Accounting) {
  return {"wire", "values", "pairs"};
}

/// What the sparse codecs have in common. Of `k` and `fraction` exactly one has to be given.
void sparse_fields(auto& self, auto&& visit) {
  visit("k", self.k, "[1, inf)", "number of coordinates to keep, at most d; give k or fraction");
  visit("fraction", self.fraction, "(0, 1]",
        "share of the d coordinates to keep, at least one; give k or fraction");
  visit("accounting", self.accounting, "",
        "what bits_paper counts: the wire, values alone, or pairs of 64 bits");
}

/// The k coordinates of largest magnitude [Stich et al. 2018; Wang, Lin, Chen 2022, Appendix A], compared at
/// the wire's precision; of equal ones those of lowest index. A vector with fewer coordinates is sent as it
/// is. Message: k coordinates; k (w + ceil(log2 d)) bits.
struct TopK {
  std::optional<Index> k = {};          ///< In [1, d].
  std::optional<double> fraction = {};  ///< In (0, 1]: k = max(1, round(fraction d)).
  Accounting accounting = Accounting::wire;
  static void fields(auto& self, auto&& visit) { sparse_fields(self, visit); }

  void encode(std::span<const double> x, Wire wire, Rng&, BitWriter& out) const;
  /// Throws CorruptMessage for an index that is not below d, or not above the one before.
  void add_decoded(BitReader& in, Wire wire, double weight, std::span<double> sum) const;
  /// pi = 1 - k/d (Wang, Lin, Chen 2022, after (A.1)).
  Theory theory(Index d) const;
  std::optional<Bits> bits(Index d, Wire wire) const;
  /// Throws std::invalid_argument unless one of k and fraction is given and lies in its domain.
  void require(Index d) const;
};

/// k coordinates drawn at random without replacement [Stich et al. 2018; Wang, Lin, Chen 2022, Appendix A],
/// times d/k if `unbiased`. Message: k coordinates, k (w + ceil(log2 d)) bits; or, with `shared_seed`, the
/// seed of the generator that both sides draw the indices from, then the values alone, 64 + k w bits.
struct RandomK {
  std::optional<Index> k = {};          ///< As for TopK.
  std::optional<double> fraction = {};  ///< As for TopK.
  Accounting accounting = Accounting::wire;
  bool unbiased = false;
  bool shared_seed = false;
  static void fields(auto& self, auto&& visit) {
    sparse_fields(self, visit);
    visit("unbiased", self.unbiased, "", "multiply by d/k");
    visit("shared_seed", self.shared_seed, "",
          "send the seed from which the indices are drawn, not the indices");
  }

  void encode(std::span<const double> x, Wire wire, Rng& rng, BitWriter& out) const;
  /// Throws CorruptMessage as TopK does.
  void add_decoded(BitReader& in, Wire wire, double weight, std::span<double> sum) const;
  /// pi = 1 - k/d (Wang, Lin, Chen 2022, (A.1), an equality), or unbiased omega = d/k - 1
  /// [Wangni et al. 2018].
  Theory theory(Index d) const;
  std::optional<Bits> bits(Index d, Wire wire) const;
  void require(Index d) const;  ///< As for TopK.
};

/// Stoc-MV, sparsification of minimal variance [Wangni et al. 2018]: coordinate j survives with probability
/// p_j = min(c |x_j|, 1), c such that sum_j p_j = k, and is sent as x_j / p_j; all with p_j = 1 where no more
/// than k are not zero. Unbiased. Message: the number m of survivors in 32 bits, then m coordinates; 32 + m
/// (w + ceil(log2 d)) bits.
struct SparsifyMinVariance {
  std::optional<Index> k = {};          ///< As for TopK.
  std::optional<double> fraction = {};  ///< As for TopK.
  Accounting accounting = Accounting::wire;
  static void fields(auto& self, auto&& visit) { sparse_fields(self, visit); }

  void encode(std::span<const double> x, Wire wire, Rng& rng, BitWriter& out) const;
  /// Throws CorruptMessage as TopK does.
  void add_decoded(BitReader& in, Wire wire, double weight, std::span<double> sum) const;
  /// omega = d/k - 1, that of SparsifyUniform: the p_j minimise the variance for this sum of them.
  Theory theory(Index d) const;
  std::optional<Bits> bits(Index, Wire) const { return std::nullopt; }
  void require(Index d) const;  ///< As for TopK; d < 2^32.
};

/// Stoc-Unif: as SparsifyMinVariance, with p_j = k/d for every coordinate, zero or not.
struct SparsifyUniform {
  std::optional<Index> k = {};          ///< As for TopK.
  std::optional<double> fraction = {};  ///< As for TopK.
  Accounting accounting = Accounting::wire;
  static void fields(auto& self, auto&& visit) { sparse_fields(self, visit); }

  void encode(std::span<const double> x, Wire wire, Rng& rng, BitWriter& out) const;
  /// Throws CorruptMessage as TopK does.
  void add_decoded(BitReader& in, Wire wire, double weight, std::span<double> sum) const;
  /// omega = d/k - 1 [Wangni et al. 2018].
  Theory theory(Index d) const;
  std::optional<Bits> bits(Index, Wire) const { return std::nullopt; }
  void require(Index d) const;  ///< As for TopK; d < 2^32.
};

}  // namespace gossamer
