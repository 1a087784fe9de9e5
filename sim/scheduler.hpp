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
    require_future(when);
    queue_.push(when, event);
  }
  /// The same of a timer that is not pending.
  void at(Instant when, Timer& timer) {
    require_future(when);
    queue_.push(when, timer);
  }
  /// Throws std::overflow_error where the clock cannot hold now + delay.
  void after(Duration delay, Event& event) { at(later(now_, delay), event); }

  /// Takes back a timer, so that it does not happen; nothing where it is not pending.
  void withdraw(Timer& timer) {
    if (timer.pending()) queue_.withdraw(timer);
  }
  /// Lets a timer happen at another time, pending or not.
  void move(Instant when, Timer& timer) {
    withdraw(timer);
    at(when, timer);
  }

  /// Runs until nothing is left to happen, or stop() is called.
  void run() {
    stopped_ = false;
    while (!stopped_) {
      const auto [when, event] = queue_.pop();
      if (!event) return;
      now_ = when;
      event->happen();
    }
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
      const auto [when, event] = queue_.pop();
      now_ = when;
      event->happen();
    }
  }

  /// Lets run() return after the current event.
  void stop() { stopped_ = true; }
  bool stopped() const { return stopped_; }
  bool idle() const { return queue_.empty(); }

 private:
  void require_future(Instant when) const {
    if (when < now_) throw std::logic_error("an event cannot happen in the past");
  }

  EventQueue queue_;
  Instant now_{};
  bool stopped_ = false;
};

}  // namespace gossamer
