#include "topologies/listed_graph.hpp"

#include <algorithm>

namespace gossamer {

bool precedes(std::string_view name, std::string_view other) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const std::string_view whole = name, whole_other = other;
  const auto take_number = [&](std::string_view& text) {
    std::size_t end = 0;
    while (end < text.size() && is_digit(text[end])) ++end;
    std::string_view digits = text.substr(0, end);
    text.remove_prefix(end);
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    return digits;
  };
  while (!name.empty() && !other.empty()) {
    if (is_digit(name.front()) && is_digit(other.front())) {
      const std::string_view a = take_number(name), b = take_number(other);
      if (a != b) return a.size() != b.size() ? a.size() < b.size() : a < b;
    } else if (name.front() != other.front()) {
      // As std::string has it: a byte of UTF-8 beyond ASCII is greater than one of ASCII.
      return name.substr(0, 1) < other.substr(0, 1);
    } else {
      name.remove_prefix(1);
      other.remove_prefix(1);
    }
  }
  if (name.empty() != other.empty()) return name.empty();
  return whole < whole_other;  // "1" and "01".
}

}  // namespace gossamer
