// Compute time: how long nodes compute, on the simulated clock.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/message.hpp"
#include "sim/units.hpp"

namespace gossamer {

/// Called on the scheduler's thread, for each node in the order in which its computations begin. So a model
/// may draw from a random stream of the node.
class ComputeTime {
 public:
  virtual ~ComputeTime() = default;
  /// How long the gradient that `node` begins now takes, over `rows` rows of its data.
  virtual Duration gradient(NodeId node, std::int64_t rows) = 0;
  /// Whether a gradient could take any time.
  virtual bool passes() const = 0;
};

/// All gradients of a node take the same time: `gradient` times the node's factor. As a scenario names it.
struct ConstantComputeTime {
  Duration gradient{};          ///< What one gradient takes.
  std::vector<double> factors;  ///< [nodes], or empty: node i takes factors[i] times as long.

  static void fields(auto& self, auto&& visit) {
    visit("gradient", self.gradient, "", "what one gradient takes");
    visit("factors", self.factors, "[0, inf)", "for each node: how many times as long a gradient takes");
  }
  /// Throws std::invalid_argument if there is not one factor for each of the `nodes` nodes that compute, if
  /// the factors have no effect, or if a gradient would outlast the clock.
  std::unique_ptr<ComputeTime> make(NodeId nodes) const;
};

}  // namespace gossamer
