#include "algorithms/compressors/magnitudes.hpp"

#include <string>

namespace gossamer {

double finite_largest_magnitude(std::span<const double> x, Wire wire) {
  const double largest = largest_magnitude(x);
  if (!std::isfinite(largest)) {
    const auto bad = std::ranges::find_if_not(x, [](double x_j) { return std::isfinite(x_j); });
    throw not_on_wire("coordinate " + std::to_string(bad - x.begin()), *bad, wire);
  }
  return largest;
}

}  // namespace gossamer
