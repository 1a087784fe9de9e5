// Sparse matrices stored for one purpose: y = M x as fast as memory and summation in a fixed order allow.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "algorithms/vectors/vector.hpp"

namespace gossamer {

/// Any number of sparse matrices M in the same few arrays, as there may be a million small ones.
///
/// Row by row, M x would be many short loops whose ends the processor cannot foresee. Here four sums run side
/// by side, and sums of one length follow each other: a slice has four lanes; a row of many entries has a
/// slice to itself, its k-th entry in lane k mod 4; other rows stand four to a slice, one in each lane. Lanes
/// are padded with entries that point behind the last column, where x holds a zero. A lane is summed from
/// first to last, the lanes of a row as (0 + 1) + (2 + 3).
class SlicedMatrices {
 public:
  static constexpr Index most_columns = 65535;  ///< 16 bits number the columns and the zero behind them.

  /// Row r has the entries offsets[r], ..., offsets[r + 1] - 1. No values: all are 1.
  struct CompressedRows {
    std::vector<std::int32_t> offsets;
    std::vector<std::uint16_t> columns;
    std::vector<double> values;

    Index rows() const { return std::ssize(offsets) - 1; }
    Index length(Index r) const { return offsets[r + 1] - offsets[r]; }
  };

  /// Adds a matrix with `columns` columns. Its rows come longest first, so that lanes need little padding.
  /// Entries have values in all matrices or in none.
  void append(const CompressedRows& rows, Index columns);

  /// y <- M x, M the m-th matrix, x with a zero behind its last entry. y has room for three numbers more than
  /// M has rows, which mean nothing.
  void multiply(Index m, const double* x, double* y) const;

 private:
  static constexpr int lanes = 4;
  using Sums = std::array<double, lanes>;

  /// Where a matrix starts, and how many of its rows have a slice to themselves.
  struct Start {
    Index slice = 0;
    Index step = 0;
    Index long_rows = 0;
  };
  template <bool has_values>
  void multiply(const Start& start, const Start& end, const double* x, double* y) const;

  std::vector<Start> starts_{Start{}};  ///< One more than there are matrices.
  std::vector<std::uint16_t> steps_;    ///< Of each slice.
  std::vector<std::uint64_t> columns_;  ///< Of each step, lane 0's in the lowest 16 bits.
  std::vector<double> values_;          ///< Of each step, four.
};

}  // namespace gossamer
