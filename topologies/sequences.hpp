// Graphs that change from iteration to iteration: a sequence of graphs, repeated in turn. Families as those
// of families.hpp.
#pragma once

#include <cstdint>

#include "topologies/families.hpp"

namespace gossamer {

/// The one-peer exponential graph: in iteration t node i sends to i + 2^((t - 1) mod tau) mod n alone,
/// tau = ceil(log2 n) [Assran, Loizou, Ballas, Rabbat 2019; Ying et al. 2021, in whose papers t begins at 0].
/// With W = (I + P) / 2, tau iterations average exactly where n is a power of 2 [Ying et al. 2021].
struct OnePeerExponential : Sized {
  static constexpr bool directed = true;
  Topology build(std::uint64_t seed) const;
};

/// In each iteration a matching, uniform among all that leave out no node, or one if n is odd: randomized
/// gossip in which all nodes take part at once [Boyd, Ghosh, Prabhakar, Shah 2006, for single pairs].
struct RandomMatchings : Sized {
  int period = 100;
  static void fields(auto& self, auto&& visit) {
    Sized::fields(self, visit);
    visit("period", self.period, "[1, inf)", "matchings that are drawn; they are then repeated in turn");
  }
  Topology build(std::uint64_t seed) const;
};

}  // namespace gossamer
