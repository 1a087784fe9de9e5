#include "algorithms/problems/networks/models.hpp"

#include <memory>
#include <stdexcept>
#include <utility>

#include "algorithms/problems/networks/pooled_convolution.hpp"
#include "algorithms/problems/networks/pooled_relu.hpp"

namespace gossamer::networks {
namespace {

using torch::nn::AdaptiveAvgPool2d;
using torch::nn::BatchNorm1d;
using torch::nn::BatchNorm2d;
using torch::nn::Conv2d;
using torch::nn::Flatten;
using torch::nn::Linear;
using torch::nn::Sequential;

Conv2d conv(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride = 1,
            std::int64_t padding = 0, bool bias = true) {
  return Conv2d(torch::nn::Conv2dOptions(in, out, kernel).stride(stride).padding(padding).bias(bias));
}

/// 3 x 3 without bias, as BatchNorm follows.
Conv2d conv3(std::int64_t in, std::int64_t out, std::int64_t stride = 1) {
  return conv(in, out, 3, stride, 1, false);
}

/// Overwrites what it is given, which no layer before it needs for its gradient.
torch::nn::ReLU relu() {
  return torch::nn::ReLU(torch::nn::ReLUOptions(true));
}

/// Adds ReLU, after pooling or without.
void add_relu(Sequential& layers, bool pooled) {
  if (pooled) {
    layers->push_back(PooledRelu());
  } else {
    layers->push_back(relu());
  }
}

/// Fully connected layers of these widths with ReLU between.
Model mlp(const Architecture& architecture, const Shape& shape) {
  Sequential layers{Flatten()};
  std::int64_t width = shape.pixels();
  for (const std::int64_t next : architecture.hidden) {
    layers->push_back(Linear(width, next));
    layers->push_back(relu());
    width = next;
  }
  layers->push_back(Linear(width, shape.classes));
  return {layers, false};
}

/// Three convolutions 3 x 3 of 16, 32 and 64 channels, each halved by pooling, and one fully connected layer:
/// the network of Chen et al. 2021, who do not say how wide it is.
Model cnn3(const Architecture& architecture, const Shape& shape) {
  Sequential layers;
  std::int64_t channels = shape.channels;
  for (const std::int64_t factor : {1, 2, 4}) {
    const std::int64_t next = architecture.wide(16, factor);
    layers->push_back(PooledConvolution(conv(channels, next, 3, 1, 1)));
    channels = next;
  }
  layers->push_back(Flatten());
  layers->push_back(Linear(channels * (shape.height / 8) * (shape.width / 8), shape.classes));
  return {layers};
}

/// LeNet-5 with BatchNorm before each convolution and fully connected layer [Xu et al. 2022, Section 5.1].
Model lenet_bn(const Architecture&, const Shape& shape) {
  if (shape.height != shape.width || (shape.height != 28 && shape.height != 32)) {
    throw std::invalid_argument("lenet_bn takes images of 28 x 28 or 32 x 32 pixels");
  }
  const std::int64_t padding = (32 - shape.height) / 2;
  return {Sequential(BatchNorm2d(shape.channels), conv(shape.channels, 6, 5, 1, padding), PooledRelu(),
                     BatchNorm2d(6), conv(6, 16, 5), PooledRelu(), Flatten(), BatchNorm1d(400),
                     Linear(400, 120), relu(), BatchNorm1d(120), Linear(120, 84), relu(), BatchNorm1d(84),
                     Linear(84, shape.classes)),
          false};
}

void require_cifar(const char* name, const Shape& shape) {
  if (shape.height != 32 || shape.width != 32) {
    throw std::invalid_argument(std::string(name) + " takes images of 32 x 32 pixels");
  }
}

/// AlexNet for 32 x 32 pixels, with BatchNorm before each convolution and fully connected layer
/// [Xu et al. 2022, Section 5.1].
Model alexnet_bn(const Architecture& architecture, const Shape& shape) {
  require_cifar("alexnet_bn", shape);
  Sequential layers;
  std::int64_t channels = shape.channels;
  const auto add = [&](std::int64_t factor, std::int64_t stride, bool pooled) {
    const std::int64_t next = architecture.wide(64, factor);
    layers->push_back(BatchNorm2d(channels));
    layers->push_back(conv(channels, next, 3, stride, 1));
    add_relu(layers, pooled);
    channels = next;
  };
  add(1, 2, true);
  add(3, 1, true);
  add(6, 1, false);
  add(4, 1, false);
  add(4, 1, true);
  layers->push_back(Flatten());
  const std::int64_t features = 4 * channels;  // 2 x 2 pixels are left.
  for (int k = 0; k < 2; ++k) {
    layers->push_back(BatchNorm1d(features));
    layers->push_back(Linear(features, features));
    layers->push_back(relu());
  }
  layers->push_back(BatchNorm1d(features));
  layers->push_back(Linear(features, shape.classes));
  return {layers};
}

/// y + shortcut(x), y being the block's own layers.
struct Residual : torch::nn::Module {
  Residual(Sequential own, Sequential shortcut, Sequential before, bool relu_after)
      : own_(register_module("own", std::move(own))),
        shortcut_(register_module("shortcut", std::move(shortcut))),
        before_(register_module("before", std::move(before))),
        relu_after_(relu_after) {}

