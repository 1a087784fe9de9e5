// How the loops over classes are cut into what the registers hold.
#pragma once

#include <algorithm>
#include <array>

#include "algorithms/vectors/lanes.hpp"
#include "algorithms/vectors/vector.hpp"

namespace gossamer::kernels {

/// for_each_tile() with packs of one kind, width >= Pack::size.
template <class Pack, class Body>
inline void for_each_tile_of(Index width, Body&& body) {
  const Index packs = (width + Pack::size - 1) / Pack::size, tiles = (packs + 2) / 3;
  const auto start = [&](Index pack) { return std::min(pack * Pack::size, width - Pack::size); };
  for (Index tile = 0; tile < tiles; ++tile) {
    const Index first = tile * packs / tiles, count = (tile + 1) * packs / tiles - first;
    if (count == 3)
      body(Pack{}, std::array{start(first), start(first + 1), start(first + 2)});
    else if (count == 2)
      body(Pack{}, std::array{start(first), start(first + 1)});
    else
      body(Pack{}, std::array{start(first)});
  }
}

/// Calls body(pack, at) for tiles of one to three packs that cover {0, ..., width - 1}; `at` holds where each
/// pack starts. Packs are Lanes, or Lane where `width` is less than these hold; `pack` tells by its type. The
/// last one is moved left to end at `width`, so it may overlap the one before. As both lie in one tile, which
/// loads all before it stores any, they agree on what they share.
template <class Body>
inline void for_each_tile(Index width, Body&& body) {
  if (width < Lanes::size)
    for_each_tile_of<Lane>(width, body);
  else
    for_each_tile_of<Lanes>(width, body);
}

}  // namespace gossamer::kernels
