#include "topologies/text_file.hpp"

#include <fmt/format.h>

#include <cerrno>

#include "topologies/graph.hpp"

namespace gossamer {

TextFile::TextFile(const std::string& path) : path_(path), stream_(path) {
  if (!stream_) {
    throw TopologyFileError(
        fmt::format("{}: cannot be opened: {}", path, std::generic_category().message(errno)));
  }
}

bool TextFile::next() {
  constexpr std::string_view blanks = " \t\r";
  words_.clear();
  while (words_.empty() && std::getline(stream_, text_)) {
    ++line_;
    std::string_view rest = std::string_view(text_).substr(0, text_.find('#'));
    while ((rest = rest.substr(std::min(rest.find_first_not_of(blanks), rest.size()))) != "") {
      words_.push_back(rest.substr(0, rest.find_first_of(blanks)));
      rest.remove_prefix(words_.back().size());
    }
  }
  if (stream_.bad()) throw TopologyFileError(fmt::format("{}: cannot be read", path_));
  return !words_.empty();
}

std::string TextFile::where(int line) const {
  return fmt::format("{}:{}", path_, line);
}

void TextFile::fail_at(int line, const std::string& what) const {
  throw TopologyFileError(fmt::format("{}: {}", where(line), what));
}

}  // namespace gossamer
