#include "sim/scheduler.hpp"

#include <catch2/catch.hpp>

#include "tests/sim/support.hpp"

namespace gossamer {
namespace {

TEST_CASE("time is what the present event says") {
  Scheduler scheduler;
  std::vector<Instant> seen;
  Call second([&] { seen.push_back(scheduler.now()); });
  Call first([&] {
    seen.push_back(scheduler.now());
    scheduler.after(2ms, second);
  });
  scheduler.at(at(1ms), first);
  scheduler.run();
  CHECK(seen == std::vector{at(1ms), at(3ms)});
  CHECK(scheduler.idle());
}

TEST_CASE("the past is closed, the present is open, the clock ends") {
  Scheduler scheduler;
  int calls = 0;
  Call count([&] { ++calls; });
  Call event([&] {
    CHECK_THROWS_AS(scheduler.at(at(1ms - 1ns), count), std::logic_error);
    CHECK_THROWS_AS(scheduler.after(-1ns, count), std::logic_error);
    CHECK_THROWS_AS(scheduler.after(Duration::max(), count), std::overflow_error);
    scheduler.at(scheduler.now(), count);
    scheduler.after(Duration::max() - 1ms, count);
  });
  scheduler.at(at(1ms), event);
  scheduler.run();
  CHECK(calls == 2);
  CHECK(scheduler.now() == Instant::max());
}

TEST_CASE("a run until an end includes it, and moves the clock there if more is to come") {
  Scheduler scheduler;
  int calls = 0;
  Call count([&] { ++calls; });
  for (const Duration time : {1ms, 2ms, 4ms}) scheduler.at(at(time), count);
  scheduler.run_until(at(2ms));
  CHECK(calls == 2);
  CHECK(scheduler.now() == at(2ms));
  scheduler.run_until(at(3ms));
  CHECK(calls == 2);
  CHECK(scheduler.now() == at(3ms));
  CHECK_THROWS_AS(scheduler.at(at(3ms - 1ns), count), std::logic_error);
  scheduler.run_until(at(1ms));  // Past: the clock does not go back.
  CHECK(scheduler.now() == at(3ms));
  scheduler.run_until(at(9ms));
  CHECK(calls == 3);
  CHECK(scheduler.now() == at(4ms));  // Nothing more happens.
}

/// A timer that calls a function.
struct Alarm final : Timer {
  explicit Alarm(std::function<void()> f) : function(std::move(f)) {}
  void happen() override { function(); }
  std::function<void()> function;
};

TEST_CASE("a timer that is withdrawn never happens, one that is moved happens then alone") {
  Scheduler scheduler;
  std::vector<std::pair<char, Instant>> log;
  Alarm a([&] { log.emplace_back('a', scheduler.now()); });
  Alarm b([&] { log.emplace_back('b', scheduler.now()); });
  Alarm c([&] { log.emplace_back('c', scheduler.now()); });
  scheduler.withdraw(a);  // Not pending: nothing.
  scheduler.at(at(1ms), a);
  scheduler.at(at(2ms), b);
  scheduler.at(at(3ms), c);
  CHECK(b.pending());
  scheduler.withdraw(b);
  CHECK_FALSE(b.pending());
  scheduler.move(at(4ms), a);
  Call mover([&] { scheduler.move(at(2ms), c); });
  scheduler.at(at(1ms), mover);
  scheduler.run();
  CHECK(log == std::vector{std::pair{'c', at(2ms)}, std::pair{'a', at(4ms)}});
  CHECK_FALSE(a.pending());
  scheduler.move(at(5ms), a);  // Not pending: as at().
  scheduler.run();
  CHECK(log.back() == std::pair{'a', at(5ms)});
  CHECK_THROWS_AS(scheduler.at(at(5ms - 1ns), a), std::logic_error);
  scheduler.at(at(6ms), a);
  CHECK_THROWS_AS(scheduler.move(at(5ms - 1ns), a), std::logic_error);
  CHECK(a.pending());  // It stays where it is.
}

TEST_CASE("a timer may set itself again when it happens") {
  Scheduler scheduler;
  std::vector<Instant> seen;
  Alarm alarm([] {});
  alarm.function = [&] {
    CHECK_FALSE(alarm.pending());
    seen.push_back(scheduler.now());
    if (seen.size() < 3) scheduler.at(scheduler.now() + 2ms, alarm);
  };
  scheduler.at(at(1ms), alarm);
  scheduler.run();
  CHECK(seen == std::vector{at(1ms), at(3ms), at(5ms)});
}

TEST_CASE("nothing but withdrawn timers is nothing to happen") {
  Scheduler scheduler;
  Alarm alarm([] { FAIL("withdrawn"); });
  scheduler.at(at(5ms), alarm);
  CHECK_FALSE(scheduler.idle());
  scheduler.withdraw(alarm);
  CHECK(scheduler.idle());
  scheduler.run_until(at(9ms));
  CHECK(scheduler.now() == at(0ms));  // Nothing more happens, so the clock does not go on.
}

TEST_CASE("a stopped run goes on where it stopped") {
  Scheduler scheduler;
  int calls = 0;
  Call event([&] {
    ++calls;
    scheduler.stop();
  });
  for (int i = 0; i < 3; ++i) scheduler.at(at(1ms), event);
  scheduler.run();
  CHECK(calls == 1);
  CHECK(scheduler.stopped());
  CHECK_FALSE(scheduler.idle());
  scheduler.run_until(at(5ms));
  CHECK(calls == 2);
  CHECK(scheduler.now() == at(1ms));
}

}  // namespace
}  // namespace gossamer
