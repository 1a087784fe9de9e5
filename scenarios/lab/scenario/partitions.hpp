// The ways to split rows over nodes that a scenario can name.
#pragma once

#include "algorithms/problems/data/partition.hpp"
#include "scenarios/lab/yaml/kinds.hpp"

namespace gossamer {

const Catalogue<PartitionScheme>& partitions();

}  // namespace gossamer
