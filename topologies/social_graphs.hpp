// Social networks that were observed, as papers on decentralized optimization use them. Their sizes are
// fixed, their nodes numbered as NetworkX does.
#pragma once

#include <cstdint>

#include "topologies/topology.hpp"

namespace gossamer {

/// What these graphs have in common: no parameters.
struct Observed {
  static void fields(auto&, auto&&) {}
};

/// Friendships in a karate club [Zachary 1977, figure 1]: 34 members, 78 edges. Node 0 is the instructor,
/// node 33 the officer; the club split between them.
struct KarateClub : Observed {
  Topology build(std::uint64_t seed) const;
};

/// Which of 18 women, nodes 0 to 17, came to which of 14 events, nodes 18 to 31 [Davis, Gardner, Gardner
/// 1941]: bipartite, 89 edges.
struct DavisSouthernWomen : Observed {
  Topology build(std::uint64_t seed) const;
};

/// Marriages between 15 families of Renaissance Florence [Breiger, Pattison 1986, from data of Padgett]: 20
/// edges. The Pucci, whom none of these families married into, are left out.
struct FlorentineFamilies : Observed {
  Topology build(std::uint64_t seed) const;
};

/// Who meets whom in Les Miserables [Knuth 1993]: 77 characters, 254 edges; how often they meet is left out.
struct LesMiserables : Observed {
  Topology build(std::uint64_t seed) const;
};

}  // namespace gossamer
