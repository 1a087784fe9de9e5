#include "algorithms/compressors/compressor.hpp"

namespace gossamer {

Encoded encode(const Compressor& compressor, const Vector& x, Wire wire, Rng& rng) {
  BitWriter out;
  if (const auto size = bits(compressor, x.size(), wire)) out.reserve(*size);
  std::visit([&](const auto& codec) { codec.encode(coordinates(x), wire, rng, out); }, compressor);
  return out.finish();
}

void add_decoded(const Compressor& compressor, const Encoded& message, Wire wire, double weight,
                 Vector& sum) {
  BitReader in(message);
  std::visit([&](const auto& codec) { codec.add_decoded(in, wire, weight, coordinates(sum)); }, compressor);
  in.finish();
}

Theory theory(const Compressor& compressor, Index d) {
  return std::visit([&](const auto& codec) { return codec.theory(d); }, compressor);
}

std::optional<Bits> bits(const Compressor& compressor, Index d, Wire wire) {
  return std::visit([&](const auto& codec) { return codec.bits(d, wire); }, compressor);
}

void require(const Compressor& compressor, Index d) {
  std::visit([&](const auto& codec) { codec.require(d); }, compressor);
}

bool counts_otherwise(const Compressor& compressor) {
  return std::visit(
      [](const auto& codec) {
        if constexpr (requires { codec.accounting; }) {
          return codec.accounting != Accounting::wire;
        } else {
          return false;
        }
      },
      compressor);
}

}  // namespace gossamer
