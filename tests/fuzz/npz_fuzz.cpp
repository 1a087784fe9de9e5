// Any bytes are arrays of NumPy, or a DataError.
#include <cstddef>
#include <cstdint>

#include "algorithms/problems/data/npz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gossamer;
  try {
    (void)read_npz({reinterpret_cast<const char*>(data), size}, "fuzz");
  } catch (const DataError&) {
  }
  return 0;
}
