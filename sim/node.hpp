// Node: what a program can do on the network. A small handle, passed by value into coroutines.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
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

/// Throws where the payload that was taken is no T.
template <class T>
Received<T> taken_as(Simulation::Taken taken, Channel channel) {
  const std::type_info& type = (*taken.payload).type();
  if (type != typeid(T)) throw_wrong_type(channel, taken.from, typeid(T), type);
  return {taken.from, std::move(taken.payload)};
}

/// Awaitable: lets simulated time pass.
class Sleep final : Event {
 public:
  Sleep(Simulation& simulation, NodeId node, Duration duration)
      : simulation_(simulation), node_(node), duration_(duration) {}
  bool await_ready() const noexcept { return duration_ <= Duration::zero(); }
  void await_suspend(std::coroutine_handle<> program) {
    program_ = program;
    simulation_.scheduler().after(duration_, *this);
  }
  void await_resume() const noexcept {}
  void happen() override { program_.resume(); }
  void prefetch(Distance distance) const override { simulation_.prefetch(node_, program_, distance); }
  NodeId resumes() const override { return node_; }

 private:
  Simulation& simulation_;
  NodeId node_;
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
  void prefetch(Distance distance) const override { simulation_.prefetch(node_, program_, distance); }
  NodeId resumes() const override { return node_; }

  Simulation& simulation_;
  NodeId node_;
  Duration duration_;
  std::coroutine_handle<> program_;
};

/// Some of the entries of a node: `count` from `first` on, those of a list that outlives it, or those of a
/// list of its own.
class Entries {
 public:
  Entries(ArcId first, ArcId count) : first_(first), count_(count) {}
  explicit Entries(std::span<const ArcId> list)
      : list_(list.data()), count_(static_cast<ArcId>(list.size())) {}
  explicit Entries(const std::vector<ArcId>& list)
      : own_(std::make_unique<ArcId[]>(list.size())),
        list_(own_.get()),
        count_(static_cast<ArcId>(list.size())) {
    std::copy(list.begin(), list.end(), own_.get());
  }
  ArcId size() const { return count_; }
  ArcId operator[](ArcId k) const { return list_ ? list_[k] : first_ + k; }
  /// Calls visit(entry) for each, in their order.
  template <class Visit>
  void each(const Visit& visit) const {
    if (list_) {
      for (const ArcId entry : std::span(list_, static_cast<std::size_t>(count_))) visit(entry);
    } else {
      for (ArcId entry = first_, end = first_ + count_; entry < end; ++entry) visit(entry);
    }
  }
  /// Precondition: they ascend.
  bool contains(ArcId entry) const {
    if (list_) return std::binary_search(list_, list_ + count_, entry);
    return entry >= first_ && entry < first_ + count_;
  }

 private:
  std::unique_ptr<ArcId[]> own_;
  const ArcId* list_ = nullptr;
  ArcId first_ = 0, count_;
};

/// describe() of those of these entries by which no message on the channel has come.
std::string describe_missing(Simulation& simulation, const Entries& entries, Channel channel);

/// Awaitable: the next message on `channel` by each of some entries, in their order.
template <class T>
class Gather final : Claim {
 public:
  Gather(Simulation& simulation, NodeId node, Entries entries, Channel channel)
      : simulation_(simulation), node_(node), entries_(std::move(entries)), channel_(channel) {}

  bool await_ready() {
    missing_ = count_missing();
    return missing_ == 0;
  }
  void await_suspend(std::coroutine_handle<> program) {
    // The claim counts anew when it is told of the first message, having missed those before.
    simulation_.add_claim(node_, *this, program, std::exchange(missing_, 1));
  }

  Gathered<T> await_resume() {
    Gathered<T> received(static_cast<std::size_t>(entries_.size()));
    entries_.each([&received, &simulation = simulation_, channel = channel_](ArcId entry) {
      received.push_back(taken_as<T>(simulation.take(entry, channel), channel));
    });
    return received;
  }

 private:
  bool met_by(const Message& message) override {
    if (message.channel != channel_.id() || --missing_ > 0) return false;
    missing_ = count_missing();  // It may be by another entry; another program may have taken some.
    return missing_ == 0;
  }
  ArcId count_missing() const {
    ArcId count = 0;
    entries_.each([&](ArcId entry) { count += simulation_.queue(entry).find(channel_) == nullptr; });
    return count;
  }
  std::string awaited() const override { return describe_missing(simulation_, entries_, channel_); }

  Simulation& simulation_;
  NodeId node_;
  Entries entries_;
  Channel channel_;
  ArcId missing_ = 0;
};

/// Awaitable: the next message on `channel` by one entry, or from whichever neighbour sends first (entry -1).
template <class T>
class Receive final : Claim {
 public:
  Receive(Simulation& simulation, NodeId node, ArcId entry, Channel channel)
      : simulation_(simulation), node_(node), entry_(entry), channel_(channel) {}

  bool await_ready() const {
    return entry_ < 0 ? simulation_.earliest(node_, channel_) >= 0
                      : simulation_.queue(entry_).find(channel_) != nullptr;
  }
  void await_suspend(std::coroutine_handle<> program) { simulation_.add_claim(node_, *this, program); }

