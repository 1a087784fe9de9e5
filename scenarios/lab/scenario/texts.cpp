#include "scenarios/lab/scenario/texts.hpp"

#include <algorithm>
#include <vector>

#include "algorithms/compressors/quantizers.hpp"
#include "scenarios/lab/scenario/compressors.hpp"
#include "scenarios/lab/scenario/networks.hpp"
#include "scenarios/lab/scenario/partitions.hpp"

namespace gossamer {

std::string Text<BatchSize>::expected(std::string_view) {
  return "full, or a number of rows from 1";
}
bool Text<BatchSize>::read(const Value& value, BatchSize& field, std::string_view) {
  field = {};
  return value.scalar == "full" || Text<decltype(field.rows)>::read(value, field.rows, "[1, inf)");
}
Value Text<BatchSize>::write(const BatchSize& field) {
  return field.rows ? Text<decltype(field.rows)>::write(field.rows) : scalar_value("full");
}
Value Text<BatchSize>::schema(std::string_view) {
  return union_schema({names_schema({"full"}), Text<std::int32_t>::schema("[1, inf)")});
}

std::string Text<DataName>::expected(std::string_view) {
  return Text<std::string>::expected("");
}
bool Text<DataName>::read(const Value& value, DataName& field, std::string_view) {
  InputFile file;
  if (!Text<InputFile>::read(value, file, "")) return false;
  field = file.name;
  if (field.may_be_path()) field.path = file.path;
  return true;
}
Value Text<DataName>::write(const DataName& field) {
  return Text<std::string>::write(field.name);
}
Value Text<DataName>::schema(std::string_view) {
  return Text<std::string>::schema("");
}

std::string Text<CommandLine>::expected(std::string_view) {
  return "a program and its arguments, [python3, model.py]";
}
bool Text<CommandLine>::read(const Value& value, CommandLine& field, std::string_view) {
  field = {};
  const bool is_list = value.kind == Value::Kind::sequence && !value.items.empty();
  if (!is_list || value.items.front().scalar.empty()) return false;
  if (!Text<std::vector<std::string>>::read(value, field.words, "")) return false;
  // It runs where the file lies that names it; on the command line, here.
  if (value.at.line > 0) field.folder = std::filesystem::path(*value.at.source).parent_path();
  return true;
}
Value Text<CommandLine>::write(const CommandLine& field) {
  return Text<std::vector<std::string>>::write(field.words);
}
Value Text<CommandLine>::schema(std::string_view) {
  Value list = list_schema(Text<std::string>::schema(""));
  list.entries.push_back({"minItems", {}, scalar_value("1")});
  return list;
}

std::string Text<JsonObject>::expected(std::string_view) {
  return "a map, {hidden: 32}";
}
bool Text<JsonObject>::read(const Value& value, JsonObject& field, std::string_view) {
  if (value.kind != Value::Kind::map) return false;
  field.text = to_json(value);
  return true;
}
Value Text<JsonObject>::write(const JsonObject& field) {
  return parse_document(field.text, "options");  // JSON is YAML.
}
Value Text<JsonObject>::schema(std::string_view) {
  return json_object({{"type", scalar_value("object")}});
}

std::string Text<Schedule>::expected(std::string_view domain) {
  return Text<double>::expected(domain) +
         ", or a schedule: {kind: inverse_sqrt, value: 0.1}, {kind: piecewise, value: 0.1, factor: 0.1, at: "
         "[500, 750]}";
}
bool Text<Schedule>::read(const Value& value, Schedule& field, std::string_view domain) {
  field = Schedule();
  if (value.kind == Value::Kind::scalar) return Text<double>::read(value, field.value, domain);
  if (value.kind != Value::Kind::map) return false;
  ScheduleMap map;
  read_section(value, "schedule", map);
  field = map.schedule;
  field.value = map.value;
  if (field.kind == Schedule::Kind::piecewise && field.at.empty()) {
    throw BadInput(value.at, "at: it takes the iterations after which the step size changes, [500, 750]");
  }
  if (!std::is_sorted(field.at.begin(), field.at.end())) {
    throw BadInput(value.find("at")->at, "at: the iterations have to be in ascending order");
  }
  return true;
}
Value Text<Schedule>::write(const Schedule& field) {
  if (field.kind == Schedule::Kind::constant) return Text<double>::write(field.value);
  return write_section(ScheduleMap{field.kind, field.value, field});
}
Value Text<Schedule>::schema(std::string_view domain) {
  return union_schema({Text<double>::schema(domain), schema_of(ScheduleMap{})});
}

std::string Text<Compressor>::expected(std::string_view) {
  return "one of " + joined(compressors().names());
}
bool Text<Compressor>::read(const Value& value, Compressor& field, std::string_view) {
  field = read_kind(compressors(), value);
  return true;
}
Value Text<Compressor>::write(const Compressor& field) {
  return write_kind(compressors(), *field);
}
Value Text<Compressor>::schema(std::string_view) {
  Value schema = schema_of(compressors());
  const auto given = [](const char* key) {
    return json_object({{"required", json_array({scalar_value(key)})}});
  };
  std::vector<Value>& forms = schema.entries.front().value.items;
  Value sparse = json_array({});  // Their names: they need k or a fraction, as sparse_fields() says.
  for (Value& form : forms) {
    const Value* const properties = form.find("properties");
    if (!properties || !properties->find("k") || !properties->find("fraction")) continue;
    if (const Value* const kind = properties->find("kind")) sparse.items.push_back(*kind->find("const"));
    form.entries.push_back({"oneOf", {}, json_array({given("k"), given("fraction")})});
  }
  forms.back().entries.push_back({"not", {}, json_object({{"enum", sparse}})});  // Last come the bare names.
  return schema;
}

// Fields that are one alternative of a std::variant.
// NOLINTBEGIN(bugprone-macro-parentheses): a type takes none.
#define GOSSAMER_VARIANT_TEXT(Type, catalogue)                               \
  std::string Text<Type>::expected(std::string_view) {                       \
    return "one of " + joined(catalogue().names());                          \
  }                                                                          \
  bool Text<Type>::read(const Value& value, Type& field, std::string_view) { \
    field = *read_kind(catalogue(), value);                                  \
    return true;                                                             \
  }                                                                          \
  Value Text<Type>::write(const Type& field) {                               \
    return write_kind(catalogue(), field);                                   \
  }                                                                          \
  Value Text<Type>::schema(std::string_view) {                               \
    return schema_of(catalogue());                                           \
  }
// NOLINTEND(bugprone-macro-parentheses)
GOSSAMER_VARIANT_TEXT(Quantizer, quantizers)
GOSSAMER_VARIANT_TEXT(PartitionScheme, partitions)
void Text<PartitionScheme>::fields(PartitionScheme& field, FieldVisitor& visitor) {
  field = *partitions().of(field).visited(field, visitor);
}

std::string Text<Placement>::expected(std::string_view) {
  return Text<Placement::Rule>::expected("") + ", or a list of sites, one for each node";
}
bool Text<Placement>::read(const Value& value, Placement& field, std::string_view) {
  if (value.kind == Value::Kind::sequence) {
    return Text<std::vector<std::string>>::read(value, field.value.emplace<std::vector<std::string>>(), "");
  }
  return Text<Placement::Rule>::read(value, field.value.emplace<Placement::Rule>(), "");
}
Value Text<Placement>::write(const Placement& field) {
  return std::visit([]<class T>(const T& place) { return Text<T>::write(place); }, field.value);
}
Value Text<Placement>::schema(std::string_view) {
  return union_schema({Text<Placement::Rule>::schema(""), Text<std::vector<std::string>>::schema("")});
}

}  // namespace gossamer
