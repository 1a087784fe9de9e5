// Mailboxes: messages that have arrived, and programs that wait for them.
#pragma once

#include <coroutine>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/message.hpp"

namespace gossamer {

/// The messages that one node has received from one neighbour and not yet taken, in the order of arrival,
/// which for every channel is the order of sending.
class MessageQueue {
 public:
  void push(Message& message) {
    message.next_ = nullptr;
    (last_ ? last_->next_ : first_) = &message;
    last_ = &message;
  }
  /// The oldest message on `channel`, or null.
  const Message* find(Channel channel) const { return find(channel.id()); }
  const Message* find(Channel::Id channel) const {
    const Message* m = first_;
    while (m && m->channel != channel) m = m->next_;
    return m;
  }
  /// Takes the oldest message on `channel` out. Precondition: there is one.
  Message& take(Channel channel) {
    Message* before = nullptr;
    Message* m = first_;
    while (m->channel != channel.id()) before = std::exchange(m, m->next_);
    (before ? before->next_ : first_) = m->next_;
    if (last_ == m) last_ = before;
    return *m;
  }
  /// Takes the oldest message on any channel; null where there is none.
  Message* take_first() {
    Message* const m = first_;
    if (m) first_ = m->next_;
    if (!first_) last_ = nullptr;
    return m;
  }
  /// The newest message on `channel`, or null.
  const Message* newest(Channel channel) const {
    const Message* found = nullptr;
    for (const Message* m = first_; m; m = m->next_) {
      if (m->channel == channel.id()) found = m;
    }
    return found;
  }
  bool empty() const { return !first_; }
  void prefetch() const { __builtin_prefetch(first_); }

 private:
  Message* first_ = nullptr;
  Message* last_ = nullptr;
};

/// A suspended program's claim on messages. Lives in the program's frame; a node's claims form a list.
class Claim {
 public:
  /// Told of each message that arrives and is now the only one of its channel in its queue, but of the first
  /// ones that cannot meet it: see Simulation::add_claim. True: it is met, and the program is to be resumed.
  virtual bool met_by(const Message& message) = 0;
  /// "messages on channel 'c' from nodes 1, 4".
  virtual std::string awaited() const = 0;

  /// Fetches what met_by() reads: two cache lines hold most claims.
  void prefetch() const {
    __builtin_prefetch(this);
    __builtin_prefetch(reinterpret_cast<const char*>(this) + 64);
  }

 protected:
  Claim() = default;
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;
  ~Claim() = default;

  std::coroutine_handle<> program_;

 private:
  friend class Simulation;
  Claim* next_ = nullptr;
  Instant since_{};
};

/// Memory for messages, which are used again and again.
class MessageStore {
 public:
  Message& get() {
    if (!free_) grow();
    Message& message = *free_;
    free_ = message.next_;
    __builtin_prefetch(free_);
    return message;
  }
  void put(Message& message) {
    message.next_ = free_;
    free_ = &message;
  }

 private:
  void grow() {
    constexpr std::size_t block = 256;
    blocks_.push_back(std::make_unique<Message[]>(block));
    for (std::size_t i = block; i-- > 0;) put(blocks_.back()[i]);
  }
  std::vector<std::unique_ptr<Message[]>> blocks_;
  Message* free_ = nullptr;
};

}  // namespace gossamer
