#include "topologies/random_families.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/erdos_renyi_generator.hpp>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <span>
#include <utility>

#include "sim/random.hpp"
#include "topologies/families.hpp"
#include "topologies/require.hpp"

namespace gossamer {
namespace {

using Generator = boost::random::mt19937_64;

}  // namespace

Topology ErdosRenyi::build(std::uint64_t seed) const {
  require_nodes(nodes);
  require(0 < p && p <= 1, "p", p, "(0, 1]");

  if (p == 1) return Complete{*nodes}.build(seed);

  // Boost's erdos_renyi_iterator is not G(n, p); the sorted one is. It wants log(1 - p) to be finite
  // and not 0.
  using Undirected = boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS>;
  using Edges = boost::sorted_erdos_renyi_iterator<Generator, Undirected>;
  std::vector<Edge> edges;
  if (p > std::numeric_limits<double>::epsilon()) {
    Generator generator(seed);
    for (Edges edge(generator, nodes, p); edge != Edges(); ++edge) {
      edges.emplace_back(edge->first, edge->second);
      require_size(nodes, static_cast<std::int64_t>(edges.size()));
    }
  }

  Topology topology{.graph = make_graph(nodes, std::move(edges))};
  require_connected(
      topology.graph,
      fmt::format("raise p (G(n, p) becomes connected around p = ln(n) / n = {:.2g}) or change the seed",
                  std::log(*nodes) / nodes));
  return topology;
}

namespace {

/// A random perfect matching of n * d stubs, stub s belonging to node s / d; read as a multigraph.
class Pairing {
 public:
  /// n * d is even, and fits an int.
  Pairing(int nodes, int degree, Generator& generator)
      : degree_(degree),
        partner_(std::size_t(nodes) * degree),
        owner_(partner_.size()),
        generator_(generator) {
    std::vector<int> stubs(partner_.size());
    for (int s = 0; s < stub_count(); ++s) stubs[s] = s;
    for (int left = stub_count(); left > 1; --left) std::swap(stubs[left - 1], stubs[below(left)]);
    for (int k = 0; k < stub_count(); k += 2) match(stubs[k], stubs[k + 1]);
  }

  /// Switches loops and repeated edges away: {s, s'}, {t, t'} become {s, t}, {s', t'} for a random t, where
  /// that joins nodes that are not joined yet. Such a t exists while 2 d < n: at most 2 d^2 of the n d stubs
  /// are ruled out. No switch makes a new defect, except that two loops may become one double edge.
  void make_simple() {
    for (int s = 0; s < stub_count(); ++s) {
      while (is_defect(s)) {
        const int t = below(stub_count());
        const int s_other = partner_[s], t_other = partner_[t];
        if (!can_join(s, t) || !can_join(s_other, t_other)) continue;
        match(s, t);
        match(s_other, t_other);
      }
    }
  }

  std::vector<Edge> edges() const {
    std::vector<Edge> edges;
    edges.reserve(partner_.size() / 2);
    for (int s = 0; s < stub_count(); ++s) {
      if (s < partner_[s]) edges.emplace_back(node(s), owner_[s]);
    }
    return edges;
  }

 private:
  int stub_count() const { return static_cast<int>(partner_.size()); }
  int node(int stub) const { return stub / degree_; }
  int below(int bound) { return boost::random::uniform_int_distribution<int>(0, bound - 1)(generator_); }
  void match(int s, int t) {
    partner_[s] = t;
    partner_[t] = s;
    owner_[s] = node(t);
    owner_[t] = node(s);
  }
  std::ptrdiff_t edges_between(int u, int v) const {
    const auto first = owner_.begin() + std::ptrdiff_t{u} * degree_;
    return std::count(first, first + degree_, v);
  }
  bool is_defect(int s) const { return node(s) == owner_[s] || edges_between(node(s), owner_[s]) > 1; }
  bool can_join(int s, int t) const { return node(s) != node(t) && edges_between(node(s), node(t)) == 0; }

