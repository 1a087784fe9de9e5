#include "algorithms/problems/process/child.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>

#include "algorithms/problems/data/data_set.hpp"

namespace gossamer {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int channel = 3, shared_memory = 4;  // In the child.
constexpr milliseconds patience{2000};         // With a process that should end by itself.
constexpr std::size_t most_words = 4096;
/// So long a wait is spent awake: an idle processor takes longer to wake than a small model to answer.
constexpr std::chrono::microseconds awake{100};

std::string error_text(int number) {
  return std::generic_category().message(number);
}

Descriptor opened(int number, const char* what) {
  if (number < 0) throw ProcessError(fmt::format("{}: {}", what, error_text(errno)));
  return Descriptor(number);
}

/// Where gossamer_model.py is: beside this program in an installation, else where it was built from.
std::string python_client() {
  std::error_code ignored;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  const std::filesystem::path installed = program.parent_path().parent_path() / "share/gossamer/python";
  return std::filesystem::exists(installed / "gossamer_model.py", ignored) ? installed.string()
                                                                           : GOSSAMER_PYTHON_CLIENT;
}

/// This process's environment, with what a model's program needs. It is one of several processes, each of
/// which computes on one thread, so its libraries should not start more.
std::vector<std::string> environment_of_models() {
  std::vector<std::string> all;
  std::string python_path = python_client();
  if (const char* const given = std::getenv("PYTHONPATH"); given && *given) {
    python_path += std::string(":") + given;
  }
  for (char** entry = environ; *entry; ++entry) {
    if (std::string_view(*entry).starts_with("PYTHONPATH=")) continue;
    all.emplace_back(*entry);
  }
  all.push_back("PYTHONPATH=" + python_path);
  all.push_back(fmt::format("GOSSAMER_CHANNEL={}", channel));
  all.push_back(fmt::format("GOSSAMER_MEMORY={}", shared_memory));
  for (const char* const threads : {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"}) {
    if (!std::getenv(threads)) all.push_back(std::string(threads) + "=1");
  }
  return all;
}

/// What execve() takes.
std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

/// Becomes the command. Between fork and exec only such calls are allowed as signal handlers may make.
[[noreturn]] void become(const char* program, char* const* words, char* const* environment,
                         const char* folder, const std::array<int, 4>& files, int errors, pid_t parent) {
  const auto give_up = [&] {
    const int number = errno;
    (void)!::write(errors, &number, sizeof number);
    ::_exit(127);
  };
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  for (const int number : {SIGPIPE, SIGXFSZ}) ::signal(number, SIG_DFL);
  // First out of the way of 0 to 4, then into place. `errors` closes itself when the command starts.
  const int safe_errors = ::fcntl(errors, F_DUPFD_CLOEXEC, 16);
  if (safe_errors < 0) give_up();
  errors = safe_errors;
  std::array<int, 4> safe{};
  for (std::size_t k = 0; k < files.size(); ++k) {
    safe[k] = ::fcntl(files[k], F_DUPFD_CLOEXEC, 16);
    if (safe[k] < 0) give_up();
  }
  const std::array<int, 5> from{safe[0], safe[1], safe[1], safe[2], safe[3]};
  for (int k = 0; k < 5; ++k) {
    if (::dup2(from[static_cast<std::size_t>(k)], k) < 0) give_up();
  }
  ::close_range(5, 15, 0);
  ::close_range(16, ~0U, CLOSE_RANGE_CLOEXEC);
  if (*folder && ::chdir(folder) != 0) give_up();
  ::execve(program, words, environment);
  give_up();
  ::_exit(127);
}

bool is_program(const std::filesystem::path& file) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(file, ignored) && ::access(file.c_str(), X_OK) == 0;
}

std::string last_line(std::string_view text) {
  const std::size_t end = text.find_last_not_of(" \t\r\n");
  if (end == std::string_view::npos) return {};
  text = text.substr(0, end + 1);
  const std::size_t begin = text.find_last_of("\r\n");
  std::string line(begin == std::string_view::npos ? text : text.substr(begin + 1));
  constexpr std::size_t longest = 300;
  if (line.size() > longest) line.erase(0, line.size() - longest);
  std::ranges::replace_if(
      line, [](unsigned char c) { return c < ' ' || c == 127; }, ' ');
  return line;
}

int milliseconds_until(steady_clock::time_point deadline) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 1'000'000'000));
}

}  // namespace

