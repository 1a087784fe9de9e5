#include "algorithms/problems/kernels/sparse_panels.hpp"

#include <algorithm>
#include <numeric>

namespace gossamer {
namespace {

/// So few that the scores of a panel stay in the first-level cache.
constexpr Index most_rows = 4096;

using CompressedRows = SlicedMatrices::CompressedRows;

CompressedRows transpose(const CompressedRows& matrix, Index columns) {
  CompressedRows result;
  result.offsets.resize(static_cast<std::size_t>(columns + 1));
  for (const std::uint16_t column : matrix.columns) ++result.offsets[column + 1];
  std::partial_sum(result.offsets.begin(), result.offsets.end(), result.offsets.begin());

  result.columns.resize(matrix.columns.size());
  result.values.resize(matrix.values.size());
  std::vector<std::int32_t> next(result.offsets.begin(), result.offsets.end() - 1);
  for (Index r = 0; r < matrix.rows(); ++r) {
    for (Index k = matrix.offsets[r]; k < matrix.offsets[r + 1]; ++k) {
      const std::int32_t to = next[matrix.columns[k]]++;
      result.columns[to] = static_cast<std::uint16_t>(r);
      if (!matrix.values.empty()) result.values[to] = matrix.values[k];
    }
  }
  return result;
}

}  // namespace

/// A panel in the making: rows, and the columns that they have entries in.
class SparsePanels::Draft {
 public:
  explicit Draft(const SparseRows& matrix)
      : matrix_(matrix), counts_(static_cast<std::size_t>(matrix.columns())), numbers_(counts_) {}

  const Numbers& rows() const { return rows_; }
  const Numbers& columns() const { return columns_; }

  bool has_room_for(std::int32_t row) const {
    const Index new_columns =
        std::ranges::count_if(columns_of(row), [&](std::int32_t column) { return counts_[column] == 0; });
    return std::ssize(rows_) < most_rows &&
           std::ssize(columns_) + new_columns <= SlicedMatrices::most_columns;
  }

  void add(std::int32_t row) {
    rows_.push_back(row);
    for (const std::int32_t column : columns_of(row)) {
      if (counts_[column]++ == 0) columns_.push_back(column);
    }
  }

  /// Puts the longest row and the fullest column first, and what is equal in ascending order.
  void sort() {
    std::ranges::stable_sort(rows_, std::greater(), [&](std::int32_t row) { return matrix_.row(row).size; });
    std::ranges::sort(columns_, [&](std::int32_t i, std::int32_t j) {
      return counts_[i] != counts_[j] ? counts_[i] > counts_[j] : i < j;
    });
    for (std::size_t k = 0; k < columns_.size(); ++k) numbers_[columns_[k]] = static_cast<std::int32_t>(k);
  }

  CompressedRows compressed() const {
    CompressedRows result{{0}, {}, {}};
    for (const std::int32_t row : rows_) {
      for (const std::int32_t column : columns_of(row)) {
        result.columns.push_back(static_cast<std::uint16_t>(numbers_[column]));
      }
      const SparseRows::Row entries = matrix_.row(row);
      if (entries.values) {
        result.values.insert(result.values.end(), entries.values, entries.values + entries.size);
      }
      result.offsets.push_back(static_cast<std::int32_t>(result.columns.size()));
    }
    return result;
  }

  void clear() {
    for (const std::int32_t column : columns_) counts_[column] = 0;
    rows_.clear();
    columns_.clear();
  }

 private:
  std::span<const std::int32_t> columns_of(std::int32_t row) const {
    const SparseRows::Row entries = matrix_.row(row);
    return {entries.columns, static_cast<std::size_t>(entries.size)};
  }

  const SparseRows& matrix_;
  Numbers counts_;   ///< Entries in each column of the matrix.
  Numbers numbers_;  ///< Where in columns_ a column of the matrix is.
  Numbers rows_, columns_;
};

std::optional<SparsePanels> SparsePanels::make(const SparseRows& rows, std::span<const std::int32_t> labels,
                                               const Partition& partition) {
  for (Index r = 0; r < rows.rows(); ++r) {
    if (rows.row(r).size > SlicedMatrices::most_columns) return std::nullopt;
  }
  SparsePanels panels;
  panels.scale_ = rows.scale();
  Draft draft(rows);
  for (int node = 0; node < partition.nodes(); ++node) {
    for (Index position = partition.start(node); position < partition.start(node + 1); ++position) {
      const std::int32_t row = partition.row_at(position);
      if (!draft.has_room_for(row)) panels.append(node, draft, labels);
      draft.add(row);
    }
    panels.append(node, draft, labels);
    panels.starts_.push_back(panels.size());
  }
  return panels;
}

void SparsePanels::append(int node, Draft& draft, std::span<const std::int32_t> labels) {
  draft.sort();
  nodes_.push_back(node);
  for (const std::int32_t row : draft.rows()) labels_.push_back(labels[row]);
  columns_.insert(columns_.end(), draft.columns().begin(), draft.columns().end());
  first_rows_.push_back(std::ssize(labels_));
  first_columns_.push_back(std::ssize(columns_));

  const CompressedRows a = draft.compressed();
  matrices_.append(a, std::ssize(draft.columns()));
  matrices_.append(transpose(a, std::ssize(draft.columns())), a.rows());
  draft.clear();
}

/// x_known has the coordinates of x that the panel knows, scaled, and a zero behind them.
void SparsePanels::multiply_known(Index p, const Vector& x_known, Vector& z) const {
  z.resize(std::ssize(labels(p)) + 4);
  z.tail<4>() = 0;  // Not all of them are written to below.
  matrices_.multiply(2 * p, x_known.data(), z.data());
}

void SparsePanels::multiply_transposed(Index p, double factor, Vector& d, Vector& g) const {
  d[std::ssize(labels(p))] = 0;
  g.resize(std::ssize(columns(p)) + 3);
  g.tail<3>() = 0;
  matrices_.multiply(2 * p + 1, d.data(), g.data());
  g *= factor * scale_;
}

}  // namespace gossamer
