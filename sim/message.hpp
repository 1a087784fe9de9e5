// Messages: an immutable payload of any type, its size on the wire, and the channel it travels on.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
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
/// What a type that is made by compression may offer, too: the size of what was compressed into it, or 0.
template <class T>
concept Compressed = requires(const T& value) {
  { uncompressed_bits(value) } -> std::same_as<Bits>;
};

/// Memory for payloads, which come and go with every message: freed pieces of a size are used again. Large
/// ones are left to the system; most payloads are small, as vectors have memory of their own.
class PayloadStore {
 public:
  PayloadStore() = default;
  PayloadStore(const PayloadStore&) = delete;
  PayloadStore& operator=(const PayloadStore&) = delete;
  ~PayloadStore() {
    for (Free* piece : free_) {
      while (piece) ::operator delete(std::exchange(piece, piece->next));
    }
  }
  void* get(std::size_t bytes) {
    const std::size_t steps = (bytes + step - 1) / step;
    if (steps >= free_.size()) return ::operator new(bytes);
    Free*& first = free_[steps];
    if (!first) return ::operator new(steps* step);
    void* const memory = std::exchange(first, first->next);
    __builtin_prefetch(first);
    return memory;
  }
  /// `bytes` as for get().
  void put(void* memory, std::size_t bytes) noexcept {
    const std::size_t steps = (bytes + step - 1) / step;
    if (steps >= free_.size()) return ::operator delete(memory);
    free_[steps] = new (memory) Free{free_[steps]};
  }

 private:
  struct Free {
    Free* next;
  };
  static constexpr std::size_t step = 16;
  std::array<Free*, 32> free_{};  // [size in steps]
};

/// What a message carries: one immutable value, shared by all the receivers of a broadcast. The references
/// are counted without atomics, for programs and messages live on the scheduler's thread alone.
class Payload {
 public:
  Payload(const Payload&) = delete;
  Payload& operator=(const Payload&) = delete;
  virtual const std::type_info& type() const = 0;
  /// The size of what was compressed into it; 0 if it was not compressed.
  virtual Bits uncompressed() const = 0;

 protected:
  Payload() = default;
  ~Payload() = default;

 private:
  friend class PayloadRef;
  virtual void destroy() noexcept = 0;
  std::int64_t references_ = 0;
};

template <class T>
class TypedPayload final : public Payload {
 public:
  static Payload& make(PayloadStore& store, T value) {
    if constexpr (!usually_aligned) return *new TypedPayload(store, std::move(value));
    return *new (store.get(sizeof(TypedPayload))) TypedPayload(store, std::move(value));
  }
  const T& value() const { return value_; }
  const std::type_info& type() const override { return typeid(T); }
  Bits uncompressed() const override {
    if constexpr (Compressed<T>) return uncompressed_bits(value_);
    return {};
  }

 private:
  static constexpr bool usually_aligned = alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__;

  TypedPayload(PayloadStore& store, T&& value) : store_(store), value_(std::move(value)) {}
  void destroy() noexcept override {
    if constexpr (usually_aligned) {
      PayloadStore& store = store_;
      this->~TypedPayload();
      store.put(this, sizeof(TypedPayload));
    } else {
      delete this;
    }
  }

  PayloadStore& store_;
  const T value_;
};

/// A counted reference to a payload.
class PayloadRef {
 public:
  PayloadRef() = default;
  explicit PayloadRef(Payload& payload) : payload_(&payload) { ++payload_->references_; }
  PayloadRef(const PayloadRef& other) : payload_(other.payload_) {
    if (payload_) ++payload_->references_;
  }
  PayloadRef(PayloadRef&& other) noexcept : payload_(std::exchange(other.payload_, nullptr)) {}
  PayloadRef& operator=(PayloadRef other) noexcept {
    std::swap(payload_, other.payload_);
    return *this;
  }
  ~PayloadRef() {
    if (payload_ && --payload_->references_ == 0) payload_->destroy();
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
  const T& operator*() const { return static_cast<const TypedPayload<T>&>(*payload_).value(); }
  const T* operator->() const { return &**this; }

  NodeId from;

 private:
  PayloadRef payload_;
};

/// What gather() gives: messages, in node order. The first few lie in the object itself, so that most
/// programs allocate nothing for them.
template <class T>
class Gathered {
 public:
  explicit Gathered(std::size_t count)
      : data_(count <= few ? few_ : std::allocator<Received<T>>().allocate(count)), capacity_(count) {}
  Gathered(Gathered&& other) noexcept : Gathered(0) {
    if (other.data_ == other.few_) {
      for (std::size_t k = 0; k < other.size_; ++k) push_back(std::move(other.data_[k]));
    } else {
      data_ = std::exchange(other.data_, other.few_);
      size_ = std::exchange(other.size_, 0);
      capacity_ = std::exchange(other.capacity_, 0);
    }
  }
  Gathered& operator=(Gathered&&) = delete;
  ~Gathered() {
    std::destroy_n(data_, size_);
    if (data_ != few_) std::allocator<Received<T>>().deallocate(data_, capacity_);
  }

  /// Precondition: there are less than the `count` that it was made for.
  void push_back(Received<T> message) { std::construct_at(data_ + size_++, std::move(message)); }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const Received<T>& operator[](std::size_t k) const { return data_[k]; }
  const Received<T>* data() const { return data_; }
  const Received<T>* begin() const { return data_; }
  const Received<T>* end() const { return data_ + size_; }

 private:
  static constexpr std::size_t few = 4;
  union {
    Received<T> few_[few];
  };
  Received<T>* data_;
  std::size_t size_ = 0, capacity_;
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
  void prefetch(Distance distance) const override;

 private:
  friend class NetworkModel;
  friend class MessageQueue;
  friend class MessageStore;
  friend class Simulation;
  [[noreturn, gnu::noinline]] void blame(const std::exception& error) const;

  union {
    NetworkModel* carrier_ = nullptr;  // While it is under way.
    std::uint64_t arrival_;            // In a mailbox: its rank among the messages that arrived.
  };
  Message* next_ = nullptr;  // In a mailbox, or in the store.
};

}  // namespace gossamer
