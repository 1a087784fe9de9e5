#include "algorithms/problems/data/table_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "algorithms/problems/data/data_set.hpp"
#include "sim/text_file.hpp"

namespace gossamer {
namespace {

bool is_word(std::string_view text) {
  const auto is_letter = [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
  };
  const auto is_control = [](unsigned char c) { return c < ' ' || c == 0x7f; };
  return !text.empty() && is_letter(static_cast<unsigned char>(text.front())) &&
         std::ranges::none_of(text, is_control);
}

}  // namespace

bool parse_finite(std::string_view text, double& number) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && std::isfinite(number);
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t longest = 32;
  std::string result = "'";
  for (const char c : text.substr(0, longest)) result += c >= ' ' && c <= '~' ? c : '?';
  return result + (text.size() > longest ? "...'" : "'");
}

bool TextLines::fill() {
  bytes_.resize(1 << 16);
  const std::streamsize got = in_.rdbuf()->sgetn(bytes_.data(), std::ssize(bytes_));
  rest_ = std::string_view(bytes_).substr(0, static_cast<std::size_t>(std::max<std::streamsize>(got, 0)));
  return !rest_.empty();
}

bool TextLines::next() {
  constexpr std::size_t longest = 1 << 28;
  ++number_;
  text_.clear();
  bool has_ended = false;
  while (!has_ended && (!rest_.empty() || fill())) {
    const auto end = std::ranges::find_if(rest_, [](char c) { return c == '\n' || c == '\r'; });
    text_.append(rest_.begin(), end);
    if (text_.size() > longest) refuse(fmt::format("the line has over {} bytes; no row has", longest));
    has_ended = end != rest_.end();
    const bool may_be_two = has_ended && *end == '\r';
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.begin()) + has_ended);
    if (may_be_two && (!rest_.empty() || fill()) && rest_.front() == '\n') rest_.remove_prefix(1);
  }
  if (!has_ended && text_.empty()) return false;
  if (const auto wrong = why_no_text(text_)) {
    refuse(wrong->holds_arrays ? wrong->what +
                                     "; allowed: text, or NumPy's .npz with the rows and their labels: "
                                     "numpy.savez('FILE.npz', X=..., y=...)"
                               : wrong->what + wrong->advice);
  }
  if (number_ == 1) text_.erase(0, text_.size() - without_mark(text_).size());
  return true;
}

void TextLines::refuse(std::int64_t number, const std::string& what) const {
  throw DataFileError(fmt::format("{}:{}: {}", name_, number, what));
}

std::string Labels::add(std::string_view text) {
  double number = 0;
  if (parse_finite(text, number)) {
    if (!words.empty()) {
      return fmt::format("label {} is a number, and those before it are words; all of one kind are allowed",
                         in_quotes(text));
    }
    constexpr double exact = 9007199254740992;  // 2^53: integers above could be others.
    if (std::abs(number) >= exact && text.find_first_not_of("+-0123456789") == std::string_view::npos) {
      return fmt::format("label {} has too many digits; integers up to 2^53 are told apart", in_quotes(text));
    }
    numbers.push_back(number);
    return "";
  }
  // "nan" and "inf" are read as numbers elsewhere: they stand for missing or broken ones.
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = error != std::errc::invalid_argument && end == text.data() + text.size();
  if (!is_number && !is_word(text) && text.find(',') != std::string_view::npos) {
    return fmt::format("{} are several labels; one a row is allowed (a table needs the ending .csv)",
                       in_quotes(text));
  }
  if (is_number || !is_word(text)) {
    return fmt::format("label {} is no number; a finite number, or a word, is allowed", in_quotes(text));
  }
  if (!numbers.empty()) {
    return fmt::format("label {} is no number, and those before it are; all of one kind are allowed",
                       in_quotes(text));
  }
  words.emplace_back(text);
  return "";
}

}  // namespace gossamer
