#include "algorithms/compressors/encoded.hpp"

#include <fmt/format.h>

#include "algorithms/compressors/bits.hpp"

namespace gossamer {

WireError not_on_wire(const std::string& what, double x, Wire wire) {
  return WireError(fmt::format("{} of a message, {:g}, is not a finite {}", what, x,
                               names(wire)[static_cast<std::size_t>(wire)]));
}

Encoded encode(Wire wire, std::initializer_list<const Vector*> vectors) {
  BitWriter out;
  Bits size;
  for (const Vector* v : vectors) size += v->size() * Bits{width(wire)};
  out.reserve(size);
  for (const Vector* v : vectors) put_coordinates(coordinates(*v), wire, out);
  return out.finish();
}

void add_decoded(const Encoded& message, Wire wire, Index part, double weight, Vector& sum) {
  const Bits size = sum.size() * Bits{width(wire)};
  if (message.bits < (part + 1) * size) {
    throw std::length_error(fmt::format("a message of {} bytes has no vector {} of {} coordinates",
                                        message.bytes.size(), part, sum.size()));
  }
  BitReader in(message);
  in.skip(part * size);
  add_coordinates(in, wire, weight, coordinates(sum));
}

}  // namespace gossamer
