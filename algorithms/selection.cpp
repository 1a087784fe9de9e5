#include "algorithms/selection.hpp"

namespace gossamer {
namespace {

/// The bits of an indicator's k-th word.
int bits_of_word(Index dimension, std::size_t k) {
  return static_cast<int>(std::min<Index>(64, dimension - 64 * static_cast<Index>(k)));
}

}  // namespace

Encoded SelectionCodec::operator()(const Selection& selection) const {
  BitWriter out;
  const auto words = selection.coordinates.words();
  for (std::size_t k = 0; k < words.size(); ++k) {
    out.put(words[k], bits_of_word(selection.coordinates.dimension(), k));
  }
  return agent_.on_wire([&] {
    std::visit([&](const auto& q) { q.encode(selection.values, agent_.wire(), agent_.compression(), out); },
               quantizer_);
    return out.finish();
  });
}

Selection SelectionCodec::decode(const Encoded& message) const {
  BitReader in(message);
  Selection selection{Support(agent_.dimension()), {}};
  const auto words = selection.coordinates.words();
  for (std::size_t k = 0; k < words.size(); ++k) words[k] = in.get(bits_of_word(agent_.dimension(), k));
  selection.values.resize(static_cast<std::size_t>(selection.coordinates.size()));
  std::visit([&](const auto& q) { q.add_decoded(in, agent_.wire(), 1, selection.values); }, quantizer_);
  in.finish();
  return selection;
}

}  // namespace gossamer
