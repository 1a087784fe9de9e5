// Files that are written piece by piece, with errors that name them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace gossamer {

/// Where this thread writes what is to become the file `path`: ".NAME.PID.tmp", beside it, or
/// ".NAME.PID-2.tmp": two threads may be led to one file.
std::filesystem::path temporary_for(const std::filesystem::path& path);
/// NAME, if a file's name is that of such a temporary one, of whatever process; else "".
std::string name_of_temporary(const std::string& file);
/// Whether the process that wrote this temporary file has ended, for all that can be known here.
bool is_leftover(const std::filesystem::path& temporary);
/// Removes what processes that have ended have left of writing the file `path`.
void remove_leftovers(const std::filesystem::path& path);

/// What tells a file from all others, also from later ones of its name.
struct FileStamp {
  std::uint64_t device = 0, node = 0;
  std::int64_t changed = 0;  ///< ns.
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};
/// All 0 where there is no file.
FileStamp stamp_of(const std::filesystem::path& path);

/// Whether a lock was refused, with this errno, because the file system has none.
bool lacks_locks(int error);

/// A file open for writing, without a buffer: at any moment it holds what was written. Members throw
/// std::system_error, "NAME: cannot be written: REASON", where the system refuses.
class OutputFile {
 public:
  enum class Content { discard, keep };

  /// Opens `path`, or creates it, and writes behind what is kept. Errors name `name`, by default the path.
  OutputFile(std::filesystem::path path, Content content, std::filesystem::path name = {});
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  void write(std::span<const std::byte> bytes);
  void clear();
  std::int64_t size() const;

  /// Whether no other process has locked the file; until it is closed this one has, if the file system has
  /// locks.
  bool lock();

  /// Flushes to disk and closes, then gives the file the name `path`, in place of what is there. From then
  /// on, after a crash too, the name stands for the whole file.
  void rename(const std::filesystem::path& path);

 private:
  [[noreturn]] void fail(const char* what) const;

  std::filesystem::path path_, name_;
  int file_;
};

}  // namespace gossamer
