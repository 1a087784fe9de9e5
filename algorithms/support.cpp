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
  std::size_t k = 0;
  coordinates.for_each([&](Index j) {
    if (const double value = values[k++]; value != 0) {
      vector.indices.push_back(static_cast<std::int32_t>(j));
      vector.values.push_back(value);
    }
  });
  return vector;
}

Selection select(const SparseVector& v, Support coordinates) {
  std::vector<double> values;
  std::size_t k = 0;
  coordinates.for_each([&](Index j) {
    while (k < v.indices.size() && v.indices[k] < j) ++k;
    values.push_back(k < v.indices.size() && v.indices[k] == j ? v.values[k] : 0.0);
  });
  return {std::move(coordinates), std::move(values)};
}

Selection select(const Vector& v, Support coordinates) {
  std::vector<double> values;
  coordinates.for_each([&](Index j) { values.push_back(v[j]); });
  return {std::move(coordinates), std::move(values)};
}

}  // namespace gossamer
