#include "scenarios/lab/trace/output_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

namespace gossamer {

std::filesystem::path temporary_for(const std::filesystem::path& path) {
  return path.parent_path() / ("." + path.filename().string() + "." + std::to_string(::getpid()) + ".tmp");
}

std::string name_of_temporary(const std::string& file) {
  constexpr std::string_view ending = ".tmp";
  if (!file.starts_with('.') || !file.ends_with(ending)) return "";
  const std::string name_and_process = file.substr(1, file.size() - 1 - ending.size());
  const std::size_t process = name_and_process.rfind('.');
  return process == std::string::npos ? "" : name_and_process.substr(0, process);
}

OutputFile::OutputFile(std::filesystem::path path, Content content, std::filesystem::path name)
    : path_(std::move(path)),
      name_(name.empty() ? path_ : std::move(name)),
      file_(::open(path_.c_str(),
                   O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (content == Content::keep ? 0 : O_TRUNC),
                   0666)) {
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
  return ::flock(file_, LOCK_EX | LOCK_NB) == 0;
}

void OutputFile::rename(const std::filesystem::path& path) {
  if (::fsync(file_) != 0) fail("cannot be flushed to disk");
  if (::close(std::exchange(file_, -1)) != 0 || ::rename(path_.c_str(), path.c_str()) != 0) {
    fail("cannot be put in place");
  }
}

}  // namespace gossamer