  Received<T> await_resume() {
    const ArcId entry = entry_ < 0 ? simulation_.earliest(node_, channel_) : entry_;
    return taken_as<T>(simulation_.take(entry, channel_), channel_);
  }

 private:
  bool met_by(const Message& message) override {
    return message.channel == channel_.id() &&
           (entry_ < 0 || simulation_.adjacency().tail_of_entry(entry_) == message.from);
  }
  std::string awaited() const override {
    if (entry_ < 0) return describe(channel_, {});
    const NodeId from = simulation_.adjacency().tail_of_entry(entry_);
    return describe(channel_, {&from, 1});
  }

  Simulation& simulation_;
  NodeId node_;
  ArcId entry_;
  Channel channel_;
};

/// How long a gather waits: until `first` messages are in, or for `at_most` after it began, whichever comes
/// first; without `first`, for all.
struct Patience {
  std::optional<int> first{};
  std::optional<Duration> at_most{};
  bool any() const { return first || at_most; }
};

/// What becomes of messages of earlier rounds: they come too late and are thrown away, or are given, too.
enum class Late { dropped, added };

/// Awaitable: what some entries have sent on `channel` in one round, as far as patience goes. Gives the
/// messages that came in time, in the entries' order: who is not among them was silent. Messages of later
/// rounds stay; who has sent one will send none of this round any more, so it counts as one that has come.
/// For payloads with a `round`. The entries ascend.
template <class T>
class PatientGather final : Claim {
 public:
  PatientGather(Simulation& simulation, NodeId node, Entries entries, Channel channel, Patience patience,
                std::int64_t round, Late late = Late::dropped)
      : simulation_(simulation),
        node_(node),
        entries_(std::move(entries)),
        channel_(channel),
        patience_(patience),
        round_(round),
        late_(late),
        expiry_(*this) {}
  ~PatientGather() { simulation_.scheduler().withdraw(expiry_); }

  bool await_ready() {
    for (ArcId k = 0; k < entries_.size(); ++k) here_ += oldest(entries_[k]) != nullptr;
    return is_enough() || (patience_.at_most && *patience_.at_most <= Duration::zero());
  }
  void await_suspend(std::coroutine_handle<> program) {
    simulation_.add_claim(node_, *this, program);
    if (patience_.at_most) simulation_.scheduler().at(later(simulation_.now(), *patience_.at_most), expiry_);
  }
  Gathered<T> await_resume() {
    simulation_.scheduler().withdraw(expiry_);
    std::ranges::stable_sort(added_, {}, &Added::entry);
    Gathered<T> received(added_.size() + static_cast<std::size_t>(entries_.size()));
    auto added = added_.begin();
    for (ArcId k = 0; k < entries_.size(); ++k) {
      for (; added != added_.end() && added->entry == entries_[k]; ++added) {
        received.push_back(taken_as<T>(std::move(added->taken), channel_));
      }
      const Message* const message = oldest(entries_[k]);
      if (message && round_of(*message) == round_) {
        received.push_back(taken_as<T>(simulation_.take(entries_[k], channel_), channel_));
      }
    }
    return received;
  }

 private:
  struct Expiry final : Timer {
    explicit Expiry(PatientGather& of) : gather(of) {}
    void happen() override {
      gather.simulation_.remove_claim(gather.node_, gather);
      gather.program_.resume();
    }
    PatientGather& gather;
  };
  struct Added {
    ArcId entry;
    Simulation::Taken taken;
  };

  bool is_enough() const {
    return here_ >= (patience_.first ? std::min(*patience_.first, entries_.size()) : entries_.size());
  }
  /// The oldest message of `entry` that is not late, or null; late ones are taken out of the mailbox.
  const Message* oldest(ArcId entry) {
    for (;;) {
      const Message* const message = simulation_.queue(entry).find(channel_);
      if (!message || round_of(*message) >= round_) return message;
      Simulation::Taken taken = simulation_.take(entry, channel_);
      if (late_ == Late::added) added_.push_back({entry, std::move(taken)});
    }
  }
  std::int64_t round_of(const Message& message) const {
    const Payload& payload = *message.payload;
    if (payload.type() != typeid(T)) throw_wrong_type(channel_, message.from, typeid(T), payload.type());
    return static_cast<const TypedPayload<T>&>(payload).value().round;
  }
  bool met_by(const Message& message) override {
    if (message.channel != channel_.id()) return false;
    const ArcId entry = simulation_.adjacency().entry(message.arc);
    if (!entries_.contains(entry)) return false;
    here_ += oldest(entry) != nullptr;
    return is_enough();
  }
  std::string awaited() const override { return describe_missing(simulation_, entries_, channel_); }

  Simulation& simulation_;
  NodeId node_;
  Entries entries_;
  Channel channel_;
  Patience patience_;
  std::int64_t round_;
  Late late_;
  ArcId here_ = 0;  // Entries by which one of this round or a later one has come.
  std::vector<Added> added_;
  Expiry expiry_;
};

