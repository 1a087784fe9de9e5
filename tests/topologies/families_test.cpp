#include "topologies/families.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/topologies/support.hpp"
#include "topologies/random_families.hpp"
#include "topologies/social_graphs.hpp"

using namespace gossamer;
using Catch::Equals;

namespace {

/// How a family joins the conformance suite: a name, how to build it for `nodes`, the counts to try, and
/// whether the seed matters.
struct Entry {
  std::string name;
  std::function<Topology(int nodes, std::uint64_t seed)> build;
  std::vector<int> sizes;
  bool random = false;
};

// Awkward counts first: single nodes, pairs, triangles, primes, sides of 2.
const std::vector<int> any_size{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 16, 20, 23, 25, 30};

template <class Family>
auto of_nodes(Family family = {}) {
  return [family](int nodes, std::uint64_t seed) mutable {
    family.nodes = nodes;
    return family.build(seed);
  };
}

template <class Family>
Topology observed(int, std::uint64_t seed) {
  return Family{}.build(seed);
}

const std::vector<Entry> families{
    {"ring", of_nodes<Ring>(), any_size},
    {"path", of_nodes<Path>(), any_size},
    {"torus", of_nodes<Torus>(), any_size},
    {"grid", of_nodes<Grid>(), any_size},
    {"complete", of_nodes<Complete>(), any_size},
    {"two_cliques", of_nodes<TwoCliques>(), any_size},
    {"hypercube", of_nodes<Hypercube>(), {1, 2, 4, 8, 16, 32}},
    {"star", of_nodes<Star>(), any_size},
    {"tree", of_nodes<Tree>(), any_size},
    {"tree, branching 3", of_nodes(Tree{.nodes = {}, .branching = 3}), any_size},
    {"exponential", of_nodes<Exponential>(), any_size},
    {"erdos_renyi", of_nodes(ErdosRenyi{.nodes = {}, .p = 0.6}), {20, 30}, true},
    {"random_regular, degree 3", of_nodes(RandomRegular{.nodes = {}, .degree = 3}), {10, 20, 30}, true},
    {"random_regular, dense", of_nodes(RandomRegular{.nodes = {}, .degree = 8}), {11, 12, 13}, true},
    {"watts_strogatz", of_nodes(WattsStrogatz{.nodes = {}, .k = 6, .p = 0.3}), {10, 20, 30}, true},
    {"watts_strogatz, not rewired", of_nodes(WattsStrogatz{.nodes = {}, .k = 2, .p = 0}), {3, 4, 5, 16}},
    {"barabasi_albert", of_nodes(BarabasiAlbert{.nodes = {}, .m = 3}), {10, 20, 30}, true},
    {"barabasi_albert, a tree", of_nodes(BarabasiAlbert{.nodes = {}, .m = 1}), {10, 20, 30}, true},
    {"geometric", of_nodes(Geometric{.nodes = {}, .radius = 0.6}), {20, 30}, true},
    {"geometric, complete", of_nodes(Geometric{.nodes = {}, .radius = 1.5}), {1, 2, 3, 10}},
    {"karate_club", observed<KarateClub>, {34}},
    {"davis_southern_women", observed<DavisSouthernWomen>, {32}},
    {"florentine_families", observed<FlorentineFamilies>, {15}},
    {"les_miserables", observed<LesMiserables>, {77}},
};

}  // namespace

TEST_CASE("every family keeps the contract of a topology", "[topologies][conformance]") {
  for (const Entry& family : families) {
    for (const int nodes : family.sizes) {
      CAPTURE(family.name, nodes);
      const Topology topology = family.build(nodes, 1);
      const Graph& graph = topology.graph;

      REQUIRE(node_count(graph) == (family.name == "star" ? nodes + 1 : nodes));
      REQUIRE_NOTHROW(require_connected(graph));
      REQUIRE(std::ranges::count(hops(graph, node_count(graph) - 1), -1) == 0);
      REQUIRE(topology.links.empty());
      for (int u = 0; u < node_count(graph); ++u) {
        const auto around = neighbors(graph, u);
        REQUIRE(std::adjacent_find(around.begin(), around.end(), std::greater_equal()) == around.end());
        for (const int v : around) {
          REQUIRE(v != u);
          const auto back = neighbors(graph, v);
          REQUIRE(std::binary_search(back.begin(), back.end(), u));
        }
      }

      REQUIRE(edge_list(family.build(nodes, 1).graph) == edge_list(graph));
      REQUIRE((edge_list(family.build(nodes, 2).graph) != edge_list(graph)) == family.random);
    }
  }
}

TEST_CASE("closed forms of the Laplacian and of the diameter are those of the graph",
          "[topologies][conformance]") {
  for (const Entry& family : families) {
    for (const int nodes : family.sizes) {
      CAPTURE(family.name, nodes);
      const Topology topology = family.build(nodes, 1);
      if (topology.diameter) REQUIRE(*topology.diameter == diameter(topology.graph).value);
      if (!topology.laplacian || node_count(topology.graph) == 1) continue;
      const Eigen::VectorXd eigenvalues = laplacian_eigenvalues(topology.graph);
      REQUIRE(topology.laplacian->smallest_nonzero == Approx(eigenvalues(1)).epsilon(1e-12));
      REQUIRE(topology.laplacian->largest == Approx(eigenvalues(eigenvalues.size() - 1)).epsilon(1e-12));
    }
  }
}

