// Any compressor: one of the codecs, and what can be done with each. Stateless: error feedback belongs to the
// algorithms that use it.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "algorithms/compressors/encoded.hpp"
#include "algorithms/compressors/theory.hpp"
#include "algorithms/vectors/vector.hpp"
#include "sim/random.hpp"

namespace gossamer {

class BitReader;
class BitWriter;

/// A compression operator C. Every codec has, besides its parameters and their fields():
///
///   encode(x, wire, rng, out)            appends the message of C(x), x in R^d. Those that are not random
///                                        leave rng as it is. Throws WireError where x is not finite or C(x)
///                                        leaves the wire's range.
///   add_decoded(in, wire, weight, sum)   sum <- sum + weight * C(x), for the message that is read next.
///                                        Throws CorruptMessage where no x has this message; sum is then
///                                        undefined.
///   theory(d), bits(d, wire), require(d) as below.
///
/// Both sides need the same parameters, wire and d. All of them work for d = 0, too.
class Compressor {
 public:
  /// What is asked of a codec.
  class Interface {
   public:
    virtual ~Interface() = default;
    virtual void encode(std::span<const double> x, Wire wire, Rng& rng, BitWriter& out) const = 0;
    virtual void add_decoded(BitReader& in, Wire wire, double weight, std::span<double> sum) const = 0;
    virtual Theory theory(Index d) const = 0;
    virtual std::optional<Bits> bits(Index d, Wire wire) const = 0;
    virtual void require(Index d) const = 0;
  };
  template <class Codec>
  struct Of final : Interface {
    using Interface = Compressor::Interface;
    explicit Of(Codec codec) : value(std::move(codec)) {}
    void encode(std::span<const double> x, Wire wire, Rng& rng, BitWriter& out) const override {
      value.encode(x, wire, rng, out);
    }
    void add_decoded(BitReader& in, Wire wire, double weight, std::span<double> sum) const override {
      value.add_decoded(in, wire, weight, sum);
    }
    Theory theory(Index d) const override { return value.theory(d); }
    std::optional<Bits> bits(Index d, Wire wire) const override { return value.bits(d, wire); }
    void require(Index d) const override { value.require(d); }
    Codec value;
  };

  Compressor(std::shared_ptr<const Interface> codec) : codec_(std::move(codec)) {}  // NOLINT
  template <class Codec>
  requires requires(const Codec& codec, Rng& rng, BitWriter& out) { codec.encode({}, Wire{}, rng, out); }
  Compressor(Codec codec) : codec_(std::make_shared<const Of<Codec>>(std::move(codec))) {}  // NOLINT

  const Interface& operator*() const { return *codec_; }
  const Interface* operator->() const { return codec_.get(); }

 private:
  std::shared_ptr<const Interface> codec_;
};

/// Whether this is `identity`.
bool is_identity(const Compressor& compressor);

// The codecs that algorithms name, so that they need not know the others.
Compressor identity();
Compressor sign();
Compressor scaled_sign();
Compressor top_k(double fraction);  ///< k = max(1, round(fraction d)).

/// The message of C(x), or of C of each layer of x, one behind the other. Throws WireError where x is not
/// finite or C(x) leaves the wire's range.
Encoded encode(const Compressor& compressor, const Vector& x, Wire wire, Rng& rng, const Layers& layers = {});

/// sum <- sum + weight * C(x), for a message of C(x) with sum's number of coordinates, encoded with the same
/// layers. Throws CorruptMessage where `message` is not one such message from its first bit to its last; sum
/// is then undefined.
void add_decoded(const Compressor& compressor, const Encoded& message, Wire wire, double weight, Vector& sum,
                 const Layers& layers = {});

/// Constants for vectors of d coordinates.
inline Theory theory(const Compressor& compressor, Index d) {
  return compressor->theory(d);
}

/// Size of every message for vectors of d coordinates; nothing where it depends on the vector or on chance.
inline std::optional<Bits> bits(const Compressor& compressor, Index d, Wire wire) {
  return compressor->bits(d, wire);
}

/// Throws std::invalid_argument where the parameters do not suit vectors of d coordinates: what is wrong;
/// what is allowed.
inline void require(const Compressor& compressor, Index d) {
  compressor->require(d);
}

/// Throws std::invalid_argument where the compressor does not suit vectors of d coordinates. If the algorithm
/// feeds back what is left out (`fed_back`), the compressor must be a contraction, too:
///   E|C(x) - x|^2 <= pi |x|^2 with pi < 1 [Wang, Lin, Chen 2022, Assumption 4.1].
void require_compressor(const Compressor& compressor, Index d, bool fed_back);

}  // namespace gossamer
