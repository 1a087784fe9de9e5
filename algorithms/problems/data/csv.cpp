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

/// A truth value as Python and R write it.
std::optional<double> truth_of(const std::string& cell) {
  if (cell == "True" || cell == "true" || cell == "TRUE") return 1;
  if (cell == "False" || cell == "false" || cell == "FALSE") return 0;
  return std::nullopt;
}

/// The columns of a table.
class Layout {
 public:
  Layout(std::vector<std::string> names, std::size_t columns, std::string_view file)
      : header(std::move(names)),
        count(columns),
        // A name that is missing, as in ",a,b,c".
        first(!header.empty() && header.front().empty() && columns > 2 ? 1 : 0),
        file_(file) {
    if (first > 0) {
      notes.push_back(fmt::format(
          "{}: the first column has no name; it is taken as the numbers of the rows, and left out", file_));
    }
  }

  /// Sets `label`, and notes which it is where nothing says so.
  void choose_label(const std::string& wanted) {
    if (!wanted.empty()) {
      label = named(wanted);
      return;
    }
    std::vector<std::size_t> usual;
    for (std::size_t k = first; k < header.size(); ++k) {
      constexpr std::array names = {"label", "class", "target", "y"};
      if (std::ranges::count(names, in_lower_case(header[k])) > 0) usual.push_back(k);
    }
    if (usual.size() > 1) {
      fail(fmt::format("{} has two columns that may hold the labels, {} and {}; say which it is", file_,
                       in_quotes(header[usual[0]]), in_quotes(header[usual[1]])));
    }
    label = usual.empty() ? count - 1 : usual.front();
    if (!usual.empty()) return;
    notes.push_back(
        header.empty()
            ? fmt::format("{}: has no header; the labels are its last column, {}; label: first, or "
                          "a number, takes another",
                          file_, count)
            : fmt::format("{}: the labels are its last column, {}; label: NAME takes another", file_,
                          in_quotes(header.back())));
  }

  std::vector<std::string> header;  ///< Empty where there is none.
  std::size_t count;
  std::size_t first;  ///< 1 where the column before holds the numbers of the rows.
  std::size_t label = 0;
  bool first_is_mixed = false;  ///< Whether the first line, no header, has words besides numbers.
  std::vector<std::string> notes;

 private:
  std::size_t named(const std::string& wanted) const {
    const auto found = std::find(header.begin() + static_cast<std::ptrdiff_t>(first), header.end(), wanted);
    if (found != header.end()) return static_cast<std::size_t>(found - header.begin());
    if (wanted == "first") return first;
    if (wanted == "last") return count - 1;
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), number);
    if (error == std::errc{} && end == wanted.data() + wanted.size() && number > first && number <= count) {
      return number - 1;
    }
    std::string there;
    for (std::size_t k = first; k < header.size(); ++k) {
      there += in_quotes(header[k]) + (k + 1 < header.size() ? ", " : ", and ");
    }
    fail(fmt::format("{} has no column {}; there are {}numbers from {} to {}, first, last", file_,
                     in_quotes(wanted), there, first + 1, count));
  }
  [[noreturn]] static void fail(const std::string& what) { throw DataError("label: " + what, "label"); }

  std::string_view file_;
};

/// Takes the rows of a table, once the columns are known.
class Columns {
 public:
  explicit Columns(Layout layout) : layout_(std::move(layout)) {}

  void take(const std::vector<std::string>& cells, const TextLines& lines) {
    if (cells.size() != layout_.count) {
      lines.refuse(fmt::format("{} cells, and the first line has {}; all must have as many", cells.size(),
                               layout_.count));
    }
    for (std::size_t k = layout_.first; k < layout_.count; ++k) {
      const std::string& cell = cells[k];
      if (is_missing(cell)) {
        lines.refuse(fmt::format("{} has no value; every cell needs one", column(k)));
      }
      if (k == layout_.label) {
        if (const std::string wrong = labels_.add(cell); !wrong.empty()) lines.refuse(wrong + hint());
        continue;
      }
      double number = truth_of(cell).value_or(0);
      if (!truth_of(cell) && !parse_finite(cell, number)) {
        lines.refuse(fmt::format("{}: {} is no number; features are finite numbers, with a decimal point{}",
                                 column(k), in_quotes(cell), hint()));
      }
      entries_.push_back(number);
    }
  }

  Table table() {
    const std::size_t features = layout_.count - 1 - layout_.first;
    Table table{{DenseRows<double>(static_cast<Index>(features), std::move(entries_)),
                 std::move(labels_.numbers), std::move(labels_.words)}};
    table.notes = std::move(layout_.notes);
    for (std::size_t k = layout_.first; k < layout_.header.size(); ++k) {
      if (k != layout_.label) table.columns.push_back(layout_.header[k]);
    }
    return table;
  }

  bool is_empty() const { return labels_.size() == 0; }

 private:
  std::string column(std::size_t k) const {
    return fmt::format("column {}{}", k + 1,
                       layout_.header.empty() ? "" : " " + in_quotes(layout_.header[k]));
  }
  /// What may be wrong with the first rows of all.
  std::string hint() const {
    const bool may_be_header = layout_.first_is_mixed && labels_.size() < 2;
    return may_be_header ? "; the first line is a row, as there are numbers in it, and no header" : "";
  }

  Layout layout_;
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
          "0, 1, 2, ... may be a row, or the names of columns that have none; put a line with names in its "
          "place, or before it");
    }
    const bool is_header = std::ranges::none_of(cells, is_number);
    Layout layout(is_header ? cells : std::vector<std::string>(), cells.size(), name);
    layout.choose_label(label);
    layout.first_is_mixed = !is_header && !std::ranges::all_of(cells, is_number);
    columns.emplace(std::move(layout));
    if (!is_header) columns->take(cells, lines);
  }
  if (!columns || columns->is_empty()) lines.refuse(1, "the file has no rows; at least one is needed");
  return columns->table();
}

}  // namespace gossamer
