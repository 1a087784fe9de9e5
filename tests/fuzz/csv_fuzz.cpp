// Any bytes are a table, or a DataError.
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>

#include "algorithms/problems/data/csv.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gossamer;
  std::istringstream stream(std::string(reinterpret_cast<const char*>(data), size));
  try {
    (void)read_csv(stream, "fuzz");
  } catch (const DataError&) {
  }
  return 0;
}