  torch::Tensor forward(const torch::Tensor& x) {
    torch::Tensor activated = before_->is_empty() ? x : before_->forward(x);
    // Where the block changes the shape, the shortcut starts from what is activated already.
    torch::Tensor skipped = shortcut_->is_empty() ? x : shortcut_->forward(activated);
    torch::Tensor y = own_->forward(activated) + skipped;
    return relu_after_ ? torch::relu_(y) : y;
  }

 private:
  Sequential own_, shortcut_, before_;
  bool relu_after_;
};

/// ResNet-18 for 32 x 32 pixels: a first convolution 3 x 3, and no pooling after it.
Model resnet18(const Architecture& architecture, const Shape& shape) {
  require_cifar("resnet18", shape);
  std::int64_t channels = architecture.wide(64, 1);
  Sequential layers(conv3(shape.channels, channels), BatchNorm2d(channels), relu());
  for (const std::int64_t factor : {1, 2, 4, 8}) {
    const std::int64_t width = architecture.wide(64, factor);
    for (const bool first : {true, false}) {
      const std::int64_t stride = first && factor > 1 ? 2 : 1;
      Sequential shortcut;
      if (stride != 1) {
        shortcut = Sequential(conv(channels, width, 1, stride, 0, false), BatchNorm2d(width));
      }
      Sequential own(conv3(channels, width, stride), BatchNorm2d(width), relu(), conv3(width, width),
                     BatchNorm2d(width));
      layers->push_back(std::make_shared<Residual>(own, shortcut, Sequential(), true));
      channels = width;
    }
  }
  layers->push_back(AdaptiveAvgPool2d(1));
  layers->push_back(Flatten());
  layers->push_back(Linear(channels, shape.classes));
  return {layers};
}

/// Wide ResNet of depth 16, four times as wide, activated before each convolution.
Model wrn_16_4(const Architecture& architecture, const Shape& shape) {
  require_cifar("wrn_16_4", shape);
  std::int64_t channels = architecture.wide(16, 1);
  Sequential layers(conv3(shape.channels, channels));
  for (const std::int64_t factor : {4, 8, 16}) {
    const std::int64_t width = architecture.wide(16, factor);
    for (const bool first : {true, false}) {
      const std::int64_t stride = first && factor > 4 ? 2 : 1;
      Sequential shortcut;
      if (first) shortcut = Sequential(conv(channels, width, 1, stride, 0, false));
      Sequential before{BatchNorm2d(channels), relu()};
      Sequential own(conv3(channels, width, stride), BatchNorm2d(width), relu(), conv3(width, width));
      layers->push_back(std::make_shared<Residual>(own, shortcut, before, false));
      channels = width;
    }
  }
  layers->push_back(BatchNorm2d(channels));
  layers->push_back(relu());
  layers->push_back(AdaptiveAvgPool2d(1));
  layers->push_back(Flatten());
  layers->push_back(Linear(channels, shape.classes));
  return {layers};
}

/// VGG-16 for 32 x 32 pixels: thirteen convolutions with BatchNorm, and one fully connected layer.
Model vgg16(const Architecture& architecture, const Shape& shape) {
  require_cifar("vgg16", shape);
  Sequential layers;
  std::int64_t channels = shape.channels;
  for (const auto& [factor, count] : {std::pair{1, 2}, {2, 2}, {4, 3}, {8, 3}, {8, 3}}) {
    const std::int64_t width = architecture.wide(64, factor);
    for (int k = 0; k < count; ++k) {
      layers->push_back(conv3(channels, width));
      layers->push_back(BatchNorm2d(width));
      add_relu(layers, k == count - 1);
      channels = width;
    }
  }
  layers->push_back(Flatten());
  layers->push_back(Linear(channels, shape.classes));
  return {layers};
}

using Maker = Model (*)(const Architecture&, const Shape&);
const std::vector<std::pair<std::string, Maker>>& makers() {
  static const std::vector<std::pair<std::string, Maker>> all = {
      {"mlp", mlp},           {"cnn3", cnn3},         {"lenet_bn", lenet_bn}, {"alexnet_bn", alexnet_bn},
      {"resnet18", resnet18}, {"wrn_16_4", wrn_16_4}, {"vgg16", vgg16}};
  return all;
}

}  // namespace

const std::vector<std::string>& architectures() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const auto& [name, maker] : makers()) all.push_back(name);
    return all;
  }();
  return names;
}

Model make_model(const Architecture& architecture, const Shape& shape) {
  for (const auto& [name, maker] : makers()) {
    if (name == architecture.name) return maker(architecture, shape);
  }
  throw std::invalid_argument("there is no model '" + architecture.name + "'");
}

}  // namespace gossamer::networks
