#include "scenarios/lab/scenario/partitions.hpp"

namespace gossamer {

const Catalogue<PartitionScheme>& partitions() {
  static const Catalogue<PartitionScheme> all(
      "partition",
      {alternative<PartitionScheme>("contiguous", Contiguous{}, "file order, near-equal parts"),
       alternative<PartitionScheme>("iid", Iid{}, "a seeded shuffle, near-equal parts"),
       alternative<PartitionScheme>("labels_per_node", LabelsPerNode{}, "each node holds rows of few labels"),
       alternative<PartitionScheme>("dirichlet", Dirichlet{},
                                    "label proportions drawn from a Dirichlet distribution"),
       alternative<PartitionScheme>("file", PartitionFile{}, "a file says the node of each row")});
  return all;
}

}  // namespace gossamer
