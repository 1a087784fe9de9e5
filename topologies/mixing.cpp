#include "topologies/mixing.hpp"

#include <Spectra/SymEigsSolver.h>
#include <fmt/format.h>

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "topologies/text_file.hpp"

namespace gossamer {
namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

/// A sum whose rounding error does not grow with the number of its terms [Neumaier 1974]: the server of a
/// star has a million weights of a millionth each.
class Sum {
 public:
  void add(double term) {
    const double sum = sum_ + term;
    lost_ += std::abs(sum_) >= std::abs(term) ? (sum_ - sum) + term : (term - sum) + sum_;
    sum_ = sum;
  }
  double value() const { return sum_ + lost_; }

 private:
  double sum_ = 0;
  double lost_ = 0;
};

/// W_ij = weight(i, j) for the edges ij, W_ii = self(sum of the others in row i).
template <class Weight, class Self>
MixingMatrix from_edges(const Graph& graph, Weight weight, Self self) {
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
  return MixingMatrix(std::move(weights));
}

double rest_of_one(double others) {
  return 1 - others;
}

double metropolis_weight(const Graph& graph, int i, int j) {
  return 1.0 / (1.0 + std::max(degree(graph, i), degree(graph, j)));
}

}  // namespace

MixingMatrix::MixingMatrix(Sparse&& weights) {
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
  TextFile file(path->string());
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

namespace {

using Method = Certificate::Method;

[[noreturn]] void refuse(const std::string& what) {
  throw TopologyError("mixing matrix: " + what);
}

/// How far `sum` is from 1. Refuses it beyond 1e-12.
double require_one(double sum, const char* line, int number) {
  const double deviation = std::abs(sum - 1);
  if (deviation <= 1e-12) return deviation;
  refuse(fmt::format("{} {} sums to {:.15g}, not to 1 (within 1e-12)", line, number, sum));
}

/// The largest |row sum - 1| or |column sum - 1|. Refuses what is not doubly stochastic, or not on the graph.
double require_doubly_stochastic(const MixingMatrix& mixing, const Graph& graph) {
  const int nodes = node_count(graph);
  if (mixing.rows() != nodes)
    refuse(fmt::format("it has {} rows; the graph has {} nodes", mixing.rows(), nodes));
  double deviation = 0;
  std::vector<Sum> columns(nodes);
  for (int i = 0; i < nodes; ++i) {
    const auto [row_columns, weights] = mixing.row(i);
    const auto around = neighbors(graph, i);
    auto neighbor = around.begin();
    Sum row;
    for (std::size_t k = 0; k < weights.size(); ++k) {
      const int j = row_columns[k];
      if (!(weights[k] >= 0))
        refuse(fmt::format("entry ({}, {}) is {:.6g}; allowed: at least 0", i, j, weights[k]));
      while (neighbor != around.end() && *neighbor < j) ++neighbor;
      const bool linked = i == j || (neighbor != around.end() && *neighbor == j);
      if (!linked && weights[k] != 0) {
        refuse(fmt::format("entry ({}, {}) is {:.6g}, but nodes {} and {} are not linked; allowed: 0", i, j,
                           weights[k], i, j));
      }
      row.add(weights[k]);
      columns[j].add(weights[k]);
    }
    deviation = std::max(deviation, require_one(row.value(), "row", i));
  }
  for (int j = 0; j < nodes; ++j)
    deviation = std::max(deviation, require_one(columns[j].value(), "column", j));
  return deviation;
}

bool is_symmetric(const MixingMatrix& mixing) {
  const MixingMatrix::Sparse& weights = mixing.sparse();
  const MixingMatrix::Sparse transposed = weights.transpose();
  return MixingMatrix::Sparse(weights - transposed).norm() == 0;
}

/// w where W = I - w L up to its diagonal: every edge has the weight w.
std::optional<double> common_weight(const MixingMatrix& mixing, const Graph& graph) {
  std::optional<double> common;
  std::int64_t entries = 0;
  for (int i = 0; i < mixing.rows(); ++i) {
    const auto [columns, weights] = mixing.row(i);
    for (std::size_t k = 0; k < weights.size(); ++k) {
      if (columns[k] == i || weights[k] == 0) continue;
      if (weights[k] != common.value_or(weights[k])) return std::nullopt;
      common = weights[k];
      ++entries;
    }
  }
  return entries == 2 * std::int64_t{edge_count(graph)} ? common : std::nullopt;
}

/// An eigenvalue of W - (1/n) 1 1^T of greatest modulus, and a bound on its error.
struct SpectralRadius {
  double value;
  double error;
};

Eigen::MatrixXd deflated(const MixingMatrix& mixing) {
  const double n = mixing.rows();
  return Eigen::MatrixXd(mixing.sparse()).array() - 1 / n;
}

SpectralRadius dense_symmetric(const MixingMatrix& mixing) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(deflated(mixing), Eigen::EigenvaluesOnly);
  return {solver.eigenvalues().cwiseAbs().maxCoeff(), mixing.rows() * epsilon};
}

/// The error is that of the theorem of Bauer and Fike: the condition number of the eigenvectors times what
/// the matrix is uncertain by, `deviation` and the backward error of the solver.
SpectralRadius dense_general(const MixingMatrix& mixing, double deviation) {
  const Eigen::EigenSolver<Eigen::MatrixXd> solver(deflated(mixing));
  const Eigen::MatrixXcd vectors = solver.eigenvectors();
  const double condition = vectors.norm() * vectors.inverse().norm();
  return {solver.eigenvalues().cwiseAbs().maxCoeff(), condition * (mixing.rows() * epsilon + deviation)};
}

/// x -> (W - (1/n) 1 1^T) x, as Spectra wants it.
class Deflated {
 public:
  using Scalar = double;
  explicit Deflated(const MixingMatrix& mixing) : weights_(mixing.sparse()) {}
  Eigen::Index rows() const { return weights_.rows(); }
  Eigen::Index cols() const { return weights_.cols(); }
  void perform_op(const double* in, double* out) const {
    const Eigen::Map<const Eigen::VectorXd> x(in, rows());
    Eigen::Map<Eigen::VectorXd> y(out, rows());
    y.noalias() = weights_ * x;
    y.array() -= x.mean();
  }

 private:
  const MixingMatrix::Sparse& weights_;
};

/// Nothing where it does not converge within a few seconds' work, counted in operations, not by the clock.
std::optional<SpectralRadius> lanczos(const MixingMatrix& mixing) {
  constexpr std::int64_t affordable = 20'000'000'000, basis = 32;
  const std::int64_t product = mixing.sparse().nonZeros() + 6 * basis * mixing.rows();
  const std::int64_t restarts = affordable / (basis / 2 * product);
  Deflated matrix(mixing);
  Spectra::SymEigsSolver<Deflated> solver(matrix, 1, basis);
  solver.init();
  solver.compute(Spectra::SortRule::LargestMagn, std::max<std::int64_t>(restarts, 1), 1e-9);
  if (solver.info() != Spectra::CompInfo::Successful) return std::nullopt;

  const double value = solver.eigenvalues()[0];
  const Eigen::VectorXd vector = solver.eigenvectors().col(0).normalized();
  Eigen::VectorXd residual(vector.size());
  matrix.perform_op(vector.data(), residual.data());
  residual -= value * vector;
  return SpectralRadius{std::abs(value), residual.norm() + 8 * epsilon};
}

}  // namespace

