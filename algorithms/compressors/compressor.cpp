#include "algorithms/compressors/compressor.hpp"

#include "algorithms/compressors/identity.hpp"
#include "algorithms/compressors/signs.hpp"
#include "algorithms/compressors/sparse.hpp"

namespace gossamer {

Compressor identity() {
  return Identity{};
}

Compressor sign() {
  return Sign{};
}

Compressor scaled_sign() {
  return ScaledSign{};
}

Compressor top_k(double fraction) {
  return TopK{.k = {}, .fraction = fraction};
}

Encoded encode(const Compressor& compressor, const Vector& x, Wire wire, Rng& rng) {
  BitWriter out;
  if (const auto size = bits(compressor, x.size(), wire)) out.reserve(*size);
  compressor->encode(coordinates(x), wire, rng, out);
  return out.finish();
}

void add_decoded(const Compressor& compressor, const Encoded& message, Wire wire, double weight,
                 Vector& sum) {
  BitReader in(message);
  compressor->add_decoded(in, wire, weight, coordinates(sum));
  in.finish();
}

}  // namespace gossamer