/// Awaitable: a PatientGather where there is patience, else a Gather.
template <class T>
class AnyGather {
 public:
  AnyGather(Simulation& simulation, NodeId node, Entries entries, Channel channel, Patience patience,
            std::int64_t round, Late late) {
    if (patience.any()) {
      patient_ = std::make_unique<PatientGather<T>>(simulation, node, std::move(entries), channel, patience,
                                                    round, late);
    } else {
      plain_.emplace(simulation, node, std::move(entries), channel);
    }
  }
  bool await_ready() { return plain_ ? plain_->await_ready() : patient_->await_ready(); }
  void await_suspend(std::coroutine_handle<> program) {
    plain_ ? plain_->await_suspend(program) : patient_->await_suspend(program);
  }
  Gathered<T> await_resume() { return plain_ ? plain_->await_resume() : patient_->await_resume(); }

 private:
  std::optional<Gather<T>> plain_;
  std::unique_ptr<PatientGather<T>> patient_;  // Apart, as programs without patience need no room for it.
};

class Node {
 public:
  Node(Simulation& simulation, NodeId id) : simulation_(&simulation), id_(id) {}

  NodeId id() const { return id_; }
  Instant now() const { return simulation_->now(); }
  /// Who may send to this node, and whom it may send to; in ascending order. On undirected graphs the same.
  std::span<const NodeId> in_neighbors() const { return simulation_->adjacency().in_neighbors(id_); }
  std::span<const NodeId> out_neighbors() const { return simulation_->adjacency().out_neighbors(id_); }

  /// Sends `value` to the neighbour `to`. Never blocks: the network carries it. Throws std::invalid_argument
  /// where `to` is not a neighbour.
  template <Sendable T>
  void send(NodeId to, T value, Channel channel = {}) {
    const Bits size = wire_bits(value);
    const ArcId arc = arc_to(to);
    simulation_->send(id_, {&arc, 1}, channel, size, payload_of(std::move(value)));
  }

  /// Sends `value` to every neighbour, in node order.
  template <Sendable T>
  void broadcast(T value, Channel channel = {}) {
    const Bits size = wire_bits(value);
    simulation_->broadcast(id_, channel, size, payload_of(std::move(value)));
  }

  /// `co_await self.gather<T>()`: the next message from each neighbour, in node order.
  template <class T>
  [[nodiscard]] Gather<T> gather(Channel channel = {}) {
    return {*simulation_, id_, all_entries(), channel};
  }

  /// `co_await self.gather<T>(patience, round)`: what the neighbours sent in this round, as far as patience
  /// goes.
  template <class T>
  [[nodiscard]] PatientGather<T> gather(Patience patience, std::int64_t round, Channel channel = {},
                                        Late late = Late::dropped) {
    return {*simulation_, id_, all_entries(), channel, patience, round, late};
  }

  /// Whether a message of the neighbour `from` is there to be received at once.
  bool has_message(NodeId from, Channel channel = {}) const {
    return simulation_->queue(entry_from(from)).find(channel) != nullptr;
  }

  /// `co_await self.receive<T>(from)`: the next message from the neighbour `from`.
  template <class T>
  [[nodiscard]] Receive<T> receive(NodeId from, Channel channel = {}) {
    return {*simulation_, id_, entry_from(from), channel};
  }

  /// `co_await self.receive_any<T>()`: the next message from any neighbour, in the order of arrival.
  template <class T>
  [[nodiscard]] Receive<T> receive_any(Channel channel = {}) {
    return {*simulation_, id_, -1, channel};
  }

  /// `co_await self.sleep(d)`: lets d of simulated time pass.
  [[nodiscard]] Sleep sleep(Duration duration) const { return {*simulation_, id_, duration}; }

 protected:
  Simulation& simulation() const { return *simulation_; }
  Entries all_entries() const {
    const Adjacency& graph = simulation_->adjacency();
    return {graph.first_in(id_), graph.in_degree(id_)};
  }

  /// As broadcast and gather, for some neighbours: along these arcs out of the node, by these entries into
  /// it.
  template <Sendable T>
  void send_along(std::span<const ArcId> arcs, T value, Channel channel) {
    const Bits size = wire_bits(value);
    simulation_->send(id_, arcs, channel, size, payload_of(std::move(value)));
  }
  template <class T>
  [[nodiscard]] Gather<T> gather_by(Entries entries, Channel channel) {
    return {*simulation_, id_, std::move(entries), channel};
  }
  template <class T>
  [[nodiscard]] AnyGather<T> gather_by(Entries entries, Patience patience, std::int64_t round, Late late,
                                       Channel channel) {
    return {*simulation_, id_, std::move(entries), channel, patience, round, late};
  }
  /// Throw std::invalid_argument where `other` is not a neighbour.
  ArcId arc_to(NodeId other) const;
  ArcId entry_from(NodeId other) const;

 private:
  template <class T>
  PayloadRef payload_of(T value) const {
    return PayloadRef(TypedPayload<T>::make(simulation_->payloads(), std::move(value)));
  }

  Simulation* simulation_;
  NodeId id_;
};

}  // namespace gossamer