std::string CommandLine::text() const {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::vector<std::string> CommandLine::files() const {
  if (is_ours) return {};
  std::vector<std::string> files;
  std::error_code ignored;
  for (const std::string& word : words) {
    if (std::filesystem::is_regular_file(path(word), ignored) &&
        std::ranges::find(files, word) == files.end()) {
      files.push_back(word);
    }
  }
  return files;
}

std::filesystem::path CommandLine::program() const {
  const std::string& name = words.front();
  if (name.find('/') != std::string::npos) return path(name);
  const char* const directories = std::getenv("PATH");
  std::string_view rest = directories ? directories : "/usr/bin:/bin";
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    auto candidate = std::filesystem::path(rest.substr(0, end)) / name;
    if (is_program(candidate)) return candidate;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {};
}

void CommandLine::require_program() const {
  const std::filesystem::path file = program();
  if (is_program(file)) return;
  if (is_ours) {
    throw DataError(
        fmt::format("this kind needs the program {}, which is not there; ./dev setup --networks and "
                    "./dev build make it",
                    words.front()),
        "kind");
  }
  std::error_code ignored;
  const std::string name = "'" + words.front() + "'",
                    why = std::filesystem::is_directory(file, ignored) ? name + " is a folder"
                          : std::filesystem::exists(file, ignored)     ? name + " may not be executed"
                                                                       : "there is no program " + name;
  throw DataError(
      "command: " + why + "; it takes a program of $PATH, or the path of one from where the scenario lies",
      "command");
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    close();
    number_ = std::exchange(other.number_, -1);
  }
  return *this;
}

void Descriptor::close() {
  if (number_ >= 0) ::close(std::exchange(number_, -1));
}

struct Starter::State {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::packaged_task<pid_t()>> queue;
  bool closing = false;
  std::thread thread;

  void work() {
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [this] { return closing || !queue.empty(); });
      if (queue.empty()) return;
      std::packaged_task<pid_t()> task = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      task();
      lock.lock();
    }
  }
};

Starter::Starter() : state_(std::make_unique<State>()) {}

Starter::~Starter() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->closing = true;
  }
  state_->changed.notify_all();
  if (state_->thread.joinable()) state_->thread.join();
}

pid_t Starter::operator()(std::packaged_task<pid_t()> start) {
  std::future<pid_t> result = start.get_future();
  {
    const std::lock_guard lock(state_->mutex);
    if (!state_->thread.joinable()) state_->thread = std::thread([state = state_.get()] { state->work(); });
    state_->queue.push_back(std::move(start));
  }
  state_->changed.notify_all();
  return result.get();
}

Child::Child(CommandLine command, Starter& starter, Duration timeout)
    : command_(std::move(command)), timeout_(timeout) {
  start(starter);
}

void Child::start(Starter& starter) {
  int ends[2], words[2], errors[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) opened(-1, "no channel to a process");
  socket_ = Descriptor(ends[0]);
  const Descriptor theirs(ends[1]);
  if (::pipe2(words, O_CLOEXEC) != 0) opened(-1, "no channel to a process");
  words_ = Descriptor(words[0]);
  const Descriptor their_words(words[1]);
  if (::pipe2(errors, O_CLOEXEC) != 0) opened(-1, "no channel to a process");
  const Descriptor error(errors[0]);
  Descriptor their_error(errors[1]);
  memory_ = opened(::memfd_create("gossamer", MFD_CLOEXEC | MFD_ALLOW_SEALING), "no memory to share");
  const Descriptor nothing = opened(::open("/dev/null", O_RDONLY | O_CLOEXEC), "/dev/null");
  ::fcntl(words_.get(), F_SETFL, O_NONBLOCK);

  std::vector<std::string> environment = environment_of_models(), command = command_.words;
  const std::vector<char*> variables = pointers(environment), arguments = pointers(command);
  const std::string program = std::filesystem::absolute(command_.program()).string(),
                    folder = command_.folder.string();
  const std::array<int, 4> files{nothing.get(), their_words.get(), theirs.get(), memory_.get()};
  pid_ = starter(std::packaged_task<pid_t()>([&] {
    const pid_t parent = ::getpid(), pid = ::fork();
    if (pid == 0) {
      become(program.c_str(), arguments.data(), variables.data(), folder.c_str(), files, their_error.get(),
             parent);
    }
    return pid;
  }));
  if (pid_ < 0) throw ProcessError(fmt::format("{}: cannot be started: no process", command_.text()));
  ::setpgid(pid_, pid_);
  process_ = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  their_error.close();
  int number = 0;
  if (::read(error.get(), &number, sizeof number) == sizeof number) {  // Else the command runs.
    ::waitpid(pid_, nullptr, 0);
    throw ProcessError(fmt::format("{}: cannot be started: {}", command_.text(), error_text(number)));
  }
}

