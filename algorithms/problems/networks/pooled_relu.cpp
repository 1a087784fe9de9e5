#include "algorithms/problems/networks/pooled_relu.hpp"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include <cmath>
#include <cstdint>

namespace gossamer::networks {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;

/// Which of the four pixels a number came from, in the order of memory, or `none` where ReLU cut it off.
using Origin = std::uint8_t;
constexpr Origin none = 4;

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

/// Four pixels to one. The first of equal numbers counts, and the last NaN, as in libtorch. The compiler
/// needs to know that nothing overlaps to take several channels at a time.
template <class Real>
void pool(const Real* a, const Real* b, const Real* c, const Real* d, std::int64_t channels,
          Real* __restrict pooled, Origin* __restrict origin) {
  for (std::int64_t k = 0; k < channels; ++k) {
    Real most = a[k];
    Origin from = 0;
    const auto meet = [&](Real next, Origin which) {
      const bool more = next > most || std::isnan(next);
      most = more ? next : most;
      from = more ? which : from;
    };
    meet(b[k], 1);
    meet(c[k], 2);
    meet(d[k], 3);
    pooled[k] = most < 0 ? 0 : most;
    origin[k] = most <= 0 ? none : from;
  }
}

/// The gradient by the four pixels. Adding 0 makes 0 of -0, as libtorch's sums do.
template <class Real>
void spread(const Real* __restrict pooled, const Origin* __restrict origin, std::int64_t channels,
            Real* __restrict a, Real* __restrict b, Real* __restrict c, Real* __restrict d) {
  for (std::int64_t k = 0; k < channels; ++k) {
    const Real value = pooled[k] + Real{0};
    a[k] = origin[k] == 0 ? value : 0;
    b[k] = origin[k] == 1 ? value : 0;
    c[k] = origin[k] == 2 ? value : 0;
    d[k] = origin[k] == 3 ? value : 0;
  }
}

struct Function : torch::autograd::Function<Function> {
  static Tensor forward(AutogradContext* context, const Tensor& images) {
    const std::int64_t channels = images.size(1), below = images.size(3) * channels;
    const auto sizes = {images.size(0), channels, images.size(2) / 2, images.size(3) / 2};
    const Tensor pooled = torch::empty(sizes, images.options().memory_format(format));
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
  return Function::apply(images);
}

}  // namespace gossamer::networks
