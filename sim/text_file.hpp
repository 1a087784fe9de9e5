// TextFile: lines of words; the form in which topologies, mixing matrices and durations are read.
#pragma once

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "sim/input_file.hpp"

namespace gossamer {

/// A file is to blame: the text begins with it, "file:line: what" or "file: what", and says what is allowed.
class InputFileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What the file holds; read now, unless it has been read before. Throws InputFileError where it cannot be.
std::shared_ptr<const std::string> bytes_of(const InputFile& file);

/// The same of a file that is to hold text. Throws InputFileError where it does not.
std::shared_ptr<const std::string> text_of(const InputFile& file);

/// Why bytes are no text in UTF-8, and how to make one of them.
struct NoText {
  std::size_t at;             ///< The first byte that is to blame.
  std::string what;           ///< "is NumPy's .npy, which is not read"
  std::string advice{};       ///< "; allowed: text (...)"
  bool holds_arrays = false;  ///< Whether it is a form for arrays of numbers.
};
std::optional<NoText> why_no_text(std::string_view bytes);

/// Takes the first line off a text that is not empty. It ends in LF, CR LF or CR, which are left out.
inline std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find_first_of("\r\n"));
  text.remove_prefix(line.size());
  text.remove_prefix(text.starts_with("\r\n") ? 2 : std::min<std::size_t>(text.size(), 1));
  return line;
}

/// A text without the byte order mark that spreadsheets put before it.
inline std::string_view without_mark(std::string_view text) {
  return text.starts_with("\xef\xbb\xbf") ? text.substr(3) : text;
}

/// The words of a text, between any of the `separators`. They refer to the text.
inline constexpr std::string_view usual_blanks = " \t\r\n";
std::vector<std::string_view> words_of(std::string_view text, std::string_view separators = usual_blanks);

/// Which of `count` things a text means: by its name, if they have names, or else by its number from 0 on,
/// unless some have numbers for names.
std::optional<std::int32_t> find_named(std::string_view text, std::span<const std::string> names,
                                       std::int32_t count);

/// A text without the blanks at its ends.
inline std::string_view trimmed(std::string_view text, std::string_view blanks = usual_blanks) {
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

/// A text with its ASCII letters in lower case.
std::string in_lower_case(std::string_view text);

/// "1 word", "2 words".
std::string counted(std::size_t count, const std::string& one, const std::string& several);

/// The lines of a file that hold words. Words lie between blanks, and further characters if these are given;
/// a character, '#', starts a comment. A byte order mark is passed over.
class TextFile {
 public:
  /// Throws InputFileError where the file cannot be read.
  explicit TextFile(const InputFile& file, std::string_view separators = usual_blanks, char comment = '#')
      : path_(file.path.string()),
        text_(text_of(file)),
        rest_(without_mark(*text_)),
        separators_(separators),
        comment_(comment) {}

  /// Steps to the next line with words; false at the end of the file.
  bool next();

  /// The words of the current line.
  const std::vector<std::string_view>& words() const { return words_; }

  int line() const { return line_; }  ///< Counted from 1.
  std::string where(int line) const;  ///< "file:line"; "file" of line 0, where it has none.
  std::string where() const { return where(line_); }

  /// Throws InputFileError "file:line: what".
  [[noreturn]] void fail(const std::string& what) const { fail_at(line_, what); }
  /// "file:line:column: what", of one of the current line's words.
  [[noreturn]] void fail(std::string_view word, const std::string& what) const;
  [[noreturn]] void fail_at(int line, const std::string& what) const;

 private:
  std::string path_;
  std::shared_ptr<const std::string> text_;
  std::string_view rest_;  // After the current line.
  std::string_view separators_;
  char comment_;
  const char* begin_ = nullptr;  // Of the current line.
  std::vector<std::string_view> words_;
  int line_ = 0;
};

/// The number that is the whole of `word`, or nothing.
template <class Number>
std::optional<Number> parse_number(std::string_view word) {
  Number number{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return number;
}

}  // namespace gossamer
