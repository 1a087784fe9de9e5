#include "scenarios/lab/yaml/schema_parts.hpp"

#include "scenarios/lab/yaml/fields.hpp"

namespace gossamer {
namespace {

/// The ends of an interval, "[0, 1)", as JSON schema has them.
void add_bounds(Value& schema, std::string_view interval) {
  if (interval.empty()) return;
  const auto [low, high] = ends_of(interval);
  const auto add = [&](const char* key, std::string_view end) {
    schema.entries.push_back({key, {}, scalar_value(std::string(end))});
  };
  if (low != "-inf") add(interval.front() == '[' ? "minimum" : "exclusiveMinimum", low);
  if (high != "inf") add(interval.back() == ']' ? "maximum" : "exclusiveMaximum", high);
}

}  // namespace

// NOLINTNEXTLINE(performance-unnecessary-value-param): the values are moved out of it.
Value json_object(std::vector<std::pair<std::string_view, Value>> entries) {
  Value map;
  map.kind = Value::Kind::map;
  for (auto& [key, value] : entries) map.entries.push_back({std::string(key), {}, std::move(value)});
  return map;
}

Value json_array(std::vector<Value> items) {
  Value list;
  list.kind = Value::Kind::sequence;
  list.items = std::move(items);
  return list;
}

Value number_schema(const std::string& type, std::string_view domain) {
  Value schema = json_object({{"type", scalar_value(type)}});
  add_bounds(schema, domain);
  return schema;
}

Value names_schema(const std::vector<std::string>& names) {
  Value all = json_array({});
  for (const std::string& name : names) all.items.push_back(scalar_value(name));
  return json_object({{"enum", std::move(all)}});
}

Value pattern_schema(const std::string& pattern) {
  return json_object({{"type", scalar_value("string")}, {"pattern", scalar_value(pattern)}});
}

Value quantity_schema(const std::string& units) {
  return pattern_schema("^([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)? *(" + units + ")$");
}

Value list_schema(Value items) {
  return json_object({{"type", scalar_value("array")}, {"items", std::move(items)}});
}

Value union_schema(std::vector<Value> schemas) {
  return json_object({{"anyOf", json_array(std::move(schemas))}});
}

}  // namespace gossamer
