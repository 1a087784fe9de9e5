// How fields of the simulation's own types are written in a scenario.
#pragma once

#include "algorithms/agent/schedule.hpp"
#include "algorithms/composite/quantizer.hpp"
#include "algorithms/compressors/compressor.hpp"
#include "algorithms/problems/batches.hpp"
#include "algorithms/problems/data/data_path.hpp"
#include "algorithms/problems/data/partition.hpp"
#include "algorithms/problems/process/process_problem.hpp"
#include "scenarios/lab/scenario/networks.hpp"
#include "scenarios/lab/yaml/fields.hpp"
#include "scenarios/lab/yaml/schema.hpp"
#include "sim/networks/sites.hpp"

namespace gossamer {

GOSSAMER_TEXT(BatchSize);
GOSSAMER_TEXT(DataName);
GOSSAMER_TEXT(CommandLine);
GOSSAMER_TEXT(JsonObject);
GOSSAMER_TEXT(Schedule);
/// A schedule as a map, which has at least these two keys.
struct ScheduleMap {
  Required<Schedule::Kind> kind;
  Required<double> value;
  Schedule schedule;  ///< Has the other keys.
  static void fields(auto& self, auto&& visit) {
    visit("kind", self.kind, "", "value; value / sqrt(t); or value, times factor after each of `at`");
    visit("value", self.value, "(0, inf)", "the first step size");
    if (self.kind.given()) self.schedule.kind = self.kind;
    Schedule::fields(self.schedule, visit);
  }
};
GOSSAMER_TEXT(Compressor);
GOSSAMER_TEXT(Quantizer);
GOSSAMER_TEXT(Placement);

template <>
struct Text<PartitionScheme> {
  static std::string expected(std::string_view domain);
  static bool read(const Value& value, PartitionScheme& field, std::string_view domain);
  static Value write(const PartitionScheme& field);
  static Value schema(std::string_view domain);
  static void fields(PartitionScheme& field, FieldVisitor& visitor);
};

/// Of an object of one kind of a catalogue, or none.
template <class I, const Catalogue<I>& (*catalogue)()>
struct ChosenText {
  using Field = std::shared_ptr<const I>;
  static std::string expected(std::string_view) { return "one of " + joined(catalogue().names()); }
  static bool read(const Value& value, Field& field, std::string_view) {
    field = read_kind(catalogue(), value);
    return true;
  }
  static Value write(const Field& field) { return field ? write_kind(catalogue(), *field) : Value{}; }
  static Value schema(std::string_view) { return schema_of(catalogue()); }
  static void fields(Field& field, FieldVisitor& visitor) {
    if (field) field = catalogue().of(*field).visited(*field, visitor);
  }
};
template <>
struct Text<ChosenGraph> : ChosenText<NetworkGraph, network_graphs> {};
template <>
struct Text<ChosenJitter> : ChosenText<Jitter, jitters> {};

}  // namespace gossamer
