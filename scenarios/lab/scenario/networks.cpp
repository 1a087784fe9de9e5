#include "scenarios/lab/scenario/networks.hpp"

#include "scenarios/lab/scenario/site_files.hpp"
#include "scenarios/lab/scenario/texts.hpp"
#include "sim/networks/ideal.hpp"
#include "sim/networks/max_min_fair.hpp"
#include "sim/networks/sites.hpp"
#include "sim/networks/store_and_forward.hpp"

namespace gossamer {
namespace {

template <class T>
struct NetworkOf final : Network {
  using Interface = Network;
  explicit NetworkOf(T network) : value(std::move(network)) {}
  Links links(const Traffic& traffic) const override { return value.links(traffic); }
  std::unique_ptr<NetworkModel> make(Links links) const override { return value.make(std::move(links)); }
  T value;
};

template <class T>
struct ComputeOf final : Compute {
  using Interface = Compute;
  explicit ComputeOf(T compute) : value(std::move(compute)) {}
  std::unique_ptr<ComputeTime> make(NodeId nodes, std::uint64_t seed) const override {
    return value.make(nodes, seed);
  }
  T value;
};

template <class T>
struct JitterOf final : Jitter {
  using Interface = Jitter;
  explicit JitterOf(T jitter) : value(std::move(jitter)) {}
  Duration draw(Rng& rng) const override { return value.draw(rng); }
  T value;
};

}  // namespace

const Catalogue<Network>& networks() {
  static const Catalogue<Network> all(
      "network model", {kind<NetworkOf>("ideal", IdealNetwork{}, "no time passes"),
                        kind<NetworkOf>("store_and_forward", StoreAndForwardNetwork{},
                                        "every directed link serves one message after the other"),
                        kind<NetworkOf>("max_min_fair", MaxMinFairNetwork{},
                                        "messages share links as fluid flows, max-min fair")});
  return all;
}

const Catalogue<NetworkGraph>& network_graphs() {
  static const Catalogue<NetworkGraph> all(
      "network graph",
      {kind<NetworkGraphOf>("topology", OwnEdges{}, "every edge of the topology is a link"),
       kind<NetworkGraphOf>("switch", Switch{}, "every node has one link to a switch, both ways"),
       kind<NetworkGraphOf>("dumbbell", Dumbbell{}, "two switches, and a link between them that all share"),
       kind<NetworkGraphOf>("racks", Racks{}, "racks, each with a link to a core that its nodes share"),
       kind<NetworkGraphOf>("clusters", Clusters{},
                            "clusters, with a link over a wide area from each to each"),
       kind<NetworkGraphOf>("file", SiteFile{}, "sites and links from a GraphML or GML file"),
       kind<NetworkGraphOf>("matrix", SiteMatrix{},
                            "round-trip times and bandwidths between sites, from CSV")});
  return all;
}

const Catalogue<Compute>& compute_times() {
  static const Catalogue<Compute> all(
      "compute time",
      {kind<ComputeOf>("constant", ConstantComputeTime{}, "the same for all of a node's gradients"),
       kind<ComputeOf>("exponential", RandomComputeTime<ExponentialLaw>{}, "exponential"),
       kind<ComputeOf>("shifted_exponential", RandomComputeTime<ShiftedExponentialLaw>{},
                       "a constant and an exponential part"),
       kind<ComputeOf>("lognormal", RandomComputeTime<LognormalLaw>{}, "lognormal"),
       kind<ComputeOf>("gamma", RandomComputeTime<GammaLaw>{}, "gamma"),
       kind<ComputeOf>("trace", RecordedComputeTime{}, "durations from a file, line by line")});
  return all;
}

const Catalogue<Jitter>& jitters() {
  static const Catalogue<Jitter> all(
      "jitter", {kind<JitterOf>("exponential", JitterBy<ExponentialLaw>{}, "exponential"),
                 kind<JitterOf>("shifted_exponential", JitterBy<ShiftedExponentialLaw>{},
                                "a constant and an exponential part"),
                 kind<JitterOf>("lognormal", JitterBy<LognormalLaw>{}, "lognormal"),
                 kind<JitterOf>("gamma", JitterBy<GammaLaw>{}, "gamma")});
  return all;
}

}  // namespace gossamer