std::string_view to_string(Method method) {
  switch (method) {
    case Method::closed_form:
      return "closed form";
    case Method::dense:
      return "dense eigenvalues";
    case Method::lanczos:
      return "Lanczos";
    case Method::not_certified:
      break;
  }
  return "not certified";
}

Certificate certify(const MixingMatrix& mixing, const Topology& topology) {
  constexpr int dense_limit = 1000;
  const double deviation = require_doubly_stochastic(mixing, topology.graph);
  Certificate certificate;
  certificate.symmetric = is_symmetric(mixing);
  const auto conclude = [&](Method method, double gap, double error) {
    certificate.method = method;
    certificate.spectral_gap = std::clamp(gap, 0.0, 1.0);
    certificate.error = error + deviation;
    return certificate;
  };

  if (mixing.rows() == 1) return conclude(Method::closed_form, 1, 0);
  const std::optional<double> weight = common_weight(mixing, topology.graph);
  if (topology.laplacian && weight) {
    // lambda = max(|1 - w mu|) over the extreme mu; the gap itself, so that it keeps its digits where
    // it is tiny.
    const auto [smallest, largest] = *topology.laplacian;
    return conclude(Method::closed_form, std::min(*weight * smallest, 2 - *weight * largest), 4 * epsilon);
  }
  if (mixing.rows() <= dense_limit) {
    const auto [value, error] =
        certificate.symmetric ? dense_symmetric(mixing) : dense_general(mixing, deviation);
    if (error <= 1e-6) return conclude(Method::dense, 1 - value, error);
    certificate.reason =
        "W is so far from having orthogonal eigenvectors that rounding decides its eigenvalues";
  } else if (!certificate.symmetric) {
    certificate.reason = fmt::format("W is neither symmetric nor of at most {} rows", dense_limit);
  } else if (const auto radius = lanczos(mixing)) {
    const double gap = std::max(1 - radius->value, 0.0);
    if (radius->error <= std::max(gap / 10, 1e-12)) return conclude(Method::lanczos, gap, radius->error);
    certificate.reason = fmt::format("the spectral gap, at most {:.1e}, is too small for Lanczos", gap);
  } else {
    certificate.reason = "Lanczos did not converge within the work that one certificate may cost";
  }
  return certificate;
}

double consensus_rounds(double spectral_gap, double factor) {
  if (spectral_gap == 0) return std::numeric_limits<double>::infinity();
  return std::max(1.0, std::ceil(std::log(factor) / std::log1p(-spectral_gap)));
}

}  // namespace gossamer
