// The networks of the papers, as libtorch modules.
#pragma once

#include <torch/nn.h>

#include "algorithms/problems/networks/shape.hpp"

namespace gossamer::networks {

/// A module from images [rows, channels, height, width] to scores [rows, classes].
struct Model {
  torch::nn::Sequential layers;
  /// Whether convolutions are faster with the channels of a pixel side by side in memory.
  bool channels_last = true;
};

/// Made with libtorch's own initialization, which draws from its default generator: seed that first.
/// Throws std::invalid_argument where there is no such architecture, or the images do not suit it.
Model make_model(const Architecture& architecture, const Shape& shape);

}  // namespace gossamer::networks
