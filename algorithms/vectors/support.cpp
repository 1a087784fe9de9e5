#include "algorithms/vectors/support.hpp"

#include <utility>

namespace gossamer {

Support support_of(const Vector& x) {
  Support support(x.size());
  for (Index j = 0; j < x.size(); ++j) {
    if (x[j] != 0) support.insert(j);
  }
  return support;
}

// Both ways cost as much as there are values, besides a pass over the words.

Selection select(const SparseVector& v, Support coordinates) {
  SparseVector values;
  values.indices.reserve(v.indices.size());
  values.values.reserve(v.indices.size());
  const auto words = coordinates.words();
  std::size_t word = 0;
  int rank = 0;  // The rank of the first bit of words[word].
  for (std::size_t k = 0; k < v.indices.size(); ++k) {
    const Index j = v.indices[k];
    if (!coordinates.contains(j)) continue;
    for (; word < static_cast<std::size_t>(j / 64); ++word) rank += std::popcount(words[word]);
    const std::uint64_t before = words[word] & ((std::uint64_t{1} << (j % 64)) - 1);
    values.indices.push_back(rank + std::popcount(before));
    values.values.push_back(v.values[k]);
  }
  return {std::move(coordinates), std::move(values)};
}

SparseVector Selection::sparse() const {
  SparseVector v{{}, values.values};
  v.indices.reserve(values.indices.size());
  const auto words = coordinates.words();
  std::size_t word = 0;
  std::uint64_t rest = words.empty() ? 0 : words[0];  // Of words[word].
  std::int32_t rank = 0;                              // Of its first bit.
  for (const std::int32_t r : values.indices) {
    for (int count; rank + (count = std::popcount(rest)) <= r; rest = words[++word]) rank += count;
    for (; rank < r; ++rank) rest &= rest - 1;
    v.indices.push_back(static_cast<std::int32_t>(64 * word) + std::countr_zero(rest));
  }
  return v;
}

}  // namespace gossamer
