// Mixing: the weights W_ij of every iteration, as the nodes use them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "algorithms/agent/schedule.hpp"
#include "sim/adjacency.hpp"

namespace gossamer {

class MixingMatrix;
struct Topology;

/// Who may send to whom on a topology.
Adjacency adjacency_of(const Topology& topology);

/// One W, laid out by the arcs of the graph. A neighbour counts for a node if it has a weight other than zero
/// there: only such arcs carry messages.
class Weights {
 public:
  /// W_ij is zero wherever j is neither i nor a node that may send to i (certify() checks that).
  Weights(const MixingMatrix& w, const Adjacency& graph);

  /// W_ii.
  double own(NodeId i) const { return own_[static_cast<std::size_t>(i)]; }
  /// W_ij for the neighbours j that count for i, in node order.
  std::span<const double> of(NodeId i) const { return row(weights_, first_in_, i); }
  /// W_ij for the neighbour j from which `entry` comes.
  double of_entry(ArcId entry) const;

  /// Whether every arc carries weight.
  bool everywhere() const { return everywhere_; }
  /// The arcs from i to those for whom it counts, and the entries from those that count for it; ascending.
  /// Only if not everywhere().
  std::span<const ArcId> arcs_out(NodeId i) const { return row(arcs_, first_out_, i); }
  std::span<const ArcId> entries_in(NodeId i) const { return row(entries_, first_in_, i); }

 private:
  template <class T>
  static std::span<const T> row(const std::vector<T>& all, const std::vector<ArcId>& first, NodeId i) {
    const auto k = static_cast<std::size_t>(i);
    return {all.data() + first[k], static_cast<std::size_t>(first[k + 1] - first[k])};
  }

  std::vector<double> own_;                  // [node]
  std::vector<double> weights_;              // Of the entries that carry weight, row by row.
  bool everywhere_ = true;                   // If not:
  std::vector<ArcId> arcs_, entries_;        // those that carry weight, row by row.
  std::vector<ArcId> first_out_, first_in_;  // [node + 1], of the rows.
};

/// Which W each iteration has. Outlives the programs that use it.
class Mixing {
 public:
  /// W_1, ..., W_P: those of the iterations 1, ..., P, which are repeated in turn. At least one.
  Mixing(std::span<const MixingMatrix> sequence, const Adjacency& graph);

  /// The weights of iteration t = 1, 2, ...
  const Weights& at(Round t) const {
    const std::size_t P = sequence_.size();
    return sequence_[P == 1 ? 0 : static_cast<std::size_t>(t - 1) % P];  // To divide takes time.
  }

 private:
  std::vector<Weights> sequence_;
};

}  // namespace gossamer
