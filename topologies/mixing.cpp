#include "topologies/mixing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "sim/text_file.hpp"
#include "topologies/fastest_mixing.hpp"
#include "topologies/sum.hpp"

namespace gossamer {
namespace {

/// W_ij = weight(i, j) for the edges ij, W_ii = self(sum of the others in row i).
template <class Weight, class Self>
MixingMatrix from_edges(const Graph& graph, Weight weight, Self self,
                        std::optional<double> lambda_bound = {}) {
  const int nodes = node_count(graph);
  MixingMatrix::Sparse weights(nodes, nodes);
  weights.reserve(nodes + 2 * edge_count(graph));
  for (int i = 0; i < nodes; ++i) {
    weights.startVec(i);
    const auto around = neighbors(graph, i);
    const auto above = std::upper_bound(around.begin(), around.end(), i);
    Sum others;
    for (const int j : around) others.add(weight(i, j));
    for (auto j = around.begin(); j != above; ++j) weights.insertBack(i, *j) = weight(i, *j);
    weights.insertBack(i, i) = self(others.value());
    for (auto j = above; j != around.end(); ++j) weights.insertBack(i, *j) = weight(i, *j);
  }
  weights.finalize();
  return MixingMatrix(std::move(weights), lambda_bound);
}

double rest_of_one(double others) {
  return 1 - others;
}

double metropolis_weight(const Graph& graph, int i, int j) {
  return 1.0 / (1.0 + std::max(degree(graph, i), degree(graph, j)));
}

}  // namespace

MixingMatrix::MixingMatrix(Sparse&& weights, std::optional<double> lambda_bound)
    : lambda_bound_(lambda_bound) {
  weights_.swap(weights);  // Eigen 3.4 would copy where it is told to move.
  weights_.makeCompressed();
  if (weights_.rows() != weights_.cols()) throw std::invalid_argument("a mixing matrix is square");
  for (int i = 0; i < rows(); ++i) {
    if (!std::binary_search(row(i).columns.begin(), row(i).columns.end(), i)) {
      throw std::invalid_argument("a mixing matrix stores its whole diagonal");
    }
  }
}

MixingMatrix Metropolis::build(const Graph& graph) const {
  return from_edges(
      graph, [&](int i, int j) { return metropolis_weight(graph, i, j); }, rest_of_one);
}

MixingMatrix UniformNeighbors::build(const Graph& graph) const {
  const int common = degree(graph, 0);
  for (int node = 1; node < node_count(graph); ++node) {
    if (degree(graph, node) == common) continue;
    throw TopologyError(
        fmt::format("uniform_neighbors: node 0 has degree {}, node {} has degree {}; allowed: regular graphs "
                    "(metropolis and max_degree take any)",
                    common, node, degree(graph, node)));
  }
  const double weight = 1.0 / (common + 1);
  return from_edges(
      graph, [&](int, int) { return weight; }, [&](double) { return weight; });
}

MixingMatrix MaxDegree::build(const Graph& graph) const {
  int greatest = 0;
  for (int node = 0; node < node_count(graph); ++node) greatest = std::max(greatest, degree(graph, node));
  const double weight = 1.0 / (1.0 + greatest);
  return from_edges(
      graph, [&](int, int) { return weight; }, rest_of_one);
}

MixingMatrix Lazy::build(const Graph& graph) const {
  return from_edges(
      graph, [&](int i, int j) { return metropolis_weight(graph, i, j) / 2; }, rest_of_one);
}

MixingMatrix Optimal::build(const Graph& graph) const {
  const FastestMixing fastest = fastest_mixing(graph);
  return from_edges(
      graph, [&](int i, int j) { return fastest.weights(i, j); }, rest_of_one, fastest.lambda_bound);
}

namespace {

struct Entry {
  int row, column;
  double weight;
  int line;
};

/// The entries of an n x n matrix in the order of the file: all of them, or those it names.
std::vector<Entry> read_entries(TextFile& file, int nodes) {
  const auto weight = [&](std::string_view word) {
    if (const auto number = parse_number<double>(word)) return *number;
    file.fail(fmt::format("'{}' is no number", word));
  };
  const auto node = [&](std::string_view word) {
    const auto number = parse_number<int>(word);
    if (number && 0 <= *number && *number < nodes) return *number;
    file.fail(fmt::format("'{}' is no node; allowed: whole numbers from 0 to {}", word, nodes - 1));
  };

  std::vector<Entry> entries;
  std::size_t width = 0;  // Words per line.
  int rows = 0;
  while (file.next()) {
    const auto& words = file.words();
    if (width == 0) width = words.size();
    const bool dense = std::cmp_equal(width, nodes), sparse = width == 3 && nodes > 3;
    if (words.size() != width || !(dense || sparse)) {
      file.fail(fmt::format("words in this line: {}; allowed: {} numbers on each of {} lines{}", words.size(),
                            nodes, nodes, nodes > 3 ? ", or i j W_ij on every line" : ""));
    }
    if (sparse) {
      entries.push_back({node(words[0]), node(words[1]), weight(words[2]), file.line()});
      continue;
    }
    if (rows == nodes) file.fail(fmt::format("one row too many; allowed: {}, one for each node", nodes));
    for (int column = 0; column < nodes; ++column) {
      entries.push_back({rows, column, weight(words[column]), file.line()});
    }
    ++rows;
  }
  if (entries.empty() || (rows > 0 && rows < nodes)) {
    file.fail(fmt::format("the matrix ends after {} of {} rows", rows, nodes));
  }
  return entries;
}

}  // namespace

MixingMatrix MixingFile::build(const Graph& graph) const {
  const int nodes = node_count(graph);
  TextFile file(*path);
  std::vector<Entry> entries = read_entries(file, nodes);
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.row, a.column, a.line) < std::tie(b.row, b.column, b.line);
  });
  const auto repeated = std::adjacent_find(
      entries.begin(), entries.end(),
      [](const Entry& a, const Entry& b) { return std::tie(a.row, a.column) == std::tie(b.row, b.column); });
  if (repeated != entries.end()) {
    file.fail_at(repeated[1].line, fmt::format("entry ({}, {}) is given in line {} already", repeated->row,
                                               repeated->column, repeated->line));
  }

  std::vector<Eigen::Triplet<double>> triplets;
  for (const Entry& entry : entries) {
    if (entry.weight != 0) triplets.emplace_back(entry.row, entry.column, entry.weight);
  }
  for (int node = 0; node < nodes; ++node) triplets.emplace_back(node, node, 0);
  MixingMatrix::Sparse weights(nodes, nodes);
  weights.setFromTriplets(triplets.begin(), triplets.end());
  return MixingMatrix(std::move(weights));
}

MixingMatrix ColumnStochastic::build(const Graph& graph) const {
  std::vector<Eigen::Triplet<double>> triplets;
  for (int j = 0; j < node_count(graph); ++j) {
    const double share = 1.0 / (1.0 + degree(graph, j));
    triplets.emplace_back(j, j, share);
    for (const int i : neighbors(graph, j)) triplets.emplace_back(i, j, share);
  }
  MixingMatrix::Sparse weights(node_count(graph), node_count(graph));
  weights.setFromTriplets(triplets.begin(), triplets.end());
  return MixingMatrix(std::move(weights));
}

}  // namespace gossamer
