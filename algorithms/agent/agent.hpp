// Agent: a node that also has a local objective, neighbours with weights or a server, and an observer.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "algorithms/agent/measures.hpp"
#include "algorithms/agent/mixing.hpp"
#include "algorithms/agent/schedule.hpp"
#include "algorithms/agent/watched.hpp"
#include "algorithms/compressors/compressor.hpp"
#include "algorithms/compressors/encoded.hpp"
#include "algorithms/problems/batches.hpp"
#include "algorithms/problems/problem.hpp"
#include "algorithms/vectors/vector.hpp"
#include "sim/compute_time.hpp"
#include "sim/node.hpp"
#include "sim/random.hpp"

namespace gossamer {

class Agent;
class Codec;

/// As gather() gives them.
using Messages = std::span<const Received<Encoded>>;

/// The iterates left the numbers that can be computed with or sent. A result, not a mistake: the run ends as
/// "diverged", and what was recorded before stays.
class Divergence : public Halt {
 public:
  Divergence(NodeId node, Round t, Instant when, const std::string& what, bool ends_at_once = false)
      : Halt(node, t, when, "iteration " + std::to_string(t) + ": " + what, ends_at_once) {}
  Round iteration() const { return rank.first; }  ///< The one that could not be finished.
};

/// What a node has done up to now, besides what the network counts.
struct Work {
  std::int64_t gradients = 0;   ///< Calls of gradient().
  std::int64_t samples = 0;     ///< Rows of data they used.
  std::int64_t bits_paper = 0;  ///< Bits sent, as the compressors' `accounting` counts them.
  int crashes = 0;              ///< How often it has come back after one.
  Vector state;                 ///< Of a node whose problem has one: at first Problem::initial_state().
  /// |C(x) - x|^2 / |x|^2 of the latest message that it compressed; NaN before there is one, or where
  /// Experiment::contraction is false.
  double contraction = std::numeric_limits<double>::quiet_NaN();
};

/// Is told of every iteration that a node finishes, at that instant. Takes no simulated time.
class Observer {
 public:
  virtual ~Observer() = default;
  /// `x` is the node's iterate, or null for a server that holds none.
  virtual void finished(NodeId node, Round t, const Vector* x) = 0;
  /// The iterate of a node has become `x` in the middle of an iteration; only where nodes share no rounds.
  virtual void changed(NodeId, const Vector&) {}
};

/// What all the agents of a run share. Outlives every program. n is the number of nodes with an objective,
/// 0, ..., n - 1; a server, if there is one, is node n.
struct Experiment {
  const Problem& problem;
  const Mixing* mixing = nullptr;  ///< n nodes; null where the algorithm mixes nothing.
  Round horizon = 0;               ///< T, the last iteration.
  Vector initial_point;            ///< x_0, in R^d, the same for all.
  std::uint64_t seed = 1;
  BatchSize batch_size;
  bool shares_rounds = true;  ///< All nodes go through the same rounds.
  ComputeTime& compute_time;
  Wire wire = Wire::float32;
  Layers layers = {};            ///< Parts of a vector that are compressed one by one.
  bool contraction = false;      ///< Whether to measure what compression leaves of its error.
  std::vector<Work>& work;       ///< [node]: what each has done up to now. The agents keep it.
  Measures& measures;            ///< Numbers that the programs keep for metrics.
  Observer* observer = nullptr;  ///< May be null.
  Watched* watched = nullptr;    ///< Vectors that the programs keep for record.vectors; may be null.
};

/// A handle: copies share the node's state and random streams.
class Agent : public Node {
 public:
  Agent(Simulation& simulation, NodeId id, const Experiment& experiment);

  /// T: a program runs its iterations t = 1, ..., T. Where nodes without a server share no rounds there is no
  /// last one: the run ends after n T of all together.
  Round horizon() const;
  Vector initial_point() const { return experiment_->initial_point; }
  /// Whether the node has crashed: this program began when it came back, and knows nothing of what was
  /// before.
  bool is_back() const { return work().crashes > 0; }
  /// n.
  int workers() const { return experiment_->problem.nodes(); }
  /// d.
  Index dimension() const { return experiment_->problem.dimension(); }
  Wire wire() const { return experiment_->wire; }
  NodeId server() const { return workers(); }

  /// Awaitable: a gradient of f_i as a Value, which is Vector or SparseVector. Made and awaited
  /// in one expression.
  template <class Value>
  class Gradient final : public Computation {
   public:
    Gradient(const Agent& agent, const Vector& x, double weight_decay);
    ~Gradient() { abandon(); }
    Value await_resume();

   private:
    Gradient(const Agent& agent, const Vector& x, double weight_decay, Batch batch);
    void run() override;

