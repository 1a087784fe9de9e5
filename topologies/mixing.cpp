#include "topologies/mixing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>

#include "sim/text_file.hpp"
#include "topologies/fastest_mixing.hpp"
#include "topologies/matrix_market.hpp"
#include "topologies/sum.hpp"

namespace gossamer {
namespace {

/// W_ij = weight(i, j) for the edges ij, W_ii = self(sum of the others in row i).
template <class Weight, class Self>
MixingMatrix from_edges(const Graph& graph, Weight weight, Self self, const MixingFacts& facts = {}) {
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
  return MixingMatrix(std::move(weights), facts);
}

double rest_of_one(double others) {
  return 1 - others;
}

double metropolis_weight(const Graph& graph, int i, int j) {
  return 1.0 / (1.0 + std::max(degree(graph, i), degree(graph, j)));
}

}  // namespace

MixingMatrix::MixingMatrix(Sparse&& weights, const MixingFacts& facts) : facts_(facts) {
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
  return from_edges(graph, [&](int i, int j) { return fastest.weights(i, j); }, rest_of_one,
                    {.lambda_bound = fastest.lambda_bound});
}

namespace {

struct Entry {
  int row, column;
  double weight;
  int line;
};

/// Refuses 3 lines of 3 numbers, which are the W of another graph: as entries they would leave a row empty.
/// `file` is in the first line.
void refuse_3_rows(const TextFile& file, int nodes) {
  int lines = 1;
  for (TextFile rest = file; lines < 4 && rest.next();) ++lines;
  if (lines != 3) return;
  file.fail(
      fmt::format("3 lines of 3 numbers, where the graph has {0} nodes; allowed: {0} lines of {0} "
                  "numbers, or i j W_ij on every line",
                  nodes));
}

/// The entries of an n x n matrix in the order of the file: all of them, or those it names.
std::vector<Entry> read_lines(TextFile& file, int nodes) {
  const auto weight = [&](std::string_view word) {
    if (const auto number = parse_number<double>(word)) return *number;
    file.fail(word, fmt::format("'{}' is no number", word));
  };
  const auto node = [&](std::string_view word) {
    const auto number = parse_number<int>(word);
    if (number && 0 <= *number && *number < nodes) return *number;
    file.fail(word, fmt::format("'{}' is no node; allowed: whole numbers from 0 to {}", word, nodes - 1));
  };

  std::vector<Entry> entries;
  std::size_t width = 0;  // Words per line.
  int rows = 0;
  while (file.next()) {
    const auto& words = file.words();
    const bool first = width == 0;
    if (first) width = words.size();
    const bool dense = std::cmp_equal(width, nodes), sparse = width == 3 && nodes > 3;
    if (words.size() != width || !(dense || sparse)) {
      file.fail(fmt::format("words in this line: {}; allowed: {} numbers on each of {} lines{}", words.size(),
                            nodes, nodes, nodes > 3 ? ", or i j W_ij on every line" : ""));
    }
    if (sparse && first) refuse_3_rows(file, nodes);
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

std::vector<Entry> read_entries(const InputFile& path, TextFile& file, int nodes) {
  if (!is_matrix_market(path)) return read_lines(file, nodes);
  const CoordinateMatrix matrix = read_matrix_market(path);
  if (matrix.rows != nodes || matrix.columns != nodes) {
    file.fail_at(1, fmt::format("a matrix of {} rows and {} columns; the graph has {} nodes", matrix.rows,
                                matrix.columns, nodes));
  }
  std::vector<Entry> entries;
  for (const auto& [row, column, value, line] : matrix.entries) entries.push_back({row, column, value, line});
  return entries;
}

using Sparse = MixingMatrix::Sparse;

/// The sums of the rows, and of the columns.
std::pair<Eigen::VectorXd, Eigen::VectorXd> sums_of(const Sparse& weights) {
  std::vector<Sum> rows(static_cast<std::size_t>(weights.rows())), columns(rows.size());
  for (Eigen::Index i = 0; i < weights.rows(); ++i) {
    for (Sparse::InnerIterator entry(weights, i); entry; ++entry) {
      rows[static_cast<std::size_t>(i)].add(entry.value());
      columns[static_cast<std::size_t>(entry.col())].add(entry.value());
    }
  }
  Eigen::VectorXd of_rows(weights.rows()), of_columns(weights.rows());
  for (Eigen::Index i = 0; i < weights.rows(); ++i) {
    of_rows[i] = rows[static_cast<std::size_t>(i)].value();
    of_columns[i] = columns[static_cast<std::size_t>(i)].value();
  }
  return {of_rows, of_columns};
}

double deviation(const Eigen::VectorXd& sums) {
  return (sums.array() - 1).abs().maxCoeff();
}

/// Scales rows and columns until they sum to 1, and gives the largest change of an entry. A symmetric matrix
/// stays symmetric, to the last bit.
double normalized(Sparse& weights, const std::string& file) {
  constexpr double enough = 2e-14;
  const Sparse given = weights;
  const bool symmetric = Sparse(weights - Sparse(weights.transpose())).norm() == 0;
  Eigen::VectorXd left = Eigen::VectorXd::Ones(weights.rows()), right = left;
  auto [rows, columns] = sums_of(weights);
  if (!(std::max(deviation(rows), deviation(columns)) <= MixingFile::normalizable)) {
    throw InputFileError(
        fmt::format("{}: normalize: sums of rows and columns differ from 1 by up to {:.10g}; "
                    "allowed: up to 0.1",
                    file, std::max(deviation(rows), deviation(columns))));
  }
  constexpr int most = 10'000;
  for (int step = 0; std::max(deviation(rows), deviation(columns)) > enough; ++step) {
    if (step == most || !(rows.minCoeff() > 0) || !(columns.minCoeff() > 0)) {
      throw InputFileError(
          fmt::format("{}: normalize: no scaling of rows and columns makes all sums 1; write more "
                      "digits",
                      file));
    }
    // Of a symmetric matrix both sides take the root. Else rows first, and then columns, as they have become.
    if (symmetric) {
      left = left.cwiseQuotient(rows.cwiseSqrt());
      right = left;
    } else if (step % 2 == 0) {
      left = left.cwiseQuotient(rows);
    } else {
      right = right.cwiseQuotient(columns);
    }
    for (Eigen::Index i = 0; i < weights.rows(); ++i) {
      Sparse::InnerIterator from(given, i);
      for (Sparse::InnerIterator entry(weights, i); entry; ++entry, ++from) {
        entry.valueRef() = from.value() * (left[i] * right[entry.col()]);
      }
    }
    std::tie(rows, columns) = sums_of(weights);
  }
  double change = 0;
  for (Eigen::Index i = 0; i < weights.rows(); ++i) {
    Sparse::InnerIterator from(given, i);
    for (Sparse::InnerIterator entry(weights, i); entry; ++entry, ++from) {
      change = std::max(change, std::abs(entry.value() - from.value()));
    }
  }
  return change;
}

}  // namespace

MixingMatrix MixingFile::build(const Graph& graph) const {
  const int nodes = node_count(graph);
  TextFile file(*path, " \t\r,;");
  std::vector<Entry> entries = read_entries(*path, file, nodes);
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
  MixingFacts facts{.may_be_negative = negative_weights};
  if (normalize) facts.change = normalized(weights, path->path.string());
  return MixingMatrix(std::move(weights), facts);
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
