// Any bytes are images in the IDX format, or a DataError.
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>

#include "algorithms/problems/data/idx.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gossamer;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  try {
    std::istringstream images(bytes);
    (void)read_idx_images(images, "fuzz");
  } catch (const DataError&) {
  }
  try {
    std::istringstream labels(bytes);
    (void)read_idx_labels(labels, "fuzz");
  } catch (const DataError&) {
  }
  return 0;
}
