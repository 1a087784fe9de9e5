#include "algorithms/problems/kernels/sliced_matrices.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace gossamer {
namespace {

/// A row with at least this many entries has a slice to itself. Four rows side by side need no sum over the
/// lanes, but the longer they are, the more their lengths differ.
constexpr Index long_row = 32;

}  // namespace

void SlicedMatrices::append(const CompressedRows& rows, Index columns) {
  assert(columns <= most_columns);
  const std::uint64_t padding = 0x0001'0001'0001'0001 * static_cast<std::uint64_t>(columns);
  const auto add_slice = [&](Index steps) {
    const Index first = std::ssize(columns_);
    steps_.push_back(static_cast<std::uint16_t>(steps));
    columns_.resize(static_cast<std::size_t>(first + steps), padding);
    if (!rows.values.empty()) values_.resize(static_cast<std::size_t>(lanes * (first + steps)));
    return first;
  };
  const auto place = [&](Index entry, Index step, Index lane) {
    columns_[step] ^= static_cast<std::uint64_t>(columns ^ rows.columns[entry]) << 16 * lane;
    if (!rows.values.empty()) values_[lanes * step + lane] = rows.values[entry];
  };

  Index r = 0;
  for (; r < rows.rows() && rows.length(r) >= long_row; ++r) {
    const Index first = add_slice((rows.length(r) + lanes - 1) / lanes);
    for (Index k = 0; k < rows.length(r); ++k) place(rows.offsets[r] + k, first + k / lanes, k % lanes);
  }
  starts_.back().long_rows = r;
  for (; r < rows.rows(); r += lanes) {
    const Index first = add_slice(rows.length(r));
    for (Index lane = 0; lane < lanes && r + lane < rows.rows(); ++lane) {
      for (Index k = 0; k < rows.length(r + lane); ++k) place(rows.offsets[r + lane] + k, first + k, lane);
    }
  }
  starts_.push_back({.slice = std::ssize(steps_), .step = std::ssize(columns_)});
}

void SlicedMatrices::multiply(Index m, const double* x, double* y) const {
  if (values_.empty()) {
    multiply<false>(starts_[m], starts_[m + 1], x, y);
  } else {
    multiply<true>(starts_[m], starts_[m + 1], x, y);
  }
}

template <bool has_values>
void SlicedMatrices::multiply(const Start& start, const Start& end, const double* x, double* y) const {
  const std::uint64_t* columns = columns_.data() + start.step;
  const double* values = has_values ? values_.data() + lanes * start.step : nullptr;
  const auto sum_slice = [&](Index slice) -> Sums {
    double sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
    for (const std::uint64_t* const last = columns + steps_[slice]; columns != last; ++columns) {
      const std::uint64_t four = *columns;
      const double x0 = x[four & 0xffff], x1 = x[four >> 16 & 0xffff];
      const double x2 = x[four >> 32 & 0xffff], x3 = x[four >> 48];
      if constexpr (has_values) {
        sum0 = std::fma(values[0], x0, sum0);
        sum1 = std::fma(values[1], x1, sum1);
        sum2 = std::fma(values[2], x2, sum2);
        sum3 = std::fma(values[3], x3, sum3);
        values += lanes;
      } else {
        sum0 += x0;
        sum1 += x1;
        sum2 += x2;
        sum3 += x3;
      }
    }
    return {sum0, sum1, sum2, sum3};
  };

  Index slice = start.slice;
  for (; slice < start.slice + start.long_rows; ++slice) {
    const Sums sums = sum_slice(slice);
    *y++ = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  }
  for (; slice < end.slice; ++slice) y = std::ranges::copy(sum_slice(slice), y).out;
}

}  // namespace gossamer
