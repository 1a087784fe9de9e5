#include "algorithms/problems/data/csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "algorithms/problems/data/table_text.hpp"
#include "sim/text_file.hpp"

namespace gossamer {
namespace {

constexpr std::string_view blanks = " \t";

/// What separates the cells of a line, as far as it is not in quotes.
char separator_of(std::string_view line) {
  for (const char separator : {'\t', ';', ',', '|'}) {
    bool is_quoted = false;
    for (const char c : line) {
      if (c == '"') is_quoted = !is_quoted;
      if (c == separator && !is_quoted) return separator;
    }
  }
  return ' ';
}

/// A cell in quotes, which `rest` begins with, and takes it off. A quote within is written twice.
std::string take_quoted(std::string_view& rest, const TextLines& lines) {
  std::string cell;
  for (std::size_t k = 1; k < rest.size(); ++k) {
    if (rest[k] == '"' && (k + 1 == rest.size() || rest[k + 1] != '"')) {
      rest.remove_prefix(k + 1);
      return cell;
    }
    if (rest[k] == '"') ++k;
    cell += rest[k];
  }
  lines.refuse("a quote is not closed; it has to be on its line");
}

std::vector<std::string> cells_of(const TextLines& lines, char separator) {
  std::vector<std::string> cells;
  // With blanks between cells, those at the ends of a line separate nothing.
  std::string_view rest = separator == ' ' ? trimmed(lines.text(), blanks) : lines.text();
  while (true) {
    const std::size_t start = rest.find_first_not_of(separator == '\t' ? " " : blanks);
    rest.remove_prefix(std::min(start, rest.size()));
    if (rest.starts_with('"')) {
      cells.push_back(take_quoted(rest, lines));
      rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
      if (!rest.empty() && rest.front() != separator && separator != ' ') {
        lines.refuse(fmt::format("text follows the quotes of column {}", cells.size()));
      }
    } else {
      const std::string_view cell = rest.substr(0, rest.find(separator));
      cells.emplace_back(trimmed(cell, blanks));
      rest.remove_prefix(cell.size());
    }
    if (rest.empty()) return cells;
    if (rest.front() == separator) rest.remove_prefix(1);
  }
}

bool is_number(const std::string& cell) {
  double number = 0;
  return parse_finite(cell, number);
}

bool is_missing(std::string_view cell) {
  constexpr std::array missing = {"", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?"};
  return std::ranges::count(missing, cell) > 0;
}

/// Whether the numbers among the cells are 0, 1, 2, ...: pandas' names for columns without any.
bool count_from_0(const std::vector<std::string>& cells) {
  std::size_t next = 0;
  for (const std::string& cell : cells) {
    if (is_number(cell) && cell != std::to_string(next++)) return false;
  }
  return next >= 2;
}

/// The column of the labels.
std::size_t label_column(const std::string& label, const std::vector<std::string>& header, std::size_t count,
                         std::string_view name) {
  if (label.empty()) {
    for (const std::string_view usual : {"label", "class", "target", "y"}) {
      const auto found = std::ranges::find(header, usual);
      if (found != header.end()) return static_cast<std::size_t>(found - header.begin());
    }
    return count - 1;
  }
  const auto found = std::ranges::find(header, label);
  if (found != header.end()) return static_cast<std::size_t>(found - header.begin());
  if (label == "first") return 0;
  if (label == "last") return count - 1;
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(label.data(), label.data() + label.size(), number);
  if (error == std::errc{} && end == label.data() + label.size() && number >= 1 && number <= count) {
    return number - 1;
  }
  std::string there;
  for (const std::string& column : header) there += (there.empty() ? "" : ", ") + in_quotes(column);
  throw DataError(fmt::format("label: {} has no column {}; there are {}{}", name, in_quotes(label),
                              header.empty() ? "" : there + ", and ",
                              fmt::format("numbers from 1 to {}, first, last", count)),
                  "label");
}

/// Takes the rows of a table, once the columns are known.
class Columns {
 public:
  Columns(std::vector<std::string> header, std::size_t count, std::size_t label)
      : header_(std::move(header)), count_(count), label_(label) {
    // A name that is missing, as in ",a,b,c".
    has_row_numbers_ = !header_.empty() && header_.front().empty() && label != 0 && count > 2;
  }

  void take(const std::vector<std::string>& cells, const TextLines& lines) {
    if (cells.size() != count_) {
      lines.refuse(
          fmt::format("{} cells, and the first line has {}; all must have as many", cells.size(), count_));
    }
    for (std::size_t k = has_row_numbers_ ? 1 : 0; k < count_; ++k) {
      const std::string& cell = cells[k];
      if (is_missing(cell)) {
        lines.refuse(fmt::format("{} has no value; every cell needs one", column(k)));
      }
      if (k == label_) {
        if (const std::string wrong = labels_.add(cell); !wrong.empty()) lines.refuse(wrong);
        continue;
      }
      double number = 0;
      if (!parse_finite(cell, number)) {
        lines.refuse(fmt::format("{}: {} is no number; features are finite numbers, with a decimal point",
                                 column(k), in_quotes(cell)));
      }
      entries_.push_back(number);
    }
  }

  Table table(std::string_view name) {
    Table table{{DenseRows<double>(static_cast<Index>(count_) - 1 - has_row_numbers_, std::move(entries_)),
                 std::move(labels_.numbers), std::move(labels_.words)}};
    if (has_row_numbers_) {
      table.notes.push_back(
          fmt::format("{}: the first column has no name; it is taken as the numbers of the "
                      "rows, and left out",
                      name));
    }
    for (std::size_t k = has_row_numbers_ ? 1 : 0; k < header_.size(); ++k) {
      if (k != label_) table.columns.push_back(header_[k]);
    }
    return table;
  }

  bool is_empty() const { return labels_.size() == 0; }

 private:
  std::string column(std::size_t k) const {
    return fmt::format("column {}{}", k + 1, header_.empty() ? "" : " " + in_quotes(header_[k]));
  }

  std::vector<std::string> header_;
  std::size_t count_, label_;
  bool has_row_numbers_;
  std::vector<double> entries_;
  Labels labels_;
};

}  // namespace

Table read_csv(std::istream& in, std::string_view name, const std::string& label) {
  TextLines lines(in, name);
  std::optional<Columns> columns;
  char separator = ' ';
  while (lines.next()) {
    if (trimmed(lines.text(), blanks).empty() || lines.text().starts_with('#')) continue;
    if (columns) {
      columns->take(cells_of(lines, separator), lines);
      continue;
    }
    separator = separator_of(lines.text());
    std::vector<std::string> cells = cells_of(lines, separator);
    if (cells.size() < 2) lines.refuse("a single cell; a row has a label and at least one feature");
    if (count_from_0(cells)) {
      lines.refuse(
          "0, 1, 2, ... may be a row, or the names of columns that have none; put a line with names "
          "in its place, or before it");
    }
    const bool is_header = std::ranges::none_of(cells, is_number);
    columns.emplace(is_header ? cells : std::vector<std::string>(), cells.size(),
                    label_column(label, is_header ? cells : std::vector<std::string>(), cells.size(), name));
    if (!is_header) columns->take(cells, lines);
  }
  if (!columns || columns->is_empty()) lines.refuse(1, "the file has no rows; at least one is needed");
  return columns->table(name);
}

}  // namespace gossamer
