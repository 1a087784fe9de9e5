// Which Gossamer this is.
#pragma once

namespace gossamer {

extern const char* const version;  ///< "0.1.0".
/// The revision of the sources that were built; with a "+" if they had been changed.
extern const char* const git_revision;

/// Raised with every change after which some scenario has another trace: sweeps then make their runs anew.
/// tests/manifest notices where that is forgotten.
inline constexpr int numerics = 4;

}  // namespace gossamer
