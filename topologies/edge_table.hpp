// Tables of edges, as spreadsheets, pandas, R and Gephi write them: what their first row and column say, and
// what only looks like one.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "topologies/text_table.hpp"

namespace gossamer {

/// Whether a text is a number, of whatever kind. Names may begin with digits, or read "inf".
bool is_number(std::string_view text);

/// A whole number from 0, which may be written 3.0, or nothing.
std::optional<std::int64_t> whole_number(std::string_view text);

/// Whether a field says something of a link: "latency=10ms".
inline bool is_setting(const TextTable::Field& field) {
  return field.text.find('=') != std::string_view::npos;
}

/// The columns of a table whose first row names them.
struct EdgeColumns {
  std::size_t from = 0, to = 1;
  std::optional<std::size_t> latency{}, bandwidth{}, type{};
  std::size_t count = 2;
  bool known = true;                  ///< What they are called says that they are ends of edges.
  std::vector<std::string> unused{};  ///< Names of the others.
};

/// A table whose lines may be edges; some readings are refused, with InputFileError.
class EdgeTable {
 public:
  using Field = TextTable::Field;
  using Row = TextTable::Row;

  /// `rows` are those of the table, without empty fields at their ends. Both outlive this.
  EdgeTable(const TextTable& table, std::span<const Row> rows) : table_(table), rows_(rows) {}

  /// What a first row says: known names of columns, or names above numbers, or numbers as pandas has them for
  /// columns without names. Where these may be an edge, they are refused, unless lines are `known` to be
  /// edges.
  std::optional<EdgeColumns> columns(bool directed, bool known) const;

  /// Refuses what looks like an adjacency matrix, with names of rows and columns or without: it would pass as
  /// edges with weights.
  void refuse_matrix() const;

  /// Refuses 0, 1, 2, ... before two whole numbers, between separators: the first column may be an end, or
  /// pandas' numbers of rows.
  void refuse_row_numbers() const;

 private:
  std::span<const Field> fields(const Row& row) const { return table_.fields(row); }
  bool is_edge(const Field& from, const Field& to) const;
  std::optional<EdgeColumns> above_numbers() const;
  std::optional<EdgeColumns> numbered_columns(bool directed, bool known) const;
  bool has_row_numbers(std::size_t columns) const;
  bool is_matrix(std::size_t row, std::size_t column) const;
  bool are_weights(std::size_t row, std::size_t column, bool allowed) const;

  const TextTable& table_;
  std::span<const Row> rows_;
};

}  // namespace gossamer
