// Events and the queue that orders them: by time, and first in first out among equal times.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <limits>
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

  /// Called twice shortly before it happens, where memory is worth fetching ahead: first `far`, then `near`.
  /// It may only prefetch, and the second time follow pointers that the first has fetched.
  enum class Distance { far, near };
  virtual void prefetch(Distance) const {}

  /// The node whose program goes on with it, or -1.
  virtual std::int32_t resumes() const { return -1; }

 protected:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() = default;
};

/// An event that can be withdrawn before it happens, or moved: the queue keeps it told where it stands.
class Timer : public Event {
 public:
  /// Whether it is scheduled and has not happened yet.
  bool pending() const { return place_.bucket >= 0; }

 protected:
  Timer() = default;
  ~Timer() = default;

 private:
  friend class EventQueue;
  struct Place {
    int bucket = -1;
    std::size_t index = 0;
  } place_;
};

/// A radix heap [Ahuja, Mehlhorn, Orlin, Tarjan 1990]: a priority queue for times that never lie before the
/// last one taken, as simulated time never does. Bucket b holds the times whose highest bit that differs from
/// the last time is bit b - 1. Equal times share a bucket always and keep their order in it, so ties need no
/// sequence number and cost O(1). So does withdrawing a timer: it leaves a gap, which is passed over.
class EventQueue {
 public:
  /// Precondition: `when` is not before the last event popped.
  void push(Instant when, Event& event) {
    insert({when.time_since_epoch().count(), reinterpret_cast<std::uintptr_t>(&event)});
  }
  /// The same of a timer. Precondition: it is not pending.
  void push(Instant when, Timer& timer) {
    ++timers_;
    insert(
        {when.time_since_epoch().count(), reinterpret_cast<std::uintptr_t>(static_cast<Event*>(&timer)) | 1});
  }

  /// Takes a timer out. Precondition: it is pending.
  void withdraw(Timer& timer) {
    const auto [b, index] = std::exchange(timer.place_, {});
    (b == in_current ? current_ : buckets_[b])[index] = gap;
    --timers_;
  }

  /// Takes out every event that is no timer and lets a program of `node` go on. It looks at all events.
  void remove_programs_of(std::int32_t node) {
    const auto remove = [&](Bucket& bucket, std::size_t from) {
      for (std::size_t k = from; k < bucket.size(); ++k) {
        Entry& entry = bucket[k];
        if (!entry.is_gap() && !entry.is_timer() && entry.event()->resumes() == node) entry = gap;
      }
    };
    remove(current_, head_);
    for (Bucket& bucket : buckets_) remove(bucket, 0);
  }

  /// Takes out the earliest event and gives its time and it; null where there is none.
  std::pair<Instant, Event*> pop() {
    for (;;) {
      if (head_ == current_.size() && !advance()) return {Instant{Duration{last_}}, nullptr};
      const Entry entry = current_[head_++];
      if (entry.is_timer()) {
        entry.timer().place_ = {};
        --timers_;
      } else if (entry.is_gap()) {
        continue;
      }
      return {Instant{Duration{last_}}, entry.event()};
    }
  }

  /// Fetches an event that follows in this instant, and, if that has less than `most` events, lets such
  /// events fetch their memory.
  void prefetch(std::size_t most) const {
    constexpr std::size_t near = 2, far = 4, itself = 6;
    const std::size_t following = current_.size() - head_;
    if (following > itself) __builtin_prefetch(current_[head_ + itself].event());
    if (current_.size() >= most || following <= near) return;
    if (Event* const event = current_[head_ + near].event()) event->prefetch(Event::Distance::near);
    if (following <= far) return;
    if (Event* const event = current_[head_ + far].event()) event->prefetch(Event::Distance::far);
  }

