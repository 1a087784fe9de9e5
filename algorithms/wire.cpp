#include "algorithms/wire.hpp"

#include <bit>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <string>

namespace gossamer {
namespace {

static_assert(std::endian::native == std::endian::little, "the wire is little endian");

template <class Real>
void append(const Vector& x, std::byte* to) {
  // Through a local array: the bytes of a message hold no objects, so they are written by memcpy alone.
  constexpr Index block = 256;
  std::array<Real, block> converted;
  for (Index begin = 0; begin < x.size(); begin += block) {
    const Index count = std::min(block, x.size() - begin);
    Real zero = 0;
    for (Index k = 0; k < count; ++k) {
      converted[static_cast<std::size_t>(k)] = static_cast<Real>(x[begin + k]);
      zero += 0 * converted[static_cast<std::size_t>(k)];  // NaN as soon as one is not finite.
    }
    if (zero != 0) {
      for (Index k = begin;; ++k) {
        if (std::isfinite(static_cast<Real>(x[k]))) continue;
        std::array<char, 32> number;
        std::snprintf(number.data(), number.size(), "%g", x[k]);
        throw WireError("coordinate " + std::to_string(k) + " of a message, " + number.data() +
                        ", is not a finite float" + std::to_string(8 * sizeof(Real)));
      }
    }
    std::memcpy(to, converted.data(), static_cast<std::size_t>(count) * sizeof(Real));
    to += static_cast<std::size_t>(count) * sizeof(Real);
  }
}

template <class Real>
void add(const std::byte* from, double weight, Vector& sum) {
  constexpr Index block = 256;
  std::array<Real, block> coordinates;
  for (Index begin = 0; begin < sum.size(); begin += block) {
    const Index count = std::min(block, sum.size() - begin);
    std::memcpy(coordinates.data(), from, static_cast<std::size_t>(count) * sizeof(Real));
    from += static_cast<std::size_t>(count) * sizeof(Real);
    for (Index k = 0; k < count; ++k) {
      sum[begin + k] += weight * static_cast<double>(coordinates[static_cast<std::size_t>(k)]);
    }
  }
}

std::size_t bytes_of(Wire wire, Index dimension) {
  return static_cast<std::size_t>(dimension) * (wire == Wire::float32 ? sizeof(float) : sizeof(double));
}

}  // namespace

Encoded encode(Wire wire, std::initializer_list<const Vector*> vectors) {
  std::size_t size = 0;
  for (const Vector* v : vectors) size += bytes_of(wire, v->size());
  Encoded message{std::vector<std::byte>(size), Bits{static_cast<std::int64_t>(8 * size)}};
  std::byte* to = message.bytes.data();
  for (const Vector* v : vectors) {
    wire == Wire::float32 ? append<float>(*v, to) : append<double>(*v, to);
    to += bytes_of(wire, v->size());
  }
  return message;
}

void add_decoded(const Encoded& message, Wire wire, Index part, double weight, Vector& sum) {
  const std::size_t size = bytes_of(wire, sum.size());
  const std::size_t begin = static_cast<std::size_t>(part) * size;
  if (message.bytes.size() < begin + size) {
    throw std::length_error("a message of " + std::to_string(message.bytes.size()) + " bytes has no vector " +
                            std::to_string(part) + " of " + std::to_string(sum.size()) + " coordinates");
  }
  const std::byte* from = message.bytes.data() + begin;
  wire == Wire::float32 ? add<float>(from, weight, sum) : add<double>(from, weight, sum);
}

}  // namespace gossamer
