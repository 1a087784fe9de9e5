// HDF5: whose turn it is, handles of its objects, and errors for its refusals.
#pragma once

#include <hdf5.h>

#include <mutex>
#include <stdexcept>
#include <utility>

namespace gossamer {

/// To be held while HDF5 works. Some builds of it serve one thread at a time; the others take a lock in each
/// function, which is slow where threads meet. Its errors come as exceptions then, not on standard error.
[[nodiscard]] inline std::unique_lock<std::mutex> turn_of_hdf5() {
  static std::mutex mutex;
  std::unique_lock turn(mutex);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  return turn;
}

/// An HDF5 identifier that is closed when it goes out of scope.
class Handle {
 public:
  Handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {
    if (id < 0) throw std::runtime_error("HDF5 refuses a part of the trace");
  }
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)), close_(other.close_) {}
  Handle& operator=(Handle&&) = delete;
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }
  operator hid_t() const { return id_; }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

inline void require(herr_t status) {
  if (status < 0) throw std::runtime_error("HDF5 refuses a part of the trace");
}

}  // namespace gossamer
