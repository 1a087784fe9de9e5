// Node: what a program can do on the network. A small handle, passed by value into coroutines.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sim/simulation.hpp"

namespace gossamer {

/// "messages on channel 'c' from nodes 1, 4", for errors; "a message ... from any neighbour" of none.
std::string describe(Channel channel, std::span<const NodeId> from);
/// The error of a program that awaits a `wanted` and gets another payload.
[[noreturn]] void throw_wrong_type(Channel channel, NodeId from, const std::type_info& wanted,
                                   const std::type_info& got);

/// Awaitable: lets simulated time pass.
class Sleep final : Event {
 public:
  Sleep(Scheduler& scheduler, Duration duration) : scheduler_(scheduler), duration_(duration) {}
  bool await_ready() const noexcept { return duration_ <= Duration::zero(); }
  void await_suspend(std::coroutine_handle<> program) {
    program_ = program;
    scheduler_.after(duration_, *this);
  }
  void await_resume() const noexcept {}
  void happen() override { program_.resume(); }

 private:
  Scheduler& scheduler_;
  Duration duration_;
  std::coroutine_handle<> program_;
};

/// Awaitable base: work with a result that takes `duration` of simulated time, done meanwhile by any thread
/// of the pool. The derived class overrides run(), must not touch the simulation there, gives the result from
/// await_resume() after calling wait(), and calls abandon() in its destructor.
class Computation : Event, Pool::Job {
 public:
  bool await_ready() const noexcept { return false; }  // Even in no time others may begin theirs first.
  void await_suspend(std::coroutine_handle<> program) {
    program_ = program;
    simulation_.scheduler().after(duration_, *this);
    simulation_.pool().submit(*this);
  }

 protected:
  Computation(Simulation& simulation, NodeId node, Duration duration)
      : simulation_(simulation), node_(node), duration_(duration) {}
  ~Computation() = default;

  /// Returns when run() has; rethrows what it threw.
  void wait() {
    simulation_.pool().finish(*this);
    simulation_.computed(node_, duration_);
  }
  void abandon() noexcept { simulation_.pool().discard(*this); }

 private:
  void happen() override { program_.resume(); }

  Simulation& simulation_;
  NodeId node_;
  Duration duration_;
  std::coroutine_handle<> program_;
};

/// Awaitable: the next message on `channel` from each neighbour, in node order.
template <class T>
class Gather final : Claim {
 public:
  Gather(Simulation& simulation, NodeId node, Channel channel)
      : simulation_(simulation), node_(node), channel_(channel) {}

  bool await_ready() {
    missing_ = count_missing();
    return missing_ == 0;
  }
  void await_suspend(std::coroutine_handle<> program) { simulation_.add_claim(node_, *this, program); }

  std::vector<Received<T>> await_resume() {
    const Adjacency& graph = simulation_.adjacency();
    std::vector<Received<T>> received;
    received.reserve(static_cast<std::size_t>(graph.degree(node_)));
    for (ArcId a = graph.first(node_); a < graph.first(node_ + 1); ++a) {
      auto taken = simulation_.take(a, channel_);
      const std::type_info& type = (*taken.payload).type();
      if (type != typeid(T)) throw_wrong_type(channel_, taken.from, typeid(T), type);
      received.emplace_back(taken.from, std::move(taken.payload));
    }
    return received;
  }

 private:
  bool met_by(const Message& message, const MessageQueue& queue) override {
    if (message.channel != channel_ || queue.find(channel_) || --missing_ > 0) return false;
    missing_ = count_missing() - 1;  // Another program of the node may have taken some that were there.
    return missing_ == 0;
  }
  ArcId count_missing() const {
    const Adjacency& graph = simulation_.adjacency();
    ArcId count = 0;
    for (ArcId a = graph.first(node_); a < graph.first(node_ + 1); ++a) {
      count += simulation_.queue(a).find(channel_) == nullptr;
    }
    return count;
  }
  std::string awaited() const override {
    const Adjacency& graph = simulation_.adjacency();
    std::vector<NodeId> from;
    for (ArcId a = graph.first(node_); a < graph.first(node_ + 1); ++a) {
      if (!simulation_.queue(a).find(channel_)) from.push_back(graph.head(a));
    }
    return describe(channel_, from);
  }

