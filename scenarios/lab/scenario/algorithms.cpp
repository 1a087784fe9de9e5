#include "scenarios/lab/scenario/algorithms.hpp"

#include "algorithms/composite/composite_adagrad.hpp"
#include "algorithms/composite/quantized_adagrad.hpp"
#include "algorithms/decentralized/ad_psgd.hpp"
#include "algorithms/decentralized/choco_sgd.hpp"
#include "algorithms/decentralized/dadam.hpp"
#include "algorithms/decentralized/decentralized_adaptive.hpp"
#include "algorithms/decentralized/dgd.hpp"
#include "algorithms/decentralized/gradient_push.hpp"
#include "algorithms/decentralized/gradient_tracking.hpp"
#include "algorithms/server/async_sgd.hpp"
#include "algorithms/server/cd_adam.hpp"
#include "algorithms/server/ef21.hpp"
#include "algorithms/server/local_sgd.hpp"
#include "algorithms/server/onebit_adam.hpp"
#include "algorithms/server/qadam.hpp"
#include "algorithms/server/sgd.hpp"
#include "algorithms/server/signsgd.hpp"
#include "algorithms/server/sparse_ams.hpp"
#include "scenarios/lab/scenario/texts.hpp"

namespace gossamer {
namespace {

/// An algorithm has one program for all nodes, program(agent), or two: work(agent) for the workers, the nodes
/// with an objective, and serve(agent) for their server. One that has all three says by has_server() which it
/// is, and by `vectors_without_server` what program(agent) keeps. It may have `metrics`, `vectors`,
/// require(graph, d), vectors_of_worker() where these are not `vectors`, `shares_rounds`,
/// `survives_crashes`, which without it those with `patience` do that have some and no `after_loss`,
/// `after_loss`, what it would do wrong where one message is lost for ever and it does not wait for that,
/// `needs_doubly_stochastic` and `takes_changing_weights`, which are true unless it says otherwise, and
/// `mixes`, which is true without a server unless it says otherwise.
template <class T>
struct Of final : Algorithm {
  using Interface = Algorithm;
  explicit Of(T algorithm) : value(std::move(algorithm)) {}

  static constexpr bool may_serve = requires(const T& algorithm, Agent agent) { algorithm.serve(agent); };
  static constexpr bool may_do_without = requires(const T& algorithm, Agent agent) {
    algorithm.program(agent);
  };
  bool has_server() const override {
    if constexpr (may_serve && may_do_without) return value.has_server();
    return may_serve;
  }
  bool needs_doubly_stochastic() const override {
    if constexpr (requires { T::needs_doubly_stochastic; }) return T::needs_doubly_stochastic;
    return Algorithm::needs_doubly_stochastic();
  }
  bool takes_changing_weights() const override {
    if constexpr (requires { T::takes_changing_weights; }) return T::takes_changing_weights;
    return Algorithm::takes_changing_weights();
  }
  bool shares_rounds() const override {
    if constexpr (requires { value.shares_rounds(); }) {
      return value.shares_rounds();
    } else if constexpr (requires { T::shares_rounds; }) {
      return T::shares_rounds;
    }
    return true;
  }
  Patience patience() const override {
    if constexpr (requires { value.patience; }) return value.patience;
    return {};
  }
  std::string_view after_loss() const override {
    if constexpr (requires { T::after_loss; }) return shares_rounds() ? "" : T::after_loss;
    return Algorithm::after_loss();
  }
  bool survives_crashes() const override {
    if constexpr (requires { T::survives_crashes; }) return T::survives_crashes;
    return patience().any() && after_loss().empty();
  }
  bool mixes() const override {
    if constexpr (requires { T::mixes; }) return T::mixes;
    return !may_serve;
  }
  bool compresses() const override {
    bool found = false;
    T::fields(value, [&]<class F>(const auto&, const F&, const auto&...) {
      found = found || std::is_same_v<F, Compressor> || std::is_same_v<F, Quantizer>;
    });
    return found;
  }
  bool sends_compressed() const override {
    bool found = false;
    T::fields(value, [&]<class F>(const auto&, const F& field, const auto&...) {
      if constexpr (std::is_same_v<F, Compressor>) found = found || !is_identity(field);
      found = found || std::is_same_v<F, Quantizer>;
    });
    return found;
  }
  std::vector<std::string_view> metrics() const override {
    if constexpr (requires { T::metrics; }) return {T::metrics.begin(), T::metrics.end()};
    return {};
  }
  std::vector<std::string_view> vectors() const override {
    if constexpr (requires { T::vectors_without_server; }) {
      if (!has_server()) return {T::vectors_without_server.begin(), T::vectors_without_server.end()};
    }
    if constexpr (requires { T::vectors; }) return {T::vectors.begin(), T::vectors.end()};
    return {};
  }
  int vectors_of_worker() const override {
    if constexpr (requires { value.vectors_of_worker(); }) return value.vectors_of_worker();
    return Algorithm::vectors_of_worker();
  }
  void require(const Adjacency& graph, Index d) const override {
    if constexpr (requires { value.require(graph, d); }) value.require(graph, d);
  }
  void spawn(Simulation& simulation, const Experiment& experiment, NodeId node) const override {
    Agent agent(simulation, node, experiment);
    if constexpr (may_do_without) {
      if (!has_server()) return simulation.spawn(node, value.program(std::move(agent)));
    }
    if constexpr (may_serve) {
      if (node == experiment.problem.nodes()) return simulation.spawn(node, value.serve(std::move(agent)));
      // Without shared rounds the workers are not told when the server ends.
      const Role role = shares_rounds() ? Role::main : Role::background;
      simulation.spawn(node, value.work(std::move(agent)), role);
    }
  }

