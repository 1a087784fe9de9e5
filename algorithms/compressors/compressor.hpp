// Any compressor: one of the codecs, and what can be done with each. Stateless: error feedback belongs to the
// algorithms that use it.
#pragma once

#include <variant>

#include "algorithms/compressors/identity.hpp"
#include "algorithms/compressors/quantizers.hpp"
#include "algorithms/compressors/signs.hpp"
#include "algorithms/compressors/sparse.hpp"

namespace gossamer {

/// Every codec has, besides its parameters and their fields():
///
///   encode(x, wire, rng, out)             appends the message of C(x), x in R^d; those that are not random
///   leave rng as
///                                         it is. Throws WireError where x is not finite or C(x) leaves the
///                                         wire's range.
///   add_decoded(in, wire, weight, sum)    sum <- sum + weight * C(x), for the message that is read next.
///   Throws
///                                         CorruptMessage where no x has this message; sum is then undefined.
///   theory(d), bits(d, wire), require(d)  as below.
///
/// Both sides need the same parameters, wire and d. All of them work for d = 0, too.
using Compressor = std::variant<Identity, ScaledSign, TopK, RandomK, Ternary, Threshold, Qsgd,
                                SparsifyMinVariance, SparsifyUniform, Sign>;

/// The message of C(x). Throws WireError where x is not finite or C(x) leaves the wire's range.
Encoded encode(const Compressor& compressor, const Vector& x, Wire wire, Rng& rng);

/// sum <- sum + weight * C(x), for a message of C(x) with sum's number of coordinates. Throws CorruptMessage
/// where `message` is not one such message from its first bit to its last; sum is then undefined.
void add_decoded(const Compressor& compressor, const Encoded& message, Wire wire, double weight, Vector& sum);

/// Constants for vectors of d coordinates.
Theory theory(const Compressor& compressor, Index d);

/// Size of every message for vectors of d coordinates; nothing where it depends on the vector or on chance.
std::optional<Bits> bits(const Compressor& compressor, Index d, Wire wire);

/// Throws std::invalid_argument where the parameters do not suit vectors of d coordinates: what is wrong;
/// what is allowed.
void require(const Compressor& compressor, Index d);

/// Whether `bits_paper` of messages differs from `bits`: the accounting is not the wire's.
bool counts_otherwise(const Compressor& compressor);

}  // namespace gossamer
