# Writes OUTPUT, which defines `version` and `git_revision`, if they have changed.
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty=+ --abbrev=12 --exclude=*
                OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT revision)
  set(revision "unknown")
endif()
file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT [[
#include "scenarios/lab/trace/revision.hpp"

namespace gossamer {

const char* const version = "@VERSION@";
const char* const git_revision = "@revision@";

}  // namespace gossamer
]])
