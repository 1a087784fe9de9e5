// PooledConvolution: convolution, pooling and ReLU, for gray images at once.
#pragma once

#include <torch/nn/modules/conv.h>

namespace gossamer::networks {

/// A convolution 3 x 3 that keeps the size, then PooledRelu. Gray images are convolved two rows at a time,
/// and neither what is pooled nor the gradient by it is ever in memory as a whole. Sums have the order of
/// oneDNN on processors with AVX-512: there they have libtorch's bits.
struct PooledConvolution : torch::nn::Module {
  explicit PooledConvolution(torch::nn::Conv2d convolution);
  torch::Tensor forward(const torch::Tensor& images);

 private:
  torch::nn::Conv2d convolution_;
};

}  // namespace gossamer::networks
