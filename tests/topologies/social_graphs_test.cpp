#include "topologies/social_graphs.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "tests/topologies/support.hpp"

using namespace gossamer;

namespace {

std::vector<int> degrees(const Graph& graph) {
  std::vector<int> degrees;
  for (int node = 0; node < node_count(graph); ++node) degrees.push_back(degree(graph, node));
  return degrees;
}

}  // namespace

TEST_CASE("social graphs are those that were published", "[topologies]") {
  const Graph karate_club = KarateClub{}.build(0).graph;
  CHECK(edge_count(karate_club) == 78);
  CHECK(diameter(karate_club).value == 5);
  CHECK(triangles(karate_club) == 45);
  CHECK(degrees(karate_club) == std::vector{16, 9, 10, 6, 3, 4, 4, 4, 5, 2, 3, 1, 2, 5, 2, 2,  2,
                                            2,  2, 3,  2, 2, 2, 5, 3, 3, 2, 4, 3, 4, 4, 6, 12, 17});

  const Graph davis_southern_women = DavisSouthernWomen{}.build(0).graph;
  CHECK(edge_count(davis_southern_women) == 89);
  CHECK(diameter(davis_southern_women).value == 4);
  CHECK(triangles(davis_southern_women) == 0);
  CHECK(degrees(davis_southern_women) == std::vector{8, 7, 8, 7, 4, 4, 4, 3, 4,  4,  4,  6, 7, 8, 5, 2,
                                                     2, 2, 3, 3, 6, 4, 8, 8, 10, 14, 12, 5, 4, 6, 3, 3});

  const Graph florentine_families = FlorentineFamilies{}.build(0).graph;
  CHECK(edge_count(florentine_families) == 20);
  CHECK(diameter(florentine_families).value == 5);
  CHECK(triangles(florentine_families) == 3);
  CHECK(degrees(florentine_families) == std::vector{1, 6, 3, 3, 4, 2, 3, 3, 3, 2, 1, 3, 4, 1, 1});

  const Graph les_miserables = LesMiserables{}.build(0).graph;
  CHECK(edge_count(les_miserables) == 254);
  CHECK(diameter(les_miserables).value == 5);
  CHECK(triangles(les_miserables) == 467);
  CHECK(degrees(les_miserables) == std::vector{1,  10, 3,  3, 1,  1,  1,  1,  1,  1,  36, 1,  2, 1,  1,  1,
                                               7,  9,  7,  7, 7,  7,  7,  15, 11, 16, 11, 17, 4, 8,  2,  4,
                                               1,  2,  6,  6, 6,  6,  6,  3,  1,  11, 3,  3,  2, 1,  2,  1,
                                               22, 7,  2,  7, 2,  1,  4,  19, 2,  11, 15, 11, 9, 11, 13, 12,
                                               13, 12, 10, 1, 10, 10, 10, 9,  3,  2,  2,  7,  7});
}

TEST_CASE("the women of the Davis graph meet at events only", "[topologies]") {
  for (const auto& [woman, event] : edge_list(DavisSouthernWomen{}.build(0).graph)) {
    CHECK(woman < 18);
    CHECK(event >= 18);
  }
}
