#include "topologies/families.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numbers>

#include "topologies/require.hpp"

namespace gossamer {
namespace {

double sin2(double x) {
  return std::sin(x) * std::sin(x);
}

// Laplacian spectra. The path's eigenvalues are 4 sin^2(pi k / 2n), the ring's 4 sin^2(pi k / n),
// k = 0, ..., n - 1; those of a product of graphs are the sums of one eigenvalue of each
// [Brouwer, Haemers 2012, 1.4].

constexpr LaplacianExtremes single_node{std::numeric_limits<double>::infinity(), 0};

LaplacianExtremes path_laplacian(int n) {
  if (n == 1) return single_node;
  if (n == 2) return {2, 2};  // To the last bit, so that the gap of a swap is 0.
  const double step = std::numbers::pi / (2.0 * n);
  return {4 * sin2(step), 4 * sin2(step * (n - 1))};
}

LaplacianExtremes ring_laplacian(int n) {
  if (n <= 2) return path_laplacian(n);
  const double step = std::numbers::pi / n;
  const int opposite = n / 2;
  return {4 * sin2(step), 4 * sin2(step * opposite)};
}

LaplacianExtremes product(LaplacianExtremes a, LaplacianExtremes b) {
  return {std::min(a.smallest_nonzero, b.smallest_nonzero), a.largest + b.largest};
}

/// Two cliques of h nodes. A vector that sums to 0 on one clique and is 0 at the end of the bridge and on the
/// other clique has the eigenvalue h. What is left is constant on each clique's other nodes, x, beside the
/// end of the bridge, y, and equal or opposite on the two cliques. Equal: 0 and h. Opposite: mu x = x - y and
/// mu y = (h + 1) y - (h - 1) x, so mu^2 - (h + 2) mu + 2 = 0, whose roots lie on either side of h. Cliques
/// of different sizes leave a cubic.
std::optional<LaplacianExtremes> two_cliques_laplacian(int first, int second) {
  if (first + second <= 2) return path_laplacian(first + second);
  if (first != second) return std::nullopt;
  const double sum = first + 2.0, root = std::sqrt(sum * sum - 8);
  return LaplacianExtremes{4 / (sum + root), (sum + root) / 2};
}

/// The rows of the most square r x c = nodes with r <= c.
int most_square_rows(int nodes) {
  int rows = static_cast<int>(std::sqrt(nodes));
  while (nodes % rows != 0) --rows;
  return rows;
}

/// Links every node of an r x c array to the next one in its row and in its column; `wrap`: the last one to
/// the first.
std::vector<Edge> lattice_edges(int rows, int columns, bool wrap) {
  std::vector<Edge> edges = room_for(std::int64_t{rows} * columns, std::int64_t{2} * rows * columns);
  const auto link = [&](int node, int place, int side, int stride) {
    if (place + 1 < side) edges.emplace_back(node, node + stride);
    if (place + 1 == side && wrap && side > 2) edges.emplace_back(node, node - place * stride);
  };
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      link(row * columns + column, column, columns, 1);
      link(row * columns + column, row, rows, columns);
    }
  }
  return edges;
}

/// Every node in [first, last) with every other.
void append_clique(std::vector<Edge>& edges, int first, int last) {
  for (int u = first; u < last; ++u) {
    for (int v = u + 1; v < last; ++v) edges.emplace_back(u, v);
  }
}

std::vector<Edge> complete_edges(int nodes) {
  std::vector<Edge> edges = room_for(nodes, std::int64_t{nodes} * (nodes - 1) / 2);
  append_clique(edges, 0, nodes);
  return edges;
}

}  // namespace

Topology Ring::build(std::uint64_t) const {
  require_nodes(nodes);
  return {.graph = make_graph(nodes, lattice_edges(1, nodes, true)),
          .laplacian = ring_laplacian(nodes),
          .diameter = nodes / 2};
}

Topology Path::build(std::uint64_t) const {
  require_nodes(nodes);
  return {.graph = make_graph(nodes, lattice_edges(1, nodes, false)),
          .laplacian = path_laplacian(nodes),
          .diameter = nodes - 1};
}

Topology Torus::build(std::uint64_t) const {
  require_nodes(nodes);
  const int rows = most_square_rows(nodes), columns = nodes / rows;
  return {.graph = make_graph(nodes, lattice_edges(rows, columns, true)),
          .laplacian = product(ring_laplacian(rows), ring_laplacian(columns)),
          .diameter = rows / 2 + columns / 2};
}

