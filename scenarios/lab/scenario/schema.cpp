#include "scenarios/lab/scenario/schema.hpp"

#include "scenarios/lab/scenario/scenario.hpp"
#include "scenarios/lab/scenario/texts.hpp"
#include "scenarios/lab/yaml/schema.hpp"
#include "scenarios/lab/yaml/schema_parts.hpp"

namespace gossamer {
namespace {

Value text(std::string words) {
  return scalar_value(std::move(words));
}

Value described(std::string about, Value schema) {
  schema.entries.insert(schema.entries.begin(), {"description", {}, text(std::move(about))});
  return schema;
}

/// Of a section that has to be there with one key at least.
template <HasFields T>
Value with_a_key(const T& fields) {
  Value schema = schema_of(fields);
  schema.entries.push_back({"minProperties", {}, text("1")});
  return schema;
}

/// The sections of scenarios without a sweep, by their keys.
Value sections() {
  return json_object(
      {{"name", described("the legend in figures", Text<std::string>::schema(""))},
       {"seed", described("the root of all random streams", Text<std::uint64_t>::schema("[0, inf)"))},
       {"topology", described("the graph", schema_of(topologies(), "kind", "", common_of_topologies()))},
       {"mixing", described("how W is made from the graph", schema_of(mixings()))},
       {"network",
        described("what carries the messages", schema_of(networks(), "model", "store_and_forward"))},
       {"compute", described("how long a gradient takes", schema_of(compute_times(), "kind", "constant"))},
       {"coding", described("how fast nodes compress and decompress", with_a_key(Coding{}))},
       {"faults", described("losses, jitter, outages and pauses", schema_of(Faults{}))},
       {"problem",
        described("the objective and its data", schema_of(problems(), "kind", "", common_of_problems()))},
       {"algorithm", described("the algorithm and its parameters",
                               schema_of(algorithms(), "kind", "", common_of_algorithms()))},
       {"stop", described("the run ends at the first of these that comes true", with_a_key(Stop{}))},
       {"record", described("what the trace keeps", schema_of(Record{}))}});
}

Value filled(Value schema, const char* least) {
  schema.entries.push_back({least, {}, text("1")});
  return schema;
}

/// A map of paths to what this schema describes.
Value paths_to(Value schema) {
  return filled(json_object({{"type", text("object")}, {"additionalProperties", std::move(schema)}}),
                "minProperties");
}

/// Paths are not followed: their values may be anything.
Value sweep_schema() {
  const Value anything = json_object({});
  const Value values = union_schema({filled(list_schema(anything), "minItems"), paths_to(anything)});
  const Value zip = paths_to(values), rule = paths_to(anything);
  SchemaWriter addition;
  addition.add("where", rule, true);
  addition.add("set", rule, true);
  Value schema = zip;
  schema.entries.push_back({"properties",
                            {},
                            json_object({{"zip", union_schema({zip, list_schema(zip)})},
                                         {"exclude", list_schema(rule)},
                                         {"also", list_schema(addition.schema())}})});
  schema.entries.push_back({"propertyNames", {}, json_object({{"not", pattern_schema("^sweep(\\.|$)")}})});
  return described(
      "which keys vary, by their dotted paths: a list, or named variants of a section; zip, exclude, also",
      std::move(schema));
}

}  // namespace

Value scenario_schema() {
  Value required = json_array({});
  for (const auto* section : {"topology", "problem", "algorithm", "stop"})
    required.items.push_back(text(section));
  Value complete = sections(), all = without_required(complete);
  all.entries.push_back({"sweep", {}, sweep_schema()});
  Value without_sweep = json_object({{"not", json_object({{"required", json_array({text("sweep")})}})}});
  return json_object(
      {{"$schema", text("http://json-schema.org/draft-07/schema#")},
       {"title", text("A scenario of Gossamer")},
       {"type", text("object")},
       {"additionalProperties", text("false")},
       {"properties", std::move(all)},
       {"if", std::move(without_sweep)},
       {"then", json_object({{"properties", std::move(complete)}, {"required", std::move(required)}})}});
}

}  // namespace gossamer
