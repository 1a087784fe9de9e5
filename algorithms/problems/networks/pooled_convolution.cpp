#include "algorithms/problems/networks/pooled_convolution.hpp"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "algorithms/problems/networks/pooled_relu.hpp"
#include "algorithms/problems/networks/pooling.hpp"

namespace gossamer::networks {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;

constexpr std::int64_t lanes = 8, taps = 9;
/// Neighbouring channels in a register.
using Lanes [[gnu::vector_size(32)]] = float;

Lanes load(const float* from) {
  Lanes values;
  std::memcpy(&values, from, sizeof values);
  return values;
}
void store(float* to, Lanes values) {
  std::memcpy(to, &values, sizeof values);
}
/// x * a + b, rounded once.
Lanes fused(float x, Lanes a, Lanes b) {
  for (int k = 0; k < lanes; ++k) b[k] = std::fma(x, a[k], b[k]);
  return b;
}

/// Weights and biases as registers take them: [tap, channel], and a last row of biases.
class Weights {
 public:
  explicit Weights(std::int64_t channels) : channels_(channels), numbers_((taps + 1) * channels) {}
  Weights(const Tensor& weights, const Tensor& biases) : Weights(weights.size(0)) {
    for (std::int64_t c = 0; c < channels_; ++c) {
      for (std::int64_t k = 0; k < taps; ++k) of(k)[c] = weights.data_ptr<float>()[c * taps + k];
      of(taps)[c] = biases.data_ptr<float>()[c];
    }
  }
  void get(const Tensor& weights, const Tensor& biases) {
    for (std::int64_t c = 0; c < channels_; ++c) {
      for (std::int64_t k = 0; k < taps; ++k) weights.data_ptr<float>()[c * taps + k] = of(k)[c];
      biases.data_ptr<float>()[c] = of(taps)[c];
    }
  }
  std::int64_t channels() const { return channels_; }
  float* of(std::int64_t tap) { return numbers_.data() + tap * channels_; }

 private:
  std::int64_t channels_;
  std::vector<float> numbers_;
};

/// An image within a frame of zeros.
class Framed {
 public:
  explicit Framed(const Tensor& images)
      : height_(images.size(2)), line_(images.size(3) + 2), pixels_((height_ + 2) * line_) {}
  void put(const float* image) {
    const std::int64_t width = line_ - 2;
    for (std::int64_t y = 0; y < height_; ++y) {
      std::copy_n(image + y * width, width, pixels_.data() + (y + 1) * line_ + 1);
    }
  }
  /// What a tap meets of row y.
  const float* row(std::int64_t y, std::int64_t tap) const {
    return pixels_.data() + (y + tap / 3) * line_ + tap % 3;
  }

 private:
  std::int64_t height_, line_;
  std::vector<float> pixels_;
};

/// The convolution of every second pixel of a row, [x / 2, channel].
void convolve(const Framed& image, std::int64_t y, std::int64_t from_x, std::int64_t half, Weights& weights,
              float* result) {
  for (std::int64_t c = 0; c < weights.channels(); c += lanes) {
    Lanes weight[taps];
#pragma GCC unroll 9
    for (std::int64_t k = 0; k < taps; ++k) weight[k] = load(weights.of(k) + c);
    const Lanes bias = load(weights.of(taps) + c);
    for (std::int64_t x = 0; x < half; ++x) {
      Lanes sum{};
#pragma GCC unroll 9
      for (std::int64_t k = 0; k < taps; ++k) sum = fused(image.row(y, k)[from_x + 2 * x], weight[k], sum);
      store(result + x * weights.channels() + c, sum + bias);
    }
  }
}

/// Adds the gradient by the weights, of those by the even and the odd pixels of a row.
void add_gradient(const Framed& image, std::int64_t y, std::int64_t half, const float* by_even,
                  const float* by_odd, Weights& weights) {
  for (std::int64_t c = 0; c < weights.channels(); c += lanes) {
    Lanes weight[taps], bias = load(weights.of(taps) + c);
#pragma GCC unroll 9
    for (std::int64_t k = 0; k < taps; ++k) weight[k] = load(weights.of(k) + c);
    for (std::int64_t x = 0; x < 2 * half; ++x) {
      const Lanes by = load((x % 2 == 0 ? by_even : by_odd) + x / 2 * weights.channels() + c);
#pragma GCC unroll 9
      for (std::int64_t k = 0; k < taps; ++k) weight[k] = fused(image.row(y, k)[x], by, weight[k]);
      bias += by;
    }
#pragma GCC unroll 9
    for (std::int64_t k = 0; k < taps; ++k) store(weights.of(k) + c, weight[k]);
    store(weights.of(taps) + c, bias);
  }
}

/// Two rows of the convolution, before they are pooled: the pixels of each place in their windows, apart.
class Rows {
 public:
  Rows(std::int64_t width, std::int64_t channels)
      : half_(width / 2), size_(half_ * channels), numbers_(4 * size_) {}
  std::int64_t half() const { return half_; }
  std::int64_t size() const { return size_; }  ///< Of one place, [x / 2, channel].
  float* place(std::int64_t k) { return numbers_.data() + k * size_; }

