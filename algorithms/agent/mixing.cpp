#include "algorithms/agent/mixing.hpp"

#include <algorithm>

#include "topologies/mixing.hpp"

namespace gossamer {

Weights::Weights(const MixingMatrix& w, const Adjacency& graph)
    : own_(static_cast<std::size_t>(graph.nodes())), by_entry_(static_cast<std::size_t>(graph.arcs())) {
  for (NodeId i = 0; i < graph.nodes(); ++i) {
    const auto [columns, weights] = w.row(i);
    for (std::size_t k = 0; k < columns.size(); ++k) {
      if (columns[k] == i) {
        own_[static_cast<std::size_t>(i)] = weights[k];
      } else if (const ArcId entry = graph.entry(i, columns[k]); entry >= 0) {
        by_entry_[static_cast<std::size_t>(entry)] = weights[k];
      }
    }
  }
  everywhere_ = std::ranges::count(by_entry_, 0.0) == 0;
  if (everywhere_) return;
  first_arc_.push_back(0);
  first_entry_.push_back(0);
  for (NodeId i = 0; i < graph.nodes(); ++i) {
    for (ArcId a = graph.first_out(i); a < graph.first_out(i + 1); ++a) {
      if (of_entry(graph.entry(a)) != 0) arcs_.push_back(a);
    }
    for (ArcId e = graph.first_in(i); e < graph.first_in(i + 1); ++e) {
      if (of_entry(e) != 0) entries_.push_back(e);
    }
    first_arc_.push_back(arcs_.size());
    first_entry_.push_back(entries_.size());
  }
}

}  // namespace gossamer