Topology Grid::build(std::uint64_t) const {
  require_nodes(nodes);
  const int rows = most_square_rows(nodes), columns = nodes / rows;
  return {.graph = make_graph(nodes, lattice_edges(rows, columns, false)),
          .laplacian = product(path_laplacian(rows), path_laplacian(columns)),
          .diameter = rows + columns - 2};
}

Topology Complete::build(std::uint64_t) const {
  require_nodes(nodes);
  const double n = nodes;
  return {.graph = make_graph(nodes, complete_edges(nodes)),
          .laplacian = nodes == 1 ? single_node : LaplacianExtremes{n, n},
          .diameter = nodes == 1 ? 0 : 1};
}

Topology TwoCliques::build(std::uint64_t) const {
  require_nodes(nodes);
  const int first = nodes - nodes / 2, second = nodes / 2;
  const std::int64_t a = first, b = second;
  std::vector<Edge> edges = room_for(nodes, a * (a - 1) / 2 + b * (b - 1) / 2 + 1);
  append_clique(edges, 0, first);
  append_clique(edges, first, nodes);
  if (nodes > 1) edges.emplace_back(first - 1, first);
  return {.graph = make_graph(nodes, std::move(edges)),
          .laplacian = two_cliques_laplacian(first, second),
          .diameter = nodes == 1 ? 0 : 1 + (first > 1) + (second > 1)};
}

Topology Hypercube::build(std::uint64_t) const {
  require_nodes(nodes);
  const auto n = static_cast<unsigned>(nodes);
  require(std::has_single_bit(n), "nodes", nodes,
          fmt::format("powers of 2, for instance {} or {}", std::bit_floor(n), std::bit_ceil(n)));
  const int dimension = std::countr_zero(n);
  std::vector<Edge> edges = room_for(nodes, std::int64_t{nodes} / 2 * dimension);
  for (int node = 0; node < nodes; ++node) {
    for (int bit = 0; bit < dimension; ++bit) {
      const int other = node ^ (1 << bit);
      if (node < other) edges.emplace_back(node, other);
    }
  }
  return {.graph = make_graph(nodes, std::move(edges)),
          .laplacian = nodes == 1 ? single_node : LaplacianExtremes{2, 2.0 * dimension},
          .diameter = dimension};
}

Topology Star::build(std::uint64_t) const {
  require_nodes(nodes);
  std::vector<Edge> edges = room_for(std::int64_t{nodes} + 1, nodes);
  for (int worker = 0; worker < nodes; ++worker) edges.emplace_back(worker, nodes);
  return {.graph = make_graph(nodes + 1, std::move(edges)),
          .laplacian = nodes == 1 ? path_laplacian(2) : LaplacianExtremes{1, nodes + 1.0},
          .diameter = nodes == 1 ? 1 : 2};
}

Topology Tree::build(std::uint64_t) const {
  require_nodes(nodes);
  require(branching >= 1, "branching", branching, "at least 1");
  std::vector<Edge> edges = room_for(nodes, nodes - 1);
  for (int node = 1; node < nodes; ++node) edges.emplace_back((node - 1) / branching, node);
  return {.graph = make_graph(nodes, std::move(edges))};
}

Topology Exponential::build(std::uint64_t) const {
  require_nodes(nodes);
  const std::int64_t n = nodes;
  std::vector<Edge> edges = room_for(n, n * std::bit_width(static_cast<unsigned>(nodes - 1)));
  for (std::int64_t node = 0; node < n; ++node) {
    for (std::int64_t offset = 1; offset < n; offset *= 2) {
      edges.emplace_back(static_cast<int>(node), static_cast<int>((node + offset) % n));
    }
  }
  Topology topology{.graph = make_graph(nodes, std::move(edges))};

  // The graph is circulant: with S the neighbours of node 0, the eigenvalues of L are
  // sum_{s in S} (1 - cos(2 pi j s / n)) = sum_{s in S} 2 sin^2(pi j s / n), j = 0, ..., n - 1, and those of
  // j and n - j are equal. Every node sees the same graph, so the distances from one give the diameter.
  LaplacianExtremes laplacian = single_node;
  for (std::int64_t j = 1; j <= n / 2; ++j) {
    double eigenvalue = 0;
    for (const int s : neighbors(topology.graph, 0)) {
      eigenvalue += 2 * sin2(std::numbers::pi * static_cast<double>(j * s % n) / static_cast<double>(n));
    }
    laplacian.smallest_nonzero = std::min(laplacian.smallest_nonzero, eigenvalue);
    laplacian.largest = std::max(laplacian.largest, eigenvalue);
  }
  topology.laplacian = laplacian;
  const std::vector<int> distance = hops(topology.graph, 0);
  topology.diameter = *std::max_element(distance.begin(), distance.end());
  return topology;
}

}  // namespace gossamer
