#include "sim/event_queue.hpp"

#include <malloc.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <memory>

#include "sim/random.hpp"
#include "tests/sim/support.hpp"

namespace gossamer {
namespace {

struct Nothing final : Event {
  void happen() override {}
};
struct Bell final : Timer {
  void happen() override {}
};

/// A queue beside a std::multimap, which keeps equal keys in the order of insertion: the two must agree.
class Twins {
 public:
  void push(Instant when) {
    events_.emplace_back();
    queue_.push(when, events_.back());
    reference_.emplace(when, &events_.back());
  }
  void push_timer(Instant when) {
    timers_.push_back(std::make_unique<Bell>());
    push(when, *timers_.back());
  }
  std::size_t timers() const { return timers_.size(); }
  /// Moves timer k to another time, whether it is pending or not.
  void move_timer(std::size_t k, Instant when) {
    withdraw(*timers_[k]);
    push(when, *timers_[k]);
  }
  /// Withdraws timer k, if it is pending, and destroys it.
  void destroy_timer(std::size_t k) {
    withdraw(*timers_[k]);
    std::swap(timers_[k], timers_.back());
    timers_.pop_back();
  }
  Instant pop() {
    const auto expected = reference_.extract(reference_.begin());
    REQUIRE(queue_.next_time() == expected.key());
    const auto [when, event] = queue_.pop();
    REQUIRE(when == expected.key());
    REQUIRE(event == expected.mapped());
    REQUIRE(queue_.empty() == reference_.empty());
    return when;
  }
  bool empty() const { return reference_.empty(); }
  void require_agreement() const {
    REQUIRE(queue_.empty() == reference_.empty());
    if (reference_.empty()) {
      REQUIRE(queue_.next_time() == std::nullopt);
    } else {
      REQUIRE(queue_.next_time() == reference_.begin()->first);
    }
    for (const auto& timer : timers_) {
      const auto is_it = [&](const auto& entry) { return entry.second == timer.get(); };
      REQUIRE(timer->pending() == std::ranges::any_of(reference_, is_it));
    }
  }

 private:
  void push(Instant when, Bell& timer) {
    queue_.push(when, timer);
    reference_.emplace(when, &timer);
  }
  void withdraw(Bell& timer) {
    if (!timer.pending()) return;
    queue_.withdraw(timer);
    std::erase_if(reference_, [&](const auto& entry) { return entry.second == &timer; });
  }