  int degree_;
  std::vector<int> partner_;  // Of each stub: the stub it is matched with,
  std::vector<int> owner_;    // and the node of that one.
  Generator& generator_;
};

/// The graph that has an edge where the given one has none.
Graph complement(const Graph& graph) {
  const std::int64_t nodes = node_count(graph);
  std::vector<Edge> edges = room_for(nodes, nodes * (nodes - 1) / 2 - edge_count(graph));
  for (int u = 0; u < nodes; ++u) {
    const auto around = neighbors(graph, u);
    auto neighbor = std::upper_bound(around.begin(), around.end(), u);
    for (int v = u + 1; v < nodes; ++v) {
      if (neighbor != around.end() && *neighbor == v) {
        ++neighbor;
      } else {
        edges.emplace_back(u, v);
      }
    }
  }
  return make_graph(static_cast<int>(nodes), std::move(edges));
}

}  // namespace

Topology RandomRegular::build(std::uint64_t seed) const {
  require(nodes >= 2, "nodes", nodes, "at least 2");
  require(1 <= degree && degree < nodes, "degree", degree, fmt::format("1 to {}, below nodes", nodes - 1));
  require(std::int64_t{nodes} * degree % 2 == 0, "degree", degree,
          fmt::format("even ones, since nodes = {} is odd", nodes));
  require_size(nodes, std::int64_t{nodes} * degree / 2);

  // The sparser of the graph and its complement is drawn.
  const bool sparse = degree <= (nodes - 1) / 2;
  Generator generator(seed);
  Pairing pairing(nodes, sparse ? *degree : nodes - 1 - degree, generator);
  pairing.make_simple();
  const Graph drawn = make_graph(nodes, pairing.edges());

  Topology topology{.graph = sparse ? drawn : complement(drawn)};
  require_connected(topology.graph, "raise degree or change the seed");
  return topology;
}

namespace {

/// Who is joined to whom, while that changes: of each node its neighbours and itself, in ascending order.
class Circles {
 public:
  explicit Circles(int nodes) : circles_(nodes) {
    for (int node = 0; node < nodes; ++node) circles_[node] = {node};
  }

  void join(int u, int v) {
    for (const auto& [self, other] : {Edge{u, v}, Edge{v, u}})
      circles_[self].insert(place(self, other), other);
  }
  void part(int u, int v) {
    for (const auto& [self, other] : {Edge{u, v}, Edge{v, u}}) circles_[self].erase(place(self, other));
  }

  /// The number of nodes that `node` is not joined to.
  int strangers(int node) const { return static_cast<int>(circles_.size() - circles_[node].size()); }

  /// One of them: that with `rank` of them before it.
  int stranger(int node, int rank) const {
    int stranger = rank;
    for (const int known : circles_[node]) {
      if (known > stranger) break;
      ++stranger;
    }
    return stranger;
  }

  std::vector<Edge> edges() const {
    std::vector<Edge> edges;
    for (int node = 0; std::cmp_less(node, circles_.size()); ++node) {
      for (const int other : circles_[node]) {
        if (node < other) edges.emplace_back(node, other);
      }
    }
    return edges;
  }

 private:
  std::vector<int>::iterator place(int node, int other) {
    return std::lower_bound(circles_[node].begin(), circles_[node].end(), other);
  }

