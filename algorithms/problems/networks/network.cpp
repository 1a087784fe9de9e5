#include "algorithms/problems/networks/network.hpp"

#include <torch/csrc/autograd/autograd.h>
#include <torch/nn.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "algorithms/problems/networks/models.hpp"
#include "sim/random.hpp"

namespace gossamer::networks {
namespace {

using torch::Tensor;

template <class Real>
constexpr torch::ScalarType number_type = torch::CppTypeToScalarType<Real>::value;

/// The strides with which a tensor lies in the flat vector: as its module is fastest with.
std::vector<std::int64_t> strides_of(const Tensor& tensor, bool channels_last) {
  if (channels_last && tensor.dim() == 4) {
    return tensor.contiguous(torch::MemoryFormat::ChannelsLast).strides().vec();
  }
  return tensor.contiguous().strides().vec();
}

/// A tensor of a module, and its place in a flat vector.
template <class Real>
struct Part {
  Tensor tensor;
  std::int64_t offset;
  std::vector<std::int64_t> sizes, strides;

  Tensor in(const Real* flat) const {
    return torch::from_blob(const_cast<Real*>(flat) + offset, sizes, strides, number_type<Real>);
  }
  /// The module uses the numbers where they lie.
  void bind(const Real* flat) const { tensor.set_data(in(flat)); }
};

}  // namespace

Normalization normalization_of(Images images, std::int64_t rows, const Shape& shape) {
  Normalization result;
  const std::int64_t plane = shape.height * shape.width;
  for (std::int64_t c = 0; c < shape.channels; ++c) {
    std::int64_t sum = 0, squares = 0;
    for (std::int64_t r = 0; r < rows; ++r) {
      const std::uint8_t* const channel = images.pixels + (r * shape.channels + c) * plane;
      for (std::int64_t k = 0; k < plane; ++k) {
        sum += channel[k];
        squares += std::int64_t{channel[k]} * channel[k];
      }
    }
    const double count = static_cast<double>(rows * plane), mean = static_cast<double>(sum) / count;
    const double variance = static_cast<double>(squares) / count - mean * mean;
    result.mean.push_back(mean / 255);
    result.deviation.push_back(variance > 0 ? std::sqrt(variance) / 255 : 1.0);
  }
  return result;
}

template <class Real>
struct Network<Real>::Implementation {
  Implementation(const Architecture& architecture, const Shape& shape_, Normalization normalization_,
                 Augmentation augmentation_)
      : shape(shape_),
        normalization(std::move(normalization_)),
        augmentation(augmentation_),
        model(make_model(architecture, shape_)) {
    if (augmentation.crop >= std::min(shape.height, shape.width)) {
      throw std::invalid_argument("crop moves images out of sight");
    }
    model.layers->to(number_type<Real>);
    for (const Tensor& tensor : model.layers->parameters()) {
      parameters.push_back(
          {tensor, dimension, tensor.sizes().vec(), strides_of(tensor, model.channels_last)});
      dimension += tensor.numel();
    }
    for (const auto& buffer : model.layers->named_buffers()) {
      // BatchNorm also counts its batches, which nothing depends on.
      if (!buffer.value().is_floating_point()) continue;
      const Tensor& tensor = buffer.value();
      buffers.push_back({tensor, state_size, tensor.sizes().vec(), strides_of(tensor, false)});
      state_size += tensor.numel();
    }
  }

  void bind(const Real* x) const {
    for (const Part<Real>& part : parameters) part.bind(x);
  }
  void bind_state(const Real* state) const {
    for (const Part<Real>& part : buffers) part.bind(state);
  }

  /// The images of these rows as [row, channel, y, x], and their labels.
  std::pair<Tensor, Tensor> batch(Images images, const std::int32_t* rows, std::int64_t count, Rng* augment);
  void put_image(const std::uint8_t* image, std::int64_t dy, std::int64_t dx, bool mirrored, Real* to) const;

