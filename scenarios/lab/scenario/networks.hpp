// The network models, and the models of compute time, that a scenario can name.
#pragma once

#include <cstdint>
#include <memory>

#include "scenarios/lab/yaml/kinds.hpp"
#include "sim/coding.hpp"
#include "sim/compute_time.hpp"
#include "sim/faults.hpp"
#include "sim/networks/links.hpp"

namespace gossamer {

class Network {
 public:
  virtual ~Network() = default;
  /// Throws std::invalid_argument for settings that would have no effect.
  virtual Links links(const Traffic& traffic) const = 0;
  virtual std::unique_ptr<NetworkModel> make(Links links) const = 0;
};

class Compute {
 public:
  virtual ~Compute() = default;
  /// A new model for each run, as a model may draw random numbers. Throws std::invalid_argument if it does
  /// not suit this many nodes.
  virtual std::unique_ptr<ComputeTime> make(NodeId nodes, std::uint64_t seed) const = 0;
};

const Catalogue<Network>& networks();
const Catalogue<NetworkGraph>& network_graphs();
const Catalogue<Compute>& compute_times();
const Catalogue<Jitter>& jitters();

}  // namespace gossamer
