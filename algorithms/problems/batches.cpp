#include "algorithms/problems/batches.hpp"

#include <algorithm>
#include <numeric>

namespace gossamer {

BatchSampler::BatchSampler(Index samples, BatchSize size) {
  if (!size.rows || *size.rows >= samples) return;
  size_ = static_cast<std::size_t>(*size.rows);
  order_.resize(static_cast<std::size_t>(samples));
  std::iota(order_.begin(), order_.end(), 0);
}

Batch BatchSampler::next(Rng& rng) {
  if (order_.empty()) return {};
  if (used_ == order_.size()) used_ = 0;
  if (used_ == 0) shuffle(order_, rng);
  const Batch batch = Batch(order_).subspan(used_, std::min(size_, order_.size() - used_));
  used_ += batch.size();
  return batch;
}

}  // namespace gossamer
