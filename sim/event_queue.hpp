// Events and the queue that orders them: by time, and first in first out among equal times.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "sim/units.hpp"

namespace gossamer {

/// Something that happens at an instant: a message arrives, a program wakes up. It belongs to whoever
/// schedules it and stays where it is until it has happened.
class Event {
 public:
  virtual void happen() = 0;

 protected:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() = default;
};

/// A radix heap [Ahuja, Mehlhorn, Orlin, Tarjan 1990]: a priority queue for times that never lie before the
/// last one taken, as simulated time never does. Bucket b holds the times whose highest bit that differs from
/// the last time is bit b - 1. Equal times share a bucket always and keep their order in it, so ties need no
/// sequence number and cost O(1).
class EventQueue {
 public:
  bool empty() const { return head_ == current_.size() && occupied_ == 0; }

  /// Precondition: `when` is not before the last event popped.
  void push(Instant when, Event& event) { insert({when.time_since_epoch().count(), &event}); }

  /// The earliest event and its time. Precondition: not empty.
  std::pair<Instant, Event*> pop() {
    if (head_ == current_.size()) advance();
    return {Instant{Duration{last_}}, current_[head_++].event};
  }

  /// The time of the earliest event.
  std::optional<Instant> next_time() const {
    if (empty()) return std::nullopt;
    if (head_ < current_.size()) return Instant{Duration{last_}};
    return Instant{Duration{earliest(buckets_[std::countr_zero(occupied_)])}};
  }

 private:
  struct Entry {
    std::int64_t time;
    Event* event;
  };
  using Bucket = std::vector<Entry>;

  static std::int64_t earliest(const Bucket& bucket) {
    std::int64_t least = bucket.front().time;
    for (const Entry& entry : bucket) least = entry.time < least ? entry.time : least;
    return least;
  }

  void insert(Entry entry) {
    const auto b = std::bit_width(static_cast<std::uint64_t>(entry.time ^ last_));
    buckets_[b].push_back(entry);
    occupied_ |= std::uint64_t{1} << b;
  }

  /// Makes the events of the next instant current.
  void advance() {
    current_.clear();
    head_ = 0;
    const int b = std::countr_zero(occupied_);
    occupied_ &= occupied_ - 1;
    Bucket& bucket = buckets_[b];
    if (b == 0) {
      std::swap(current_, bucket);
      return;
    }
    // What is alone, or comes first, needs no bucket of its own. Nothing goes back into this one.
    last_ = earliest(bucket);
    for (const Entry& entry : bucket) {
      if (entry.time == last_) {
        current_.push_back(entry);
      } else {
        insert(entry);
      }
    }
    bucket.clear();
  }

  std::int64_t last_ = 0;
  Bucket current_;        // The events of time last_ that were known when it began ...
  std::size_t head_ = 0;  // ... of which these have happened; buckets_[0] has those that came since.
  std::array<Bucket, 64> buckets_;
  std::uint64_t occupied_ = 0;  // Bit b: bucket b is not empty.
};

}  // namespace gossamer
