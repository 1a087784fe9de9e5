// Directed graphs that do not change. Families as those of families.hpp.
#pragma once

#include <cstdint>

#include "topologies/families.hpp"

namespace gossamer {

/// 0 -> 1 -> ... -> (n - 1) -> 0.
struct DirectedRing : Sized {
  static constexpr bool directed = true;
  Topology build(std::uint64_t seed) const;
};

/// The static exponential graph as it stands in the paper: i sends to i + 2^k mod n, for every 2^k < n
/// [Ying et al. 2021].
struct DirectedExponential : Sized {
  static constexpr bool directed = true;
  Topology build(std::uint64_t seed) const;
};

}  // namespace gossamer
