#include "scenarios/lab/scenario/topologies.hpp"

#include "topologies/directed.hpp"
#include "topologies/families.hpp"
#include "topologies/mixing.hpp"
#include "topologies/random_families.hpp"
#include "topologies/sequences.hpp"
#include "topologies/social_graphs.hpp"
#include "topologies/topology_file.hpp"

namespace gossamer {
namespace {

template <class T>
struct FamilyOf final : Family {
  using Interface = Family;
  explicit FamilyOf(T family) : value(std::move(family)) {}
  Topology build(std::uint64_t seed) const override { return value.build(seed); }
  bool may_have_server() const override {
    return requires {
      T::may_have_server;
    };
  }
  bool counts_workers() const override {
    return requires {
      T::counts_workers;
    };
  }
  bool directed() const override {
    if constexpr (requires { value.directed; }) return value.directed;
    return false;
  }
  T value;
};

template <class T>
struct RuleOf final : MixingRule {
  using Interface = MixingRule;
  explicit RuleOf(T rule) : value(std::move(rule)) {}
  MixingMatrix build(const Topology& topology) const override {
    constexpr bool takes_directed = requires {
      T::takes_directed;
    };
    if (topology.directed && !takes_directed) {
      throw TopologyError("mixing: the graph is directed; it takes column_stochastic, or a file");
    }
    return value.build(topology.graph);
  }
  T value;
};

}  // namespace

const Catalogue<Family>& topologies() {
  static const Catalogue<Family> all(
      "topology",
      {kind<FamilyOf>("ring", Ring{}, "a cycle"),
       kind<FamilyOf>("path", Path{}, "a line"),
       kind<FamilyOf>("torus", Torus{}, "the most square r x c, rows and columns closed to rings"),
       kind<FamilyOf>("grid", Grid{}, "the most square r x c"),
       kind<FamilyOf>("complete", Complete{}, "every node with every other"),
       kind<FamilyOf>("two_cliques", TwoCliques{}, "two halves, each complete, joined by one edge"),
       kind<FamilyOf>("hypercube", Hypercube{}, "nodes whose binary numbers differ in one digit"),
       kind<FamilyOf>("star", Star{}, "every worker with the server, which is numbered last"),
       kind<FamilyOf>("tree", Tree{}, "filled level by level"),
       kind<FamilyOf>("exponential", Exponential{}, "i with i +- 2^k"),
       kind<FamilyOf>("erdos_renyi", ErdosRenyi{}, "G(n, p)"),
       kind<FamilyOf>("random_regular", RandomRegular{}, "a random graph of equal degrees"),
       kind<FamilyOf>("watts_strogatz", WattsStrogatz{}, "a small world: a ring, some edges rewired"),
       kind<FamilyOf>("barabasi_albert", BarabasiAlbert{}, "growth with preferential attachment"),
       kind<FamilyOf>("geometric", Geometric{}, "random points of the unit square, near ones joined"),
       kind<FamilyOf>("karate_club", KarateClub{}, "friends in a club, 34 nodes"),
       kind<FamilyOf>("davis_southern_women", DavisSouthernWomen{}, "women and events, bipartite, 32 nodes"),
       kind<FamilyOf>("florentine_families", FlorentineFamilies{}, "marriages, 15 nodes"),
       kind<FamilyOf>("les_miserables", LesMiserables{}, "characters of the novel who meet, 77 nodes"),
       kind<FamilyOf>("directed_ring", DirectedRing{}, "i sends to i + 1"),
       kind<FamilyOf>("directed_exponential", DirectedExponential{}, "i sends to i + 2^k"),
       kind<FamilyOf>("one_peer_exponential", OnePeerExponential{},
                      "in turn: i sends to i + 1, to i + 2, to i + 4, ..., one each iteration"),
       kind<FamilyOf>("random_matchings", RandomMatchings{}, "in each iteration other random pairs"),
       kind<FamilyOf>("file", TopologyFile{}, "a graph from a file")});
  return all;
}

const Catalogue<MixingRule>& mixings() {
  static const Catalogue<MixingRule> all(
      "mixing", {kind<RuleOf>("metropolis", Metropolis{}, "W_ij = 1 / (1 + max(d_i, d_j))"),
                 kind<RuleOf>("uniform_neighbors", UniformNeighbors{},
                              "1 / (degree + 1) to oneself and each neighbour; regular graphs"),
                 kind<RuleOf>("max_degree", MaxDegree{}, "W_ij = 1 / (1 + max d)"),
                 kind<RuleOf>("lazy", Lazy{}, "(I + W_metropolis) / 2"),
                 kind<RuleOf>("optimal", Optimal{}, "the symmetric W that averages fastest, with a proof"),
                 kind<RuleOf>("column_stochastic", ColumnStochastic{},
                              "1 / (1 + d_j) from j to each it sends to; directed graphs"),
                 kind<RuleOf>("file", MixingFile{}, "a matrix from a file")});
  return all;
}

}  // namespace gossamer