 private:
  std::int64_t half_, size_;
  std::vector<float> numbers_;
};

/// Calls `act` with each image and the first of each two rows, from the top.
void each_two_rows(const Tensor& images, auto act) {
  const std::int64_t height = images.size(2);
  Framed framed(images);
  for (std::int64_t n = 0; n < images.size(0); ++n) {
    framed.put(images.data_ptr<float>() + n * height * images.size(3));
    for (std::int64_t y = 0; y + 1 < height; y += 2) act(framed, y);
  }
}

struct ConvolutionGradient : torch::autograd::Function<ConvolutionGradient> {
  static Tensor forward(AutogradContext* context, const Tensor& images, const Tensor& weight,
                        const Tensor& bias) {
    const auto options = images.options().memory_format(torch::MemoryFormat::ChannelsLast);
    const auto sizes = {images.size(0), weight.size(0), images.size(2) / 2, images.size(3) / 2};
    Tensor pooled = torch::empty(sizes, options);
    const Tensor origin = torch::empty(sizes, options.dtype(torch::kUInt8));
    Weights weights(weight, bias);
    Rows rows(images.size(3), weight.size(0));
    each_two_rows(images, [&, to = pooled.data_ptr<float>(), origins = origin.data_ptr<Origin>()](
                              const Framed& image, std::int64_t y) mutable {
      for (std::int64_t k = 0; k < 4; ++k)
        convolve(image, y + k / 2, k % 2, rows.half(), weights, rows.place(k));
      pool(rows.place(0), rows.place(1), rows.place(2), rows.place(3), rows.size(), to, origins);
      to += rows.size();
      origins += rows.size();
    });
    context->save_for_backward({images, weight, origin});
    return pooled;
  }

  static torch::autograd::variable_list backward(AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const torch::autograd::variable_list saved = context->get_saved_variables();
    const Tensor &images = saved[0], &weight = saved[1], &origin = saved[2];
    const Tensor by_pooled = gradients[0].contiguous(torch::MemoryFormat::ChannelsLast);
    Weights sums(weight.size(0));
    Rows rows(images.size(3), weight.size(0));
    each_two_rows(images, [&, from = by_pooled.data_ptr<float>(), origins = origin.data_ptr<Origin>()](
                              const Framed& image, std::int64_t y) mutable {
      spread(from, origins, rows.size(), rows.place(0), rows.place(1), rows.place(2), rows.place(3));
      add_gradient(image, y, rows.half(), rows.place(0), rows.place(1), sums);
      add_gradient(image, y + 1, rows.half(), rows.place(2), rows.place(3), sums);
      from += rows.size();
      origins += rows.size();
    });
    const Tensor by_weight = torch::empty_like(weight),
                 by_bias = torch::empty({weight.size(0)}, weight.options());
    sums.get(by_weight, by_bias);
    return {Tensor(), by_weight, by_bias};
  }
};

}  // namespace

PooledConvolution::PooledConvolution(torch::nn::Conv2d convolution)
    : convolution_(register_module("convolution", std::move(convolution))) {}

Tensor PooledConvolution::forward(const Tensor& images) {
  const Tensor &weight = convolution_->weight, &bias = convolution_->bias;
  // Single images libtorch convolves in another way, and numbers in double precision.
  const bool gray = images.size(1) == 1 && images.size(0) > 1 && images.scalar_type() == torch::kFloat32 &&
                    weight.size(0) % lanes == 0;
  if (!gray) return PooledRelu().forward(convolution_->forward(images));
  return ConvolutionGradient::apply(images.contiguous(), weight.contiguous(), bias);
}

}  // namespace gossamer::networks
