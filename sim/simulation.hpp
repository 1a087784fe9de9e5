// Simulation: programs, mailboxes and a network on one clock.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <vector>

#include "sim/adjacency.hpp"
#include "sim/mailbox.hpp"
#include "sim/network_model.hpp"
#include "sim/pool.hpp"
#include "sim/process.hpp"
#include "sim/scheduler.hpp"

namespace gossamer {

/// What a node did up to now.
struct NodeCounters {
  std::int64_t messages_sent = 0;
  std::int64_t messages_received = 0;
  std::int64_t messages_lost = 0;  ///< Of those sent.
  std::int64_t bits_sent = 0;      ///< Payload, without headers.
  std::int64_t bits_received = 0;  ///< Payload, without headers.
  std::int64_t bits_lost = 0;      ///< Of those sent.
  Duration computing{};            ///< Simulated time spent in computations that have ended.
};

/// Two simulations share nothing and may live in one process.
class Simulation final : MessageSink {
 public:
  /// `adjacency` says who may send to whom, `model` when messages arrive; `pool` computes, and outlives the
  /// simulation.
  Simulation(Adjacency adjacency, std::unique_ptr<NetworkModel> model, Pool& pool);
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;
  ~Simulation();

  const Adjacency& adjacency() const { return adjacency_; }
  const NetworkModel& model() const { return *model_; }
  Scheduler& scheduler() { return scheduler_; }
  const Scheduler& scheduler() const { return scheduler_; }
  Pool& pool() { return pool_; }
  Instant now() const { return scheduler_.now(); }

  /// Adds a program of `node`. It starts at the present instant, after the programs added before.
  void spawn(NodeId node, Process program, Role role = Role::main);

  /// The node loses all that it has: its programs end where they stand, with what they compute, and what has
  /// come to it is gone. What it has sent goes on. It may get new programs. Not to be called by a program.
  void crash(NodeId node);

  /// Runs until nothing more can happen, or until the last program in the main role has ended where there are
  /// others in the background, or scheduler().stop() is called. Throws SimulationError where a program
  /// throws, and where nothing more can happen but programs in the main role still wait (deadlock): it names
  /// a node and what that node waits for. Throws the Halt of least rank once nothing more can happen. A
  /// simulation that has thrown cannot go on.
  void run();

  /// As run(), up to and including the instant `end`. True if nothing is left to happen then.
  bool run_until(Instant end);

  NodeCounters counters(NodeId node) const;

  /// A hash of every send, arrival and loss: time, ends and size. Integers only, so it is the same on every
  /// machine, and two runs took the same course if (almost surely) their fingerprints agree.
  std::uint64_t fingerprint() const { return fingerprint_; }

  // For awaitables and nodes.
  PayloadStore& payloads() { return payloads_; }
  /// Sends a payload along these arcs out of `from`, in their order; broadcast: along all.
  void send(NodeId from, std::span<const ArcId> arcs, Channel channel, Bits size, const PayloadRef& payload);
  void broadcast(NodeId from, Channel channel, Bits size, const PayloadRef& payload);
  /// The messages that have come by `entry`, to its head.
  MessageQueue& queue(ArcId entry) { return queues_[static_cast<std::size_t>(entry)]; }
  /// Takes the oldest message on `channel` that has come by `entry`.
  struct Taken {
    NodeId from;
    PayloadRef payload;
  };
  Taken take(ArcId entry, Channel channel) {
    Message& message = queue(entry).take(channel);
    store_.put(message);
    return {message.from, std::move(message.payload)};
  }
  /// The entry of `node` at which the earliest arrival on `channel` waits, or -1.
  ArcId earliest(NodeId node, Channel channel) const;
  /// It is met by the `missing`-th message that comes from now on, or by one after that: the claim is not
  /// told of those before, where the node has no other.
  void add_claim(NodeId node, Claim& claim, std::coroutine_handle<> program, ArcId missing = 1);
  /// Precondition: it is one of the node's.
  void remove_claim(NodeId node, const Claim& claim);
  /// This program of `node` is about to go on: see Event::prefetch.
  void prefetch(NodeId node, std::coroutine_handle<> program, Event::Distance distance) const;
  void computed(NodeId node, Duration duration) {
    boxes_[static_cast<std::size_t>(node)].computing += duration;
  }

 private:
  // One cache line: all that a message needs of the nodes at its ends, unless it is lost.
  struct alignas(64) Box {
    Claim* claims = nullptr;
    ArcId quiet = 0;  // So many messages may come before one can meet the claim, which is alone then.
    std::int64_t messages_sent = 0, messages_received = 0;
    std::int64_t bits_sent = 0, bits_received = 0;
    Duration computing{};
  };
  struct Losses {
    std::int64_t messages = 0, bits = 0;
  };

  void deliver(Message& message) override;
  /// Tells the claims of a node of a message that has come into this queue. Apart, so that deliver() need not
  /// save registers for it.
  [[gnu::noinline]] static void offer(const Message& message, Box& box, const MessageQueue& into);
  void drop(Message& message) override;
  void prefetch(const Message& message, Event::Distance distance) const override;
  /// Along the arcs arc_of(0), ..., arc_of(count - 1).
  template <class ArcOf>
  void send_along(NodeId from, ArcId count, const ArcOf& arc_of, Channel channel, Bits size,
                  const PayloadRef& payload);
  std::uint64_t spread(std::uint64_t kind, Bits size) const;
  void mix(std::uint64_t spread, const Message& message);
  void finish();
  bool only_background() const { return course_.running == 0 && course_.background > 0; }

  Pool& pool_;
  Adjacency adjacency_;
  Scheduler scheduler_;
  std::unique_ptr<NetworkModel> model_;
  PayloadStore payloads_;  // Before all that may refer to payloads.
  MessageStore store_;
  std::vector<MessageQueue> queues_;  // By entry.
  std::vector<Box> boxes_;            // By node.
  std::vector<Losses> losses_;        // By sender; empty until something is lost.
  std::uint64_t arrivals_ = 0;
  std::uint64_t fingerprint_ = 0xcbf29ce484222325ULL;
  Course course_;
  // Last, so destroyed first: a suspended program refers to all of the above.
  std::vector<Process> programs_;
};

}  // namespace gossamer
