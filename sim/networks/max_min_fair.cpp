#include "sim/networks/max_min_fair.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

#include "sim/networks/store_and_forward.hpp"

namespace gossamer {

/// A message that leaves. Its event is that it has left.
struct MaxMinFair::Flow final : Timer {
  explicit Flow(MaxMinFair& owner) : model(owner) {}
  void happen() override { model.leave(*this); }

  MaxMinFair& model;
  Message* message = nullptr;
  std::span<const LinkId> links;    ///< Those of limited bandwidth on its route.
  std::vector<LinkId> own_links;    ///< Where these are not its whole route.
  std::vector<std::size_t> places;  ///< [hop]: where it is among the flows of that link.
  Work left{};                      ///< At `since`.
  Rate rate{};
  Instant since{};
  std::int32_t mark = -1;  ///< Its number in the part that is being solved, or -1.
};

namespace {

__extension__ using Wide = unsigned __int128;

/// rate * duration.
Wide work_of(Rate rate, Duration duration) {
  return rate * static_cast<Wide>(duration.count());
}
/// What so many bytes take: 8 bytes in units of Rate times a nanosecond.
Wide work_of(std::int64_t bytes) {
  constexpr std::int64_t most = std::int64_t{1} << 54;  // More than a unit of work could count.
  if (bytes > most) throw std::overflow_error("a message of more than 2^54 bytes cannot be shared");
  return (static_cast<Wide>(bytes) * 8'000'000'000ULL) << 40;
}
/// ceil(work / rate), but for what takes less than 2^-16 ns: that is what rates, which are rounded down, have
/// left over. What the clock cannot hold is its largest value.
Duration time_of(Wide work, Rate rate) {
  const Wide time = (work + rate - 1 - (rate >> 16)) / rate;
  constexpr auto longest = static_cast<Wide>(std::numeric_limits<std::int64_t>::max());
  return Duration{static_cast<std::int64_t>(std::min(time, longest))};
}

}  // namespace

MaxMinFair::MaxMinFair(Links links, Bytes header)
    : links_(links.parameters.size()),
      first_(std::move(links.first)),
      routes_(std::move(links.routes)),
      own_(first_.empty() ? links.parameters.size() : 0),
      header_bytes_(header.count) {
  StoreAndForward::require_header(header);
  for (std::size_t k = 0; k < links_.size(); ++k) {
    const LinkParameters& parameters = links.parameters[k];
    if (parameters.latency < Duration::zero()) throw std::invalid_argument("a latency cannot be negative");
    links_[k].latency = parameters.latency;
    if (!parameters.bandwidth.is_unlimited()) links_[k].capacity = rate_of(parameters.bandwidth);
  }
  for (std::size_t k = 0; k < own_.size(); ++k) own_[k] = static_cast<LinkId>(k);
}

MaxMinFair::~MaxMinFair() = default;

std::span<const LinkId> MaxMinFair::route(const Message& message) const {
  const auto arc = static_cast<std::size_t>(message.arc);
  if (first_.empty()) return std::span(own_).subspan(arc, 1);
  return std::span(routes_).subspan(first_[arc], first_[arc + 1] - first_[arc]);
}

MaxMinFair::Flow& MaxMinFair::new_flow() {
  if (idle_.empty()) {
    all_.push_back(std::make_unique<Flow>(*this));
    return *all_.back();
  }
  Flow& flow = *idle_.back();
  idle_.pop_back();
  return flow;
}

void MaxMinFair::carry(Message& message) {
  const std::span<const LinkId> way = route(message);
  const std::int64_t bytes = message.size.bytes() + header_bytes_;
  std::size_t limited = 0;
  for (const LinkId id : way) {
    link(id).messages += 1;
    link(id).bytes += bytes;
    if (link(id).capacity > 0) ++limited;
  }
  if (limited == 0 || bytes == 0) {
    Instant arrival = scheduler().now();
    for (const LinkId id : way) arrival = later(arrival, link(id).latency);
    return scheduler().at(arrival, message);
  }
  Flow& flow = new_flow();
  flow.message = &message;
  flow.links = way;
  if (limited < way.size()) {
    flow.own_links.clear();
    std::ranges::copy_if(way, std::back_inserter(flow.own_links),
                         [this](LinkId id) { return link(id).capacity > 0; });
    flow.links = flow.own_links;
  }
  flow.left = work_of(bytes);
  flow.rate = 0;
  flow.since = scheduler().now();
  flow.places.resize(flow.links.size());
  for (std::size_t hop = 0; hop < flow.links.size(); ++hop) {
    Link& used = link(flow.links[hop]);
    if (used.flows.empty()) used.busy_since = scheduler().now();
    flow.places[hop] = used.flows.size();
    used.flows.push_back({&flow, hop});
    advance(used);
    used.left += flow.left;
    used.longest = std::max(used.longest, used.left);
    changes(flow.links[hop]);
  }
}

/// Brings what the flows of a link have still to send up to the present.
void MaxMinFair::advance(Link& link) const {
  const Instant now = scheduler().now();
  link.left -= std::min(link.left, work_of(link.rate, now - link.since));
  link.since = now;
}

void MaxMinFair::changes(LinkId id) {
  if (std::exchange(link(id).changed, true)) return;
  changed_.push_back(id);
  if (!solve_.pending()) scheduler().at(scheduler().now(), solve_);
}

/// A flow has sent all: its message arrives when the latencies of its links are over.
void MaxMinFair::leave(Flow& flow) {
  for (std::size_t hop = 0; hop < flow.links.size(); ++hop) {
    Link& used = link(flow.links[hop]);
    advance(used);
    used.rate -= flow.rate;
    const Share last = used.flows.back();
    used.flows[flow.places[hop]] = last;
    last.flow->places[last.hop] = flow.places[hop];
    used.flows.pop_back();
    if (used.flows.empty()) {
      used.left = 0;
      used.busy += scheduler().now() - used.busy_since;
    } else {
      changes(flow.links[hop]);
    }
  }
  Message& message = *flow.message;
  idle_.push_back(&flow);
  Instant arrival = scheduler().now();
  for (const LinkId id : route(message)) arrival = later(arrival, link(id).latency);
  scheduler().at(arrival, message);
}

void MaxMinFair::arrived(Message& message) {
  sink().deliver(message);
}

/// Computes rates anew, of those parts of the network in which flows came or went.
void MaxMinFair::solve() {
  for (const LinkId id : changed_) {
    if (!link(id).changed) continue;  // It was in the part of another.
    collect_part(id);
    const std::span<const Rate> rates = solver_.rates();
    for (const LinkId part : part_) {
      advance(link(part));
      link(part).rate = 0;
      link(part).mark = -1;
    }
    for (std::size_t k = 0; k < flows_.size(); ++k) set_rate(*flows_[k], rates[k]);
  }
  changed_.clear();
}

/// All links and flows that depend on each other, from one link on.
void MaxMinFair::collect_part(LinkId from) {
  solver_.clear();
  part_.assign(1, from);
  flows_.clear();
  link(from).mark = 0;
  for (std::size_t k = 0; k < part_.size(); ++k) {
    Link& here = link(part_[k]);
    here.changed = false;
    for (const Share& share : here.flows) {
      if (share.flow->mark >= 0) continue;
      share.flow->mark = static_cast<std::int32_t>(flows_.size());
      flows_.push_back(share.flow);
      for (const LinkId other : share.flow->links) {
        if (link(other).mark >= 0) continue;
        link(other).mark = static_cast<std::int32_t>(part_.size());
        part_.push_back(other);
      }
    }
  }
  for (const LinkId id : part_) solver_.add_link(link(id).capacity);
  std::vector<std::int32_t> marks;
  for (Flow* const flow : flows_) {
    marks.clear();
    for (const LinkId id : flow->links) marks.push_back(link(id).mark);
    solver_.add_flow(marks);
    flow->mark = -1;
  }
}

void MaxMinFair::set_rate(Flow& flow, Rate rate) {
  for (const LinkId id : flow.links) link(id).rate += rate;
  if (rate == flow.rate) return;
  const Instant now = scheduler().now();
  flow.left -= std::min(flow.left, work_of(flow.rate, now - flow.since));
  flow.since = now;
  flow.rate = rate;
  scheduler().move(later(now, time_of(flow.left, rate)), flow);
}

LinkCounters MaxMinFair::counters(LinkId id) const {
  const Link& link = links_[static_cast<std::size_t>(id)];
  const Duration busy = link.flows.empty() ? link.busy : link.busy + (scheduler().now() - link.busy_since);
  const auto queue = static_cast<std::int64_t>((link.longest >> 40) / 8'000'000'000ULL);
  return {link.messages, link.bytes, busy, queue};
}

Links MaxMinFairNetwork::links(const Traffic& traffic) const {
  StoreAndForward::require_header(header);
  return std::visit([&](const auto& kind) { return kind.make(traffic, {latency, bandwidth}); }, graph);
}

}  // namespace gossamer
