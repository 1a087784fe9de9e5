// Short forms of kinds in a document whose keys are about to be set.
#pragma once

#include <string>
#include <string_view>

#include "scenarios/lab/yaml/document.hpp"

namespace gossamer {

/// Spells out the kinds on the way to `path` that are written short and have not the next key of the path:
/// {dirichlet: 0.1} becomes {kind: dirichlet, alpha: 0.1} for problem.partition.alpha. Then that key can be
/// set.
void spell_out(Value& document, std::string_view path);

/// The same for an assignment on the command line, and then sets it.
void set_spelled_out(Value& document, const std::string& assignment);

}  // namespace gossamer
