// Encoded: what messages really carry; vectors that travel uncompressed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <vector>

#include "algorithms/compressors/wire.hpp"
#include "algorithms/vectors/vector.hpp"
#include "sim/units.hpp"

namespace gossamer {

/// A value that the wire cannot carry: NaN, or too large for its precision.
class WireError : public std::range_error {
 public:
  using std::range_error::range_error;
};

/// The error for an x that is not finite or leaves the wire's range; `what` says what x is in the message,
/// for instance "coordinate 3".
WireError not_on_wire(const std::string& what, double x, Wire wire);

/// A message as it is sent.
struct Encoded {
  std::vector<std::byte> bytes;
  Bits bits;        ///< Exact: the last byte may be used in part.
  Bits bits_paper;  ///< What the codec's `accounting` counts; by default the same as `bits`.
  std::int64_t round = 0;  ///< The sender's when it was sent; part of the header.
  Bits uncompressed{};  ///< Of the vector at the wire's precision; 0 where it is sent as it is.
};
inline Bits wire_bits(const Encoded& message) {
  return message.bits;
}
inline Bits uncompressed_bits(const Encoded& message) {
  return message.uncompressed;
}

/// Uncompressed vectors, one after the other: w d bits each.
/// Throws WireError naming the first coordinate that the wire cannot carry.
Encoded encode(Wire wire, std::initializer_list<const Vector*> vectors);

/// sum <- sum + weight * v, with v the `part`-th vector (from 0) of a message of uncompressed vectors, all of
/// them of sum's length. Throws std::length_error where the message is too short, and CorruptMessage
/// (compressors/bits.hpp) where v is not finite.
void add_decoded(const Encoded& message, Wire wire, Index part, double weight, Vector& sum);

}  // namespace gossamer
