#include "algorithms/problems/networks/pooled_relu.hpp"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include <cstdint>
#include <vector>

#include "algorithms/problems/networks/pooling.hpp"

namespace gossamer::networks {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;

constexpr auto format = torch::MemoryFormat::ChannelsLast;

/// Calls `act` with the offsets of the first of four pixels and of the one that they become.
void each_window(const Tensor& images, auto act) {
  const std::int64_t channels = images.size(1), height = images.size(2), width = images.size(3);
  std::int64_t pooled = 0;
  for (std::int64_t n = 0; n < images.size(0); ++n) {
    for (std::int64_t y = 0; y + 1 < height; y += 2) {
      for (std::int64_t x = 0; x + 1 < width; x += 2, pooled += channels) {
        act(((n * height + y) * width + x) * channels, pooled);
      }
    }
  }
}

struct PoolingGradient : torch::autograd::Function<PoolingGradient> {
  static Tensor forward(AutogradContext* context, const Tensor& images) {
    const std::int64_t channels = images.size(1), below = images.size(3) * channels;
    const auto sizes = {images.size(0), channels, images.size(2) / 2, images.size(3) / 2};
    Tensor pooled = torch::empty(sizes, images.options().memory_format(format));
    const Tensor origin = torch::empty(sizes, images.options().dtype(torch::kUInt8).memory_format(format));
    AT_DISPATCH_FLOATING_TYPES(images.scalar_type(), "PooledRelu", [&] {
      each_window(images, [&, from = images.data_ptr<scalar_t>(), to = pooled.data_ptr<scalar_t>(),
                           origins = origin.data_ptr<Origin>()](std::int64_t first, std::int64_t k) {
        const scalar_t* const at = from + first;
        pool(at, at + channels, at + below, at + below + channels, channels, to + k, origins + k);
      });
    });
    context->save_for_backward({origin});
    context->saved_data["sizes"] = images.sizes();
    return pooled;
  }

  static torch::autograd::variable_list backward(AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const Tensor origin = context->get_saved_variables()[0], pooled = gradients[0].contiguous(format);
    const std::vector<std::int64_t> sizes = context->saved_data["sizes"].toIntVector();
    const Tensor images = torch::empty(sizes, pooled.options().memory_format(format));
    if (sizes[2] % 2 != 0 || sizes[3] % 2 != 0) images.zero_();  // The last row or column goes nowhere.
    const std::int64_t channels = sizes[1], below = sizes[3] * channels;
    AT_DISPATCH_FLOATING_TYPES(images.scalar_type(), "PooledRelu", [&] {
      each_window(images, [&, from = pooled.data_ptr<scalar_t>(), origins = origin.data_ptr<Origin>(),
                           to = images.data_ptr<scalar_t>()](std::int64_t first, std::int64_t k) {
        scalar_t* const at = to + first;
        spread(from + k, origins + k, channels, at, at + channels, at + below, at + below + channels);
      });
    });
    return {images};
  }
};

}  // namespace

Tensor PooledRelu::forward(const Tensor& images) {
  // With the pixels of a channel side by side libtorch is as fast.
  if (!images.is_contiguous(format)) return torch::max_pool2d(images, 2).relu_();
  return PoolingGradient::apply(images);
}

}  // namespace gossamer::networks
