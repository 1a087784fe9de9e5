// How fields of the simulation's own types are written in a scenario.
#pragma once

#include "algorithms/agent/schedule.hpp"
#include "algorithms/composite/quantizer.hpp"
#include "algorithms/compressors/compressor.hpp"
#include "algorithms/problems/batches.hpp"
#include "algorithms/problems/data/partition.hpp"
#include "algorithms/problems/process/process_problem.hpp"
#include "scenarios/lab/yaml/fields.hpp"
#include "sim/networks/sites.hpp"

namespace gossamer {

GOSSAMER_TEXT(BatchSize);
GOSSAMER_TEXT(CommandLine);
GOSSAMER_TEXT(JsonObject);
GOSSAMER_TEXT(Schedule);
GOSSAMER_TEXT(Compressor);
GOSSAMER_TEXT(Quantizer);
GOSSAMER_TEXT(PartitionScheme);
GOSSAMER_TEXT(Placement);

template <>
struct Text<ChosenGraph> {
  static std::string expected(std::string_view domain);
  static bool read(const Value& value, ChosenGraph& field, std::string_view domain);
  static Value write(const ChosenGraph& field);
  static void fields(ChosenGraph& field, FieldVisitor& visitor);
};

}  // namespace gossamer
