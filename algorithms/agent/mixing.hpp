// Mixing: the weights W_ij of every iteration, as the nodes use them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "algorithms/agent/schedule.hpp"
#include "sim/adjacency.hpp"

namespace gossamer {

class MixingMatrix;

/// One W, laid out by the arcs of the graph. A neighbour counts for a node if it has a weight other than zero
/// there: only such arcs carry messages.
class Weights {
 public:
  /// W_ij is zero wherever i and j are neither equal nor neighbours (certify() checks that).
  Weights(const MixingMatrix& w, const Adjacency& graph);

  /// W_ii.
  double own(NodeId i) const { return own_[static_cast<std::size_t>(i)]; }
  /// W_ij for the neighbour j from which `entry` comes.
  double of_entry(ArcId entry) const { return by_entry_[static_cast<std::size_t>(entry)]; }

  /// Whether every arc carries weight.
  bool everywhere() const { return everywhere_; }
  /// The arcs from i to those for whom it counts, and the entries from those that count for it; ascending.
  /// Only if not everywhere().
  std::span<const ArcId> arcs_out(NodeId i) const { return row(arcs_, first_arc_, i); }
  std::span<const ArcId> entries_in(NodeId i) const { return row(entries_, first_entry_, i); }

 private:
  static std::span<const ArcId> row(const std::vector<ArcId>& all, const std::vector<std::size_t>& first,
                                    NodeId i) {
    const auto k = static_cast<std::size_t>(i);
    return std::span(all).subspan(first[k], first[k + 1] - first[k]);
  }

  std::vector<double> own_;       // [node]
  std::vector<double> by_entry_;  // [entry]
  bool everywhere_ = true;
  std::vector<ArcId> arcs_, entries_;  // If not every arc carries weight: those that do, row by row.
  std::vector<std::size_t> first_arc_, first_entry_;  // [node + 1]
};

/// Which W each iteration has. Outlives the programs that use it.
class Mixing {
 public:
  virtual ~Mixing() = default;
  /// The weights of iteration t = 1, 2, ...; the same object for the same t.
  virtual const Weights& at(Round t) const = 0;
};

/// The same W for all iterations.
class FixedMixing final : public Mixing {
 public:
  FixedMixing(const MixingMatrix& w, const Adjacency& graph) : weights_(w, graph) {}
  const Weights& at(Round) const override { return weights_; }

 private:
  Weights weights_;
};

}  // namespace gossamer