  /// The time of the earliest event.
  std::optional<Instant> next_time() const {
    for (std::size_t i = head_; i < current_.size(); ++i) {
      if (!current_[i].is_gap()) return Instant{Duration{last_}};
    }
    for (std::uint64_t rest = occupied_; rest != 0; rest &= rest - 1) {
      const Bucket& bucket = buckets_[std::countr_zero(rest)];
      if (has_events(bucket)) return Instant{Duration{earliest(bucket)}};
    }
    return std::nullopt;
  }
  bool empty() const { return !next_time(); }

 private:
  struct Entry {
    std::int64_t time;
    std::uintptr_t address;  // Of the event; odd: of a timer; 0: a gap, where a timer has been withdrawn.

    bool is_gap() const { return address == 0; }
    bool is_timer() const { return (address & 1) != 0; }
    Event* event() const {
      return reinterpret_cast<Event*>(address & ~std::uintptr_t{1});  // NOLINT(performance-no-int-to-ptr)
    }
    Timer& timer() const { return static_cast<Timer&>(*event()); }
  };
  static constexpr Entry gap{std::numeric_limits<std::int64_t>::max(), 0};
  using Bucket = std::vector<Entry>;
  static constexpr int in_current = 64;  // Stands for current_ among the buckets.

  static std::int64_t earliest(const Bucket& bucket) {
    std::int64_t least = bucket.front().time;
    for (const Entry& entry : bucket) least = entry.time < least ? entry.time : least;
    return least;
  }
  /// Whether all times are this one.
  static bool is_one_time(const Bucket& bucket, std::int64_t time) {
    for (const Entry& entry : bucket) {
      if (entry.time != time) return false;
    }
    return true;
  }
  static bool has_events(const Bucket& bucket) {
    for (const Entry& entry : bucket) {
      if (!entry.is_gap()) return true;
    }
    return false;
  }

  static void append(Entry entry, int name, Bucket& bucket) {
    if (entry.is_timer()) entry.timer().place_ = {name, bucket.size()};
    if (bucket.size() == bucket.capacity()) return append_to_full(entry, bucket);
    bucket.push_back(entry);
  }
  // Apart, so that who schedules an event need not save registers for what seldom happens.
  [[gnu::noinline, gnu::cold]] static void append_to_full(Entry entry, Bucket& bucket) {
    bucket.push_back(entry);
  }

  void insert(Entry entry) {
    const int b = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(entry.time ^ last_)));
    occupied_ |= std::uint64_t{1} << b;
    append(entry, b, buckets_[b]);
  }

  void make_current(Bucket& bucket) {
    std::swap(current_, bucket);
    for (std::size_t i = 0; timers_ > 0 && i < current_.size(); ++i) {
      if (current_[i].is_timer()) current_[i].timer().place_.bucket = in_current;
    }
  }

  /// Makes the events of the next instant current; false: there are none.
  bool advance() {
    current_.clear();
    head_ = 0;
    while (occupied_ != 0) {
      const int b = std::countr_zero(occupied_);
      occupied_ &= occupied_ - 1;
      Bucket& bucket = buckets_[b];
      const std::int64_t next = b == 0 ? last_ : earliest(bucket);
      if (next != gap.time || has_events(bucket)) {
        last_ = next;
        if (b == 0 || is_one_time(bucket, next)) {
          make_current(bucket);
          return true;
        }
        // What is alone, or comes first, needs no bucket of its own. Nothing goes back into this one.
        for (const Entry& entry : bucket) {
          if (entry.is_gap()) continue;
          if (entry.time == last_) {
            append(entry, in_current, current_);
          } else {
            insert(entry);
          }
        }
        bucket.clear();
        return true;
      }
      bucket.clear();
    }
    return false;
  }

  std::int64_t last_ = 0;
  Bucket current_;        // The events of time last_ that were known when it began ...
  std::size_t head_ = 0;  // ... of which these have happened; buckets_[0] has those that came since.
  std::array<Bucket, 64> buckets_;
  std::uint64_t occupied_ = 0;  // Bit b: bucket b is not empty.
  std::int64_t timers_ = 0;     // How many are pending.
};

}  // namespace gossamer
