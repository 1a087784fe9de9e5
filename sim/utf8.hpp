// Texts in UTF-8, as far as they have to be looked into.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gossamer {

/// The size of the UTF-8 character that a text begins with; 0 if it begins with none. Precondition: it is not
/// empty.
std::size_t character_size(std::string_view text);

/// The text without what would command a terminal, of which names of files are not free: controls become
/// blanks, and bytes that are no UTF-8 question marks.
std::string printable(std::string_view text);

}  // namespace gossamer
