#include "algorithms/agent/measures.hpp"

#include <limits>

namespace gossamer {

double Measures::value(std::string_view name) const {
  const auto found = all_.find(name);
  return found == all_.end() ? std::numeric_limits<double>::quiet_NaN() : found->second->value();
}

}  // namespace gossamer
