// Which Gossamer this is.
#pragma once

namespace gossamer {

extern const char* const version;  ///< "0.1.0".
extern const char* const
    git_revision;  ///< Of the sources at the time of the build; "+" if they were changed.

}  // namespace gossamer
