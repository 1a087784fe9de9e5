#include "algorithms/compressors/compressor.hpp"

#include <stdexcept>
#include <string>

#include "algorithms/compressors/identity.hpp"
#include "algorithms/compressors/signs.hpp"
#include "algorithms/compressors/sparse.hpp"

namespace gossamer {

Compressor identity() {
  return Identity{};
}

bool is_identity(const Compressor& compressor) {
  return dynamic_cast<const Compressor::Of<Identity>*>(&*compressor) != nullptr;
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

Encoded encode(const Compressor& compressor, const Vector& x, Wire wire, Rng& rng, const Layers& layers) {
  BitWriter out;
  if (const auto size = bits(compressor, x.size(), wire)) out.reserve(*size);
  for_each_layer(coordinates(x), layers, [&](auto layer) { compressor->encode(layer, wire, rng, out); });
  return out.finish();
}

void add_decoded(const Compressor& compressor, const Encoded& message, Wire wire, double weight, Vector& sum,
                 const Layers& layers) {
  BitReader in(message);
  for_each_layer(coordinates(sum), layers,
                 [&](auto layer) { compressor->add_decoded(in, wire, weight, layer); });
  in.finish();
}

void require_compressor(const Compressor& compressor, Index d, bool fed_back) {
  try {
    require(compressor, d);
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(std::string("compressor: ") + error.what());
  }
  if (!fed_back || theory(compressor, d).contraction) return;
  throw std::invalid_argument(
      "compressor: there is no pi < 1 with |C(x) - x|^2 <= pi |x|^2 for this one; the algorithm needs a "
      "contraction: identity, scaled_sign, top_k, random_k (not unbiased), threshold");
}

}  // namespace gossamer
