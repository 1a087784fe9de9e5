#include "scenarios/lab/yaml/schema.hpp"

#include <algorithm>

namespace gossamer {
namespace {

/// `schema` with what editors show.
Value described(const std::string& about, Value schema, const Value& preset) {
  Value all = json_object({});
  if (!about.empty()) all.entries.push_back({"description", {}, scalar_value(about)});
  if (preset.kind != Value::Kind::null) all.entries.push_back({"default", {}, preset});
  for (Value::Entry& entry : schema.entries) all.entries.push_back(std::move(entry));
  return all;
}

/// The short form of a kind, whose schema this is: its name in the place of its short key.
Value short_form(const std::string& name, const std::string& short_key, std::string_view key,
                 const Value& schema) {
  SchemaWriter form;
  for (const Value::Entry& property : schema.find("properties")->entries) {
    const bool is_short = property.key == short_key;
    if (property.key != key) form.add(is_short ? name : property.key, property.value, is_short);
  }
  return form.schema();
}

/// Whether a kind's name says it all.
bool may_stand_alone(const Kinds& kinds, std::size_t kind) {
  SchemaWriter fields;
  kinds.visit(kind, fields);
  return !fields.schema().find("required");
}

}  // namespace

void SchemaWriter::add(std::string_view key, Value schema, bool required) {
  if (properties_.find(key)) return;
  properties_.entries.push_back({std::string(key), {}, std::move(schema)});
  if (required) required_.items.push_back(scalar_value(std::string(key)));
}

Value SchemaWriter::schema() const {
  Value properties = properties_;
  properties.kind = Value::Kind::map;
  Value schema = json_object({{"type", scalar_value("object")},
                              {"additionalProperties", scalar_value("false")},
                              {"properties", std::move(properties)}});
  if (!required_.items.empty()) {
    schema.entries.push_back({"required", {}, json_array(required_.items)});
  }
  return schema;
}

void SchemaWriter::meet(const Field& field) {
  if (properties_.find(field.key)) return;
  const bool may_be_left_out = field.may_be_left_out();
  Value schema, preset;
  if (field.type.is_section()) {
    SchemaWriter section;
    field.type.fields(field.value, section);
    schema = section.schema();
  } else {
    schema = field.type.schema(field.domain);
    if (may_be_left_out) preset = field.type.write(field.value);
  }
  // Fields that only some values of others bring are not asked for.
  add(field.key, described(std::string(field.about), std::move(schema), preset),
      !may_be_left_out && !is_conditional());
}

Value schema_of(const Kinds& kinds, std::string_view key, std::string_view preset,
                const CommonFields& common) {
  const std::vector<std::string> names = kinds.names();
  Value forms = json_array({});
  std::vector<std::string> alone;
  for (std::size_t kind = 0; kind < names.size(); ++kind) {
    SchemaWriter map;
    map.add(
        key,
        json_object({{"const", scalar_value(names[kind])}, {"description", scalar_value(kinds.about(kind))}}),
        names[kind] != preset);
    map.all([&] {
      kinds.visit(kind, map);
      if (common) common(kind, map);
    });
    if (may_stand_alone(kinds, kind)) alone.push_back(names[kind]);
    Value schema = map.schema();
    const std::string short_key = kinds.short_key(kind);
    if (!short_key.empty()) forms.items.push_back(short_form(names[kind], short_key, key, schema));
    schema.entries.insert(schema.entries.begin(),
                          {"description", {}, scalar_value(names[kind] + ": " + kinds.about(kind))});
    forms.items.push_back(std::move(schema));
  }
  if (!alone.empty()) forms.items.push_back(names_schema(alone));
  return union_schema(std::move(forms.items));
}

Value without_required(Value schema) {
  if (schema.find("properties") || schema.find("enum")) {
    std::erase_if(schema.entries, [](const Value::Entry& entry) {
      // oneOf: one of several that are required; not: names that say too little.
      return entry.key == "required" || entry.key == "oneOf" || entry.key == "not";
    });
  }
  for (Value& item : schema.items) item = without_required(std::move(item));
  for (Value::Entry& entry : schema.entries) entry.value = without_required(std::move(entry.value));
  return schema;
}

}  // namespace gossamer
