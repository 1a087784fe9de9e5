#include "scenarios/lab/command/terminal.hpp"

#include <algorithm>
#include <cstdio>

namespace gossamer {
namespace {

/// The length of the UTF-8 character at the beginning, or 0. Overlong forms and surrogates are let through:
/// they harm no terminal.
std::size_t character(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t size = first < 0x80   ? 1
                           : first < 0xc2 ? 0
                           : first < 0xe0 ? 2
                           : first < 0xf0 ? 3
                           : first < 0xf5 ? 4
                                          : 0;
  if (size == 0 || text.size() < size) return 0;
  const bool whole = std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(size),
                                 [](char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; });
  return whole ? size : 0;
}

}  // namespace

void write_error(std::string_view text) {
  // A failure is of no interest, and must not be met again by the next who writes.
  if (std::fwrite(text.data(), 1, text.size(), stderr) < text.size() || std::fflush(stderr) != 0) {
    std::clearerr(stderr);
  }
}

std::string printable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t size = character(text);
    const auto first = static_cast<unsigned char>(text.front());
    const bool is_control = first < ' ' || first == 0x7f ||
                            (first == 0xc2 && size == 2 && static_cast<unsigned char>(text[1]) < 0xa0);
    result += size == 0 ? std::string_view("?") : is_control ? std::string_view(" ") : text.substr(0, size);
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return result;
}

void complain(std::string_view text) {
  write_error(printable(text) + "\n");
}

}  // namespace gossamer
