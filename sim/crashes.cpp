#include "sim/crashes.hpp"

#include <utility>

namespace gossamer {

Crashes::Crashes(Simulation& simulation, std::vector<Downtime>& times, std::function<void(NodeId)> revive)
    : simulation_(simulation), times_(times), revive_(std::move(revive)) {
  for (NodeId i = 0; i < std::ssize(times_); ++i) add_next(i);
  wait();
}

void Crashes::add_next(NodeId node) {
  const auto next = times_[static_cast<std::size_t>(node)].first_after(simulation_.now());
  if (next) changes_.push({next->begin, node, true, next->end});
}

void Crashes::wait() {
  if (!changes_.empty()) simulation_.scheduler().at(changes_.top().when, *this);
}

void Crashes::happen() {
  const auto [when, node, is_down, until] = changes_.top();
  const bool is_idle = simulation_.scheduler().idle();
  if (!is_idle) in_vain_ = 0;
  if (is_idle && is_down && (down_ == 0 || in_vain_ > times_.size())) return;
  changes_.pop();
  if (is_down) {
    ++down_;
    simulation_.crash(node);
    changes_.push({until, node, false, {}});
  } else {
    --down_;
    ++in_vain_;
    revive_(node);
    add_next(node);
  }
  wait();
}

}  // namespace gossamer
