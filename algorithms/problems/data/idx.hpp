// Reading IDX, the binary format of MNIST: a magic number, sizes, then unsigned bytes;
// integers are big-endian.
#pragma once

#include <cstdint>
#include <istream>
#include <string_view>
#include <vector>

#include "algorithms/problems/data/data_set.hpp"

namespace gossamer {

/// Images: magic 2051; count, rows, columns; then count x rows x columns pixels. An image becomes a row.
/// Both read `in` to its end, are safe on any bytes, and throw DataError, its message beginning with `name:`,
/// where the magic differs, an image is empty, or there are fewer or more bytes than the sizes say.
DenseRows<std::uint8_t> read_idx_images(std::istream& in, std::string_view name);

/// Labels: magic 2049; count; then a byte for each label.
std::vector<std::uint8_t> read_idx_labels(std::istream& in, std::string_view name);

}  // namespace gossamer
