#include "algorithms/support.hpp"

#include <utility>

namespace gossamer {

Support support_of(const Vector& x) {
  Support support(x.size());
  for (Index j = 0; j < x.size(); ++j) {
    if (x[j] != 0) support.insert(j);
  }
  return support;
}

SparseVector Selection::sparse() const {
  SparseVector vector;
  vector.indices.resize(values.size());
  vector.values.resize(values.size());
  // Every coordinate is written, over the one before if that is zero: no branch that cannot be foreseen.
  std::size_t k = 0, kept = 0;
  coordinates.for_each([&](Index j) {
    const double value = values[k++];
    vector.indices[kept] = static_cast<std::int32_t>(j);
    vector.values[kept] = value;
    kept += value != 0;
  });
  vector.indices.resize(kept);
  vector.values.resize(kept);
  return vector;
}

Selection select(const SparseVector& v, Support coordinates) {
  std::vector<double> values(static_cast<std::size_t>(coordinates.size()));
  // Costs as much as v has entries, besides a glance at the words before each: `rank` coordinates are in
  // these.
  const auto words = coordinates.words();
  std::size_t word = 0, rank = 0;
  for (std::size_t k = 0; k < v.indices.size(); ++k) {
    const Index j = v.indices[k];
    if (!coordinates.contains(j)) continue;
    for (; word < static_cast<std::size_t>(j / 64); ++word) {
      rank += static_cast<std::size_t>(std::popcount(words[word]));
    }
    const std::uint64_t before = words[word] & ((std::uint64_t{1} << (j % 64)) - 1);
    values[rank + static_cast<std::size_t>(std::popcount(before))] = v.values[k];
  }
  return {std::move(coordinates), std::move(values)};
}

Selection select(const Vector& v, Support coordinates) {
  std::vector<double> values(static_cast<std::size_t>(coordinates.size()));
  std::size_t k = 0;
  coordinates.for_each([&](Index j) { values[k++] = v[j]; });
  return {std::move(coordinates), std::move(values)};
}

}  // namespace gossamer
