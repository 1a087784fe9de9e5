// Agent: a node that also has a local objective, a row of the mixing matrix, and somebody who watches.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "algorithms/problems/batches.hpp"
#include "algorithms/problems/problem.hpp"
#include "algorithms/schedule.hpp"
#include "algorithms/vector.hpp"
#include "algorithms/wire.hpp"
#include "sim/node.hpp"
#include "sim/random.hpp"
#include "topologies/mixing.hpp"

namespace gossamer {

/// The iterates left the numbers that can be computed with or sent. A result, not a mistake: the run ends as
/// "diverged", and what was recorded before stays.
class Divergence : public Halt {
 public:
  Divergence(NodeId node, Round t, Instant when, const std::string& what)
      : Halt(node, t, when, "iteration " + std::to_string(t) + ": " + what) {}
  Round iteration() const { return rank.first; }  ///< The one that could not be finished.
};

/// What a node has computed up to now.
struct Work {
  std::int64_t gradients = 0;  ///< Calls of gradient().
  std::int64_t samples = 0;    ///< Rows of data they used.
};

/// Is told of every iteration that a node finishes, at the instant it does. Takes no simulated time.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void finished(NodeId node, Round t, const Vector& x) = 0;
};

/// What all the agents of a run share. Outlives every program.
struct Experiment {
  const Problem& problem;
  const MixingMatrix* mixing = nullptr;  ///< n x n; null for algorithms that do not gossip.
  Round horizon = 0;                     ///< T, the last iteration.
  Vector initial_point;                  ///< x_0, in R^d, the same for all.
  std::uint64_t seed = 1;
  BatchSize batch_size;
  std::vector<Duration> gradient_time;  ///< [n]: how long node i takes for one gradient.
  Wire wire = Wire::float32;
  std::vector<Work>& work;       ///< [n]: what each node has done up to now. The agents keep it.
  Observer* observer = nullptr;  ///< May be null.
};

/// A handle: copies share the node's state and random streams.
class Agent : public Node {
 public:
  Agent(Simulation& simulation, NodeId id, const Experiment& experiment);

  /// T: a program runs its iterations t = 1, ..., T.
  Round horizon() const { return experiment_->horizon; }
  Vector initial_point() const { return experiment_->initial_point; }

  /// Awaitable: a gradient of f_i. Made and awaited in one expression.
  class Gradient final : public Computation {
   public:
    Gradient(const Agent& agent, const Vector& x);
    ~Gradient() { abandon(); }
    Vector await_resume();

   private:
    void run() override;
    const Agent& agent_;
    const Vector& x_;
    Batch batch_;
    Vector value_;
  };

  /// `co_await self.gradient(x)`: the gradient of f_i at x over all rows, or over the next mini-batch, after
  /// the time it takes to compute. Throws Divergence where it is not finite.
  [[nodiscard]] Gradient gradient(const Vector& x) const { return {*this, x}; }

  /// Sends vectors in R^d to every neighbour in one message, uncompressed, at the wire's precision.
  /// Throws Divergence where a coordinate is out of the wire's range.
  template <std::same_as<Vector>... Vectors>
  void broadcast(const Vectors&... vectors) {
    Node::broadcast(encoded({&vectors...}));
  }

  /// `co_await self.gather()`: what the neighbours broadcast, in node order.
  [[nodiscard]] Gather<Encoded> gather() { return Node::gather<Encoded>(); }

  /// sum_j W_ij v_j, in node order, over this node's own vector and the `part`-th (from 0) of every message
  /// received. The own vector is exact, the others come from the wire.
  Vector mix(const Vector& own, const std::vector<Received<Encoded>>& received, Index part = 0) const;

  /// Says that iteration t ends here with iterate x. Throws Divergence where |x|^2 is not finite.
  void finished(Round t, const Vector& x);

 private:
  struct State {
    Round finished = 0;
    BatchSampler sampler;
    Rng sampling;
  };

  Encoded encoded(std::initializer_list<const Vector*> vectors) const;
  [[noreturn]] void diverged(const std::string& what) const;

  const Experiment* experiment_;
  std::shared_ptr<State> state_;
};

}  // namespace gossamer
