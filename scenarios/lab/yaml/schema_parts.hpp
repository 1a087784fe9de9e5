// Parts of JSON schemas (draft 7), as trees that to_json() writes.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/lab/yaml/document.hpp"

namespace gossamer {

Value json_object(std::vector<std::pair<std::string_view, Value>> entries);
Value json_array(std::vector<Value> items);

/// `type` is "number" or "integer", `domain` an interval, "[0, 1)", or empty.
Value number_schema(const std::string& type, std::string_view domain);
/// One of these texts.
Value names_schema(const std::vector<std::string>& names);
/// Texts that a regular expression matches.
Value pattern_schema(const std::string& pattern);
/// "12.5 ms" with a unit out of "ms|s".
Value quantity_schema(const std::string& units);
Value list_schema(Value items);
/// What one of the schemas accepts.
Value union_schema(std::vector<Value> schemas);

}  // namespace gossamer
