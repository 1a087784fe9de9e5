// Messages of selected coordinates: which ones, and their quantized values.
#pragma once

#include "algorithms/agent/agent.hpp"
#include "algorithms/composite/quantizer.hpp"
#include "algorithms/compressors/quantizers.hpp"
#include "algorithms/vectors/support.hpp"

namespace gossamer {

/// The quantizer as one node uses it. A message is the indicator, d bits, then Q of the vector of the k
/// selected values: w + d + 2 k bits together [Xu et al. 2022, Section 3.5]. With layers, Q is applied to the
/// selected values of each.
class SelectionCodec {
 public:
  SelectionCodec(const Agent& agent, const Quantizer& quantizer) : agent_(agent), quantizer_(quantizer) {}

  /// Throws Divergence where a value is not finite or leaves the wire's range.
  Encoded operator()(const Selection& selection) const;
  /// Throws CorruptMessage.
  Selection decode(const Encoded& message) const;

 private:
  Agent agent_;
  Quantizer quantizer_;
};

}  // namespace gossamer
