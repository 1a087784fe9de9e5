#include "scenarios/lab/trace/output_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>

namespace gossamer {

std::filesystem::path temporary_for(const std::filesystem::path& path) {
  constexpr std::size_t longest = 220;  // Of the 255 bytes that a file's name may have.
  const std::string name = path.filename().string();
  static std::atomic<int> threads = 0;
  thread_local const int thread = threads++;
  const std::string writer = std::to_string(::getpid()) + (thread > 0 ? "-" + std::to_string(thread) : "");
  return path.parent_path() / ("." + name.substr(0, longest) + "." + writer + ".tmp");
}

std::string name_of_temporary(const std::string& file) {
  constexpr std::string_view ending = ".tmp";
  if (!file.starts_with('.') || !file.ends_with(ending)) return "";
  const std::string name_and_process = file.substr(1, file.size() - 1 - ending.size());
  const std::size_t process = name_and_process.rfind('.');
  return process == std::string::npos ? "" : name_and_process.substr(0, process);
}

bool is_leftover(const std::filesystem::path& temporary) {
  const std::string file = temporary.filename().string();
  const std::size_t end = file.rfind('.'), begin = file.rfind('.', end - 1) + 1;
  const int process = std::atoi(file.substr(begin, end - begin).c_str());
  const bool has_ended = process > 0 && ::kill(process, 0) != 0 && errno == ESRCH;
  // Of other machines' processes nothing is known but that they do not write for an hour.
  std::error_code ignored;
  const auto age =
      std::filesystem::file_time_type::clock::now() - std::filesystem::last_write_time(temporary, ignored);
  return has_ended && age > std::chrono::hours(1);
}

void remove_leftovers(const std::filesystem::path& path) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const fs::path folder = path.has_parent_path() ? path.parent_path() : ".";
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    if (name_of_temporary(entry.path().filename().string()) != path.filename().string()) continue;
    if (is_leftover(entry.path())) fs::remove(entry.path(), ignored);
  }
}

namespace {

/// A file of this name that somebody else has put there, perhaps a link to another, is not written through.
int open_for_writing(const std::filesystem::path& path, OutputFile::Content content) {
  constexpr int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
  if (content == OutputFile::Content::keep) return ::open(path.c_str(), flags, 0666);
  ::unlink(path.c_str());
  return ::open(path.c_str(), flags | O_EXCL, 0666);
}

}  // namespace

FileStamp stamp_of(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return {status.st_dev, status.st_ino, status.st_ctim.tv_sec * 1'000'000'000 + status.st_ctim.tv_nsec};
}

bool lacks_locks(int error) {
  return error == ENOLCK || error == ENOSYS || error == EOPNOTSUPP;
}

OutputFile::OutputFile(std::filesystem::path path, Content content, std::filesystem::path name)
    : path_(std::move(path)),
      name_(name.empty() ? path_ : std::move(name)),
      file_(open_for_writing(path_, content)) {
  if (file_ < 0) fail("cannot be written");
}

OutputFile::~OutputFile() {
  if (file_ >= 0) ::close(file_);
}

void OutputFile::fail(const char* what) const {
  throw std::system_error(errno, std::generic_category(), name_.string() + ": " + what);
}

void OutputFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("cannot be written");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void OutputFile::clear() {
  if (::ftruncate(file_, 0) != 0) fail("cannot be written");
}

std::int64_t OutputFile::size() const {
  struct stat status {};
  if (::fstat(file_, &status) != 0) fail("cannot be read");
  return status.st_size;
}

bool OutputFile::lock() {
  return ::flock(file_, LOCK_EX | LOCK_NB) == 0 || lacks_locks(errno);
}

void OutputFile::rename(const std::filesystem::path& path) {
  if (::fsync(file_) != 0) fail("cannot be flushed to disk");
  if (::close(std::exchange(file_, -1)) != 0 || ::rename(path_.c_str(), path.c_str()) != 0) {
    fail("cannot be put in place");
  }
}

}  // namespace gossamer
