// Scheduler: the simulated clock and the events to come.
#pragma once

#include <algorithm>
#include <stdexcept>

#include "sim/event_queue.hpp"
#include "sim/units.hpp"

namespace gossamer {

class Scheduler {
 public:
  Instant now() const { return now_; }

  /// Lets `event` happen at `when`, after all that was scheduled for that instant before.
  /// Throws std::logic_error if `when` is past.
  void at(Instant when, Event& event) {
    if (when < now_) throw std::logic_error("an event cannot happen in the past");
    queue_.push(when, event);
  }
  /// Throws std::overflow_error where the clock cannot hold now + delay.
  void after(Duration delay, Event& event) { at(later(now_, delay), event); }

  /// Runs until nothing is left to happen, or stop() is called.
  void run() {
    stopped_ = false;
    while (!stopped_ && !queue_.empty()) step();
  }

  /// Runs all that happens up to and including `end`. If more is to happen, the clock then stands at `end`,
  /// unless that is past.
  void run_until(Instant end) {
    stopped_ = false;
    while (!stopped_) {
      const auto next = queue_.next_time();
      if (!next) return;
      if (*next > end) {
        now_ = std::max(now_, end);
        return;
      }
      step();
    }
  }

  /// Lets run() return after the current event.
  void stop() { stopped_ = true; }
  bool stopped() const { return stopped_; }
  bool idle() const { return queue_.empty(); }

 private:
  void step() {
    const auto [when, event] = queue_.pop();
    now_ = when;
    event->happen();
  }

  EventQueue queue_;
  Instant now_{};
  bool stopped_ = false;
};

}  // namespace gossamer
