#include "algorithms/composite/selection.hpp"

namespace gossamer {
namespace {

/// An indicator's words that are full, and the bits of the word after them.
std::size_t whole_words(Index dimension) {
  return static_cast<std::size_t>(dimension / 64);
}
int bits_of_rest(Index dimension) {
  return static_cast<int>(dimension % 64);
}

}  // namespace

Encoded SelectionCodec::operator()(const Selection& selection) const {
  const Support& coordinates = selection.coordinates;
  const Index d = coordinates.dimension(), k = coordinates.size();
  BitWriter out;
  out.reserve(Bits{d} + std::visit([&](const auto& q) { return *q.bits(k, agent_.wire()); }, quantizer_));
  const auto words = coordinates.words();
  out.put_bytes(std::as_bytes(words.first(whole_words(d))));
  if (bits_of_rest(d) > 0) out.put(words.back(), bits_of_rest(d));
  return agent_.on_wire([&] {
    std::visit(
        [&](const auto& q) { q.encode(selection.values, k, agent_.wire(), agent_.compression(), out); },
        quantizer_);
    return out.finish();
  });
}

Selection SelectionCodec::decode(const Encoded& message) const {
  const Index d = agent_.dimension();
  BitReader in(message);
  Support coordinates(d);
  const auto words = coordinates.words();
  in.get_bytes(std::as_writable_bytes(words.first(whole_words(d))));
  if (bits_of_rest(d) > 0) words.back() = in.get(bits_of_rest(d));
  SparseVector values =
      std::visit([&](const auto& q) { return q.decode(in, agent_.wire(), coordinates.size()); }, quantizer_);
  in.finish();
  return {std::move(coordinates), std::move(values)};
}

}  // namespace gossamer
