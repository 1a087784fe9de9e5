#include "algorithms/problems/data/libsvm.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <string>

namespace gossamer {
namespace {

/// The whole of `text` as a finite number; one leading '+' is allowed.
bool parse(std::string_view text, double& number) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && std::isfinite(number);
}

bool parse(std::string_view text, std::int64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

/// `text` in quotes, fit for a terminal: shortened, and printable.
std::string quoted(std::string_view text) {
  constexpr std::size_t longest = 32;
  std::string result = "'";
  for (const char c : text.substr(0, longest)) result += c >= ' ' && c <= '~' ? c : '?';
  return result + (text.size() > longest ? "...'" : "'");
}

/// The fields of one line, one after the other.
class Line {
 public:
  Line(std::string_view rest, std::string_view name, std::int64_t number)
      : rest_(rest.ends_with('\r') ? rest.substr(0, rest.size() - 1) : rest), name_(name), number_(number) {}

  /// The next field, empty at the end of the line.
  std::string_view next() {
    constexpr std::string_view blanks = " \t";
    rest_.remove_prefix(std::min(rest_.find_first_not_of(blanks), rest_.size()));
    const std::string_view field = rest_.substr(0, rest_.find_first_of(blanks));
    rest_.remove_prefix(field.size());
    return field;
  }

  [[noreturn]] void refuse(const std::string& what) const {
    throw DataFileError(fmt::format("{}:{}: {}", name_, number_, what));
  }

 private:
  std::string_view rest_, name_;
  std::int64_t number_;
};

/// As std::getline, of lines that fit in memory: a small compressed file can hold an endless one.
bool next_line(std::istream& in, std::string& text, std::string_view name, std::int64_t number) {
  constexpr std::size_t longest = 1 << 28;
  text.clear();
  std::streambuf& buffer = *in.rdbuf();
  constexpr int end = std::char_traits<char>::eof();
  for (int c = buffer.sbumpc(); c != '\n'; c = buffer.sbumpc()) {
    if (c == end) return !text.empty();
    if (text.size() == longest) {
      throw DataFileError(
          fmt::format("{}:{}: the line has over {} bytes; no row has", name, number, longest));
    }
    text.push_back(static_cast<char>(c));
  }
  return true;
}

}  // namespace

LabelledRows read_libsvm(std::istream& in, std::string_view name, Index dimension) {
  const std::int64_t largest_allowed = dimension > 0 ? dimension : largest_dimension;
  std::vector<double> labels, values;
  std::vector<Index> offsets{0};
  std::vector<std::int32_t> columns;
  std::int64_t largest_index = 0;
  std::string text;
  while (next_line(in, text, name, std::ssize(labels) + 1)) {
    Line line(text, name, std::ssize(labels) + 1);
    const std::string_view label_text = line.next();
    double label = 0;
    if (label_text.empty()) line.refuse("no label; a line is 'label index:value ...'");
    if (!parse(label_text, label)) {
      line.refuse(fmt::format("label {} is no number; a finite number is allowed", quoted(label_text)));
    }
    std::int64_t previous = 0;
    for (std::string_view field = line.next(); !field.empty(); field = line.next()) {
      const std::size_t colon = field.find(':');
      if (colon == std::string_view::npos) {
        line.refuse(fmt::format("{} has no colon; 'index:value' is allowed", quoted(field)));
      }
      const std::string_view index_text = field.substr(0, colon), value_text = field.substr(colon + 1);
      std::int64_t index = 0;
      if (!parse(index_text, index) || index < 1 || index > largest_allowed) {
        line.refuse(fmt::format("index {}; 1 to {} are allowed{}", quoted(index_text), largest_allowed,
                                dimension > 0 ? " with this dimension" : ""));
      }
      if (index <= previous) {
        line.refuse(fmt::format("index {} after {}; indices must increase within a line", index, previous));
      }
      double value = 0;
      if (!parse(value_text, value)) {
        line.refuse(fmt::format("value {} of index {} is no number; a finite number is allowed",
                                quoted(value_text), index));
      }
      previous = index;
      if (value == 0) continue;
      columns.push_back(static_cast<std::int32_t>(index - 1));
      values.push_back(value);
    }
    largest_index = std::max(largest_index, previous);
    labels.push_back(label);
    offsets.push_back(std::ssize(columns));
  }
  if (labels.empty()) {
    throw DataFileError(fmt::format("{}:1: the file is empty; at least one row is needed", name));
  }
  // One slip of the pen, and every vector would have gigabytes.
  constexpr std::int64_t largest_likely = 100'000'000;
  if (dimension == 0 && largest_index > largest_likely) {
    throw DataFileError(fmt::format("{}: has an index {}; above {} the problem has to say so: dimension: {}",
                                    name, largest_index, largest_likely, largest_index));
  }
  const Index width = dimension > 0 ? dimension : std::max<Index>(largest_index, 1);
  return {SparseRows(width, std::move(offsets), std::move(columns), std::move(values)), std::move(labels)};
}

}  // namespace gossamer
