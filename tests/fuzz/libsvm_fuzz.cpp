// Any bytes are rows in LIBSVM's format, or a DataError.
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>

#include "algorithms/problems/data/libsvm.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gossamer;
  std::istringstream stream(std::string(reinterpret_cast<const char*>(data), size));
  try {
    (void)read_libsvm(stream, "fuzz");
  } catch (const DataError&) {
  }
  return 0;
}
