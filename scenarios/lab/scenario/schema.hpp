// The schema of scenarios, for editors.
#pragma once

#include "scenarios/lab/yaml/document.hpp"

namespace gossamer {

/// A JSON schema (draft 7) of scenarios. What it refuses, read_scenario() refuses, too; but that sees more:
/// what depends on several keys, and on files. In a scenario with a sweep every key may be left out, as the
/// sweep may give it.
Value scenario_schema();

}  // namespace gossamer
