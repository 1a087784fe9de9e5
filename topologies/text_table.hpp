// TextTable: lines of fields, as people and their programs write tables.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/input_file.hpp"

namespace gossamer {

/// The lines of a file that hold anything. Fields lie between blanks; or between semicolons, commas or tabs,
/// and may then hold blanks themselves, and be empty. The first line decides on semicolons and commas; tabs
/// separate names that hold blanks, commas or '#', and are blanks otherwise. A field may stand in double
/// quotes; a quote within is written twice. '#' begins a comment, '%' one that takes the whole line; between
/// separators, "C#" is a field, and "#h,1" a line of two. A line may end in a dictionary as Python writes it,
/// {'weight': 1.0}. A byte order mark is passed over.
class TextTable {
 public:
  struct Field {
    std::string_view text;
    int column = 1;  ///< Where it begins, in bytes, counted from 1.
  };
  struct Row {
    std::size_t first = 0, count = 0;  ///< Of its fields; behind a separator at the end is an empty one.
    int line = 0;                      ///< Counted from 1.
    Field dictionary{};                ///< With its braces; empty if there is none.
  };

  /// Throws InputFileError where the file cannot be read, or a quote or dictionary does not end.
  explicit TextTable(const InputFile& file);

  const std::vector<Row>& rows() const { return rows_; }
  std::span<const Field> fields(const Row& row) const { return {fields_.data() + row.first, row.count}; }
  /// The lines that are comments only, up to the first one that is none.
  const std::vector<std::string_view>& heading() const { return heading_; }
  bool ends_with_line() const { return text_->ends_with('\n') || text_->ends_with('\r'); }
  char separator() const { return separator_; }  ///< ' ' stands for all blanks.
  const std::string& path() const { return path_; }

  /// Throws InputFileError "file:line:column: what".
  [[noreturn]] void fail(int line, int column, const std::string& what) const;
  [[noreturn]] void fail(const Row& row, const Field& field, const std::string& what) const {
    fail(row.line, field.column, what);
  }

 private:
  bool is_comment(std::string_view trimmed_line) const;
  void split(std::string_view line);
  std::size_t split_quoted(std::string_view line, std::size_t begin);
  std::size_t split_plain(std::string_view line, std::size_t begin);
  std::size_t take_dictionary(std::string_view line, std::size_t begin);
  void add(std::string_view line, std::size_t begin, std::size_t end);

  std::string path_;
  std::shared_ptr<const std::string> text_;
  char separator_ = ' ';
  std::vector<std::string_view> heading_;
  std::vector<Field> fields_;
  std::vector<Row> rows_;
  std::deque<std::string> unescaped_;  // Fields that had quotes within.
};

/// Calls take(key, value) for the pairs of such a dictionary; texts come without their quotes. False if it is
/// none.
bool read_dictionary(std::string_view text,
                     const std::function<void(std::string_view key, std::string_view value)>& take);

}  // namespace gossamer
