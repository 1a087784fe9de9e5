// Child: a command that runs beside this process, with a channel to it.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "algorithms/problems/process/protocol.hpp"
#include "sim/units.hpp"

namespace gossamer {

/// What to run, and where.
struct CommandLine {
  std::vector<std::string> words;
  std::filesystem::path folder;  ///< In which it runs; "": the present one.
  bool is_ours = false;          ///< Part of Gossamer: no file that a scenario names.

  /// "python3 my_model.py".
  std::string text() const;
  /// Those of its words that are files, as they stand there.
  std::vector<std::string> files() const;
  std::filesystem::path path(const std::string& file) const { return folder / file; }
  /// The file of its first word: looked for as a shell does, or from the folder if the word has a '/'.
  std::filesystem::path program() const;
  /// Throws DataError where there is no program of this name.
  void require_program() const;
};

/// A process did not do what it should: it died, hangs or breaks the protocol. One line, which begins with
/// the command and ends with its last words.
class ProcessError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A file descriptor, closed at the end.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor() { close(); }
  void close();
  int get() const { return number_; }

 private:
  int number_;
};

/// Starts processes, on a thread of its own: Linux ends a process when the thread that started it ends, and
/// the threads that compute come and go. Any thread may use it.
class Starter {
 public:
  Starter();
  ~Starter();
  /// Calls `start` on that thread, and gives what it gives.
  pid_t operator()(std::packaged_task<pid_t()> start);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Runs until this object ends, and never longer than this process lives. The channel is a socket, which the
/// command finds as file descriptor 3; 4 is memory that both share. What it writes to standard output and
/// standard error is kept as its last words. Its standard input is empty.
class Child {
 public:
  /// Throws ProcessError where the command cannot be started.
  Child(CommandLine command, Starter& starter, Duration timeout);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  /// Waits a little for it to end by itself, unless it has failed; then kills it and all that it has started.
  ~Child();

  /// Sends a message and gives the body of its reply, valid until the next call. Throws ProcessError where
  /// none of this kind comes in time.
  BytesView call(MessageKind kind, BytesView message);

  /// Gives the shared memory this size, once and for all, and maps it here. All zeros.
  std::byte* map_memory(std::size_t size);

  /// Says that no more calls will come.
  void hang_up() { socket_.close(); }

  [[noreturn]] void fail(const std::string& why);

 private:
  using Time = std::chrono::steady_clock::time_point;
  void start(Starter& starter);
  void send(BytesView message, Time deadline);
  /// Waits until the socket is ready for `events`, and collects last words meanwhile.
  void wait_for(short events, Time deadline);
  /// Takes what there is of its words, and says whether there was any.
  bool hear();
  [[noreturn]] void fail_as_ended();

  CommandLine command_;
  Duration timeout_;
  Descriptor socket_, words_, memory_, process_;
  pid_t pid_ = -1;
  std::byte* mapped_ = nullptr;
  std::size_t mapped_size_ = 0;
  MessageBytes inbox_;
  std::size_t received_ = 0;  ///< How much of the inbox is there.
  std::string last_words_;
  bool failed_ = false;
};

}  // namespace gossamer