  std::vector<std::vector<int>> circles_;
};

}  // namespace

Topology WattsStrogatz::build(std::uint64_t seed) const {
  require(nodes >= 3, "nodes", nodes, "at least 3");
  require(2 <= k && k < nodes && k % 2 == 0, "k", k,
          fmt::format("even numbers from 2 to {}", (nodes - 1) / 2 * 2));
  require(0 <= p && p <= 1, "p", p, "[0, 1]");
  require_size(nodes, std::int64_t{nodes} * k / 2);

  const auto ahead = [&](int node, int step) { return (node + step) % nodes; };
  Circles circles(nodes);
  for (int step = 1; step <= k / 2; ++step) {
    for (int node = 0; node < nodes; ++node) circles.join(node, ahead(node, step));
  }
  Rng rng(seed);
  for (int step = 1; step <= k / 2; ++step) {
    for (int node = 0; node < nodes; ++node) {
      if (rng.uniform() >= p || circles.strangers(node) == 0) continue;
      const auto rank = rng.below(circles.strangers(node));
      const int other = circles.stranger(node, static_cast<int>(rank));
      circles.part(node, ahead(node, step));
      circles.join(node, other);
    }
  }

  Topology topology{.graph = make_graph(nodes, circles.edges())};
  require_connected(topology.graph, "raise k, lower p or change the seed");
  return topology;
}

Topology BarabasiAlbert::build(std::uint64_t seed) const {
  require(nodes >= 2, "nodes", nodes, "at least 2");
  require(1 <= m && m < nodes, "m", m, fmt::format("1 to {}, below nodes", nodes - 1));

  std::vector<Edge> edges = room_for(nodes, std::int64_t{m} * (nodes - m));
  for (int node = 0; node < m; ++node) edges.emplace_back(node, m);
  Rng rng(seed);
  std::vector<int> last_joined(nodes, -1);
  for (int newcomer = m + 1; newcomer < nodes; ++newcomer) {
    // An end of a random edge is a node with probability proportional to its degree.
    const std::uint64_t ends = 2 * edges.size();
    for (int joined = 0; joined < m;) {
      const std::uint64_t end = rng.below(ends);
      const auto [older, younger] = edges[end / 2];
      const int node = end % 2 == 0 ? older : younger;
      if (std::exchange(last_joined[node], newcomer) == newcomer) continue;
      edges.emplace_back(node, newcomer);
      ++joined;
    }
  }
  return {.graph = make_graph(nodes, std::move(edges))};
}

namespace {

struct Point {
  double x, y;
};

/// Points of the unit square, sorted into side x side cells.
class Cells {
 public:
  Cells(const std::vector<Point>& points, int side)
      : side_(side), first_(std::size_t(side) * side + 1), sorted_(points.size()) {
    const auto cell = [&](const Point& point) { return std::size_t(line(point.y)) * side_ + line(point.x); };
    for (const Point& point : points) ++first_[cell(point)];
    std::partial_sum(first_.begin(), first_.end(), first_.begin());
    for (auto i = std::ssize(points) - 1; i >= 0; --i)
      sorted_[--first_[cell(points[i])]] = static_cast<int>(i);
  }

  /// Calls visit(i) for every point i in the point's own cell and the eight around it.
  template <class Visit>
  void visit_near(const Point& point, Visit visit) const {
    const int left = std::max(line(point.x) - 1, 0), right = std::min(line(point.x) + 1, side_ - 1);
    const int low = std::max(line(point.y) - 1, 0), high = std::min(line(point.y) + 1, side_ - 1);
    for (int row = low; row <= high; ++row) {
      const std::size_t begin = std::size_t(row) * side_;
      for (int k = first_[begin + left]; k < first_[begin + right + 1]; ++k) visit(sorted_[k]);
    }
  }

 private:
  /// The row or column of cells that a coordinate in [0, 1) lies in.
  int line(double coordinate) const { return static_cast<int>(coordinate * side_); }

  int side_;
  std::vector<int> first_;   // Where each cell begins, row by row,
  std::vector<int> sorted_;  // among the points in the order of their cells.
};

}  // namespace

Topology Geometric::build(std::uint64_t seed) const {
  require_nodes(nodes);
  require(0 < radius && radius < std::numeric_limits<double>::infinity(), "radius", radius, "(0, inf)");

  Rng rng(seed);
  std::vector<Point> points(nodes);
  for (Point& point : points) {
    point.x = rng.uniform();
    point.y = rng.uniform();
  }
  // Cells a little wider than the radius, so that rounding cannot hide a neighbour; at most one for each
  // node.
  const double side = std::min(0.999 / radius, std::sqrt(*nodes));
  const Cells cells(points, std::max(static_cast<int>(side), 1));
  std::vector<Edge> edges;
  for (int i = 0; i < nodes; ++i) {
    cells.visit_near(points[i], [&](int j) {
      const double dx = points[i].x - points[j].x, dy = points[i].y - points[j].y;
      if (i < j && dx * dx + dy * dy <= radius * radius) edges.emplace_back(i, j);
    });
    require_size(nodes, static_cast<std::int64_t>(edges.size()));
  }

  Topology topology{.graph = make_graph(nodes, std::move(edges))};
  require_connected(
      topology.graph,
      fmt::format("raise radius (geometric graphs become connected around radius = sqrt(ln(n) / "
                  "(pi n)) = {:.2g}) or change the seed",
                  std::sqrt(std::log(*nodes) / (std::numbers::pi * nodes))));
  return topology;
}

}  // namespace gossamer
