// Coding: how long nodes compress what they send and decompress what they receive.
#pragma once

#include <memory>
#include <vector>

#include "sim/faults.hpp"
#include "sim/wrapped_network.hpp"

namespace gossamer {

/// How fast a node compresses and decompresses: each speed is that of what goes in, so the vector's bits
/// before compression, and the message's after it. What is sent uncompressed takes no time. Without coding
/// the compression of any message is free, and only its size counts.
struct Coding {
  Bandwidth encode = Bandwidth::unlimited();
  Bandwidth decode = Bandwidth::unlimited();

  static void fields(auto& self, auto&& visit) {
    visit("encode", self.encode, "",
          "speed at which a node compresses, in bits of the vector: w for each number");
    visit("decode", self.decode, "", "speed at which a node decompresses, in bits of the message");
  }
  /// Whether it could take any time.
  bool take_time() const { return !encode.is_unlimited() || !decode.is_unlimited(); }
};

/// Another model's network, between nodes that take time to encode and decode. Each node has one encoder and
/// one decoder, which work beside its computations. Through both messages go one after the other, those that
/// need no time included, so that none overtakes another. A broadcast is encoded once.
class CodingNetwork final : public WrappedNetwork {
 public:
  /// The downtimes outlive it: what a node that has crashed would decode is lost.
  CodingNetwork(std::unique_ptr<NetworkModel> network, const Coding& coding, NodeDowntimes& downtimes,
                NodeId nodes);

 private:
  enum Stage { encoding, decoding };
  struct Node {
    Instant encoded_until{}, decoded_until{};  // When its encoder and decoder are free again.
    // The latest that it encoded, and when: a broadcast sends it several times in one instant.
    const Payload* latest = nullptr;
    Instant sent{};
  };

  void carry(Message& message) override;
  void arrived(Message& message) override;
  void deliver(Message& message) override;
  void drop(Message& message) override { sink().drop(message); }
  void wait(Message& message, Stage stage, Instant until);

  Coding coding_;
  NodeDowntimes& downtimes_;
  std::vector<Node> nodes_;
};

}  // namespace gossamer
