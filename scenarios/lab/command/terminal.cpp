#include "scenarios/lab/command/terminal.hpp"

#include <cstdio>

namespace gossamer {

void write_error(std::string_view text) {
  // A failure is of no interest, and must not be met again by the next who writes.
  if (std::fwrite(text.data(), 1, text.size(), stderr) < text.size() || std::fflush(stderr) != 0) {
    std::clearerr(stderr);
  }
}

void complain(std::string_view text) {
  write_error(printable(text) + "\n");
}

}  // namespace gossamer
