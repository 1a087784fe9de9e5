// The topologies and mixing matrices that a scenario can name.
#pragma once

#include <cstdint>

#include "scenarios/lab/yaml/kinds.hpp"

namespace gossamer {

class MixingMatrix;
struct Topology;

class Family {
 public:
  virtual ~Family() = default;
  /// Throws TopologyError where there is no such graph.
  virtual Topology build(std::uint64_t seed) const = 0;
  /// Whether its graphs can have a server.
  virtual bool may_have_server() const = 0;
  /// Whether `nodes` counts workers only, and the last node is a server or could be.
  virtual bool counts_workers() const = 0;
  /// Whether its graphs are directed.
  virtual bool directed() const = 0;
};

class MixingRule {
 public:
  virtual ~MixingRule() = default;
  /// Throws TopologyError where the rule does not suit the graph.
  virtual MixingMatrix build(const Topology& topology) const = 0;
};

const Catalogue<Family>& topologies();
const Catalogue<MixingRule>& mixings();

}  // namespace gossamer
