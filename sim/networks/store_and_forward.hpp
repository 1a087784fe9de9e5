// Store and forward: links that serve one message after the other.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/networks/links.hpp"

namespace gossamer {

/// Per directed link, first come first served:
///   start = max(now, link free);  link free = start + bytes * 8 / bandwidth;  arrival = link free + latency,
/// with bytes = ceil(bits / 8) + header, and several hops in turn, each after the whole message has arrived.
/// Scope: links are full duplex, buffers are unlimited, nothing is lost. With bandwidth unlimited a hop takes
/// the latency alone.
class StoreAndForward final : public NetworkModel {
 public:
  /// The header is added to every message. Throws as require_links() does.
  StoreAndForward(Links links, Bytes header);

  std::optional<LinkId> links() const override { return static_cast<LinkId>(links_.size()); }
  LinkCounters counters(LinkId link) const override;
  void prefetch(ArcId arc) const override;

 private:
  void carry(Message& message) override;
  void arrived(Message& message) override;
  void forward(Message& message, LinkId over);

  /// One cache line: all that a message needs that is as large as the one before.
  struct alignas(64) Link {
    Duration latency{};
    Instant free_at{};
    std::int64_t last_bytes = 0;  // Of the last message, which took ...
    Duration last_transmission{};
    Duration busy{};
    Duration longest_backlog{};  // Time that the link needed, at worst, for what it had accepted.
    std::int64_t messages = 0;
    std::int64_t bytes = 0;
  };

  std::vector<Link> links_;
  std::vector<Bandwidth> bandwidths_;  // [link]
  std::int64_t header_bytes_;
  std::vector<std::size_t> first_;  // Empty where link = arc.
  std::vector<LinkId> routes_;
};

/// As a scenario names it.
struct StoreAndForwardNetwork : NetworkOfLinks {
  std::unique_ptr<NetworkModel> make(Links links) const {
    return std::make_unique<StoreAndForward>(std::move(links), header);
  }
};

}  // namespace gossamer
