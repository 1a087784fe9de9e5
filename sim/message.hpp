// Messages: an immutable payload of any type, its size on the wire, and the channel it travels on.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>

#include "sim/event_queue.hpp"
#include "sim/units.hpp"

namespace gossamer {

using NodeId = std::int32_t;
/// Number of an arc: a directed edge of the graph of who may send to whom.
using ArcId = std::int32_t;

/// Keeps apart the streams of messages of one program, for instance iterates and gradient trackers.
class Channel {
 public:
  /// What stands for the channel on messages.
  using Id = std::uint64_t;

  constexpr Channel() = default;
  /// `name` is a string literal; two channels are one if their names are equal.
  consteval Channel(const char* name) : name_(name), hash_(hash(name)) {}
  constexpr std::string_view name() const { return name_; }
  constexpr Id id() const { return hash_; }
  friend constexpr bool operator==(Channel a, Channel b) { return a.hash_ == b.hash_; }

 private:
  static constexpr std::uint64_t hash(std::string_view name) {
    std::uint64_t value = 0xcbf29ce484222325ULL;
    for (const char c : name) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    return value;
  }

  const char* name_ = "default";
  std::uint64_t hash_ = hash("default");  // FNV-1a of the name: compared for every message.
};

/// What a type must offer to be sent: `Bits wire_bits(const T&)`, found by argument lookup.
template <class T>
concept Sendable = requires(const T& value) {
  { wire_bits(value) } -> std::same_as<Bits>;
};

/// What a message carries: one immutable value, shared by all the receivers of a broadcast. The references
/// are counted without atomics, for programs and messages live on the scheduler's thread alone.
class Payload {
 public:
  explicit Payload(const std::type_info& type) : type_(&type) {}
  Payload(const Payload&) = delete;
  Payload& operator=(const Payload&) = delete;
  virtual ~Payload() = default;
  const std::type_info& type() const { return *type_; }

 private:
  friend class PayloadRef;
  const std::type_info* type_;
  std::int64_t references_ = 0;
};

template <class T>
struct TypedPayload final : Payload {
  explicit TypedPayload(T v) : Payload(typeid(T)), value(std::move(v)) {}
  const T value;
};

/// A counted reference to a payload.
class PayloadRef {
 public:
  PayloadRef() = default;
  explicit PayloadRef(Payload* payload) : payload_(payload) { ++payload_->references_; }
  PayloadRef(const PayloadRef& other) : payload_(other.payload_) {
    if (payload_) ++payload_->references_;
  }
  PayloadRef(PayloadRef&& other) noexcept : payload_(std::exchange(other.payload_, nullptr)) {}
  PayloadRef& operator=(PayloadRef other) noexcept {
    std::swap(payload_, other.payload_);
    return *this;
  }
  ~PayloadRef() {
    if (payload_ && --payload_->references_ == 0) delete payload_;
  }
  const Payload& operator*() const { return *payload_; }

 private:
  Payload* payload_ = nullptr;
};

/// A message as the program that takes it sees it: a pointer to the immutable payload.
template <class T>
class Received {
 public:
  /// Precondition: `payload` holds a T.
  Received(NodeId sender, PayloadRef payload) : from(sender), payload_(std::move(payload)) {}
  const T& operator*() const { return static_cast<const TypedPayload<T>&>(*payload_).value; }
  const T* operator->() const { return &**this; }

  NodeId from;

 private:
  PayloadRef payload_;
};

class NetworkModel;

/// A message under way, or in a mailbox. While a network model carries it, its event is the model's. It fills
/// one cache line: with many nodes, these are what a run waits for.
class alignas(64) Message final : public Event {
 public:
  NodeId from = -1;
  NodeId to = -1;
  ArcId arc = -1;        ///< From `from` to `to`.
  std::int32_t hop = 0;  ///< For the network model: how far it has come.
  Channel::Id channel = 0;
  Bits size;  ///< Of the payload.
  PayloadRef payload;

  void happen() override;

 private:
  friend class NetworkModel;
  friend class MessageQueue;
  friend class MessageStore;
  friend class Simulation;
  union {
    NetworkModel* carrier_ = nullptr;  // While it is under way.
    std::uint64_t arrival_;            // In a mailbox: its rank among the messages that arrived.
  };
  Message* next_ = nullptr;  // In a mailbox, or in the store.
};

}  // namespace gossamer
