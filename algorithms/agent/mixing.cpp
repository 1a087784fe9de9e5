#include "algorithms/agent/mixing.hpp"

#include <algorithm>

#include "topologies/mixing.hpp"

namespace gossamer {

Adjacency adjacency_of(const Topology& topology) {
  const NodeId nodes = node_count(topology.graph);
  return topology.directed ? Adjacency::directed(nodes, links_of(topology))
                           : Adjacency(nodes, links_of(topology));
}

Weights::Weights(const MixingMatrix& w, const Adjacency& graph)
    : own_(static_cast<std::size_t>(graph.nodes())) {
  std::vector<ArcId> out(static_cast<std::size_t>(graph.nodes()));  // How many arcs from each carry weight.
  first_in_.push_back(0);
  for (NodeId i = 0; i < graph.nodes(); ++i) {
    const auto [columns, weights] = w.row(i);
    for (std::size_t k = 0; k < columns.size(); ++k) {
      const NodeId j = columns[k];
      if (j == i) {
        own_[static_cast<std::size_t>(i)] = weights[k];
      } else if (const ArcId entry = graph.entry(i, j); entry >= 0 && weights[k] != 0) {
        weights_.push_back(weights[k]);
        entries_.push_back(entry);
        ++out[static_cast<std::size_t>(j)];
      }
    }
    first_in_.push_back(static_cast<ArcId>(entries_.size()));
  }
  everywhere_ = std::ssize(entries_) == graph.arcs();
  if (everywhere_) {
    entries_ = {};
    return;
  }
  first_out_.push_back(0);
  for (const ArcId count : out) first_out_.push_back(first_out_.back() + count);
  arcs_.resize(entries_.size());
  std::vector<ArcId> next(first_out_.begin(), first_out_.end() - 1);
  for (NodeId i = 0; i < graph.nodes(); ++i) {  // By head, so that the heads of each tail ascend.
    for (const ArcId entry : entries_in(i)) {
      const NodeId j = graph.tail_of_entry(entry);
      arcs_[static_cast<std::size_t>(next[static_cast<std::size_t>(j)]++)] = graph.arc(j, i);
    }
  }
}

double Weights::of_entry(ArcId entry) const {
  if (everywhere_) return weights_[static_cast<std::size_t>(entry)];
  const auto found = std::ranges::lower_bound(entries_, entry);
  if (found == entries_.end() || *found != entry) return 0;
  return weights_[static_cast<std::size_t>(found - entries_.begin())];
}

Mixing::Mixing(std::span<const MixingMatrix> sequence, const Adjacency& graph) {
  sequence_.reserve(sequence.size());
  for (const MixingMatrix& w : sequence) sequence_.emplace_back(w, graph);
}

}  // namespace gossamer