  EventQueue queue_;
  std::multimap<Instant, Event*> reference_;
  std::deque<Nothing> events_;
  std::vector<std::unique_ptr<Bell>> timers_;
};

TEST_CASE("events leave by time, equal times in the order of pushing") {
  const int spread = GENERATE(1, 3, 20, 62);  // From all ties to hardly any.
  CAPTURE(spread);
  Rng rng(1);
  Twins queue;
  Instant now{};
  const auto push_some = [&] {
    for (auto n = rng.below(4); n > 0; --n) {
      const auto bits = rng.below(spread + 1);
      const Duration delay{bits == 0 ? 0 : static_cast<std::int64_t>(rng.next() >> (64 - bits))};
      if (delay <= Instant::max() - now) queue.push(now + delay);
    }
  };
  for (int step = 0; step < 5'000; ++step) {
    push_some();
    for (auto n = rng.below(4); n > 0 && !queue.empty(); --n) {
      now = queue.pop();
      push_some();  // Some of them at the present instant.
    }
  }
  while (!queue.empty()) queue.pop();
}

TEST_CASE("timers can be moved and withdrawn anywhere, between events that cannot") {
  const int spread = GENERATE(1, 3, 20, 62);
  CAPTURE(spread);
  Rng rng(2);
  Twins queue;
  Instant now{};
  const auto some_time = [&]() -> std::optional<Instant> {
    const auto bits = rng.below(spread + 1);
    const Duration delay{bits == 0 ? 0 : static_cast<std::int64_t>(rng.next() >> (64 - bits))};
    return delay <= Instant::max() - now ? std::optional(now + delay) : std::nullopt;
  };
  const auto change = [&] {
    for (auto n = rng.below(5); n > 0; --n) {
      const auto when = some_time();
      if (!when) continue;
      const auto what = rng.below(queue.timers() > 40 ? 6 : 4);
      if (what == 0) {
        queue.push(*when);
      } else if (what == 1 || queue.timers() == 0) {
        queue.push_timer(*when);
      } else if (what == 2) {
        queue.move_timer(static_cast<std::size_t>(rng.below(queue.timers())), *when);
      } else {
        queue.destroy_timer(static_cast<std::size_t>(rng.below(queue.timers())));
      }
    }
  };
  for (int step = 0; step < 3'000; ++step) {
    change();
    queue.require_agreement();
    for (auto n = rng.below(4); n > 0 && !queue.empty(); --n) {
      now = queue.pop();
      change();  // Some of it at the present instant, whose events are being taken.
    }
  }
  while (!queue.empty()) queue.pop();
}

/// What leaves the queue: the numbers of these timers, in order; 0 stands for any other event.
std::vector<int> drained(EventQueue& queue, const std::vector<const Event*>& known) {
  std::vector<int> numbers;
  for (;;) {
    const Event* event = queue.pop().second;
    if (!event) return numbers;
    const auto place = std::ranges::find(known, event) - known.begin();
    numbers.push_back(place < std::ssize(known) ? static_cast<int>(place) + 1 : 0);
  }
}

TEST_CASE("of ties the others keep their order when a timer is withdrawn, and one that is moved comes last") {
  EventQueue queue;
  Nothing event;
  Bell one, two, three;
  const std::vector<const Event*> known{&one, &two, &three};
  const auto push_all = [&](Instant when) {
    for (Bell* timer : {&one, &two, &three}) queue.push(when, *timer);
    queue.push(when, event);
  };
  SECTION("before their time") {
    push_all(at(5ns));
    queue.withdraw(two);
    CHECK_FALSE(two.pending());
    CHECK(drained(queue, known) == std::vector{1, 3, 0});
  }
  SECTION("moved to where it was") {
    push_all(at(5ns));
    queue.withdraw(one);
    queue.push(at(5ns), one);
    CHECK(drained(queue, known) == std::vector{2, 3, 0, 1});
  }
  SECTION("at their time, while it goes on") {
    push_all(at(5ns));
    CHECK(queue.pop().second == &one);
    queue.withdraw(three);
    queue.push(at(5ns), three);
    queue.push(at(5ns), one);
    queue.withdraw(one);
    CHECK(drained(queue, known) == std::vector{2, 0, 3});
  }
  SECTION("pushed at the present instant, of which the first part has happened") {
    queue.push(at(5ns), event);
    queue.pop();
    push_all(at(5ns));
    queue.withdraw(two);
    CHECK(queue.pop().second == &one);
    queue.withdraw(three);
    CHECK(drained(queue, known) == std::vector{0});
  }
  CHECK_FALSE(one.pending());
  CHECK_FALSE(two.pending());
  CHECK_FALSE(three.pending());
}

TEST_CASE("what was withdrawn leaves a gap that nobody sees") {
  EventQueue queue;
  Nothing event;
  const Duration first = GENERATE(as<Duration>(), 0ns, 1ns, 8ns, 1h, Duration::max());
  auto two = std::make_unique<std::array<Bell, 2>>();
  for (Bell& timer : *two) queue.push(at(first), timer);
  CHECK(queue.next_time() == at(first));
  queue.withdraw(two->front());
  CHECK(queue.next_time() == at(first));
  CHECK_FALSE(queue.empty());
  queue.withdraw(two->back());
  two.reset();  // The queue has forgotten both.
  CHECK(queue.next_time() == std::nullopt);
  CHECK(queue.empty());
  SECTION("alone") {
    CHECK(queue.pop().second == nullptr);
    CHECK(queue.empty());
  }
  SECTION("before an event at the greatest time") {
    queue.push(at(Duration::max()), event);
    CHECK(queue.next_time() == at(Duration::max()));
    CHECK(queue.pop() == std::pair<Instant, Event*>(at(Duration::max()), &event));
    CHECK(queue.empty());
  }
  SECTION("and is no reason to be out of order") {
    queue.push(at(9ns), event);
    queue.push(at(3ns), event);
    CHECK(queue.next_time() == at(3ns));
    CHECK(queue.pop().first == at(3ns));
    CHECK(queue.pop().first == at(9ns));
    CHECK(queue.pop().second == nullptr);
  }
}

TEST_CASE("the events that follow in an instant are told before they happen, unless it has too many") {
  struct Told final : Event {
    void happen() override {}
    void prefetch(Distance distance) const override { told.push_back(distance); }
    mutable std::vector<Distance> told;
  };
  constexpr std::size_t count = 8;
  std::array<Told, count> events;
  EventQueue queue;
  Bell withdrawn;
  for (Told& event : events) {
    queue.push(at(1ms), event);
    if (&event == &events[3]) queue.push(at(1ms), withdrawn);
  }
  const bool few = GENERATE(true, false);
  for (std::size_t k = 0; k < count; ++k) {
    queue.pop();
    queue.prefetch(few ? 100 : count);
    if (k == 0) queue.withdraw(withdrawn);
  }
  constexpr auto far = Event::Distance::far, near = Event::Distance::near;
  // The first happen before anybody is told. Looking ahead meets the gap once, and popping passes it over.
  const std::vector<Event::Distance> expected[count] = {{},          {},          {},    {near},
                                                        {far, near}, {far, near}, {far}, {far, near}};
  for (std::size_t k = 0; k < count; ++k) {
    INFO("event " << k);
    CHECK(events[k].told == (few ? expected[k] : std::vector<Event::Distance>{}));
  }
}

TEST_CASE("the least and the greatest time have their place") {
  constexpr Duration half{std::int64_t{1} << 62};
  Twins queue;
  for (int round = 0; round < 2; ++round) {
    for (const Duration time : {half, 0ns, Duration::max(), half - 1ns, 0ns, half, 1ns}) queue.push(at(time));
  }
  while (!queue.empty()) queue.pop();
}

TEST_CASE("the next time is that of the earliest event, without taking it") {
  EventQueue queue;
  Nothing event;
  CHECK(queue.next_time() == std::nullopt);
  queue.push(at(9ns), event);
  queue.push(at(5ns), event);
  CHECK(queue.next_time() == at(5ns));
  queue.push(at(3ns), event);  // Still allowed: nothing was taken.
  CHECK(queue.next_time() == at(3ns));
  CHECK(queue.pop().first == at(3ns));
}

TEST_CASE("an instant may hold any number of events in turn in bounded memory") {
  // 10^6 entries of 16 bytes would be 16 MB. (Sanitizers' allocators report 0, and the test says nothing.)
  const auto allocated = [] {
    const auto info = ::mallinfo2();
    return info.uordblks + info.hblkhd;
  };
  EventQueue queue;
  Nothing event;
  queue.push(at(0ns), event);
  queue.push(at(0ns), event);
  const std::size_t before = allocated();
  for (int i = 0; i < 1'000'000; ++i) {
    queue.push(at(0ns), event);
    if (queue.pop().first != at(0ns)) FAIL();
  }
  CHECK(allocated() < before + 4'096);
}

}  // namespace
}  // namespace gossamer