TEST_CASE("families number their nodes as documented", "[topologies]") {
  using Edges = std::vector<Edge>;
  CHECK(edge_list(Ring{1}.build(0).graph).empty());
  CHECK(edge_list(Ring{2}.build(0).graph) == Edges{{0, 1}});
  CHECK(edge_list(Ring{4}.build(0).graph) == Edges{{0, 1}, {0, 3}, {1, 2}, {2, 3}});
  CHECK(edge_list(Path{3}.build(0).graph) == Edges{{0, 1}, {1, 2}});
  // 2 x 3: rows are rings, columns single edges.
  CHECK(edge_list(Torus{6}.build(0).graph) ==
        Edges{{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 4}, {2, 5}, {3, 4}, {3, 5}, {4, 5}});
  CHECK(edge_list(Torus{7}.build(0).graph) == edge_list(Ring{7}.build(0).graph));
  CHECK(edge_list(Grid{6}.build(0).graph) == Edges{{0, 1}, {0, 3}, {1, 2}, {1, 4}, {2, 5}, {3, 4}, {4, 5}});
  CHECK(edge_list(Star{.nodes = 3}.build(0).graph) == Edges{{0, 3}, {1, 3}, {2, 3}});
  CHECK(edge_list(Tree{.nodes = 6}.build(0).graph) == Edges{{0, 1}, {0, 2}, {1, 3}, {1, 4}, {2, 5}});
  CHECK(edge_list(TwoCliques{1}.build(0).graph).empty());
  CHECK(edge_list(TwoCliques{2}.build(0).graph) == Edges{{0, 1}});
  CHECK(edge_list(TwoCliques{3}.build(0).graph) == Edges{{0, 1}, {1, 2}});
  CHECK(edge_list(TwoCliques{7}.build(0).graph) ==
        Edges{{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 3}, {3, 4}, {4, 5}, {4, 6}, {5, 6}});
  CHECK(edge_list(Hypercube{.nodes = 4}.build(0).graph) == Edges{{0, 1}, {0, 2}, {1, 3}, {2, 3}});
  // 9 nodes: offsets 1, 2, 4, 8 and their opposites are 1, 2, 4, 5, 7, 8.
  const Topology exponential = Exponential{9}.build(0);
  const auto around = neighbors(exponential.graph, 0);
  CHECK(std::vector<int>(around.begin(), around.end()) == std::vector{1, 2, 4, 5, 7, 8});
}

TEST_CASE("fields list a family's keys, domains and meanings", "[topologies]") {
  Tree tree;
  std::string listed;
  const auto initial = [](const auto& field) -> std::string {
    if constexpr (requires { field.given(); }) {
      if (!field.given()) return "to be given";
    }
    return std::to_string(field);
  };
  Tree::fields(tree, [&](std::string_view key, auto& field, std::string_view domain, std::string_view) {
    listed += std::string(key) + " " + std::string(domain) + " " + initial(field) + "; ";
    field = 3;
  });
  CHECK(listed == "nodes [1, inf) to be given; branching [1, inf) 2; ");
  CHECK(edge_count(tree.build(0).graph) == 2);
}

TEST_CASE("fields outside their domain are refused in one line", "[topologies]") {
  CHECK_THAT(error_of([] { Ring{0}.build(0); }), Equals("nodes: 0 is not allowed; allowed: at least 1"));
  CHECK_THAT(error_of([] { Hypercube{.nodes = 12}.build(0); }),
             Equals("nodes: 12 is not allowed; allowed: powers of 2, for instance 8 or 16"));
  CHECK_THAT(error_of([] { Tree{.nodes = 3, .branching = 0}.build(0); }),
             Equals("branching: 0 is not allowed; allowed: at least 1"));
  CHECK_THAT(error_of([] { TwoCliques{0}.build(0); }),
             Equals("nodes: 0 is not allowed; allowed: at least 1"));
  CHECK_THAT(error_of([] { TwoCliques{100'000}.build(0); }),
             Equals("a graph of 100000 nodes and 2499950001 edges is too large; allowed: nodes + 2 * edges "
                    "below 2^31"));
}

TEST_CASE("two cliques of a given size have the Laplacian of their closed form", "[topologies]") {
  // Cliques of 4: 3 -+ sqrt(7). Cliques of 2 are a path: 2 -+ sqrt(2). Different cliques have none.
  CHECK(TwoCliques{8}.build(0).laplacian->smallest_nonzero == Approx(3 - std::sqrt(7.)).epsilon(1e-14));
  CHECK(TwoCliques{8}.build(0).laplacian->largest == Approx(3 + std::sqrt(7.)).epsilon(1e-14));
  CHECK(TwoCliques{4}.build(0).laplacian->smallest_nonzero == Approx(2 - std::sqrt(2.)).epsilon(1e-14));
  CHECK_FALSE(TwoCliques{7}.build(0).laplacian);
  // 4 / (h + 2 + sqrt((h + 2)^2 - 8)) keeps its digits where a difference of roots would not.
  const double h = 500;
  CHECK(TwoCliques{1000}.build(0).laplacian->smallest_nonzero ==
        Approx(2 / (h + 2) + 4 / std::pow(h + 2, 3)));
}
