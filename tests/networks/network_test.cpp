// Networks: their gradients are those of their losses, and depend on nothing but the arguments.
#include "algorithms/problems/networks/network.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <vector>

#include "algorithms/problems/process/neural_network.hpp"
#include "sim/random.hpp"

using namespace gossamer::networks;
using gossamer::Rng;

namespace {

/// Random images of a shape, six rows.
struct Data {
  explicit Data(const Shape& shape) {
    Rng rng(3);
    for (std::int64_t k = 0; k < 6 * shape.pixels(); ++k) {
      pixels.push_back(static_cast<std::uint8_t>(rng.below(256)));
    }
    for (int r = 0; r < 6; ++r) {
      labels.push_back(static_cast<std::int32_t>(rng.below(static_cast<std::uint64_t>(shape.classes))));
    }
  }
  Images images() const { return {pixels.data(), labels.data()}; }
  std::vector<std::uint8_t> pixels;
  std::vector<std::int32_t> labels;
  std::vector<std::int32_t> rows{0, 1, 2, 3, 4, 5};
};

template <class Real>
struct Trained {
  Trained(const Architecture& architecture, const Shape& shape, Augmentation augmentation = {})
      : data(shape),
        network(architecture, shape, normalization_of(data.images(), 6, shape), augmentation),
        x(static_cast<std::size_t>(network.dimension())),
        gradient(x.size()),
        state(static_cast<std::size_t>(network.state_size())),
        state_after(state.size()) {
    network.initial_point(1, x.data(), state.data());
  }
  void step(bool training, std::uint64_t seed = 1) {
    network.gradient(x.data(), state.data(), data.images(), data.rows.data(), 6, seed, training,
                     gradient.data(), state_after.data());
  }
  double loss(bool batch_statistics) {
    return network.evaluate(x.data(), state.data(), data.images(), data.rows.data(), 6, batch_statistics)
               .loss /
           6;
  }
  Data data;
  Network<Real> network;
  std::vector<Real> x, gradient, state, state_after;
};

const Shape gray{1, 28, 28, 10}, colour{3, 32, 32, 10};

/// All networks, with narrow layers.
std::vector<std::pair<Architecture, Shape>> all() {
  std::vector<std::pair<Architecture, Shape>> cases;
  for (const std::string& name : architectures()) {
    const bool takes_any = name == "mlp" || name == "cnn3" || name == "lenet_bn";
    cases.push_back({{name, {20, 10}, 6}, takes_any ? gray : colour});
  }
  return cases;
}

}  // namespace

TEST_CASE("Scenarios name the networks that there are") {
  const auto known = names(gossamer::Architecture{});
  CHECK(architectures() == std::vector<std::string>(known.begin(), known.end()));
}

TEST_CASE("Networks have the sizes that are known of them") {
  const auto size = [](const char* name, const Shape& shape) {
    return Network<float>({name, {100}}, shape, {{0, 0, 0}, {1, 1, 1}}, {}).dimension();
  };
  CHECK(size("mlp", gray) == 785 * 100 + 101 * 10);
  CHECK(size("cnn3", gray) == 160 + 4640 + 18496 + 5770);
  CHECK(size("resnet18", colour) == 11'173'962);
  CHECK(size("wrn_16_4", colour) == 2'748'890);
  CHECK(size("vgg16", colour) == 14'724'042);
}

TEST_CASE("Sizes are known without the network, whatever its width, and are those of its layers") {
  for (const std::int64_t width : {0, 1, 6}) {
    int k = 0;
    for (auto [architecture, shape] : all()) {
      architecture.width = width;
      INFO(architecture.name << ", " << width);
      const Network<float> network(architecture, shape, {{0, 0, 0}, {1, 1, 1}}, {});
      CHECK(gossamer::parameters_of(static_cast<gossamer::Architecture>(k++), shape.channels, shape.height,
                                    shape.classes, architecture.hidden, width) == network.dimension());
      const auto layers = network.layers();
      CHECK(std::accumulate(layers.begin(), layers.end(), std::int64_t{0}) == network.dimension());
    }
  }
}

TEST_CASE("Gradients equal finite differences in double precision") {
  for (const auto& [architecture, shape] : all()) {
    INFO(architecture.name);
    Trained<double> of(architecture, shape);
    Rng rng(7);
    for (const bool training : {false, true}) {
      of.step(training);
      const std::vector<double> x = of.x;
      for (int direction = 0; direction < 3; ++direction) {
        std::vector<double> v(x.size());
        for (double& coordinate : v) coordinate = rng.normal();
        const double h = 1e-7 / std::sqrt(static_cast<double>(x.size()));
        const auto at = [&](double step) {
          for (std::size_t k = 0; k < x.size(); ++k) of.x[k] = x[k] + step * v[k];
          return of.loss(training);
        };
        const double difference = (at(h) - at(-h)) / (2 * h);
        const double expected = std::inner_product(v.begin(), v.end(), of.gradient.begin(), 0.0);
        CHECK(difference == Approx(expected).epsilon(1e-4).margin(1e-5));
      }
      of.x = x;
    }
  }
}

TEST_CASE("Gradients in float are near those in double") {
  for (const auto& [architecture, shape] : all()) {
    INFO(architecture.name);
    Trained<float> single(architecture, shape);
    Trained<double> exact(architecture, shape);
    std::copy(single.x.begin(), single.x.end(), exact.x.begin());
    single.step(false);
    exact.step(false);
    double error = 0, norm = 0;
    for (std::size_t k = 0; k < single.x.size(); ++k) {
      error += std::pow(single.gradient[k] - exact.gradient[k], 2);
      norm += std::pow(exact.gradient[k], 2);
    }
    CHECK(std::sqrt(error / norm) < 1e-5);
  }
}

TEST_CASE("A call depends on its arguments alone") {
  for (const auto& [architecture, shape] : all()) {
    INFO(architecture.name);
    Trained<float> one(architecture, shape, {4, true}), other(architecture, shape, {4, true});
    CHECK(one.x == other.x);
    one.step(true, 5);
    const std::vector<float> gradient = one.gradient, state = one.state_after;
    one.step(true, 6);
    CHECK(one.gradient != gradient);  // Augmentation draws by the seed.
    one.loss(true);
    one.step(true, 5);
    CHECK(one.gradient == gradient);
    CHECK(one.state_after == state);
    CHECK((state.empty() || state != one.state));
    other.step(true, 5);
    CHECK(other.gradient == gradient);
    other.step(false);
    CHECK(other.state_after == other.state);
    other.network.initial_point(2, other.x.data(), other.state.data());
    CHECK(other.x != one.x);
  }
}

TEST_CASE("Networks that do not suit the images") {
  CHECK_THROWS_WITH(Network<float>({"resnet18", {}}, gray, {{0}, {1}}, {}),
                    "resnet18 takes images of 32 x 32 pixels");
  CHECK_THROWS_WITH(Network<float>({"cnn3", {}}, gray, {{0}, {1}}, {28, false}),
                    "crop moves images out of sight");
  CHECK_THROWS_WITH(Network<float>({"cnn4", {}}, gray, {{0}, {1}}, {}), "there is no model 'cnn4'");
}
