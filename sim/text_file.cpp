#include "sim/text_file.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

namespace gossamer {

std::shared_ptr<const std::string> text_of(const InputFile& file) {
  if (file.content) return file.content;
  const std::string path = file.path.string();
  std::error_code ignored;
  const auto status = std::filesystem::status(file.path, ignored);
  // A pipe that nobody writes to would be waited for, and a device may never end.
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    throw InputFileError(path + ": cannot be read: it is not a file");
  }
  std::ifstream stream(file.path, std::ios::binary);
  if (!stream) {
    throw InputFileError(path + ": cannot be opened: " + std::generic_category().message(errno));
  }
  auto text = std::make_shared<const std::string>(std::istreambuf_iterator<char>(stream),
                                                  std::istreambuf_iterator<char>());
  if (stream.bad()) throw InputFileError(path + ": cannot be read");
  return text;
}

namespace {

void split(std::string_view text, std::string_view separators, std::vector<std::string_view>& words) {
  while ((text = text.substr(std::min(text.find_first_not_of(separators), text.size()))) != "") {
    words.push_back(text.substr(0, text.find_first_of(separators)));
    text.remove_prefix(words.back().size());
  }
}

}  // namespace

std::vector<std::string_view> words_of(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> words;
  split(text, separators, words);
  return words;
}

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); });
  return lower;
}

std::string counted(std::size_t count, const std::string& one, const std::string& several) {
  return std::to_string(count) + " " + (count == 1 ? one : several);
}

bool TextFile::next() {
  words_.clear();
  while (words_.empty() && !rest_.empty()) {
    ++line_;
    const std::size_t end = rest_.find('\n');
    std::string_view line = rest_.substr(0, end);
    rest_ = end == std::string_view::npos ? "" : rest_.substr(end + 1);
    begin_ = line.data();
    split(line.substr(0, line.find(comment_)), separators_, words_);
  }
  return !words_.empty();
}

void TextFile::fail(std::string_view word, const std::string& what) const {
  throw InputFileError(where() + ":" + std::to_string(word.data() - begin_ + 1) + ": " + what);
}

std::string TextFile::where(int line) const {
  return line == 0 ? path_ : path_ + ":" + std::to_string(line);
}

void TextFile::fail_at(int line, const std::string& what) const {
  throw InputFileError(where(line) + ": " + what);
}

}  // namespace gossamer
