#include "sim/pool.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace gossamer {

Pool::Pool(int threads) {
  if (threads < 1) throw std::invalid_argument("a pool has at least one thread");
  try {
    for (int i = 1; i < threads; ++i) workers_.emplace_back([this] { work(); });
  } catch (
      ...) {  // The system gives no more threads; those that have begun must end before they are destroyed.
    close();
    throw;
  }
}

Pool::~Pool() {
  close();
}

void Pool::close() {
  {
    const Lock lock(mutex_);
    closing_ = true;
  }
  work_arrived_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void Pool::submit(Job& job) {
  {
    const Lock lock(mutex_);
    job.state_ = Job::State::queued;
    queue_.push_back(&job);
  }
  if (!workers_.empty()) work_arrived_.notify_one();
}

void Pool::finish(Job& job) {
  Lock lock(mutex_);
  while (job.state_ != Job::State::done) {
    if (job.state_ == Job::State::queued) {
      // Jobs are mostly awaited in the order in which they were submitted, so this looks at one or two.
      queue_.erase(std::find(queue_.begin(), queue_.end(), &job));
      run(job, lock);
    } else if (!queue_.empty()) {
      run_first(lock);
    } else {
      job_done_.wait(lock);
    }
  }
  job.state_ = Job::State::idle;
  if (job.error_) std::rethrow_exception(std::exchange(job.error_, nullptr));
}

void Pool::discard(Job& job) noexcept {
  Lock lock(mutex_);
  if (job.state_ == Job::State::queued) queue_.erase(std::find(queue_.begin(), queue_.end(), &job));
  job_done_.wait(lock, [&] { return job.state_ != Job::State::running; });
  job.state_ = Job::State::idle;
}

void Pool::for_each(int count, const std::function<void(int)>& piece) {
  struct Piece final : Job {
    void run() override { (*function)(index); }
    const std::function<void(int)>* function = nullptr;
    int index = 0;
  };
  std::deque<Piece> pieces(static_cast<std::size_t>(std::max(count, 0)));
  for (int i = 0; i < count; ++i) {
    pieces[i].function = &piece;
    pieces[i].index = i;
    submit(pieces[i]);
  }
  std::exception_ptr first;
  for (Piece& job : pieces) {
    try {
      finish(job);
    } catch (...) {
      if (!first) first = std::current_exception();
    }
  }
  if (first) std::rethrow_exception(first);
}

void Pool::work() {
  Lock lock(mutex_);
  for (;;) {
    work_arrived_.wait(lock, [this] { return closing_ || !queue_.empty(); });
    if (closing_) return;
    run_first(lock);
  }
}

void Pool::run_first(Lock& lock) {
  Job& job = *queue_.front();
  queue_.pop_front();
  run(job, lock);
}

void Pool::run(Job& job, Lock& lock) {
  job.state_ = Job::State::running;
  lock.unlock();
  std::exception_ptr error;
  try {
    job.run();
  } catch (...) {
    error = std::current_exception();
  }
  lock.lock();
  job.error_ = std::move(error);
  job.state_ = Job::State::done;
  job_done_.notify_all();
}

}  // namespace gossamer
