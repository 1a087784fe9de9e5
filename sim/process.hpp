// The coroutine types: Process, a node's program, and Task<T>, a sub-program that it may await.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "sim/event_queue.hpp"
#include "sim/message.hpp"
#include "sim/scheduler.hpp"

namespace gossamer {

/// An error in a program, with the node and the simulated time at which it surfaced.
class SimulationError : public std::runtime_error {
 public:
  SimulationError(NodeId node, Instant when, const std::string& what)
      : std::runtime_error("node " + std::to_string(node) + ", at " + to_string(when) + ": " + what) {}
  using std::runtime_error::runtime_error;
};

/// An error that ends its own program only. The others go on while they can, so how far each gets does
/// not depend on which message was faster. Then the run ends with the halt of the least round and,
/// among equals, node. Where programs share no rounds, and the others might go on for ever, the run ends
/// `at_once`.
class Halt : public SimulationError {
 public:
  Halt(NodeId node, std::int64_t round, Instant when, const std::string& what, bool ends_at_once = false)
      : SimulationError(node, when, what), rank(round, node), at_once(ends_at_once) {}
  std::pair<std::int64_t, NodeId> rank;  ///< Round and node.
  bool at_once;
};

/// A run ends when all programs in the main role have ended. Programs in the background are then left where
/// they stand: they serve the others, and may wait for them for ever.
enum class Role { main, background };

/// What the programs report to the simulation that runs them.
struct Course {
  std::exception_ptr error;  ///< The error of the program that stopped the run.
  std::exception_ptr halt;   ///< The first by rank.
  std::pair<std::int64_t, NodeId> rank{};
  std::int64_t running = 0;     ///< Programs in the main role that have not ended.
  std::int64_t background = 0;  ///< Programs in the background.
};

/// A node's program. It starts suspended, and is resumed only by the scheduler.
/// Owns its frame: destroying a Process ends the program and destroys its local variables.
class [[nodiscard]] Process {
 public:
  /// The promise is also the event that starts the program.
  struct promise_type final : Event {
    NodeId node = -1;  // These four are set by Simulation::spawn.
    Role role = Role::main;
    Scheduler* scheduler = nullptr;
    Course* course = nullptr;

    Process get_return_object() { return Process(Handle::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() noexcept { ended(); }
    void happen() override { Handle::from_promise(*this).resume(); }
    NodeId resumes() const override { return node; }

    /// Stops the run and keeps the error, with its place, for Simulation::run. It is not thrown
    /// from here: a sub-program's return, which must not throw, may be on the stack.
    void unhandled_exception() noexcept {
      try {
        throw;
      } catch (const Halt& halt) {
        if (!halt.at_once) return halted(halt);
        course->error = std::current_exception();
      } catch (const SimulationError&) {
        course->error = std::current_exception();
      } catch (const std::exception& error) {
        course->error = std::make_exception_ptr(SimulationError(node, scheduler->now(), error.what()));
      }
      scheduler->stop();
    }

   private:
    /// Keeps the exception that is being handled, if it is the first by rank.
    void halted(const Halt& halt) noexcept {
      ended();
      if (course->halt && course->rank < halt.rank) return;
      course->halt = std::current_exception();
      course->rank = halt.rank;
    }
    /// Stops the run if only programs in the background are left.
    void ended() noexcept {
      // NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): it does not see promises made.
      if (role == Role::main && --course->running == 0 && course->background > 0) scheduler->stop();
    }
  };
  using Handle = std::coroutine_handle<promise_type>;

  Process(Process&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Process& operator=(Process&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Process() {
    if (handle_) handle_.destroy();
  }

  promise_type& promise() const { return handle_.promise(); }
  bool done() const { return handle_.done(); }

 private:
  explicit Process(Handle handle) : handle_(handle) {}
  Handle handle_;
};

/// A sub-program that returns a T: `T value = co_await sub_program(self);`. Lazy; awaited once, where
/// it is made.
///
/// It returns to its caller by an ordinary call. Symmetric transfer, the textbook way, is a tail call with
/// g++ 12 only from -O2 on: a debug build would overflow the stack in a loop over sub-programs.
template <class T>
class [[nodiscard]] Task {
 public:
  struct promise_type {
    std::coroutine_handle<> caller;  // Null until the caller has suspended.
    std::optional<T> value;
    std::exception_ptr error;

    struct ReturnToCaller {
      bool await_ready() noexcept { return false; }
      void await_suspend(std::coroutine_handle<promise_type> finished) noexcept {
        if (const auto waiting = finished.promise().caller) waiting.resume();
      }
      void await_resume() noexcept {}
    };

    Task get_return_object() { return Task(Handle::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    ReturnToCaller final_suspend() noexcept { return {}; }
    void return_value(T result) { value.emplace(std::move(result)); }
    void unhandled_exception() noexcept { error = std::current_exception(); }
  };
  using Handle = std::coroutine_handle<promise_type>;

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const {
    handle_.resume();  // Runs the sub-program up to its first wait, or to its end.
    return handle_.done();
  }
  void await_suspend(std::coroutine_handle<> caller) noexcept { handle_.promise().caller = caller; }
  T await_resume() {
    if (handle_.promise().error) std::rethrow_exception(handle_.promise().error);
    return std::move(*handle_.promise().value);
  }

 private:
  explicit Task(Handle handle) : handle_(handle) {}
  Handle handle_;
};

}  // namespace gossamer