Child::~Child() {
  hang_up();
  if (mapped_) ::munmap(mapped_, mapped_size_);
  pollfd ended{process_.get(), POLLIN, 0};
  const auto deadline = steady_clock::now() + (failed_ ? milliseconds(0) : patience);
  while (::poll(&ended, 1, milliseconds_until(deadline)) < 0 && errno == EINTR) {
  }
  ::kill(-pid_, SIGKILL);  // It, and what it has started and left.
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::byte* Child::map_memory(std::size_t size) {
  // Sealed, so that no read here can fail, whatever the other side does.
  if (::ftruncate(memory_.get(), static_cast<off_t>(size)) != 0 ||
      ::fcntl(memory_.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    fail("no memory to share: " + error_text(errno));
  }
  void* const mapped = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, memory_.get(), 0);
  if (mapped == MAP_FAILED) fail("no memory to share: " + error_text(errno));
  mapped_ = static_cast<std::byte*>(mapped);
  mapped_size_ = size;
  return mapped_;
}

BytesView Child::call(MessageKind kind, BytesView message) {
  const Time deadline = steady_clock::now() + std::min<Duration>(timeout_, std::chrono::hours(24 * 365));
  send(message, deadline);
  received_ = 0;
  std::size_t wanted = MessageHeader::size;
  MessageHeader header{0, kind};
  constexpr std::size_t step = 65536;
  while (received_ < wanted) {
    wait_for(POLLIN, deadline);
    inbox_.resize(received_ + step);
    const ssize_t count = ::recv(socket_.get(), inbox_.data() + received_, step, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (count <= 0) fail_as_ended();
    received_ += static_cast<std::size_t>(count);
    if (wanted > MessageHeader::size || received_ < wanted) continue;
    try {
      header = read_header(BytesView(inbox_).first(wanted));
    } catch (const ProtocolError& error) {
      fail(error.what());
    }
    wanted += header.body_size;
  }
  if (received_ > wanted) fail("it sends more than one reply to a call");
  const BytesView body = BytesView(inbox_).subspan(MessageHeader::size, header.body_size);
  if (header.kind == MessageKind::failure) {
    std::string text(reinterpret_cast<const char*>(body.data()), std::min(body.size(), most_words));
    std::ranges::replace_if(
        text, [](char c) { return c == '\n' || c == '\r'; }, ' ');
    failed_ = true;
    const std::string line = last_line(text);
    throw ProcessError(fmt::format("{}: it says{}", command_.text(),
                                   line.empty() ? " that it failed, and not why" : ": " + line));
  }
  if (header.kind == kind) return body;
  fail(fmt::format("it answers with a message of kind {}; it should be of kind {}",
                   static_cast<std::uint32_t>(header.kind), static_cast<std::uint32_t>(kind)));
}

void Child::send(BytesView message, Time deadline) {
  while (!message.empty()) {
    const ssize_t count = ::send(socket_.get(), message.data(), message.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count >= 0) {
      message = message.subspan(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      wait_for(POLLOUT, deadline);
    } else if (errno != EINTR) {
      fail_as_ended();
    }
  }
}

void Child::wait_for(short events, Time deadline) {
  const Time sleep = steady_clock::now() + awake;
  for (;;) {
    pollfd ready[] = {{socket_.get(), events, 0}, {words_.get(), POLLIN, 0}, {process_.get(), POLLIN, 0}};
    const int left = milliseconds_until(deadline);
    const bool is_awake = steady_clock::now() < sleep;
    const int count = ::poll(ready, std::size(ready), is_awake ? 0 : left);
    if (count == 0 && is_awake) ::sched_yield();  // To the process itself, if it waits for this processor.
    if (count < 0 && errno != EINTR) fail("it cannot be waited for: " + error_text(errno));
    if (count > 0) {
      if ((ready[1].revents & POLLIN) != 0) {
        hear();
      } else if (ready[1].revents != 0) {
        words_.close();  // It will say no more.
      }
      if (ready[0].revents != 0) return;
      if (ready[2].revents != 0) fail_as_ended();
    }
    if (left == 0) fail(fmt::format("it has not answered for {}", text_of(timeout_)));
  }
}

bool Child::hear() {
  std::array<char, 65536> heard;
  const ssize_t count = ::read(words_.get(), heard.data(), heard.size());
  if (count <= 0) return false;
  last_words_.append(heard.data(), static_cast<std::size_t>(count));
  if (last_words_.size() > most_words) last_words_.erase(0, last_words_.size() - most_words);
  return true;
}

void Child::fail(const std::string& why) {
  for (int k = 0; k < 100 && hear(); ++k) {  // Not for ever, if it never stops.
  }
  failed_ = true;
  const std::string words = last_line(last_words_);
  throw ProcessError(
      fmt::format("{}: {}{}", command_.text(), why, words.empty() ? "" : "; its last words: " + words));
}

void Child::fail_as_ended() {
  pollfd ended{process_.get(), POLLIN, 0};
  (void)::poll(&ended, 1, static_cast<int>(patience.count()));
  siginfo_t info{};
  if (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) {
    fail("it has closed its channel");
  }
  if (info.si_code == CLD_EXITED) fail(fmt::format("it ended, with exit code {}", info.si_status));
  fail(fmt::format("it was killed by signal {} ({})", info.si_status, ::strsignal(info.si_status)));
}

}  // namespace gossamer
