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
  /// Lets a timer happen at another time, pending or not. Throws as at() does, and then changes nothing.
  void move(Instant when, Timer& timer) {
    require_future(when);
    withdraw(timer);
    queue_.push(when, timer);
  }

  /// Takes back all by which programs of `node` would go on, but timers.
  void withdraw_programs_of(std::int32_t node) { queue_.remove_programs_of(node); }

  /// Fetches events ahead; in instants of less than `events` events, these fetch their memory, too. It pays
  /// where a simulation outgrows the cache, and an instant has few of its nodes: the events of all go through
  /// memory in order.
  void prefetch_below(std::size_t events) { prefetch_below_ = events; }

  /// Runs until nothing is left to happen, or stop() is called.
  void run() {
    stopped_ = false;
    while (!stopped_) {
      const auto [when, event] = queue_.pop();
      if (!event) return;
      happen(when, *event);
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
      happen(when, *event);
    }
  }

  /// Lets run() return after the current event.
  void stop() { stopped_ = true; }
  bool stopped() const { return stopped_; }
  bool idle() const { return queue_.empty(); }

 private:
  void happen(Instant when, Event& event) {
    if (prefetch_below_ > 0) queue_.prefetch(prefetch_below_);
    now_ = when;
    event.happen();
  }
  void require_future(Instant when) const {
    if (when < now_) throw std::logic_error("an event cannot happen in the past");
  }

  EventQueue queue_;
  Instant now_{};
  bool stopped_ = false;
  std::size_t prefetch_below_ = 0;
};

}  // namespace gossamer
