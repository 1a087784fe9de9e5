// The quantizer of the selected coordinates of gradients.
#pragma once

#include <variant>

namespace gossamer {

struct Threshold;
struct Ternary;

/// Q in the quantized composite methods.
using Quantizer = std::variant<Threshold, Ternary>;

}  // namespace gossamer
