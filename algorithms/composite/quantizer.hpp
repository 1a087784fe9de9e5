// What the selected coordinates of gradients travel with.
#pragma once

#include <variant>

namespace gossamer {

struct Threshold;
struct Ternary;

/// Q of the quantized composite methods.
using Quantizer = std::variant<Threshold, Ternary>;

}  // namespace gossamer
