// How fields of the simulation's own types are written in a scenario.
#pragma once

#include "algorithms/agent/schedule.hpp"
#include "algorithms/composite/quantizer.hpp"
#include "algorithms/compressors/compressor.hpp"
#include "algorithms/problems/batches.hpp"
#include "algorithms/problems/data/partition.hpp"
#include "algorithms/problems/process/process_problem.hpp"
#include "scenarios/lab/yaml/fields.hpp"
#include "sim/networks/links.hpp"

namespace gossamer {

GOSSAMER_TEXT(BatchSize);
GOSSAMER_TEXT(CommandLine);
GOSSAMER_TEXT(JsonObject);
GOSSAMER_TEXT(Schedule);
GOSSAMER_TEXT(Compressor);
GOSSAMER_TEXT(Quantizer);
GOSSAMER_TEXT(PartitionScheme);
GOSSAMER_TEXT(NetworkGraph);

}  // namespace gossamer
