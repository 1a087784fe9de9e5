#include "algorithms/support.hpp"

namespace gossamer {

Support support_of(const Vector& x) {
  Support support(x.size());
  for (Index j = 0; j < x.size(); ++j) {
    if (x[j] != 0) support.insert(j);
  }
  return support;
}

std::vector<double> select(const SparseVector& v, const Support& selected) {
  std::vector<double> values;
  std::size_t k = 0;
  selected.for_each([&](Index j) {
    while (k < v.indices.size() && v.indices[k] < j) ++k;
    values.push_back(k < v.indices.size() && v.indices[k] == j ? v.values[k] : 0.0);
  });
  return values;
}

std::vector<double> select(const Vector& v, const Support& selected) {
  std::vector<double> values;
  selected.for_each([&](Index j) { values.push_back(v[j]); });
  return values;
}

}  // namespace gossamer
