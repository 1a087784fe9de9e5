// PooledConvolution: the numbers and gradients of libtorch's own convolution, pooling and ReLU.
#include "algorithms/problems/networks/pooled_convolution.hpp"

#include <torch/csrc/autograd/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>
#undef CHECK  // libtorch has one of its own.

#include <array>
#include <catch2/catch.hpp>
#include <vector>

using gossamer::networks::PooledConvolution;
using torch::Tensor;

TEST_CASE("PooledConvolution has the numbers and gradients of libtorch") {
  torch::manual_seed(1);
  torch::set_num_threads(1);
  for (const auto& [count, channels, side] : std::vector<std::array<std::int64_t, 3>>{
           {5, 16, 28}, {32, 16, 28}, {2, 8, 7}, {3, 24, 9}, {3, 6, 8}, {1, 16, 28}}) {
    INFO(count << " images, " << channels << " channels, " << side << " pixels");
    torch::nn::Conv2d convolution(torch::nn::Conv2dOptions(1, channels, 3).padding(1));
    const Tensor weight = convolution->weight, bias = convolution->bias;
    weight.set_data(weight.contiguous(torch::MemoryFormat::ChannelsLast));
    const Tensor images = torch::randn({count, side, side, 1}).permute({0, 3, 1, 2});
    const Tensor by_output = torch::randn({count, channels, side / 2, side / 2});
    const auto results = [&](const Tensor& output) {
      std::vector<Tensor> all = torch::autograd::grad({output}, {weight, bias}, {by_output});
      all.push_back(output.detach());
      return all;
    };
    const auto got = results(PooledConvolution(convolution).forward(images));
    const auto expected = results(torch::max_pool2d(convolution->forward(images), 2).relu());
    for (std::size_t k = 0; k < expected.size(); ++k) {
      CHECK(torch::allclose(got[k], expected[k], 1e-4, 1e-4));
      if (__builtin_cpu_supports("avx512bw")) CHECK(torch::equal(got[k], expected[k]));
    }
  }
}
