// Sparse training rows arranged for sums over all rows of a node.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "algorithms/problems/data/data_set.hpp"
#include "algorithms/problems/data/partition.hpp"
#include "algorithms/problems/kernels/sliced_matrices.hpp"
#include "algorithms/vectors/sparse_vector.hpp"

namespace gossamer {

/// The rows of each node in panels of some thousand, the longest first in each. Of the columns a panel knows
/// those with entries in its rows, the fullest first. So 16 bits are enough to number rows and columns, what
/// a product touches stays in the cache, and columns without entries cost nothing.
///
/// Scores z = A x and gradients g = A^T d both are products of SlicedMatrices. As a loop over rows, the
/// latter would wait at every entry for what the row before has stored. The price is memory: every entry is
/// there twice more, in A and in A^T.
class SparsePanels {
 public:
  /// Nothing where a row has more than SlicedMatrices::most_columns entries. `labels` has one for each row.
  static std::optional<SparsePanels> make(const SparseRows& rows, std::span<const std::int32_t> labels,
                                          const Partition& partition);

  Index size() const { return std::ssize(nodes_); }
  Index start(int node) const { return starts_[node]; }  ///< Node i's are start(i), ..., start(i + 1) - 1.

  int node(Index p) const { return nodes_[p]; }
  std::span<const std::int32_t> labels(Index p) const { return part(labels_, first_rows_, p); }
  std::span<const std::int32_t> columns(Index p) const { return part(columns_, first_columns_, p); }

  /// z <- A x, x in R^d, anything that has x[j]. z is resized to the panel's rows and four numbers more,
  /// which mean nothing.
  template <class Weights>
  void multiply(Index p, const Weights& x, Vector& z) const {
    const std::span<const std::int32_t> known = columns(p);
    Vector x_known(std::ssize(known) + 1);
    for (std::size_t k = 0; k < known.size(); ++k) x_known[k] = scale_ * x[known[k]];
    x_known[std::ssize(known)] = 0;
    multiply_known(p, x_known, z);
  }

  /// g <- factor A^T d, in the columns that the panel knows. d has the size that multiply() gave z. g is
  /// resized to columns(p) and three numbers more, which mean nothing.
  void multiply_transposed(Index p, double factor, Vector& d, Vector& g) const;

  /// sum <- sum + g, g in the columns that the panel knows, the sum in R^d, a Vector or a SparseSum.
  template <class Sum>
  void add(Index p, const Vector& g, Sum& sum) const {
    const std::span<const std::int32_t> known = columns(p);
    for (std::size_t k = 0; k < known.size(); ++k) add_at(sum, known[k], g[k]);
  }

 private:
  using Numbers = std::vector<std::int32_t>;
  class Draft;

  SparsePanels() = default;
  void multiply_known(Index p, const Vector& x_known, Vector& z) const;
  void append(int node, Draft& draft, std::span<const std::int32_t> labels);
  static std::span<const std::int32_t> part(const Numbers& all, const std::vector<Index>& firsts, Index p) {
    return {all.data() + firsts[p], static_cast<std::size_t>(firsts[p + 1] - firsts[p])};
  }

  double scale_ = 1;
  std::vector<Index> starts_{0};
  std::vector<int> nodes_;
  std::vector<Index> first_rows_{0}, first_columns_{0};
  Numbers labels_, columns_;
  SlicedMatrices matrices_;  ///< A and A^T of panel 0, A and A^T of panel 1, ...
};

}  // namespace gossamer
