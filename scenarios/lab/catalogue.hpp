// The catalogue: everything that a scenario can name. Adding an algorithm is adding one line to algorithms()
// and including its header.
#pragma once

#include <boost/mp11/algorithm.hpp>
#include <string>
#include <variant>

#include "algorithms/dadam.hpp"
#include "algorithms/decentralized_adaptive.hpp"
#include "algorithms/dgd.hpp"
#include "algorithms/problems/linear_models.hpp"
#include "algorithms/problems/quadratic.hpp"
#include "scenarios/lab/fields.hpp"
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

/// No time passes.
struct IdealNetwork {
  static void fields(auto&, auto&&) {}
};
struct StoreAndForwardNetwork {
  Duration latency{};
  Bandwidth bandwidth = Bandwidth::unlimited();
  Bits header{};
  static void fields(auto& self, auto&& visit) {
    visit("latency", self.latency, "", "of every link, unless the topology's file gives its own");
    visit("bandwidth", self.bandwidth, "", "of every link, unless the topology's file gives its own");
    visit("header", self.header, "", "added to every message, in whole bytes");
  }
};

inline const auto& algorithms() {
  using enum DecentralizedAdaptive::Rule;
  static const auto all = catalogue(
      "algorithm", Kind{"dgd", Dgd{}, "decentralized gradient descent (D-PSGD)"},
      Kind{"dadam", Dadam{}, "DADAM: adaptive, without consensus on the learning rates"},
      Kind{"decentralized_amsgrad", DecentralizedAdaptive{.rule = amsgrad}, "decentralized AMSGrad"},
      Kind{"decentralized_adam", DecentralizedAdaptive{.rule = adam}, "decentralized Adam"},
      Kind{"decentralized_adagrad", DecentralizedAdaptive{.rule = adagrad}, "decentralized AdaGrad"});
  return all;
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

}  // namespace gossamer
