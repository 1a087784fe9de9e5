#include "topologies/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/text_file.hpp"

namespace gossamer {
namespace {

constexpr std::string_view blanks = " \t";

/// Calls visit(line) for every line until it gives false.
void for_each_line(std::string_view text, const auto& visit) {
  while (!text.empty()) {
    if (!visit(take_line(text))) return;
  }
}

bool begins_as_comment(std::string_view trimmed_line) {
  return trimmed_line.starts_with('#') || trimmed_line.starts_with('%');
}

/// Where `c` stands behind one of the characters `before`; else the size of the line.
std::size_t find_behind(std::string_view line, char c, std::string_view before, std::size_t begin = 0) {
  for (std::size_t at = line.find(c, begin + 1); at != std::string_view::npos; at = line.find(c, at + 1)) {
    if (before.find(line[at - 1]) != std::string_view::npos) return at;
  }
  return line.size();
}

/// Whether a part of a line between two tabs holds blanks, or '#', that belong to a name.
bool has_name_between_tabs(std::string_view line) {
  if (line.find('\t') == std::string_view::npos) return false;
  if (line.find('#') != std::string_view::npos) return true;
  for (;;) {
    const std::size_t tab = line.find('\t');
    std::string_view part = trimmed(line.substr(0, tab));
    if (part.find(' ') != std::string_view::npos && part.find('=') == std::string_view::npos) {
      bool numbers = true;
      while (!part.empty()) {
        const std::string_view word = part.substr(0, part.find(' '));
        numbers = numbers && parse_number<double>(word);
        part = trimmed(part.substr(word.size()));
      }
      if (!numbers) return true;
    }
    if (tab == std::string_view::npos) return false;
    line.remove_prefix(tab + 1);
  }
}

/// Whether commas, or semicolons, lie within the fields that tabs separate: "(0, 0)\t(0, 1)".
bool lies_within(char separator, std::string_view line) {
  if (line.find('\t') == std::string_view::npos) return false;
  while (!line.empty()) {
    const std::size_t tab = std::min(line.find('\t'), line.size());
    const std::string_view part = trimmed(line.substr(0, tab));
    if (part.starts_with(separator) || part.ends_with(separator)) return false;
    line.remove_prefix(std::min(tab + 1, line.size()));
  }
  return true;
}

/// The semicolon or comma that separates the fields of a line, or else ' '.
char separator_in(std::string_view line) {
  char separator = ' ';
  bool quoted = false;
  for (const char c : line) {
    quoted ^= c == '"';
    if (!quoted && (c == ';' || (c == ',' && separator != ';'))) separator = c;
  }
  return separator;
}

char separator_of(std::string_view text) {
  char separator = ' ';
  bool first = true;
  for_each_line(text, [&](std::string_view line) {
    line = trimmed(line);
    if (line.empty() || begins_as_comment(line)) return true;
    line = line.substr(0, find_behind(line, '#', blanks));
    line = line.substr(0, find_behind(line, '{', " \t,;"));
    if (first) separator = separator_in(line);
    first = false;
    if (separator != ' ') {
      if (lies_within(separator, line)) separator = '\t';
      return false;
    }
    if (!has_name_between_tabs(line)) return true;
    separator = '\t';
    return false;
  });
  return separator;
}

}  // namespace

TextTable::TextTable(const InputFile& file) : path_(file.path.string()), text_(text_of(file)) {
  const std::string_view text = without_mark(*text_);
  separator_ = separator_of(text);
  int number = 0;
  for_each_line(text, [&](std::string_view line) {
    ++number;
    const std::string_view content = trimmed(line);
    if (content.empty()) return true;
    if (is_comment(content)) {
      if (rows_.empty()) heading_.push_back(content);
      return true;
    }
    rows_.push_back({.first = fields_.size(), .line = number});
    split(line);
    rows_.back().count = fields_.size() - rows_.back().first;
    return true;
  });
}

void TextTable::fail(int line, int column, const std::string& what) const {
  throw InputFileError(fmt::format("{}:{}:{}: {}", path_, line, column, what));
}

bool TextTable::is_comment(std::string_view line) const {
  if (!begins_as_comment(line)) return false;
  const bool may_be_row =
      !rows_.empty() && separator_ != ' ' && line.find(separator_) != std::string_view::npos;
  return !may_be_row || line.find_first_of(" \t#%", 1) == 1;
}

/// A part of the line, without blanks around it.
void TextTable::add(std::string_view line, std::size_t begin, std::size_t end) {
  const std::string_view text = trimmed(line.substr(begin, end - begin));
  const std::size_t at = text.empty() ? begin : static_cast<std::size_t>(text.data() - line.data());
  fields_.push_back({text, static_cast<int>(at) + 1});
}

void TextTable::split(std::string_view line) {
  const std::string_view skipped = separator_ == '\t' ? " " : blanks;
  const std::size_t first = fields_.size();
  bool follows = false;  // A field behind a separator.
  std::size_t at = 0;
  while ((at = line.find_first_not_of(skipped, at)) != std::string_view::npos) {
    const bool behind_blank = at > 0 && skipped.find(line[at - 1]) != std::string_view::npos;
    const bool before_blank = line.find_first_of(blanks, at + 1) == at + 1;
    if (line[at] == '#' && (separator_ == ' ' || behind_blank || before_blank)) break;
    if (line[at] == '{' && fields_.size() > first) {
      at = take_dictionary(line, at);
    } else if (line[at] == '"') {
      at = split_quoted(line, at);
    } else {
      at = split_plain(line, at);
    }
    at = std::min(line.find_first_not_of(skipped, at), line.size());
    follows = separator_ != ' ' && at < line.size() && line[at] == separator_;
    at += follows;
  }
  if (follows) add(line, line.size(), line.size());
}

std::size_t TextTable::split_quoted(std::string_view line, std::size_t begin) {
  const auto fail_at = [&](std::size_t at, const char* what) {
    fail(rows_.back().line, static_cast<int>(at) + 1, what);
  };
  std::size_t end = begin + 1;
  bool has_quotes = false;
  while ((end = line.find('"', end)) != std::string_view::npos && line.substr(end + 1).starts_with('"')) {
    has_quotes = true;
    end += 2;
  }
  if (end == std::string_view::npos) fail_at(begin, "this quote does not end in its line");
  std::string_view text = line.substr(begin + 1, end - begin - 1);
  if (has_quotes) {
    std::string& own = unescaped_.emplace_back();
    for (std::size_t k = 0; k < text.size(); ++k) {
      own += text[k];
      if (text[k] == '"') ++k;
    }
    text = own;
  }
  fields_.push_back({text, static_cast<int>(begin) + 1});
  ++end;
  if (separator_ != ' ' && end < line.size() && line[end] != separator_ &&
      blanks.find(line[end]) == blanks.npos) {
    fail_at(end, "text follows the quotes; a quote within them is written twice");
  }
  return end;
}

std::size_t TextTable::split_plain(std::string_view line, std::size_t begin) {
  std::size_t end = separator_ == ' '
                        ? line.find_first_of(" \t#", begin)
                        : std::min(line.find(separator_, begin), find_behind(line, '#', blanks, begin));
  end = std::min(end, line.size());
  const std::string_view text = line.substr(begin, end - begin);
  if (separator_ == ' ' || text.find('=') == std::string_view::npos) {
    add(line, begin, end);
    return end;
  }
  // Settings of a link come after blanks, even in a line of another separator.
  std::size_t at = begin;
  while ((at = line.find_first_not_of(blanks, at)) < end) {
    const std::size_t stop = std::min(line.find_first_of(blanks, at), end);
    add(line, at, stop);
    at = stop;
  }
  return end;
}

std::size_t TextTable::take_dictionary(std::string_view line, std::size_t begin) {
  const std::size_t end = line.rfind('}');
  if (end == std::string_view::npos || end < begin) {
    fail(rows_.back().line, static_cast<int>(begin) + 1, "this dictionary does not end in its line");
  }
  rows_.back().dictionary = {line.substr(begin, end - begin + 1), static_cast<int>(begin) + 1};
  return end + 1;
}

bool read_dictionary(std::string_view text,
                     const std::function<void(std::string_view, std::string_view)>& take) {
  const auto skip = [&](std::string_view what) {
    text.remove_prefix(std::min(text.find_first_not_of(what), text.size()));
  };
  const auto next = [&](std::string_view ends) {
    const bool quoted = text.starts_with('\'') || text.starts_with('"');
    std::size_t end = 0;
    if (quoted) {
      end = text.find(text.front(), 1);
      if (end == text.npos) return std::string_view();
      const std::string_view word = text.substr(1, end - 1);
      text.remove_prefix(end + 1);
      return word;
    }
    for (int depth = 0; end < text.size() && (depth > 0 || ends.find(text[end]) == ends.npos); ++end) {
      depth += std::string_view("([{").find(text[end]) != std::string_view::npos;
      depth -= std::string_view(")]}").find(text[end]) != std::string_view::npos;
    }
    std::string_view word = text.substr(0, end);
    text.remove_prefix(end);
    while (word.ends_with(' ')) word.remove_suffix(1);
    return word;
  };
  if (!text.starts_with('{')) return false;
  text.remove_prefix(1);
  for (skip(" ,"); !text.empty() && text.front() != '}'; skip(" ,")) {
    const std::string_view key = next(":}");
    skip(" ");
    if (key.empty() || !text.starts_with(':')) return false;
    text.remove_prefix(1);
    skip(" ");
    const std::string_view value = next(",}");
    take(key, value);
  }
  return text == "}";
}

}  // namespace gossamer
