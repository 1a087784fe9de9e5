// Matrix Market files: sparse matrices as SciPy, SuiteSparse and Network Repository have them.
#pragma once

#include <vector>

#include "sim/input_file.hpp"

namespace gossamer {

/// A matrix by its entries, numbered from 0. Those of a symmetric one are all there, on both sides.
struct CoordinateMatrix {
  struct Entry {
    int row, column;
    double value;
    int line;
  };
  int rows = 0, columns = 0;
  bool symmetric = false;        ///< As the file says.
  std::vector<Entry> entries{};  ///< Those of a pattern are 1.
};

/// Whether the file begins as Matrix Market files do.
bool is_matrix_market(const InputFile& file);

/// Reads `%%MatrixMarket matrix coordinate`, of real, integer or pattern entries, general or symmetric.
/// Throws InputFileError, "file:line:column: what; what is allowed".
CoordinateMatrix read_matrix_market(const InputFile& file);

}  // namespace gossamer
