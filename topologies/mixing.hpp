// Mixing matrices W, and the rules that make them from a graph.
#pragma once

#include <Eigen/SparseCore>
#include <optional>
#include <span>

#include "sim/input_file.hpp"
#include "sim/required.hpp"
#include "topologies/topology.hpp"

namespace gossamer {

/// What a rule knows of its matrix.
struct MixingFacts {
  std::optional<double>
      lambda_bound{};              ///< No symmetric non-negative W on the graph has a lambda below this.
  bool may_be_negative = false;    ///< Negative weights are meant.
  std::optional<double> change{};  ///< If it was normalized: the largest change of an entry.
};

/// n x n weights; W_ij is the weight that node i gives to what it receives from node j. Immutable, stored by
/// rows, columns ascending, every diagonal entry present. `certify` (certificate.hpp) checks all other
/// conditions.
class MixingMatrix {
 public:
  using Sparse = Eigen::SparseMatrix<double, Eigen::RowMajor, int>;

  /// Throws std::invalid_argument unless `weights` is square and stores its whole diagonal.
  explicit MixingMatrix(Sparse&& weights, const MixingFacts& facts = {});

  int rows() const { return static_cast<int>(weights_.rows()); }

  /// Row i: weights[k] is W_ij for j = columns[k], ascending; i itself is among them.
  struct Row {
    std::span<const int> columns;
    std::span<const double> weights;
  };
  Row row(int i) const& {
    const int first = weights_.outerIndexPtr()[i];
    const auto size = static_cast<std::size_t>(weights_.outerIndexPtr()[i + 1] - first);
    return {{weights_.innerIndexPtr() + first, size}, {weights_.valuePtr() + first, size}};
  }
  Row row(int i) const&& = delete;  // It would outlive its matrix.

  /// Compressed (CSR).
  const Sparse& sparse() const { return weights_; }

  const MixingFacts& facts() const { return facts_; }

 private:
  Sparse weights_;
  MixingFacts facts_;
};

// The rules. Each is a struct of its parameters with fields(self, visit), as the families have, and
// build(graph). A diagonal entry is what the row lacks to a sum of 1, correct to one unit in the last place
// of 1. d_i is the degree of node i.

/// W_ij = 1 / (1 + max(d_i, d_j)): Metropolis-Hastings weights [Xiao, Boyd, Kim 2007, eq. (4)].
struct Metropolis {
  static void fields(auto&, auto&&) {}
  MixingMatrix build(const Graph& graph) const;
};

/// W_ij = 1 / (d + 1) for each neighbour and for j = i. Throws TopologyError where degrees differ: the
/// columns would not sum to 1.
struct UniformNeighbors {
  static void fields(auto&, auto&&) {}
  MixingMatrix build(const Graph& graph) const;
};

/// W_ij = 1 / (1 + max_k d_k).
struct MaxDegree {
  static void fields(auto&, auto&&) {}
  MixingMatrix build(const Graph& graph) const;
};

/// (I + W) / 2 of the Metropolis W: all eigenvalues are positive or 0.
struct Lazy {
  static void fields(auto&, auto&&) {}
  MixingMatrix build(const Graph& graph) const;
};

/// The symmetric W >= 0 with the least lambda, up to 1e-6 of its spectral gap, and the proof of that, its
/// lambda_bound: the fastest mixing Markov chain [Boyd, Diaconis, Xiao 2004]. Throws TopologyError for graphs
/// that are too large, or average too slowly (fastest_mixing.hpp). Where several W are optimal, it is one in
/// their midst.
struct Optimal {
  static void fields(auto&, auto&&) {}
  MixingMatrix build(const Graph& graph) const;
};

/// W from a text file, '#' starts a comment, numbers between blanks, commas or semicolons: either n lines of
/// n numbers; or, for n other than 3, one line `i j W_ij` for each entry that is not 0, those of the diagonal
/// included, in any order; or a Matrix Market file. Sums are checked to 1e-12, so files need 17 significant
/// digits, or have to be normalized: W becomes D W E, doubly stochastic, with diagonal matrices D and E,
/// equal where W is symmetric [Sinkhorn, Knopp 1967]. Throws InputFileError.
struct MixingFile {
  static constexpr double normalizable = 0.1 + 1e-9;  ///< How far sums may be from 1, but for rounding.
  static constexpr bool takes_directed = true;
  Required<InputFile> path{};
  bool normalize = false;
  bool negative_weights = false;
  static void fields(auto& self, auto&& visit) {
    visit("path", self.path, "", "n lines of n numbers, or one `i j W_ij` per line, or Matrix Market");
    visit(
        "normalize", self.normalize, "",
        "whether to scale rows and columns whose sums are within 0.1 of 1 until they are 1: for digits that "
        "were lost in print");
    visit("negative_weights", self.negative_weights, "", "whether weights may be negative");
  }
  MixingMatrix build(const Graph& graph) const;
};

/// W_ij = 1 / (1 + d_j) for each j that may send to i, and for j = i: every node splits what it has equally
/// among itself and those it sends to, d_j of them. For directed graphs, and undirected ones: columns sum to
/// 1; rows do, too, where all nodes send to as many as they hear. Push-sum [Kempe, Dobra, Gehrke 2003] needs
/// no more.
struct ColumnStochastic {
  static constexpr bool takes_directed = true;
  static void fields(auto&, auto&&) {}
  MixingMatrix build(const Graph& graph) const;
};

}  // namespace gossamer
