// The vectors of optimization: coordinate-wise arithmetic, as the papers write it.
#pragma once

#include <Eigen/Core>
#include <span>
#include <vector>

namespace gossamer {

/// A point or a gradient in R^d. An Eigen *array*: `m / v.sqrt()` acts on each coordinate.
/// Declare results as `Vector`, never `auto`: Eigen's expressions refer to their operands.
using Vector = Eigen::ArrayXd;
using Index = Eigen::Index;

inline Vector zeros_like(const Vector& x) {
  return Vector::Zero(x.size());
}
inline Vector constant_like(const Vector& x, double value) {
  return Vector::Constant(x.size(), value);
}

/// The coordinates where they lie.
inline std::span<const double> coordinates(const Vector& x) {
  return {x.data(), static_cast<std::size_t>(x.size())};
}
inline std::span<double> coordinates(Vector& x) {
  return {x.data(), static_cast<std::size_t>(x.size())};
}

/// How many coordinates each of the consecutive parts of a vector has that are treated one by one, such as
/// the layers of a network; empty: the vector is one part.
using Layers = std::vector<Index>;

/// Calls visit(part) for each part of a vector, in order.
template <class Number, class Visit>
void for_each_layer(std::span<Number> x, const Layers& layers, Visit&& visit) {
  if (layers.empty()) return visit(x);
  for (const Index size : layers) {
    visit(x.first(static_cast<std::size_t>(size)));
    x = x.subspan(static_cast<std::size_t>(size));
  }
}

/// The square of the Euclidean norm.
inline double squared_norm(const Vector& x) {
  return x.matrix().squaredNorm();
}
inline double norm(const Vector& x) {
  return x.matrix().norm();
}

}  // namespace gossamer
