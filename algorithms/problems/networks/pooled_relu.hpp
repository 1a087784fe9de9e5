// PooledRelu: ReLU after max pooling over 2 x 2 pixels, in one pass over memory each way.
#pragma once

#include <torch/nn/module.h>

namespace gossamer::networks {

/// The numbers and gradients of MaxPool2d(2) and of ReLU after it, to the bit; ReLU before it would give the
/// same. It reads images once and writes their gradient once, where libtorch goes over both several times.
struct PooledRelu : torch::nn::Module {
  torch::Tensor forward(const torch::Tensor& images);
};

}  // namespace gossamer::networks
