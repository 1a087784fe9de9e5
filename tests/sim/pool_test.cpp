#include "sim/pool.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <semaphore>
#include <string>
#include <vector>

#include "tests/sim/support.hpp"

namespace gossamer {
namespace {

struct Job final : Pool::Job {
  explicit Job(std::function<void()> f = [] {}) : function(std::move(f)) {}
  void run() override { function(); }
  std::function<void()> function;
};

/// Holds who waits at it until it is opened; ten seconds at most, so that a broken pool fails instead of
/// hanging.
class Gate {
 public:
  void open() { open_.release(); }
  bool wait() { return open_.try_acquire_for(10s); }

 private:
  std::binary_semaphore open_{0};
};

TEST_CASE("every piece is done once, on any number of threads") {
  Pool pool(GENERATE(1, 2, 4));
  std::vector<int> done(1'000);
  for (int round = 0; round < 20; ++round) {
    pool.for_each(1'000, [&](int i) { done[i] += i; });
  }
  for (int i = 0; i < 1'000; ++i) REQUIRE(done[i] == 20 * i);
  pool.for_each(0, [](int) { FAIL("nothing to do"); });
}

TEST_CASE("a pool has at least one thread") {
  CHECK_THROWS_AS(Pool(0), std::invalid_argument);
  CHECK(Pool(1).threads() == 1);
  CHECK(Pool(3).threads() == 3);
}

TEST_CASE("an exception waits for who finishes the job, and is thrown once") {
  Pool pool(GENERATE(1, 2, 4));
  Job bad([] { throw std::domain_error("bad"); });
  Job good;
  pool.submit(bad);
  pool.submit(good);
  CHECK_NOTHROW(pool.finish(good));
  CHECK_THROWS_AS(pool.finish(bad), std::domain_error);
  bad.function = [] {};
  pool.submit(bad);  // Jobs may be used again.
  CHECK_NOTHROW(pool.finish(bad));
}

TEST_CASE("of many exceptions the lowest-numbered piece's is thrown, when all pieces are done") {
  Pool pool(GENERATE(1, 2, 4));
  std::atomic<int> done = 0;
  const auto piece = [&](int i) {
    ++done;
    if (i % 10 == 7) throw std::runtime_error(std::to_string(i));
  };
  CHECK_THROWS_WITH(pool.for_each(100, piece), "7");
  CHECK(done == 100);
}

TEST_CASE("a discarded job that waits is never run") {
  Pool pool(1);
  int runs = 0;
  Job unwanted([&] { ++runs; });
  Job wanted;
  pool.discard(unwanted);  // Never submitted.
  pool.submit(unwanted);
  pool.submit(wanted);
  pool.discard(unwanted);
  pool.finish(wanted);
  CHECK(runs == 0);
}

TEST_CASE("discarding a job that runs waits for it, and drops its exception") {
  Pool pool(2);
  Gate started;
  std::atomic<bool> finished = false;
  Job job([&] {
    started.open();
    std::this_thread::sleep_for(10ms);
    finished = true;
    throw std::domain_error("dropped");
  });
  pool.submit(job);
  REQUIRE(started.wait());
  pool.discard(job);
  CHECK(finished);
  job.function = [] {};
  pool.submit(job);
  CHECK_NOTHROW(pool.finish(job));
}

TEST_CASE("who waits for a job helps with the others") {
  // The pool's other thread is held until all the other jobs are done: only the caller can do them.
  Pool pool(2);
  Gate started, others_done;
  std::atomic<int> others = 0;
  Job held([&] {
    started.open();
    others_done.wait();
  });
  pool.submit(held);
  REQUIRE(started.wait());
  const auto count = [&] {
    if (++others == 10) others_done.open();
  };
  std::deque<Job> jobs;
  for (int i = 0; i < 10; ++i) pool.submit(jobs.emplace_back(count));
  pool.finish(held);
  CHECK(others == 10);
  for (Job& job : jobs) pool.finish(job);
}

TEST_CASE("pieces, finished and discarded jobs may be mixed") {
  Pool pool(GENERATE(1, 2, 4));
  std::atomic<int> sum = 0;
  int expected = 0;
  for (int round = 0; round < 200; ++round) {
    std::deque<Job> jobs;
    for (int i = 0; i < 16; ++i) pool.submit(jobs.emplace_back([&sum] { ++sum; }));
    pool.for_each(16, [&](int) { ++sum; });
    for (int i = 15; i >= 0; --i) pool.finish(jobs[static_cast<std::size_t>(i)]);
    expected += 32;
    REQUIRE(sum == expected);
    std::deque<Job> discarded;
    for (int i = 0; i < 8; ++i) pool.submit(discarded.emplace_back([] {}));
    for (Job& job : discarded) pool.discard(job);
  }
}

}  // namespace
}  // namespace gossamer