    const Agent& agent_;
    const Vector* x_;
    double weight_decay_;
    Batch batch_;
    // Copies of both, if another program of the node could change them meanwhile.
    std::optional<Vector> own_x_;
    std::vector<std::int32_t> own_batch_;
    std::unique_ptr<Training> training_;  ///< Where the problem has a state.
    Value value_;
  };

  /// `co_await self.gradient(x)`: the gradient of f_i at x, as x is now, over all rows or over the next
  /// mini-batch, plus weight_decay * x, after the time it takes to compute. Where the problem has a state,
  /// the node's changes with it. Throws Divergence where one of them is not finite.
  [[nodiscard]] Gradient<Vector> gradient(const Vector& x, double weight_decay = 0) const {
    return {*this, x, weight_decay};
  }
  /// `co_await self.sparse_gradient(x)`: the same, listing only the coordinates that are not zero.
  [[nodiscard]] Gradient<SparseVector> sparse_gradient(const Vector& x) const { return {*this, x, 0}; }

  /// The operator C as this node uses it: `Encoded c = C(x)`, `x += C.decode(c)`.
  Codec codec(const Compressor& compressor) const;

  // Messages. Vectors in R^d travel uncompressed, at the wire's precision; Divergence is thrown where a
  // coordinate is out of its range. Messages on one channel do not mix with those on another.

  void send(NodeId to, Encoded message, Channel channel = {});
  void send(NodeId to, const Vector& x, Channel channel = {}) { send(to, encoded({&x}), channel); }

  /// Sends to every neighbour for whom this node counts (W_ji is not zero); a server, to every worker.
  void broadcast(Encoded message, Channel channel = {});
  void broadcast(const Vector& x, Channel channel = {}) { broadcast(encoded({&x}), channel); }
  /// Both in one message.
  void broadcast(const Vector& x, const Vector& y, Channel channel = {}) {
    broadcast(encoded({&x, &y}), channel);
  }

  /// `co_await self.gather()`: the next message of every neighbour that counts here (W_ij is not zero), in
  /// node order; at a server, of every worker.
  [[nodiscard]] Gather<Encoded> gather(Channel channel = {});
  /// `co_await self.gather(patience)`: of the messages of this node's round, those that come before its
  /// patience ends: who is not among them was silent. A message has the round in which it was sent. Where
  /// late ones are `added`, those of earlier rounds come with them. Without patience the same as gather().
  [[nodiscard]] AnyGather<Encoded> gather(Patience patience, Late late = Late::dropped, Channel channel = {});
  /// `co_await self.gather_from(nodes)`: both of these neighbours, given in ascending order.
  [[nodiscard]] AnyGather<Encoded> gather_from(std::span<const NodeId> nodes, Patience patience = {},
                                               Channel channel = {});
  /// `co_await self.receive(from)`: the next message of one neighbour.
  [[nodiscard]] Receive<Encoded> receive(NodeId from, Channel channel = {}) {
    return Node::receive<Encoded>(from, channel);
  }
  /// `co_await self.receive_any()`: the next message of any neighbour, in the order of arrival.
  [[nodiscard]] Receive<Encoded> receive_any(Channel channel = {}) {
    return Node::receive_any<Encoded>(channel);
  }

  /// The iteration that the node is in: the one after the last that it finished, from 1 on.
  Round round() const;
  // For programs that may miss iterations, as those with patience do.

  /// Lets the node be in iteration t.
  void join(Round t) const;
  /// At the beginning of an iteration, t by the node's own count: the one that it begins. A node with
  /// patience that has heard of a later one is behind: it joins the next after that, so that its message will
  /// be in time there.
  Round catch_up(const Patience& patience, Round t) const;
  /// Puts the newest message of its sender that is there, if any, in the place of `message`.
  void take_newest(Received<Encoded>& message, Channel channel = {}) const;
  /// The same, and joins the iteration in which that was sent.
  Round join_newest(Received<Encoded>& message, Channel channel = {}) const;

  /// W_ij of the present iteration; j is this node or a neighbour.
  double weight(NodeId j) const;

  /// sum_j W_ij v_j, in node order, over this node's own vector and the `part`-th (from 0) of every message
  /// received. The own vector is exact, the others come from the wire. The weights of neighbours that were
  /// silent are the own vector's, so that all sum to what they did.
  Vector mix(const Vector& own, Messages received, Index part = 0) const;
  /// The same over messages that C made, each C(v_j).
  Vector mix(const Vector& own, Messages received, const Codec& C) const;

  /// The same sums over whatever was received: silent neighbours add nothing, and late messages what they
  /// would have added in the iteration in which they were sent.
  Vector add_up(const Vector& own, Messages received) const;
  Vector add_up(const Vector& own, Messages received, const Codec& C) const;

