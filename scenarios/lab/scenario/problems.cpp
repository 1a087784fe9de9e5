#include "scenarios/lab/scenario/problems.hpp"

#include "algorithms/problems/linear_models.hpp"
#include "algorithms/problems/process/neural_network.hpp"
#include "algorithms/problems/process/process_problem.hpp"
#include "algorithms/problems/quadratic.hpp"
#include "scenarios/lab/scenario/texts.hpp"

namespace gossamer {
namespace {

template <class T>
struct Of final : ProblemSettings {
  using Interface = ProblemSettings;
  explicit Of(T problem) : value(std::move(problem)) {}
  std::shared_ptr<const Problem> make(int nodes, std::uint64_t seed,
                                      const ProblemSources& sources) const override {
    if constexpr (requires { value.make(nodes, seed, sources.data, sources.models, sources.start_seed); }) {
      return value.make(nodes, seed, sources.data, sources.models, sources.start_seed);
    } else if constexpr (requires { value.command(); }) {
      return value.make(nodes, seed, sources.models, sources.start_seed);
    } else {
      return value.make(nodes, seed, sources.data);
    }
  }
  std::optional<DataRequest> dataset() const override {
    if constexpr (requires { value.data; }) {
      if (value.data.is_read()) return value.data.request();
    }
    if constexpr (requires { value.dataset; }) return DataRequest{.set = *value.dataset};
    return std::nullopt;
  }
  void require() const override {
    if constexpr (requires { value.require(); }) value.require();
  }
  bool is_program() const override {
    return requires {
      value.command();
    };
  }
  const CommandLine* command() const override {
    if constexpr (requires { value.command(); }) return &value.command();
    return nullptr;
  }
  std::optional<Index> dimension() const override {
    if constexpr (requires { value.dimension_if_known(); }) return value.dimension_if_known();
    return std::nullopt;
  }
  BatchSize batch_size() const override {
    if constexpr (requires { value.data; }) return value.data.batch_size;
    if constexpr (requires { value.use; }) return value.use.batch_size;
    return {};
  }
  T value;
};

}  // namespace

const Catalogue<ProblemSettings>& problems() {
  static const Catalogue<ProblemSettings> all(
      "problem", {kind<Of>("quadratic", Quadratic{}, "f_i(x) = |x - a_i|^2 / 2"),
                  kind<Of>("logistic", Logistic{}, "logistic regression, with an l2 term"),
                  kind<Of>("logistic_nonconvex", LogisticNonconvex{},
                           "logistic regression, with lambda sum x_j^2 / (1 + x_j^2)"),
                  kind<Of>("hinge", Hinge{}, "support vector machine, with an l2 term"),
                  kind<Of>("least_squares", LeastSquares{}, "linear regression, with an l2 term"),
                  kind<Of>("softmax", Softmax{}, "multinomial logistic regression, for images"),
                  kind<Of>("process", ProcessModel{}, "a model of your own, in a program of any language"),
                  kind<Of>("network", NeuralNetwork{}, "a neural network of the papers, on images")});
  return all;
}

}  // namespace gossamer
