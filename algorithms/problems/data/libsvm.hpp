// Reading LIBSVM text: one row a line, `label index:value index:value ...`, indices from 1, absent ones zero.
#pragma once

#include <istream>
#include <string_view>

#include "algorithms/problems/data/data_set.hpp"

namespace gossamer {

/// Reads rows to the end of `in`. Indices increase strictly within a line; labels and values are finite
/// decimal numbers; fields are separated by blanks or tabs; a line may be a label alone, may end with blanks
/// and with CR LF. The number of columns is `dimension`, or the largest index where that is 0 (at least 1).
/// Safe on any bytes. Throws DataError, its message beginning with `name:line:`, where a line is anything
/// else or has an index above `dimension`, and where there are no lines.
LabelledRows read_libsvm(std::istream& in, std::string_view name, Index dimension = 0);

}  // namespace gossamer