  Simulation& simulation_;
  NodeId node_;
  Channel channel_;
  ArcId missing_ = 0;
};

/// Awaitable: the next message on `channel` from one neighbour, or from whichever sends first (arc -1).
template <class T>
class Receive final : Claim {
 public:
  Receive(Simulation& simulation, NodeId node, ArcId arc, Channel channel)
      : simulation_(simulation), node_(node), arc_(arc), channel_(channel) {}

  bool await_ready() const {
    return arc_ < 0 ? simulation_.earliest(node_, channel_) >= 0
                    : simulation_.queue(arc_).find(channel_) != nullptr;
  }
  void await_suspend(std::coroutine_handle<> program) { simulation_.add_claim(node_, *this, program); }

  Received<T> await_resume() {
    auto taken = simulation_.take(arc_ < 0 ? simulation_.earliest(node_, channel_) : arc_, channel_);
    const std::type_info& type = (*taken.payload).type();
    if (type != typeid(T)) throw_wrong_type(channel_, taken.from, typeid(T), type);
    return {taken.from, std::move(taken.payload)};
  }

 private:
  bool met_by(const Message& message, const MessageQueue&) override {
    return message.channel == channel_ && (arc_ < 0 || simulation_.adjacency().head(arc_) == message.from);
  }
  std::string awaited() const override {
    if (arc_ < 0) return describe(channel_, {});
    const NodeId from = simulation_.adjacency().head(arc_);
    return describe(channel_, {&from, 1});
  }

  Simulation& simulation_;
  NodeId node_;
  ArcId arc_;
  Channel channel_;
};

class Node {
 public:
  Node(Simulation& simulation, NodeId id) : simulation_(&simulation), id_(id) {}

  NodeId id() const { return id_; }
  Instant now() const { return simulation_->now(); }
  /// In ascending order.
  std::span<const NodeId> neighbors() const { return simulation_->adjacency().neighbors(id_); }

  /// Sends `value` to the neighbour `to`. Never blocks: the network carries it. Throws std::invalid_argument
  /// where `to` is not a neighbour.
  template <Sendable T>
  void send(NodeId to, T value, Channel channel = {}) {
    const Bits size = wire_bits(value);
    simulation_->send(id_, arc_to(to), channel, size, payload_of(std::move(value)));
  }

  /// Sends `value` to every neighbour, in node order.
  template <Sendable T>
  void broadcast(T value, Channel channel = {}) {
    const Bits size = wire_bits(value);
    const PayloadRef payload = payload_of(std::move(value));
    const Adjacency& graph = simulation_->adjacency();
    for (ArcId a = graph.first(id_); a < graph.first(id_ + 1); ++a) {
      simulation_->send(id_, a, channel, size, payload);
    }
  }

  /// `co_await self.gather<T>()`: the next message from each neighbour, as a vector in node order.
  template <class T>
  [[nodiscard]] Gather<T> gather(Channel channel = {}) {
    return {*simulation_, id_, channel};
  }

  /// `co_await self.receive<T>(from)`: the next message from the neighbour `from`.
  template <class T>
  [[nodiscard]] Receive<T> receive(NodeId from, Channel channel = {}) {
    return {*simulation_, id_, arc_to(from), channel};
  }

  /// `co_await self.receive_any<T>()`: the next message from any neighbour, in the order of arrival.
  template <class T>
  [[nodiscard]] Receive<T> receive_any(Channel channel = {}) {
    return {*simulation_, id_, -1, channel};
  }

  /// `co_await self.sleep(d)`: lets d of simulated time pass.
  [[nodiscard]] Sleep sleep(Duration duration) const { return {simulation_->scheduler(), duration}; }

 protected:
  Simulation& simulation() const { return *simulation_; }

 private:
  template <class T>
  static PayloadRef payload_of(T value) {
    return PayloadRef(new TypedPayload<T>(std::move(value)));
  }
  ArcId arc_to(NodeId other) const;

  Simulation* simulation_;
  NodeId id_;
};

}  // namespace gossamer
