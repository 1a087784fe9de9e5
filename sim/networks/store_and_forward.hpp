// Store and forward: links that serve one message after the other.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "sim/networks/links.hpp"

namespace gossamer {

/// Per directed link, first come first served:
///   start = max(now, link free);  link free = start + bytes * 8 / bandwidth;  arrival = link free + latency,
/// with bytes = ceil(bits / 8) + header, and several hops in turn, each after the whole message has arrived.
/// With an MTU a message is cut into packets of at most so many bytes, a header in each, which travel one by
/// one; it has arrived when its last packet has. Where the speed changes over time, a transmission lasts
/// until the integral of the bandwidth is its bits. Scope: links are full duplex, buffers are unlimited,
/// nothing is lost. With bandwidth unlimited a hop takes the latency alone.
class StoreAndForward final : public NetworkModel {
 public:
  /// The header is added to every message, or packet. Throws as require_links() does, and where a packet
  /// would have no room besides its header.
  StoreAndForward(Links links, Bytes header, std::optional<Bytes> mtu = {});

  std::optional<LinkId> links() const override { return static_cast<LinkId>(links_.size()); }
  LinkCounters counters(LinkId link) const override;
  void prefetch(ArcId arc) const override;

 private:
  void carry(Message& message) override;
  void arrived(Message& message) override;
  void forward(Message& message, LinkId over);
  /// The same, whatever the link did before. Apart, so that forward() need not save registers for it.
  [[gnu::noinline]] void forward_any(Message& message, LinkId over);
  /// Lets so many bytes of payload queue on a link now, with their headers. When they have arrived at its
  /// end.
  Instant pass(LinkId over, std::int64_t payload, std::int64_t messages);
  Duration transmission(LinkId over, std::int64_t payload) const;
  /// How many packets, or messages that are not cut, hold so many bytes.
  std::int64_t packets_of(std::int64_t payload) const {
    return payload <= packet_bytes_ ? 1 : (payload - 1) / packet_bytes_ + 1;
  }

  // Packets of messages that travel several links.
  struct Packet final : Event {
    void happen() override { model->arrived(*this); }
    StoreAndForward* model = nullptr;
    Message* message = nullptr;
    std::int64_t payload = 0;  // Bytes, without the header.
    std::int32_t hop = 0;
    bool first = false;  // Of its message.
  };
  void send_packets(Message& message);
  void forward(Packet& packet);
  void arrived(Packet& packet);

  /// One cache line: all that a message needs that is as large as the one before.
  struct alignas(64) Link {
    Duration latency{};
    Instant free_at{};
    Bits size{-1};               // Of the last message, which took ...
    Duration transmission{};     // ... so long, whenever it begins.
    std::int64_t repeats = 0;    // So many of this size are not yet in the link's record.
    Duration longest_backlog{};  // Time that the link needed, at worst, for what it had accepted.
  };
  struct Record {
    std::int64_t messages = 0;
    std::int64_t bytes = 0;
    Duration busy{};
    std::int64_t last_payload = -1;  // Bytes of the last message or packet that is recorded, which took ...
    Duration last_transmission{};
  };
  /// The link sends until `end`. When that has arrived at its other end.
  Instant occupy(Link& link, Instant end);
  std::int64_t bytes_on_link(std::int64_t payload) const {
    return payload + packets_of(payload) * header_bytes_;
  }
  /// A link's record, with what repeats.
  Record whole_record(LinkId id) const;

  std::vector<Link> links_;
  std::vector<Record> records_;        // [link]
  std::vector<Bandwidth> bandwidths_;  // [link]
  std::int64_t header_bytes_;
  // Payload in a full packet.
  std::int64_t packet_bytes_ = std::numeric_limits<std::int64_t>::max();
  std::vector<std::size_t> first_;  // Empty where link = arc.
  std::vector<LinkId> routes_;
  std::vector<std::shared_ptr<const SpeedProfile>> speeds_;  // As in Links.
  std::deque<Packet> packets_;
  std::vector<Packet*> free_;
};

/// As a scenario names it.
struct StoreAndForwardNetwork : NetworkOfLinks {
  std::optional<Bytes> mtu;
  static void fields(auto& self, auto&& visit) {
    NetworkOfLinks::fields(self, visit);
    visit("mtu", self.mtu, "(0, inf)",
          "messages are cut into packets of at most so many bytes, headers included");
  }
  /// Throws as NetworkOfLinks::links(), and where packets would have no room besides their header.
  Links links(const Traffic& traffic) const;
  std::unique_ptr<NetworkModel> make(Links links) const {
    return std::make_unique<StoreAndForward>(std::move(links), header, mtu);
  }
};

}  // namespace gossamer
