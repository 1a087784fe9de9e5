#include "topologies/families.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/erdos_renyi_generator.hpp>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>
#include <limits>
#include <numbers>

#include "sim/text_file.hpp"

namespace gossamer {
namespace {

using Generator = boost::random::mt19937_64;

/// Refuses a field outside its domain.
template <class Number>
void require(bool allowed, const char* name, Number value, const std::string& domain) {
  if (!allowed) throw TopologyError(fmt::format("{}: {} is not allowed; allowed: {}", name, value, domain));
}

void require_nodes(int nodes) {
  require(nodes >= 1, "nodes", nodes, "at least 1");
}

/// An empty list with room for `edges`, in a graph that is not too large.
std::vector<Edge> room_for(std::int64_t nodes, std::int64_t edges) {
  require_size(nodes, edges);
  std::vector<Edge> list;
  list.reserve(edges);
  return list;
}

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
  return {4 * sin2(step), 4 * sin2(step * (n / 2))};
}

LaplacianExtremes product(LaplacianExtremes a, LaplacianExtremes b) {
  return {std::min(a.smallest_nonzero, b.smallest_nonzero), a.largest + b.largest};
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

std::vector<Edge> complete_edges(int nodes) {
  std::vector<Edge> edges = room_for(nodes, std::int64_t{nodes} * (nodes - 1) / 2);
  for (int u = 0; u < nodes; ++u) {
    for (int v = u + 1; v < nodes; ++v) edges.emplace_back(u, v);
  }
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

Topology ErdosRenyi::build(std::uint64_t seed) const {
  require_nodes(nodes);
  require(0 < p && p <= 1, "p", p, "(0, 1]");

  // Boost's erdos_renyi_iterator is not G(n, p); the sorted one is. It wants log(1 - p) to be finite
  // and not 0.
  using Undirected = boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS>;
  using Edges = boost::sorted_erdos_renyi_iterator<Generator, Undirected>;
  std::vector<Edge> edges;
  if (p == 1) {
    edges = complete_edges(nodes);
  } else if (p > std::numeric_limits<double>::epsilon()) {
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
      : degree_(degree), partner_(nodes * degree), owner_(partner_.size()), generator_(generator) {
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

/// The ends of the edge on the current line, both at most `last`: as they stand if directed, else (u, v) with
/// u < v.
Edge read_ends(const TextFile& file, int last, bool directed) {
  const auto& words = file.words();
  if (words.size() < 2) file.fail("an edge has two ends; allowed: u v [latency=10ms] [bandwidth=1Mbit/s]");
  const auto read = [&](std::string_view word) {
    const auto node = parse_number<int>(word);
    if (node && 0 <= *node && *node <= last) return *node;
    file.fail(fmt::format("'{}' is no node; allowed: whole numbers from 0 to {}", word, last));
  };
  Edge edge{read(words[0]), read(words[1])};
  if (!directed && edge.first > edge.second) std::swap(edge.first, edge.second);
  if (edge.first != edge.second) return edge;
  file.fail(fmt::format("edge {} {} is a loop; edges join two different nodes", edge.first, edge.second));
}

/// The settings that follow the ends.
LinkSettings read_settings(const TextFile& file) {
  LinkSettings link;
  for (const std::string_view word : std::span(file.words()).subspan(2)) {
    const std::string_view key = word.substr(0, word.find('='));
    const std::string_view value = key == word ? "" : word.substr(key.size() + 1);
    const auto set = [&](auto& setting, auto parse, const char* allowed) {
      if (setting) file.fail(fmt::format("{} is given twice; allowed: once", key));
      setting = parse(value);
      if (!setting) file.fail(fmt::format("'{}' is not allowed; it takes {}", value, allowed));
    };
    if (key == "latency" && !value.empty()) {
      set(link.latency, parse_duration, "latency=10ms");
    } else if (key == "bandwidth" && !value.empty()) {
      set(link.bandwidth, parse_bandwidth, "bandwidth=1Mbit/s or bandwidth=unlimited");
    } else {
      file.fail(fmt::format("'{}' is no link setting; allowed: latency=10ms, bandwidth=1Mbit/s", word));
    }
  }
  return link;
}

}  // namespace

Topology EdgeListFile::build(std::uint64_t) const {
  require(nodes >= 0, "nodes", nodes, "at least 1, or 0 to count those in the file");
  const int last = nodes > 0 ? nodes - 1 : std::numeric_limits<int>::max() - 1;
  std::vector<std::vector<Edge>> edges(1);  // Of each iteration.
  std::map<Edge, LinkSettings> links;
  std::map<Edge, int> lines;  // Where they stand.
  int count = nodes;
  std::int64_t edge_lines = 0;
  for (TextFile file(*path); file.next();) {
    if (file.words().front() == "next") {
      if (file.words().size() > 1) file.fail("`next`, which begins another graph, stands alone on its line");
      edges.emplace_back();
      continue;
    }
    const Edge edge = edges.back().emplace_back(read_ends(file, last, directed));
    ++edge_lines;
    count = std::max({count, edge.first + 1, edge.second + 1});
    if (file.words().size() == 2) continue;
    if (!links.try_emplace(edge, read_settings(file)).second) {
      file.fail(fmt::format("this edge has its settings in {}; allowed: once", file.where(lines[edge])));
    }
    lines[edge] = file.line();
  }

  const auto refuse = [&](const std::string& what) {
    throw InputFileError(fmt::format("{}: {}", path->path.string(), what));
  };
  if (count == 0) refuse("holds no edge; allowed: one `u v` per line");
  // Asked before memory is taken for nodes that only a slip of the pen has numbered.
  if (count > 2 * edge_lines && count > 1) {
    refuse(fmt::format("too few edges to connect {} nodes; nodes are numbered from 0 without gaps", count));
  }
  try {
    require_sequence_size(std::ssize(edges), count, 0);
    std::vector<Graph> graphs;
    for (auto& its : edges) {
      graphs.push_back(directed ? make_directed(count, std::move(its)) : make_graph(count, std::move(its)));
    }
    Topology topology = sequence_of(std::move(graphs), directed);
    topology.links = std::move(links);
    return topology;
  } catch (const TopologyError& error) {
    throw InputFileError(fmt::format("{}: {}", path->path.string(), error.what()));
  }
}

}  // namespace gossamer
