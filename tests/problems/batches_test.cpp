#include "algorithms/problems/batches.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>

namespace gossamer {
namespace {

TEST_CASE("an epoch visits every row once, the next in another order") {
  for (const auto& [samples, size] : {std::pair{10, 3}, {12, 4}, {100, 1}, {7, 6}}) {
    INFO(samples << " rows by " << size);
    BatchSampler sampler(samples, {size});
    Rng rng(1);
    std::vector<std::int32_t> previous;
    for (int epoch = 0; epoch < 3; ++epoch) {
      std::vector<std::int32_t> order;
      while (std::ssize(order) < samples) {
        const Batch batch = sampler.next(rng);
        CHECK(std::ssize(batch) == std::min<Index>(size, samples - std::ssize(order)));
        order.insert(order.end(), batch.begin(), batch.end());
      }
      std::vector<std::int32_t> sorted = order, all(static_cast<std::size_t>(samples));
      std::ranges::sort(sorted);
      std::iota(all.begin(), all.end(), 0);
      CHECK(sorted == all);
      CHECK(order != previous);
      previous = order;
    }
  }
}

TEST_CASE("all rows: an empty batch, and no random number is used") {
  for (const BatchSize size : {BatchSize{}, BatchSize{5}, BatchSize{6}}) {
    BatchSampler sampler(5, size);
    Rng rng(1), untouched(1);
    CHECK(sampler.next(rng).empty());
    CHECK(sampler.next(rng).empty());
    CHECK(rng.next() == untouched.next());
  }
}

TEST_CASE("equal streams give equal batches") {
  BatchSampler a(50, {8}), b(50, {8});
  Rng rng_a(4), rng_b(4);
  for (int k = 0; k < 20; ++k) CHECK(std::ranges::equal(a.next(rng_a), b.next(rng_b)));
}

}  // namespace
}  // namespace gossamer
