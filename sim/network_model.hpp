// Network models: when does a message that is sent now arrive, and does it?
#pragma once

#include <cstdint>
#include <optional>

#include "sim/message.hpp"
#include "sim/scheduler.hpp"

namespace gossamer {

/// Number of a directed link of the network. Where the network is the topology itself, link = arc.
using LinkId = std::int32_t;

/// What a link did in a run.
struct LinkCounters {
  std::int64_t messages = 0;
  std::int64_t bytes = 0;          ///< Headers included.
  Duration busy{};                 ///< Time spent transmitting.
  std::int64_t longest_queue = 0;  ///< Most bytes accepted and not yet sent, to the precision of the clock.
};

/// Where messages end up. Both take the message over, and may make programs run before they return.
class MessageSink {
 public:
  virtual void deliver(Message& message) = 0;  ///< It has arrived, at the present instant.
  virtual void drop(Message& message) = 0;     ///< It is lost.
  /// A delivery may be near: see Event::prefetch.
  virtual void prefetch(const Message& /*message*/, Event::Distance) const {}

 protected:
  ~MessageSink() = default;
};

/// Decides when messages arrive. It knows a clock and a sink, and nothing of who sends. While it carries a
/// message, the message's event is its own to schedule. It may have further events, and timers, which can be
/// withdrawn. In the end it hands each message to the sink, once.
class NetworkModel {
 public:
  NetworkModel() = default;
  NetworkModel(const NetworkModel&) = delete;
  NetworkModel& operator=(const NetworkModel&) = delete;
  virtual ~NetworkModel() = default;

  /// Before the first message. Both outlive the model.
  void attach(Scheduler& scheduler, MessageSink& sink) {
    scheduler_ = &scheduler;
    sink_ = &sink;
    attached();
  }

  /// Takes over a message that is sent now.
  void send(Message& message) {
    message.carrier_ = this;
    message.hop = 0;
    carry(message);
  }

  /// A message is likely to be sent along `arc` soon: may prefetch what that takes.
  virtual void prefetch(ArcId /*arc*/) const {}

  /// How many links it has; nothing if it has no links to report on.
  virtual std::optional<LinkId> links() const { return std::nullopt; }
  /// Precondition: 0 <= link < *links().
  virtual LinkCounters counters(LinkId /*link*/) const { return {}; }

 protected:
  Scheduler& scheduler() const { return *scheduler_; }
  MessageSink& sink() const { return *sink_; }
  /// Lets the message's event be this model's, not that of a model within which it came.
  void take(Message& message) { message.carrier_ = this; }

 private:
  friend class Message;
  /// Once there are a scheduler and a sink.
  virtual void attached() {}
  /// Sets a message on its way, at the present instant.
  virtual void carry(Message& message) = 0;
  /// Called when the event of a message under way happens, which carry() or arrived() scheduled.
  virtual void arrived(Message& message) = 0;

  Scheduler* scheduler_ = nullptr;
  MessageSink* sink_ = nullptr;
};

}  // namespace gossamer
