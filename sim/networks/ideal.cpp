#include "sim/networks/ideal.hpp"

#include <stdexcept>

namespace gossamer {

Links IdealNetwork::links(const Traffic& traffic) const {
  if (traffic.overrides.empty()) return {};
  throw std::invalid_argument(
      "the topology's file gives links their own latency or bandwidth, which the ideal network ignores");
}

}  // namespace gossamer
