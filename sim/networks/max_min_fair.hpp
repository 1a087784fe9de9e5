// Max-min fair sharing: messages are fluid flows that share their links.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "sim/networks/links.hpp"
#include "sim/networks/max_min.hpp"

namespace gossamer {

/// A message is a flow over all links of its route at once, at the rate that max-min fairness gives it:
///   it has left when the integral of its rate is 8 bytes; arrival = then + the latencies of its links,
/// with bytes = ceil(bits / 8) + header. One that would overtake an earlier one of its arc arrives with that,
/// as the messages of a TCP connection do. Rates change when a flow starts or has left, and when a link's
/// speed changes. Scope: links are full duplex, all flows have the same weight, nothing is lost, and a
/// message that has left takes no more bandwidth. With unlimited bandwidth all along its route it takes the
/// latencies alone.
class MaxMinFair final : public NetworkModel {
 public:
  /// The header is added to every message. Throws as require_links() does.
  MaxMinFair(Links links, Bytes header);
  ~MaxMinFair() override;

  std::optional<LinkId> links() const override { return static_cast<LinkId>(links_.size()); }
  /// `busy` is the time in which it had flows, `longest_queue` the most bytes that they still had to send.
  LinkCounters counters(LinkId link) const override;

 private:
  /// What a flow has still to send, in units of Rate times a nanosecond.
  __extension__ using Work = unsigned __int128;

  struct Flow;
  struct Bottleneck;
  /// A flow among those of a link, and which of the flow's links that is.
  struct Share {
    Flow* flow;
    std::size_t hop;
  };
  struct Link {
    Duration latency{};
    Rate full = 0;             ///< Its capacity at full speed; 0: unlimited.
    Rate capacity = 0;         ///< At its present speed, which may be 0.
    std::size_t count = 0;     ///< Of its flows.
    std::vector<Share> flows;  ///< Not kept with a bottleneck.
    Rate rate{};               ///< Of all its flows together; not kept with a bottleneck.
    Work left{};               ///< Of all its flows, at `since`; with a bottleneck, the sum of their marks.
    Work longest{};
    Instant since{}, busy_since{};
    Duration busy{};
    std::int64_t messages = 0, bytes = 0;
    LinkId bottleneck = -1;  ///< The one link that limits all flows of this part, if that is known.
    std::int32_t mark = -1;  ///< Its number in the part that is being solved, or -1.
    bool changed = false;    ///< Flows came or went since its rates were computed.
  };
  /// Shares are computed anew once for an instant, after all that was to happen in it.
  struct Solve final : Timer {
    explicit Solve(MaxMinFair& owner) : model(owner) {}
    void happen() override { model.solve(); }
    MaxMinFair& model;
  };

  /// Speeds change, while there are flows: after those have left that leave in this instant.
  struct SpeedChange final : Timer {
    explicit SpeedChange(MaxMinFair& owner) : model(owner) {}
    void happen() override;
    MaxMinFair& model;
    bool is_last = false;
  };

  /// The links on the way of each arc's messages.
  struct Routes {
    std::span<const LinkId> of(const ArcId& arc) const;
    std::vector<std::size_t> first;  // As in Links.
    std::vector<LinkId> links;
  };

  /// Of an arc: how many messages were sent along it, and how many have arrived, modulo 2^32.
  struct Order {
    std::uint32_t sent = 0, arrived = 0;
  };

  void keep_limited_routes();
  void carry(Message& message) override;
  void arrived(Message& message) override;
  Message* take_held(ArcId arc);
  Link& link(LinkId id) { return links_[static_cast<std::size_t>(id)]; }
  const Link& link(LinkId id) const { return links_[static_cast<std::size_t>(id)]; }
  /// What a flow would get of a link, were that divided equally among so many.
  Rate equal_share(LinkId id, std::size_t flows) const {
    return link(id).capacity / static_cast<Rate>(flows);
  }
  /// The links that limit a message's flow.
  std::span<const LinkId> limits(const Message& message) const {
    return (limited_ ? *limited_ : routes_).of(message.arc);
  }

  Flow& new_flow(Message& message, Work left, std::uint64_t number);
  void list(Flow& flow);
  void unlist(const Flow& flow);
  void enter(Flow& flow);
  void leave(Flow& flow);
  void has_left(Message& message);
  void deliver(Message& message);
  void add(Work work, Link& to) const;
  void remove_from(Link& link) const;
  void changes(LinkId id);
  void change_speeds();
  void await_speed_change();
  void solve();
  void collect_part(LinkId from);
  void solve_part();
  void set_rate(Flow& flow, Rate rate);
  void advance(Link& link) const;
  void advance(Flow& flow) const;
  Work left_of(const Link& link) const;

  // Where one link limits all flows of a part.
  bool find_bottleneck();
  bool join(Message& message, Work work, std::uint64_t number);
  void await_next(Bottleneck& bottleneck);
  void leave_bottleneck(Bottleneck& bottleneck);
  void dissolve(LinkId id);
  Rate least_share(const Bottleneck& bottleneck) const;
  Bottleneck& bottleneck(LinkId id) const { return *bottlenecks_.at(id); }

  std::vector<Link> links_;
  Routes routes_;
  std::optional<Routes> limited_;  // Without links of unlimited bandwidth, where there are any.
  std::int64_t header_bytes_;
  std::vector<Order> order_;                     // [arc]; a message's `hop` is its number there.
  std::map<ArcId, std::vector<Message*>> held_;  // What has come before an earlier one of its arc.

  std::vector<std::unique_ptr<Flow>> all_;
  std::vector<Flow*> idle_;
  std::size_t under_way_ = 0;  // Messages that have not left.
  std::vector<LinkId> changed_;
  Solve solve_{*this};
  std::vector<std::shared_ptr<const SpeedProfile>> speeds_;  // As in Links.
  Instant next_speed_{};                                     // When one changes; the clock's end: never.
  SpeedChange speed_change_{*this};
  std::map<LinkId, std::unique_ptr<Bottleneck>> bottlenecks_;
  std::uint64_t begun_ = 0;
  // Of the part of the network that is being solved.
  MaxMin solver_;
  std::vector<LinkId> part_;
  std::vector<Flow*> flows_;
  std::uint64_t parts_ = 0;
};

/// As a scenario names it.
struct MaxMinFairNetwork : NetworkOfLinks {
  std::unique_ptr<NetworkModel> make(Links links) const {
    return std::make_unique<MaxMinFair>(std::move(links), header);
  }
};

}  // namespace gossamer
