// What the command says on standard error, to people who may have left.
#pragma once

#include <string_view>

#include "sim/utf8.hpp"

namespace gossamer {

/// Writes to standard error. A terminal that is closed, or a log on a full disk, is no reason to end a run.
void write_error(std::string_view text);

/// Prints what is wrong in one line on standard error, even if it quotes text of several lines.
void complain(std::string_view text);

}  // namespace gossamer
