// Crashes: nodes go down and come back, without what they had.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include "sim/faults.hpp"
#include "sim/simulation.hpp"

namespace gossamer {

/// Lets the nodes of a simulation crash (Simulation::crash) and come back at their times. A run ends although
/// nodes could crash for ever. Where nothing else can happen, none crashes any more once all nodes are up, or
/// once more than there are have come back one after the other, and nothing came of it.
class Crashes final : Timer {
 public:
  /// `revive` gives a node that comes back its new programs. The arguments outlive it.
  Crashes(Simulation& simulation, std::vector<Downtime>& times, std::function<void(NodeId)> revive);

 private:
  struct Change {
    Instant when;
    NodeId node;
    bool is_down;
    Instant until;  // If it is down.
    bool operator>(const Change& other) const {
      return std::pair(when, node) > std::pair(other.when, other.node);
    }
  };

  void happen() override;
  void add_next(NodeId node);
  void wait();

  Simulation& simulation_;
  std::vector<Downtime>& times_;  // [node]
  std::function<void(NodeId)> revive_;
  std::priority_queue<Change, std::vector<Change>, std::greater<>> changes_;  // The next of each node.
  NodeId down_ = 0;
  std::size_t in_vain_ = 0;  // How many have come back since anything else happened.
};

}  // namespace gossamer
