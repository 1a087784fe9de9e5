#include "algorithms/compressors/magnitudes.hpp"

#include <string>

namespace gossamer {
namespace {

/// max_k |values[k]|, the values being those of coordinate(0), coordinate(1), ...
template <class Coordinate>
double finite_largest(std::span<const double> values, Wire wire, Coordinate coordinate) {
  const double largest = largest_magnitude(values);
  if (!std::isfinite(largest)) {
    const auto bad = std::ranges::find_if_not(values, [](double value) { return std::isfinite(value); });
    throw not_on_wire("coordinate " + std::to_string(coordinate(bad - values.begin())), *bad, wire);
  }
  return largest;
}

}  // namespace

double finite_largest_magnitude(std::span<const double> x, Wire wire) {
  return finite_largest(x, wire, [](Index j) { return j; });
}

double finite_largest_magnitude(const SparseVector& x, Wire wire) {
  return finite_largest(x.values, wire, [&](Index k) { return x.indices[k]; });
}

}  // namespace gossamer
