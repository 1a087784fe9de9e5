#include "sim/event_queue.hpp"

#include <malloc.h>

#include <catch2/catch.hpp>
#include <deque>
#include <map>

#include "sim/random.hpp"
#include "tests/sim/support.hpp"

namespace gossamer {
namespace {

struct Nothing final : Event {
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

 private:
  EventQueue queue_;
  std::multimap<Instant, Event*> reference_;
  std::deque<Nothing> events_;
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