  /// Says that iteration t ends here with iterate x. Throws Divergence where |x|^2 is not finite.
  void finished(Round t, const Vector& x) { finished(t, x, squared_norm(x)); }
  /// The same for programs that know |x|^2 without a pass over x.
  void finished(Round t, const Vector& x, double squared_norm);
  /// The same for a server that holds no iterate.
  void finished(Round t);

  /// Says that the node's x has changed in the middle of an iteration, as when another node averages with it.
  void changed(const Vector& x) const;

  /// Adds a second program of this node, which serves the others in the background: it need not end.
  void spawn(Process program) const;

  /// This node's random stream for a purpose: at every call the same stream, as far as it has been used.
  Rng& random(std::string_view purpose) const;
  /// A random stream for a purpose, from its beginning, the same on every node: for draws on which all nodes
  /// agree without a message.
  Rng common_random(std::string_view purpose) const { return named_stream(experiment_->seed, -1, purpose); }

  /// The run's M, which all nodes share, or null if it is not recorded (measures.hpp).
  template <std::derived_from<Measure> M, class... Arguments>
  M* measure(const Arguments&... arguments) const {
    return experiment_->measures.get<M>(arguments...);
  }

  /// Names vectors of this program for `record.vectors`, each in R^d. They live as long as its iterations.
  void watch(std::initializer_list<std::pair<std::string_view, const Vector*>> vectors) const;

  // For codecs.
  Rng& compression() const;
  const Layers& layers() const { return experiment_->layers; }
  /// Keeps the contraction of a message, if it is measured: error() is |C(x) - x|^2, square is |x|^2.
  void compressed(double square, auto&& error) const {
    if (experiment_->contraction) work().contraction = square > 0 ? error() / square : 0;
  }
  /// encode(); a WireError that it throws becomes a Divergence.
  template <class Encode>
  auto on_wire(Encode encode) const {
    try {
      return encode();
    } catch (const WireError& error) {
      diverged(error.what());
    }
  }

 private:
  struct State;

  bool is_server() const { return id() == server(); }
  Work& work() const { return experiment_->work[static_cast<std::size_t>(id())]; }
  const Weights* weights() const;
  /// Of the neighbours that count here.
  Entries counting_entries() const;
  Encoded encoded(std::initializer_list<const Vector*> vectors) const {
    return on_wire([&] { return encode(wire(), vectors); });
  }
  template <class Value>
  void keep(const Value& gradient) const;
  template <class Add>
  Vector mixed(const Vector& own, Messages received, Add add) const;
  template <class Add>
  Vector added_up(const Vector& own, Messages received, Add add) const;
  double own_weight(const Weights& w, const Entries& entries, Messages received) const;
  [[noreturn]] void diverged(const std::string& what) const;

  const Experiment* experiment_;
  std::shared_ptr<State> state_;
};

/// The first iterate of a node: x_0. After a crash it is what the first message says that a neighbour sends,
/// uncompressed, and the node joins the next round.
Task<Vector> first_iterate(Agent self);

/// What a message says, times a weight. It refers to the message and the codec, so use it where it is made:
///   sum += C.decode(message) / n;
/// adds it without a vector in between.
class Decoded {
 public:
  friend Vector& operator+=(Vector& sum, const Decoded& decoded) { return decoded.add_to(sum); }
  friend Vector& operator-=(Vector& sum, const Decoded& decoded) { return sum += decoded * -1; }
  Decoded operator*(double factor) const { return {codec_, message_, weight_ * factor}; }
  Decoded operator/(double divisor) const { return {codec_, message_, weight_ / divisor}; }
  operator Vector() const;

 private:
  friend class Codec;
  Decoded(const Codec& codec, const Encoded& message, double weight)
      : codec_(codec), message_(message), weight_(weight) {}
  Vector& add_to(Vector& sum) const;

  const Codec& codec_;
  const Encoded& message_;
  double weight_;
};

/// A compression operator C as one node uses it, with its random stream for compression.
class Codec {
 public:
  /// The message of C(x). Throws Divergence where x is not finite or C(x) leaves the wire's range.
  Encoded operator()(const Vector& x) const;
  /// decode(C(x)): what both sides know after a message. CorruptMessage is thrown when the result is used.
  Decoded decode(const Encoded& message) const { return {*this, message, 1}; }
  /// (1/n) sum_i decode(c_i), in node order.
  Vector mean(Messages messages) const;

 private:
  friend class Agent;
  friend class Decoded;
  Codec(Agent agent, const Compressor& compressor)
      : agent_(std::move(agent)), compressor_(compressor), compresses_(!is_identity(compressor)) {}
  Vector zero() const;

  Agent agent_;
  Compressor compressor_;
  bool compresses_;
};

}  // namespace gossamer
