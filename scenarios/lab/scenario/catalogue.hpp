// The catalogue: everything that a scenario can name. Adding an algorithm is adding one line to algorithms()
// and including its header.
#pragma once

#include <boost/mp11/algorithm.hpp>
#include <optional>
#include <string>
#include <variant>

#include "algorithms/composite/composite_adagrad.hpp"
#include "algorithms/composite/quantized_adagrad.hpp"
#include "algorithms/decentralized/dadam.hpp"
#include "algorithms/decentralized/decentralized_adaptive.hpp"
#include "algorithms/decentralized/dgd.hpp"
#include "algorithms/problems/linear_models.hpp"
#include "algorithms/problems/quadratic.hpp"
#include "algorithms/server/cd_adam.hpp"
#include "algorithms/server/ef21.hpp"
#include "algorithms/server/onebit_adam.hpp"
#include "algorithms/server/qadam.hpp"
#include "algorithms/server/sgd.hpp"
#include "algorithms/server/signsgd.hpp"
#include "algorithms/server/sparse_ams.hpp"
#include "scenarios/lab/yaml/fields.hpp"
#include "topologies/families.hpp"
#include "topologies/mixing.hpp"

namespace gossamer {

template <class T>
struct Kind {
  std::string name;
  T prototype;
  std::string about;
};
template <class T>
Kind(std::string, T, std::string) -> Kind<T>;
template <class T>
Kind(const char*, T, const char*) -> Kind<T>;

/// Several kinds may share a type.
template <class... T>
auto catalogue(std::string what, Kind<T>... kinds) {
  using V = boost::mp11::mp_unique<std::variant<T...>>;
  return Catalogue<V>{std::move(what), {{kinds.name, V(kinds.prototype), kinds.about}...}};
}

/// Every edge of the topology is a link of its own.
struct OwnEdges {
  static void fields(auto&, auto&&) {}
};
/// Every node has one link to a switch; a message travels its sender's link and then its receiver's.
struct Switch {
  std::optional<Duration> server_latency;
  std::optional<Bandwidth> server_bandwidth;
  static void fields(auto& self, auto&& visit) {
    visit("server_latency", self.server_latency, "", "of the server's link; that of every link unless given");
    visit("server_bandwidth", self.server_bandwidth, "",
          "of the server's link; that of every link unless given");
  }
};
using NetworkGraph = std::variant<OwnEdges, Switch>;

/// No time passes.
struct IdealNetwork {
  static void fields(auto&, auto&&) {}
};
struct StoreAndForwardNetwork {
  Duration latency{};
  Bandwidth bandwidth = Bandwidth::unlimited();
  Bits header{};
  NetworkGraph graph = OwnEdges{};
  static void fields(auto& self, auto&& visit) {
    visit("latency", self.latency, "", "of every link, unless the topology's file gives its own");
    visit("bandwidth", self.bandwidth, "", "of every link, unless the topology's file gives its own");
    visit("header", self.header, "", "added to every message, in whole bytes");
    visit("graph", self.graph, "", "the links that carry the topology's messages");
  }
};

inline const auto& algorithms() {
  using enum DecentralizedAdaptive::Rule;
  using enum Composite::Rule;
  static const auto all = catalogue(
      "algorithm", Kind{"dgd", Dgd{}, "decentralized gradient descent (D-PSGD)"},
      Kind{"dadam", Dadam{}, "DADAM: adaptive, without consensus on the learning rates"},
      Kind{"decentralized_amsgrad", DecentralizedAdaptive{.rule = amsgrad}, "decentralized AMSGrad"},
      Kind{"decentralized_adam", DecentralizedAdaptive{.rule = adam}, "decentralized Adam"},
      Kind{"decentralized_adagrad", DecentralizedAdaptive{.rule = adagrad}, "decentralized AdaGrad"},
      Kind{"sgd", Sgd::uncompressed(), "distributed SGD"},
      Kind{"sgd_ef", Sgd{}, "compressed SGD with error feedback: sparsified SGD with memory, EF-signSGD"},
      Kind{"signsgd", SignSgd{}, "signSGD with majority vote"},
      Kind{"amsgrad", SparseAms::uncompressed(), "distributed AMSGrad"},
      Kind{"sparse_ams", SparseAms{}, "SPARS-AMS: AMSGrad on compressed gradients, with error feedback"},
      Kind{"cd_adam", CdAdam{}, "CD-Adam: AMSGrad with Markov compression both ways"},
      Kind{"ef21", Ef21{}, "EF21: gradient descent with Markov compression"},
      Kind{"onebit_adam", OnebitAdam{}, "1-bit Adam: compressed momentum after an uncompressed warm-up"},
      Kind{"qadam", QAdam{}, "quantized Adam with error feedback: compressed updates of every worker"},
      Kind{"prox_gd", CompositeAdagrad{{.rule = proximal}}, "proximal gradient for f + lambda |x|_1"},
      Kind{"cmd_adagrad", CompositeAdagrad{{.rule = mirror_descent}}, "composite mirror descent AdaGrad"},
      Kind{"rda_adagrad", CompositeAdagrad{{.rule = dual_averaging}}, "regularized dual averaging AdaGrad"},
      Kind{"qcmd_adagrad", QuantizedAdagrad{.composite = {.rule = mirror_descent}},
           "CMD AdaGrad on quantized gradients of the selected coordinates"},
      Kind{"qrda_adagrad", QuantizedAdagrad{.composite = {.rule = dual_averaging}},
           "RDA AdaGrad on quantized gradients of the selected coordinates"});
  return all;
}

inline const auto& compressors() {
  static const auto all =
      catalogue("compressor", Kind{"identity", Identity{}, "no compression"},
                Kind{"scaled_sign", ScaledSign{}, "signs, times the mean magnitude"},
                Kind{"top_k", TopK{}, "the k coordinates of largest magnitude"},
                Kind{"random_k", RandomK{}, "k coordinates at random"},
                Kind{"ternary", Ternary{}, "TernGrad: -s, 0 or s at random, without bias"},
                Kind{"threshold", Threshold{}, "-s, 0 or s by a threshold on the magnitude"},
                Kind{"qsgd", Qsgd{}, "levels of the norm at random, without bias"},
                Kind{"sparsify_min_variance", SparsifyMinVariance{},
                     "Stoc-MV: about k coordinates at random, by magnitude"},
                Kind{"sparsify_uniform", SparsifyUniform{}, "Stoc-Unif: about k coordinates at random"},
                Kind{"sign", Sign{}, "signs alone"});
  return all;
}
inline const auto& catalogue_of(const Compressor&) {
  return compressors();
}

inline const auto& topologies() {
  static const auto all = catalogue(
      "topology", Kind{"ring", Ring{}, "a cycle"}, Kind{"path", Path{}, "a line"},
      Kind{"torus", Torus{}, "the most square r x c, rows and columns closed to rings"},
      Kind{"grid", Grid{}, "the most square r x c"},
      Kind{"complete", Complete{}, "every node with every other"},
      Kind{"hypercube", Hypercube{}, "nodes whose binary numbers differ in one digit"},
      Kind{"star", Star{}, "every worker with the server, which is numbered last"},
      Kind{"tree", Tree{}, "filled level by level"}, Kind{"exponential", Exponential{}, "i with i +- 2^k"},
      Kind{"erdos_renyi", ErdosRenyi{}, "G(n, p)"},
      Kind{"random_regular", RandomRegular{}, "a random graph of equal degrees"},
      Kind{"file", EdgeListFile{}, "an edge list"});
  return all;
}

inline const auto& mixings() {
  static const auto all = catalogue(
      "mixing", Kind{"metropolis", Metropolis{}, "W_ij = 1 / (1 + max(d_i, d_j))"},
      Kind{"uniform_neighbors", UniformNeighbors{},
           "1 / (degree + 1) to oneself and each neighbour; regular graphs"},
      Kind{"max_degree", MaxDegree{}, "W_ij = 1 / (1 + max d)"},
      Kind{"lazy", Lazy{}, "(I + W_metropolis) / 2"}, Kind{"file", MixingFile{}, "a matrix from a file"});
  return all;
}

inline const auto& quantizers() {
  static const auto all =
      catalogue("quantizer", Kind{"threshold", Threshold{}, "-s, 0 or s by a threshold on the magnitude"},
                Kind{"ternary", Ternary{}, "TernGrad: -s, 0 or s at random, without bias"});
  return all;
}
inline const auto& catalogue_of(const Quantizer&) {
  return quantizers();
}

inline const auto& network_graphs() {
  static const auto all =
      catalogue("network graph", Kind{"topology", OwnEdges{}, "every edge of the topology is a link"},
                Kind{"switch", Switch{}, "every node has one link to a switch, both ways"});
  return all;
}
inline const auto& catalogue_of(const NetworkGraph&) {
  return network_graphs();
}

inline const auto& networks() {
  static const auto all = catalogue("network model", Kind{"ideal", IdealNetwork{}, "no time passes"},
                                    Kind{"store_and_forward", StoreAndForwardNetwork{},
                                         "every directed link serves one message after the other"});
  return all;
}

inline const auto& problems() {
  static const auto all =
      catalogue("problem", Kind{"quadratic", Quadratic{}, "f_i(x) = |x - a_i|^2 / 2"},
                Kind{"logistic", Logistic{}, "logistic regression, with an l2 term"},
                Kind{"logistic_nonconvex", LogisticNonconvex{},
                     "logistic regression, with lambda sum x_j^2 / (1 + x_j^2)"},
                Kind{"softmax", Softmax{}, "multinomial logistic regression, for images"});
  return all;
}

inline const auto& partitions() {
  static const auto all =
      catalogue("partition", Kind{"contiguous", Contiguous{}, "file order, near-equal parts"},
                Kind{"iid", Iid{}, "a seeded shuffle, near-equal parts"},
                Kind{"labels_per_node", LabelsPerNode{}, "each node holds rows of few labels"},
                Kind{"dirichlet", Dirichlet{}, "label proportions drawn from a Dirichlet distribution"});
  return all;
}
inline const auto& catalogue_of(const PartitionScheme&) {
  return partitions();
}

/// The std::variant of a catalogue's types.
template <class C>
using ValueOf = typename std::remove_cvref_t<C>::Value;

using Algorithm = ValueOf<decltype(algorithms())>;
using Family = ValueOf<decltype(topologies())>;
using MixingRule = ValueOf<decltype(mixings())>;
using NetworkSettings = ValueOf<decltype(networks())>;
using ProblemSettings = ValueOf<decltype(problems())>;

/// Whether the algorithm has a server, the last node of a star, beside its workers.
inline bool has_server(const Algorithm& algorithm) {
  return std::visit([]<class A>(const A&) { return HasServer<A>; }, algorithm);
}

}  // namespace gossamer
