// Reading the binary format of CIFAR-10: records of a byte for the label and 3 x 32 x 32 bytes of pixels.
#pragma once

#include <cstdint>
#include <istream>
#include <string_view>
#include <vector>

namespace gossamer {

/// What batches of records hold.
struct CifarRecords {
  static constexpr std::size_t pixels = 3072;  ///< Of an image, 32 x 32: red, green, blue, each row by row.
  static constexpr int classes = 10;

  std::vector<std::uint8_t> images;  ///< [record, pixel]
  std::vector<double> labels;        ///< [record], in {0, ..., 9}
};

/// Adds all records of `in`, which is safe to be any bytes. Throws DataFileError, its message beginning with
/// `name:`, where a label is no class, the last record is cut, or there is none.
void read_cifar_batch(std::istream& in, std::string_view name, CifarRecords& records);

}  // namespace gossamer
