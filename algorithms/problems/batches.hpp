// Mini-batches: which of its rows a node's next gradient averages over.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "algorithms/problems/problem.hpp"
#include "sim/random.hpp"

namespace gossamer {

/// How many rows a mini-batch has; nothing: all of them ("full").
struct BatchSize {
  std::optional<std::int32_t> rows;
  friend bool operator==(BatchSize, BatchSize) = default;
};

/// The mini-batches of one node: without replacement, reshuffled each epoch (pass over its rows). The last
/// batch of an epoch may be shorter. A size above the number of rows means all of them.
class BatchSampler {
 public:
  /// `samples` >= 1 rows at the node, Problem::samples.
  BatchSampler(Index samples, BatchSize size);

  /// The next batch; empty, without a draw from `rng`, if a batch is all rows. Valid until the next call.
  Batch next(Rng& rng);

 private:
  std::vector<std::int32_t> order_;  ///< The order of rows in this epoch; empty if a batch is all rows.
  std::size_t size_ = 0;
  std::size_t used_ = 0;
};

}  // namespace gossamer
