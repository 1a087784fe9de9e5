// Pool: the threads that compute while simulated time stands still.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace gossamer {

/// Runs jobs on `threads` threads, the calling one included: it helps whenever it waits. What a job computes
/// must not depend on when or where it runs. All members are called by one thread, the owner's.
class Pool {
 public:
  /// A piece of work. It belongs to its owner, who must discard it before destroying it while it is pending.
  class Job {
   public:
    virtual void run() = 0;

   protected:
    Job() = default;
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;
    ~Job() = default;

   private:
    friend class Pool;
    enum class State { idle, queued, running, done } state_ = State::idle;
    std::exception_ptr error_;
  };

  /// `threads` >= 1. Throws std::invalid_argument otherwise, and std::system_error if a thread
  /// cannot be made.
  explicit Pool(int threads);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool();

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  /// Hands `job` over; any thread may run it from now on.
  void submit(Job& job);

  /// Returns when `job`, submitted before, is done, and helps until then. Rethrows what it threw.
  void finish(Job& job);

  /// After this nobody runs `job` nor will. Takes it back if it waits, waits for it if it runs.
  void discard(Job& job) noexcept;

  /// Calls piece(0), ..., piece(count - 1), each once, in any order and on any thread; returns when all are
  /// done. Rethrows the exception of the lowest-numbered piece that threw.
  void for_each(int count, const std::function<void(int)>& piece);

 private:
  using Lock = std::unique_lock<std::mutex>;
  void work();
  void close();
  void run_first(Lock& lock);
  void run(Job& job, Lock& lock);

  std::mutex mutex_;
  std::condition_variable work_arrived_;
  std::condition_variable job_done_;
  std::deque<Job*> queue_;
  bool closing_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace gossamer
