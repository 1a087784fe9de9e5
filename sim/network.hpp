// Network models: when does a message that is sent now arrive?
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sim/adjacency.hpp"
#include "sim/message.hpp"
#include "sim/scheduler.hpp"

namespace gossamer {

class Simulation;

/// Number of a directed link of the network. Where the network is the topology itself, link = arc.
using LinkId = std::int32_t;

/// A message under way. As an event it is its own arrival: at the next node of its route or, when no link
/// is left, in the mailbox of `to`.
class Message final : public Event {
 public:
  NodeId from = -1;
  NodeId to = -1;
  ArcId arc = -1;  ///< From `from` to `to` in the topology.
  Channel channel;
  Bits size;  ///< Of the payload.
  PayloadRef payload;
  std::span<const LinkId> route;  ///< The links still to travel.

  void happen() override;

 private:
  friend class Simulation;
  friend class MessageQueue;
  friend class MessageStore;
  Simulation* simulation_ = nullptr;
  Message* next_ = nullptr;    // In a mailbox, or in the store.
  std::uint64_t arrival_ = 0;  // Rank among the messages that arrived.
};

/// Decides when messages arrive.
class NetworkModel {
 public:
  virtual ~NetworkModel() = default;

  /// The links that a message on `arc` of the topology travels, in turn. They live as long as the model.
  virtual std::span<const LinkId> route(ArcId arc) const = 0;

  /// Schedules the end of the message's next hop, and takes the links travelled off its route. Called when
  /// the message is sent, and when it arrives at a node between.
  virtual void carry(Message& message, Scheduler& scheduler) = 0;
};

/// No time passes. Scope: iterates and bits without a network; every message arrives at the instant it is
/// sent, after all that was to happen at that instant before.
class Ideal final : public NetworkModel {
 public:
  std::span<const LinkId> route(ArcId) const override { return {}; }
  void carry(Message& message, Scheduler& scheduler) override { scheduler.at(scheduler.now(), message); }
};

struct LinkParameters {
  Duration latency{};
  Bandwidth bandwidth = Bandwidth::unlimited();
};

/// What a link did in a run.
struct LinkCounters {
  std::int64_t messages = 0;
  std::int64_t bytes = 0;          ///< Headers included.
  Duration busy{};                 ///< Time spent transmitting.
  std::int64_t longest_queue = 0;  ///< Most bytes accepted and not yet sent, to the precision of the clock.
};

/// Store and forward, per directed link first come first served:
///   start = max(now, link free);  link free = start + bytes * 8 / bandwidth;  arrival = link free + latency,
/// with bytes = ceil(bits / 8) + header, and several hops in turn, each after the whole message has arrived.
/// Scope: links are full duplex, buffers are unlimited, nothing is lost. With bandwidth unlimited a hop takes
/// the latency alone.
class StoreAndForward final : public NetworkModel {
 public:
  /// The network is the topology: link = arc, of which links[arc] are the parameters. header >= 0, in bytes.
  StoreAndForward(std::vector<LinkParameters> links, std::int64_t header_bytes);

  /// Messages on arc a travel the links routes[first[a]], ..., routes[first[a + 1] - 1]. Without links, as
  /// between programs on one host, they take no time.
  StoreAndForward(std::vector<LinkParameters> links, std::int64_t header_bytes,
                  std::vector<std::size_t> first, std::vector<LinkId> routes);

  std::span<const LinkId> route(ArcId arc) const override;
  void carry(Message& message, Scheduler& scheduler) override;

  LinkId links() const { return static_cast<LinkId>(links_.size()); }
  LinkCounters counters(LinkId link) const;

 private:
  struct Link {
    LinkParameters parameters{};
    Instant free_at{};
    Duration busy{};
    Duration longest_backlog{};  // Time that the link needed, at worst, for what it had accepted.
    std::int64_t messages = 0;
    std::int64_t bytes = 0;
    std::int64_t last_bytes = 0;  // Of the last message, which took ...
    Duration last_transmission{};
  };

  std::vector<Link> links_;
  std::int64_t header_bytes_;
  std::vector<std::size_t> first_;  // Empty where link = arc.
  std::vector<LinkId> routes_;
};

}  // namespace gossamer