  T value;
};

}  // namespace

const Catalogue<Algorithm>& algorithms() {
  using enum DecentralizedAdaptive::Rule;
  using enum Composite::Rule;
  static const Catalogue<Algorithm> all(
      "algorithm",
      {kind<Of>("dgd", Dgd{}, "decentralized gradient descent (D-PSGD)"),
       kind<Of>("dadam", Dadam{}, "DADAM: adaptive, without consensus on the learning rates"),
       kind<Of>("decentralized_amsgrad", DecentralizedAdaptive::with(amsgrad), "decentralized AMSGrad"),
       kind<Of>("decentralized_adam", DecentralizedAdaptive::with(adam), "decentralized Adam"),
       kind<Of>("decentralized_adagrad", DecentralizedAdaptive::with(adagrad), "decentralized AdaGrad"),
       kind<Of>("choco_sgd", ChocoSgd{}, "CHOCO-SGD: decentralized SGD on compressed differences"),
       kind<Of>("gradient_tracking", GradientTracking{}, "gradient tracking (DIGing)"),
       kind<Of>("ad_psgd", AdPsgd{},
                "AD-PSGD: asynchronous SGD that averages with one neighbour at a time; randomized gossip"),
       kind<Of>("gradient_push", GradientPush{}, "stochastic gradient push (SGP), on directed graphs, too"),
       kind<Of>("sgd", Sgd::uncompressed(), "distributed SGD"),
       kind<Of>("sgd_ef", Sgd{},
                "compressed SGD with error feedback: sparsified SGD with memory, EF-signSGD"),
       kind<Of>("signsgd", SignSgd{}, "signSGD with majority vote"),
       kind<Of>("amsgrad", SparseAms::uncompressed(), "distributed AMSGrad"),
       kind<Of>("sparse_ams", SparseAms{}, "SPARS-AMS: AMSGrad on compressed gradients, with error feedback"),
       kind<Of>("cd_adam", CdAdam{}, "CD-Adam: AMSGrad with Markov compression both ways"),
       kind<Of>("ef21", Ef21{}, "EF21: gradient descent with Markov compression"),
       kind<Of>("onebit_adam", OnebitAdam{}, "1-bit Adam: compressed momentum after an uncompressed warm-up"),
       kind<Of>("qadam", QAdam{}, "quantized Adam with error feedback: compressed updates of every worker"),
       kind<Of>("local_sgd", LocalSgd{}, "local SGD: several steps a round; FedAvg, DiLoCo"),
       kind<Of>("async_sgd", AsyncSgd{},
                "asynchronous SGD: a step with every gradient that arrives, or with every few (FedBuff)"),
       kind<Of>("prox_gd", CompositeAdagrad::with(proximal), "proximal gradient for f + lambda |x|_1"),
       kind<Of>("cmd_adagrad", CompositeAdagrad::with(mirror_descent), "composite mirror descent AdaGrad"),
       kind<Of>("rda_adagrad", CompositeAdagrad::with(dual_averaging), "regularized dual averaging AdaGrad"),
       kind<Of>("qcmd_adagrad", QuantizedAdagrad::with(mirror_descent),
                "CMD AdaGrad on quantized gradients of the selected coordinates"),
       kind<Of>("qrda_adagrad", QuantizedAdagrad::with(dual_averaging),
                "RDA AdaGrad on quantized gradients of the selected coordinates")});
  return all;
}

}  // namespace gossamer
