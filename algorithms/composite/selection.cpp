#include "algorithms/composite/selection.hpp"

#include <algorithm>
#include <numeric>

namespace gossamer {
namespace {

/// An indicator's words that are full, and the bits of the word after them.
std::size_t whole_words(Index dimension) {
  return static_cast<std::size_t>(dimension / 64);
}
int bits_of_rest(Index dimension) {
  return static_cast<int>(dimension % 64);
}

/// How many of the selected coordinates each layer has; empty if there are no layers.
Layers selected_in(const Support& coordinates, const Layers& layers) {
  Layers counts(layers.size());
  std::size_t layer = 0;
  if (layers.empty()) return counts;
  Index end = layers.front();
  coordinates.for_each([&](Index j) {
    while (j >= end) end += layers[++layer];
    ++counts[layer];
  });
  return counts;
}

/// Coordinates first, ..., first + count - 1 of v.
SparseVector part_of(const SparseVector& v, Index first, Index count) {
  const auto place = [&](Index j) { return std::ranges::lower_bound(v.indices, j) - v.indices.begin(); };
  SparseVector part;
  for (Index k = place(first); k < place(first + count); ++k) {
    part.indices.push_back(static_cast<std::int32_t>(v.indices[k] - first));
    part.values.push_back(v.values[k]);
  }
  return part;
}

/// Appends the coordinates of `part` behind the first `before` of v.
void append(SparseVector& v, Index before, const SparseVector& part) {
  for (const std::int32_t j : part.indices) v.indices.push_back(static_cast<std::int32_t>(before + j));
  v.values.insert(v.values.end(), part.values.begin(), part.values.end());
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
  Encoded message = agent_.on_wire([&] {
    std::visit(
        [&](const auto& q) {
          const auto put = [&](const SparseVector& values, Index count) {
            q.encode(values, count, agent_.wire(), agent_.compression(), out);
          };
          if (agent_.layers().empty()) return put(selection.values, k);
          Index first = 0;
          for (const Index count : selected_in(coordinates, agent_.layers())) {
            put(part_of(selection.values, first, count), count);
            first += count;
          }
        },
        quantizer_);
    return out.finish();
  });
  message.uncompressed = {d * width(agent_.wire())};
  const auto square = [](const SparseVector& v) {
    return std::inner_product(v.values.begin(), v.values.end(), v.values.begin(), 0.0);
  };
  agent_.compressed(square(selection.values), [&] {
    return squared_norm(to_dense(decode(message).values, k) - to_dense(selection.values, k));
  });
  return message;
}

Selection SelectionCodec::decode(const Encoded& message) const {
  const Index d = agent_.dimension();
  BitReader in(message);
  Support coordinates(d);
  const auto words = coordinates.words();
  in.get_bytes(std::as_writable_bytes(words.first(whole_words(d))));
  if (bits_of_rest(d) > 0) words.back() = in.get(bits_of_rest(d));
  SparseVector values = std::visit(
      [&](const auto& q) {
        if (agent_.layers().empty()) return q.decode(in, agent_.wire(), coordinates.size());
        SparseVector whole;
        Index first = 0;
        for (const Index count : selected_in(coordinates, agent_.layers())) {
          append(whole, first, q.decode(in, agent_.wire(), count));
          first += count;
        }
        return whole;
      },
      quantizer_);
  in.finish();
  return {std::move(coordinates), std::move(values)};
}

}  // namespace gossamer
