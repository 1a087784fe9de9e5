// Which Gossamer this is.
#pragma once

namespace gossamer {

extern const char* const version;  ///< "0.1.0".
/// The revision of the sources that were built; with a "+" if they had been changed.
extern const char* const git_revision;

}  // namespace gossamer
