// Sparse vectors: the coordinates that are not zero.
#pragma once

#include <cstdint>
#include <vector>

#include "algorithms/vector.hpp"

namespace gossamer {

/// A vector in R^d by its coordinates: those that are not listed are zero.
struct SparseVector {
  std::vector<std::int32_t> indices;  ///< Strictly ascending.
  std::vector<double> values;         ///< As many; they may be zero, too.
};

/// The coordinates of x that are not zero.
inline SparseVector nonzeros(const Vector& x) {
  SparseVector sparse;
  for (Index j = 0; j < x.size(); ++j) {
    if (x[j] == 0) continue;
    sparse.indices.push_back(static_cast<std::int32_t>(j));
    sparse.values.push_back(x[j]);
  }
  return sparse;
}

}  // namespace gossamer
