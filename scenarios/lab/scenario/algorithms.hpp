// The algorithms that a scenario can name.
#pragma once

#include <string_view>
#include <vector>

#include "scenarios/lab/yaml/kinds.hpp"
#include "sim/node.hpp"

namespace gossamer {

class Adjacency;
class Simulation;
struct Experiment;

/// What a run asks of an algorithm.
class Algorithm {
 public:
  virtual ~Algorithm() = default;

  /// Whether it has a server, the last node of a star, besides its workers.
  virtual bool has_server() const = 0;
  /// Whether nodes mix what they receive, with the weights of a matrix W.
  virtual bool mixes() const = 0;
  /// If so: whether the rows of W have to sum to 1, as its columns do, and whether each iteration may have
  /// another W.
  virtual bool needs_doubly_stochastic() const { return true; }
  virtual bool takes_changing_weights() const { return true; }
  /// Whether all nodes go through the same rounds. If not, rows of the trace count updates.
  virtual bool shares_rounds() const = 0;
  /// How long its nodes or its server wait for others.
  virtual Patience patience() const { return {}; }
  /// Whether it may go on when a node comes back without its state.
  virtual bool survives_crashes() const { return false; }
  /// If it would go on, but not as it should, where a message is lost for ever: what it would do.
  virtual std::string_view after_loss() const { return {}; }
  /// Whether it compresses what it sends, with a compressor or a quantizer of the user's choice.
  virtual bool compresses() const = 0;
  /// Whether that which the user chose is not the identity.
  virtual bool sends_compressed() const { return compresses(); }
  /// The metrics that not every algorithm has, and this one does.
  virtual std::vector<std::string_view> metrics() const = 0;
  /// The vectors that its programs keep and a trace can have, besides "x", "gradient" and "full_gradient".
  virtual std::vector<std::string_view> vectors() const = 0;
  /// How many vectors in R^d each worker's program keeps, besides x.
  virtual int vectors_of_worker() const { return static_cast<int>(vectors().size()); }
  /// Throws std::invalid_argument where it does not suit the graph or vectors of d coordinates.
  virtual void require(const Adjacency& graph, std::ptrdiff_t d) const = 0;
  /// Adds the program of one node.
  virtual void spawn(Simulation& simulation, const Experiment& experiment, NodeId node) const = 0;
};

const Catalogue<Algorithm>& algorithms();

}  // namespace gossamer
