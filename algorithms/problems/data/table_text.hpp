// What the readers of tables in text share: lines, numbers, labels.
#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

namespace gossamer {

/// The whole of `text` as a finite number; one leading '+' is allowed.
bool parse_finite(std::string_view text, double& number);

/// `text` in quotes, fit for a terminal: shortened, and printable.
std::string in_quotes(std::string_view text);

/// The lines of a file, without their ends, LF, CR LF or CR, and without a byte order mark before the first.
class TextLines {
 public:
  /// `name` is the file's, for errors. Both outlive this.
  TextLines(std::istream& in, std::string_view name) : in_(in), name_(name) {}

  /// Steps to the next line; false at the end of the file. Throws DataFileError where a line is no text in
  /// UTF-8, or would not fit in memory: a small compressed file can hold an endless one.
  bool next();

  std::string_view text() const { return text_; }
  std::int64_t number() const { return number_; }  ///< Of the line, from 1.

  /// Throws DataFileError "name:line: what".
  [[noreturn]] void refuse(const std::string& what) const { refuse(number_, what); }
  [[noreturn]] void refuse(std::int64_t number, const std::string& what) const;

 private:
  /// Reads further bytes into rest_, which is empty; false at the end of the file.
  bool fill();

  std::istream& in_;
  std::string_view name_;
  std::string bytes_;      // Read at once ...
  std::string_view rest_;  // ... of which these are left.
  std::string text_;
  std::int64_t number_ = 0;
};

/// The labels of a file: all of them numbers, or all of them words, the names of classes.
struct Labels {
  std::vector<double> numbers;
  std::vector<std::string> words;

  std::ptrdiff_t size() const { return std::ssize(numbers) + std::ssize(words); }
  /// Adds the next one: a finite number, or a word, which begins with a letter; as those before it. Gives
  /// what is wrong with any other, else "".
  [[nodiscard]] std::string add(std::string_view text);
};

}  // namespace gossamer
