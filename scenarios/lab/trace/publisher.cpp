#include "scenarios/lab/trace/publisher.hpp"

#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

namespace gossamer {

Publisher::Publisher(std::filesystem::path path)
    : path_(std::move(path)), last_written_(stamp_of(path_)), is_new_(last_written_ == FileStamp{}) {}

void Publisher::publish(const Trace& trace) {
  if (!is_new_ || Clock::now() - last_ < std::chrono::seconds(20)) return;
  last_ = Clock::now();
  if (stamp_of(path_) != last_written_) {  // Another process has made the run, or begun to.
    is_new_ = false;
    return;
  }
  try {
    replace_file(path_, to_hdf5(trace));
    last_written_ = stamp_of(path_);
  } catch (const std::system_error&) {  // The run goes on.
  }
}

void Publisher::finish(const Trace& trace) const {
  const auto bytes = to_hdf5(trace);
  for (int tries = 10;; --tries) {
    try {
      return replace_file(path_, bytes);
    } catch (const std::system_error& error) {
      const int code = error.code().value();
      if (tries == 0 || (code != ENOSPC && code != EDQUOT)) throw;
      std::this_thread::sleep_for(std::chrono::seconds(1));
    }
  }
}

}  // namespace gossamer
