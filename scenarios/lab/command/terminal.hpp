// What the command says on standard error, to people who may have left.
#pragma once

#include <string>
#include <string_view>

namespace gossamer {

/// Writes to standard error. A terminal that is closed, or a log on a full disk, is no reason to end a run.
void write_error(std::string_view text);

/// The text without what would command a terminal, of which names of files are not free: controls become
/// blanks, and bytes that are no UTF-8 question marks.
std::string printable(std::string_view text);

/// Prints what is wrong in one line on standard error, even if it quotes text of several lines.
void complain(std::string_view text);

}  // namespace gossamer
