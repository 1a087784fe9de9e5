// PooledRelu: the bits of libtorch's own pooling and ReLU.
#include "algorithms/problems/networks/pooled_relu.hpp"

#include <torch/csrc/autograd/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>
#undef CHECK  // libtorch has one of its own.

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "sim/random.hpp"

using gossamer::networks::PooledRelu;
using torch::Tensor;

namespace {

/// Few different numbers, so that many are equal, and those that compare in ways of their own.
Tensor draw(gossamer::Rng& rng, const std::vector<std::int64_t>& sizes, torch::ScalarType type,
            torch::MemoryFormat format) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const std::vector<double> numbers{-1, -0.0, 0, 0.5, 1, 2, infinity, -infinity, std::nan("")};
  const Tensor drawn = torch::empty(sizes, torch::kFloat64);
  for (std::int64_t k = 0; k < drawn.numel(); ++k) {
    drawn.data_ptr<double>()[k] = numbers[static_cast<std::size_t>(rng.below(numbers.size()))];
  }
  return drawn.to(type).contiguous(format);
}

bool same_bits(const Tensor& a, const Tensor& b) {
  const auto bits = a.scalar_type() == torch::kFloat32 ? torch::kInt32 : torch::kInt64;
  return a.sizes() == b.sizes() && torch::equal(a.view(bits), b.view(bits));
}

/// What a layer makes of images, and its gradient by them.
std::pair<Tensor, Tensor> through(auto layer, const Tensor& images, const Tensor& gradient) {
  const Tensor input = images.detach().clone().requires_grad_();
  const Tensor output = layer(input);
  return {output.detach(), torch::autograd::grad({output}, {input}, {gradient})[0]};
}

}  // namespace

TEST_CASE("PooledRelu has the numbers and gradients of MaxPool2d and ReLU, to the bit") {
  gossamer::Rng rng(1);
  const auto apart = [](const Tensor& images) { return torch::relu(torch::max_pool2d(images, 2)); };
  const auto at_once = [](const Tensor& images) { return PooledRelu().forward(images); };
  for (const auto& sizes : std::vector<std::vector<std::int64_t>>{
           {2, 16, 8, 8}, {3, 33, 7, 5}, {1, 1, 6, 6}, {2, 1, 5, 4}, {2, 5, 2, 3}, {2, 64, 3, 7}}) {
    for (const auto type : {torch::kFloat32, torch::kFloat64}) {
      for (const auto format : {torch::MemoryFormat::Contiguous, torch::MemoryFormat::ChannelsLast}) {
        const Tensor images = draw(rng, sizes, type, format);
        for (const auto format_after : {torch::MemoryFormat::Contiguous, torch::MemoryFormat::ChannelsLast}) {
          const Tensor gradient =
              draw(rng, {sizes[0], sizes[1], sizes[2] / 2, sizes[3] / 2}, type, format_after);
          const auto expected = through(apart, images, gradient), got = through(at_once, images, gradient);
          CHECK(same_bits(got.first, expected.first));
          CHECK(same_bits(got.second, expected.second));
          CHECK(got.first.is_contiguous(format));
          CHECK(got.second.is_contiguous(format));
        }
      }
    }
  }
}
