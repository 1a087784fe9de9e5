#include "sim/process.hpp"

#include <catch2/catch.hpp>

#include "tests/sim/support.hpp"

namespace gossamer {
namespace {

Task<int> plus_one(int x) {
  co_return x + 1;
}
Task<int> plus_one_later(Worker self, int x) {
  co_await self.sleep(1ns);
  co_return x + 1;
}
/// Sub-programs of sub-programs, `depth` deep.
Task<int> sum_to(Worker self, int depth) {
  if (depth == 0) co_return 0;
  const int rest = co_await sum_to(self, depth - 1);
  co_await self.sleep(1ns);
  co_return rest + depth;
}
Task<std::string> fail(Worker self, Duration delay) {
  co_await self.sleep(delay);
  throw std::runtime_error("no luck");
}

/// Runs one program on one node.
template <class Program, class Result>
Instant run_alone(Program program, Result& result) {
  World world(Adjacency(1, Edges{}));
  world.spawn(0, program, result);
  world->run();
  return world->now();
}

TEST_CASE("a million sub-programs in turn do not fill the stack") {
  // Whether they return at once, or later. Symmetric transfer without optimization does overflow.
  constexpr int count = 1'000'000;
  int sum = 0;
  const auto at_once = [](Worker, int& x) -> Process {
    while (x < count) x = co_await plus_one(x);
  };
  CHECK(run_alone(at_once, sum) == at(0ns));
  CHECK(sum == count);
  sum = 0;
  const auto later = [](Worker self, int& x) -> Process {
    while (x < count) x = co_await plus_one_later(self, x);
  };
  CHECK(run_alone(later, sum) == at(1ns * count));
  CHECK(sum == count);
}

TEST_CASE("sub-programs may have sub-programs") {
  int sum = 0;
  const auto program = [](Worker self, int& x) -> Process { x = co_await sum_to(self, 100); };
  CHECK(run_alone(program, sum) == at(100ns));
  CHECK(sum == 5050);
}

TEST_CASE("an exception in a sub-program is its caller's to catch") {
  const Duration delay = GENERATE(0ms, 2ms);
  struct {
    Duration delay;
    std::string text;
  } log{delay, ""};
  const auto program = [](Worker self, decltype(log)& seen) -> Process {
    try {
      seen.text = co_await fail(self, seen.delay);
    } catch (const std::runtime_error& error) {
      seen.text = error.what();
    }
    co_await self.sleep(1ms);
  };
  CHECK(run_alone(program, log) == at(delay + 1ms));
  CHECK(log.text == "no luck");
}

TEST_CASE("an exception that no program catches names node and time") {
  const Duration delay = GENERATE(0ms, 2ms);
  const auto program = [](Worker self, Duration d) -> Process { co_await fail(self, d); };
  World world(path(2));
  world.spawn(1, program, delay);
  CHECK(error_of<SimulationError>([&] { world->run(); }) == "node 1, at " + to_string(delay) + ": no luck");
}

TEST_CASE("a program starts when the scheduler says, and dies with its Process") {
  const auto token = std::make_shared<int>();
  const auto program = [](std::shared_ptr<int> held, bool& started) -> Process {
    started = true;
    co_await std::suspend_always{};
    *held = 1;
  };
  bool started = false;
  {
    Process first = program(token, started);
    CHECK_FALSE(started);
    first.promise().happen();
    CHECK(started);
    Process second = std::move(first);
    CHECK_FALSE(second.done());
    CHECK(token.use_count() == 2);
  }
  CHECK(token.use_count() == 1);
}

}  // namespace
}  // namespace gossamer