  Shape shape;
  Normalization normalization;
  Augmentation augmentation;
  Model model;
  std::vector<Part<Real>> parameters, buffers;
  std::int64_t dimension = 0, state_size = 0;
  std::vector<Real> pixels;
  std::vector<std::int64_t> labels;
  std::vector<Real> scratch_state;
};

/// An image moved by (dy, dx), as the model wants its channels.
template <class Real>
void Network<Real>::Implementation::put_image(const std::uint8_t* image, std::int64_t dy, std::int64_t dx,
                                              bool mirrored, Real* to) const {
  const auto [channels, height, width, classes] = shape;
  const std::int64_t pixel = model.channels_last ? channels : 1,
                     plane = model.channels_last ? 1 : height * width;
  for (std::int64_t c = 0; c < channels; ++c) {
    const double deviation = normalization.deviation[static_cast<std::size_t>(c)];
    const auto scale = static_cast<Real>(1 / (255 * deviation));
    const auto shift = static_cast<Real>(normalization.mean[static_cast<std::size_t>(c)] / deviation);
    for (std::int64_t y = 0; y < height; ++y) {
      for (std::int64_t x = 0; x < width; ++x) {
        const std::int64_t from_y = y + dy, from_x = (mirrored ? width - 1 - x : x) + dx;
        const bool inside = from_y >= 0 && from_y < height && from_x >= 0 && from_x < width;
        const Real byte = inside ? image[(c * height + from_y) * width + from_x] : 0;
        to[(y * width + x) * pixel + c * plane] = byte * scale - shift;
      }
    }
  }
}

template <class Real>
std::pair<Tensor, Tensor> Network<Real>::Implementation::batch(Images images, const std::int32_t* rows,
                                                               std::int64_t count, Rng* augment) {
  pixels.resize(static_cast<std::size_t>(count * shape.pixels()));
  labels.resize(static_cast<std::size_t>(count));
  const auto moved = [&]() -> std::int64_t {
    if (!augment || augmentation.crop == 0) return 0;
    return static_cast<std::int64_t>(augment->below(static_cast<std::uint64_t>(2 * augmentation.crop + 1))) -
           augmentation.crop;
  };
  for (std::int64_t r = 0; r < count; ++r) {
    const std::int64_t dy = moved(), dx = moved();
    const bool mirrored = augment && augmentation.flip && augment->below(2) == 1;
    put_image(images.pixels + rows[r] * shape.pixels(), dy, dx, mirrored, pixels.data() + r * shape.pixels());
    labels[static_cast<std::size_t>(r)] = images.labels[rows[r]];
  }
  Tensor targets = torch::from_blob(labels.data(), {count}, torch::kInt64);
  if (!model.channels_last) {
    return {torch::from_blob(pixels.data(), {count, shape.channels, shape.height, shape.width},
                             number_type<Real>),
            targets};
  }
  return {
      torch::from_blob(pixels.data(), {count, shape.height, shape.width, shape.channels}, number_type<Real>)
          .permute({0, 3, 1, 2}),
      targets};
}

template <class Real>
Network<Real>::Network(const Architecture& architecture, const Shape& shape, Normalization normalization,
                       Augmentation augmentation) {
  torch::set_num_threads(1);
  implementation_ =
      std::make_unique<Implementation>(architecture, shape, std::move(normalization), augmentation);
}

template <class Real>
Network<Real>::~Network() = default;

template <class Real>
std::int64_t Network<Real>::dimension() const {
  return implementation_->dimension;
}

template <class Real>
std::int64_t Network<Real>::state_size() const {
  return implementation_->state_size;
}

template <class Real>
std::vector<std::int64_t> Network<Real>::layers() const {
  std::vector<std::int64_t> sizes;
  for (const Part<Real>& part : implementation_->parameters) sizes.push_back(part.tensor.numel());
  return sizes;
}

template <class Real>
void Network<Real>::initial_point(std::uint64_t seed, Real* x, Real* state) {
  const torch::NoGradGuard no_gradients;
  Implementation& own = *implementation_;
  own.bind(x);
  own.bind_state(state);
  torch::manual_seed(seed);
  own.model.layers->apply([](torch::nn::Module& module) {
    if (auto* conv = module.as<torch::nn::Conv2dImpl>()) conv->reset_parameters();
    if (auto* linear = module.as<torch::nn::LinearImpl>()) linear->reset_parameters();
    if (auto* norm = module.as<torch::nn::BatchNorm1dImpl>()) norm->reset_parameters();
    if (auto* norm = module.as<torch::nn::BatchNorm2dImpl>()) norm->reset_parameters();
  });
}

template <class Real>
void Network<Real>::gradient(const Real* x, const Real* state_in, Images images, const std::int32_t* rows,
                             std::int64_t count, std::uint64_t seed, bool training, Real* result,
                             Real* state_out) {
  Implementation& own = *implementation_;
  Rng rng(seed);
  const auto [inputs, targets] = own.batch(images, rows, count, training ? &rng : nullptr);
  std::copy_n(state_in, own.state_size, state_out);
  own.bind(x);
  own.bind_state(state_out);
  own.model.layers->train(training);
  const Tensor loss = torch::nn::functional::cross_entropy(own.model.layers->forward(inputs), targets);
  std::vector<Tensor> tensors;
  for (const Part<Real>& part : own.parameters) tensors.push_back(part.tensor);
  const std::vector<Tensor> gradients = torch::autograd::grad({loss}, tensors);
  for (std::size_t k = 0; k < gradients.size(); ++k) own.parameters[k].in(result).copy_(gradients[k]);
}

template <class Real>
Sums Network<Real>::evaluate(const Real* x, const Real* state, Images images, const std::int32_t* rows,
                             std::int64_t count, bool batch_statistics) {
  const torch::NoGradGuard no_gradients;
  Implementation& own = *implementation_;
  const auto [inputs, targets] = own.batch(images, rows, count, nullptr);
  own.scratch_state.assign(state, state + own.state_size);  // As a pass over a batch changes it.
  own.bind(x);
  own.bind_state(own.scratch_state.data());
  own.model.layers->train(batch_statistics);
  const Tensor scores = own.model.layers->forward(inputs);
  const Tensor losses = torch::nn::functional::cross_entropy(
      scores, targets, torch::nn::functional::CrossEntropyFuncOptions().reduction(torch::kNone));
  return {losses.to(torch::kFloat64).sum().template item<double>(),
          scores.argmax(1).eq(targets).sum().template item<std::int64_t>()};
}

template class Network<float>;
template class Network<double>;

}  // namespace gossamer::networks
