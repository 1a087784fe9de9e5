#include "sim/networks/max_min_fair.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace gossamer {

/// A message that leaves. Its event is that it has left.
struct MaxMinFair::Flow final : Timer {
  explicit Flow(MaxMinFair& owner) : model(owner) {}
  void happen() override { model.leave(*this); }

  MaxMinFair& model;
  Message* message = nullptr;
  std::span<const LinkId> links;  ///< Those that limit it.
  Work left{};                    ///< At `since`.
  Rate rate{};
  Instant since{};
  std::uint64_t number = 0;         ///< In the order in which flows began.
  std::uint64_t part = 0;           ///< The last one that it was found in.
  std::vector<std::size_t> places;  ///< [hop]: where it is among the flows of that link.
};

/// One link that limits all flows of a part of the network: each has an equal share of it, and no other link
/// is full. Then work is counted in virtual time, in which every flow proceeds alike: a flow has left when
/// this reaches its mark, and a flow that comes or goes changes the marks of no other. Such a flow is an
/// entry here, and no Flow. The event is that the next one has left.
struct MaxMinFair::Bottleneck final : Timer {
  Bottleneck(MaxMinFair& owner, LinkId link) : model(owner), id(link) {}
  void happen() override { model.leave_bottleneck(*this); }

  /// Flows by their marks: a queue whose front leaves first; of equal marks, the flow that began first. Those
  /// that come in this order stand in a row, as equal messages do; a heap has the others.
  class Marks {
   public:
    struct Entry {
      Work mark;
      std::uint64_t number;  ///< In the order in which flows began.
      Message* message;
      bool operator<(const Entry& other) const {
        return mark != other.mark ? mark < other.mark : number < other.number;
      }
    };

    void push(const Entry& entry) {
      if (next_ == row_.size() || row_.back() < entry) {
        row_.push_back(entry);
      } else {
        heap_.push_back(entry);
        std::ranges::push_heap(heap_, comes_later);
      }
    }
    std::size_t size() const { return row_.size() - next_ + heap_.size(); }
    bool empty() const { return size() == 0; }
    const Entry& front() const { return row_is_next() ? row_[next_] : heap_.front(); }
    /// Lets flows that are among the next to leave fetch their messages.
    void prefetch() const {
      constexpr std::size_t ahead = 4;
      if (next_ + ahead < row_.size()) __builtin_prefetch(row_[next_ + ahead].message);
    }
    void pop() {
      if (row_is_next()) {
        if (++next_ < row_.size()) return;
        row_.clear();
        next_ = 0;
      } else {
        std::ranges::pop_heap(heap_, comes_later);
        heap_.pop_back();
      }
    }
    void clear() {
      row_.clear();
      heap_.clear();
      next_ = 0;
    }
    void for_each(const auto& visit) const {
      for (std::size_t k = next_; k < row_.size(); ++k) visit(row_[k]);
      for (const Entry& entry : heap_) visit(entry);
    }

   private:
    static bool comes_later(const Entry& a, const Entry& b) { return b < a; }
    bool row_is_next() const { return heap_.empty() || (next_ < row_.size() && row_[next_] < heap_.front()); }
    std::vector<Entry> row_, heap_;
    std::size_t next_ = 0;  ///< Of the row.
  };

  /// Whether sums of marks could leave the range of numbers: then it has to begin anew.
  bool is_old() const { return virtual_time >> 100 != 0; }
  Work time_at(Instant now) const { return virtual_time + share * static_cast<Work>((now - since).count()); }
  void advance(Instant now) {
    virtual_time = time_at(now);
    since = now;
  }

  MaxMinFair& model;
  LinkId id;
  Work virtual_time{};
  Instant since{};
  Rate share{};
  Rate limit{};  ///< At most the share of any other link, were it divided equally.
  Marks flows;
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
      routes_{std::move(links.first), std::move(links.routes)},
      header_bytes_(header.count),
      order_(routes_.first.empty() ? links_.size() : routes_.first.size() - 1),
      speeds_(std::move(links.speeds)) {
  require_links(links, header);
  for (std::size_t k = 0; k < links_.size(); ++k) {
    const LinkParameters& parameters = links.parameters[k];
    links_[k].latency = parameters.latency;
    if (!parameters.bandwidth.is_unlimited()) links_[k].full = rate_of(parameters.bandwidth);
    links_[k].capacity = links_[k].full;
  }
  if (std::ranges::any_of(links_, [](const Link& one) { return one.full == 0; })) keep_limited_routes();
}

void MaxMinFair::keep_limited_routes() {
  Routes& limited = limited_.emplace();
  limited.first.push_back(0);
  for (std::size_t k = 0; k < order_.size(); ++k) {
    const auto arc = static_cast<ArcId>(k);
    std::ranges::copy_if(routes_.of(arc), std::back_inserter(limited.links),
                         [this](LinkId id) { return link(id).full > 0; });
    limited.first.push_back(limited.links.size());
  }
}

MaxMinFair::~MaxMinFair() = default;

std::span<const LinkId> MaxMinFair::Routes::of(const ArcId& arc) const {
  static_assert(std::is_same_v<ArcId, LinkId>);
  if (first.empty()) return std::span(&arc, 1);
  const auto k = static_cast<std::size_t>(arc);
  return std::span(links).subspan(first[k], first[k + 1] - first[k]);
}

MaxMinFair::Flow& MaxMinFair::new_flow(Message& message, Work left, std::uint64_t number) {
  if (idle_.empty()) {
    all_.push_back(std::make_unique<Flow>(*this));
    idle_.push_back(all_.back().get());
  }
  Flow& flow = *idle_.back();
  idle_.pop_back();
  flow.message = &message;
  flow.links = limits(message);
  flow.left = left;
  flow.rate = 0;
  flow.since = scheduler().now();
  flow.number = number;
  return flow;
}

void MaxMinFair::carry(Message& message) {
  if (!speed_change_.pending()) change_speeds();
  message.hop = static_cast<std::int32_t>(order_[static_cast<std::size_t>(message.arc)].sent++);
  const std::int64_t bytes = message.size.bytes() + header_bytes_;
  for (const LinkId id : routes_.of(message.arc)) {
    link(id).messages += 1;
    link(id).bytes += bytes;
  }
  if (limits(message).empty() || bytes == 0) return deliver(message);
  ++under_way_;
  const Work work = work_of(bytes);
  const std::uint64_t number = begun_++;
  if (!join(message, work, number)) enter(new_flow(message, work, number));
  await_speed_change();
}

/// Gives links the speed that they have from now on.
void MaxMinFair::change_speeds() {
  const Instant now = scheduler().now();
  if (speeds_.empty() || now < next_speed_) return;
  next_speed_ = Instant::max();
  for (std::size_t k = 0; k < links_.size(); ++k) {
    const SpeedProfile& speed = *speeds_[k];
    Link& of = links_[k];
    next_speed_ = std::min(next_speed_, speed.next_change(now).value_or(Instant::max()));
    const Rate capacity = of.full / SpeedProfile::full * static_cast<Rate>(speed.share_at(now));
    if (std::exchange(of.capacity, capacity) == capacity || of.count == 0) continue;
    if (of.bottleneck >= 0) dissolve(of.bottleneck);
    changes(static_cast<LinkId>(k));
  }
}

void MaxMinFair::await_speed_change() {
  if (speeds_.empty() || under_way_ == 0 || speed_change_.pending() || next_speed_ == Instant::max()) return;
  speed_change_.is_last = false;
  scheduler().at(next_speed_, speed_change_);
}

void MaxMinFair::SpeedChange::happen() {
  if (!std::exchange(is_last, true)) return model.scheduler().at(model.scheduler().now(), *this);
  model.change_speeds();
  model.await_speed_change();
}

/// Adds a flow to its links.
void MaxMinFair::enter(Flow& flow) {
  const bool alone = std::ranges::all_of(flow.links, [this](LinkId id) { return link(id).count == 0; });
  list(flow);
  for (const LinkId id : flow.links) {
    advance(link(id));
    add(flow.left, link(id));
  }
  if (!alone) {
    for (const LinkId id : flow.links) changes(id);
    return;
  }
  Rate rate = link(flow.links.front()).capacity;
  for (const LinkId id : flow.links) rate = std::min(rate, link(id).capacity);
  set_rate(flow, rate);
}

void MaxMinFair::list(Flow& flow) {
  flow.places.resize(flow.links.size());
  for (std::size_t hop = 0; hop < flow.links.size(); ++hop) {
    std::vector<Share>& flows = link(flow.links[hop]).flows;
    flow.places[hop] = flows.size();
    flows.push_back({&flow, hop});
  }
}

void MaxMinFair::unlist(const Flow& flow) {
  for (std::size_t hop = 0; hop < flow.links.size(); ++hop) {
    std::vector<Share>& flows = link(flow.links[hop]).flows;
    const Share last = flows.back();
    flows[flow.places[hop]] = last;
    last.flow->places[last.hop] = flow.places[hop];
    flows.pop_back();
  }
}

/// Counts one more flow on a link, with so much work or, with a bottleneck, this mark.
void MaxMinFair::add(Work work, Link& to) const {
  if (to.count++ == 0) to.busy_since = scheduler().now();
  to.left += work;
  to.longest = std::max(to.longest, left_of(to));
}

/// One flow less.
void MaxMinFair::remove_from(Link& link) const {
  if (--link.count > 0) return;
  link.left = 0;
  link.busy += scheduler().now() - link.busy_since;
}

/// What the flows of a link have still to send, where that is up to date.
MaxMinFair::Work MaxMinFair::left_of(const Link& link) const {
  if (link.bottleneck < 0) return link.left;
  const Work done = static_cast<Work>(link.count) * bottleneck(link.bottleneck).time_at(scheduler().now());
  return link.left - std::min(link.left, done);
}

/// Brings what the flows of a link have still to send up to the present. Precondition: it has no bottleneck.
void MaxMinFair::advance(Link& link) const {
  const Instant now = scheduler().now();
  link.left -= std::min(link.left, work_of(link.rate, now - link.since));
  link.since = now;
}

/// The same of a flow, which has no bottleneck either.
void MaxMinFair::advance(Flow& flow) const {
  const Instant now = scheduler().now();
  flow.left -= std::min(flow.left, work_of(flow.rate, now - flow.since));
  flow.since = now;
}

void MaxMinFair::changes(LinkId id) {
  if (std::exchange(link(id).changed, true)) return;
  changed_.push_back(id);
  if (!solve_.pending()) scheduler().at(scheduler().now(), solve_);
}

/// A flow has sent all.
void MaxMinFair::leave(Flow& flow) {
  unlist(flow);
  for (const LinkId id : flow.links) {
    Link& used = link(id);
    advance(used);
    used.rate -= flow.rate;
    remove_from(used);
    if (used.count > 0) changes(id);
  }
  idle_.push_back(&flow);
  has_left(*flow.message);
}

void MaxMinFair::has_left(Message& message) {
  if (--under_way_ == 0 && speed_change_.pending()) scheduler().withdraw(speed_change_);
  deliver(message);
}

/// A message that has left arrives when the latencies of its links are over.
void MaxMinFair::deliver(Message& message) {
  Instant arrival = scheduler().now();
  for (const LinkId id : routes_.of(message.arc)) arrival = later(arrival, link(id).latency);
  scheduler().at(arrival, message);
}

void MaxMinFair::arrived(Message& message) {
  const ArcId arc = message.arc;
  Order& order = order_[static_cast<std::size_t>(arc)];
  if (static_cast<std::uint32_t>(message.hop) != order.arrived) return held_[arc].push_back(&message);
  for (Message* next = &message; next; next = take_held(arc)) {
    ++order.arrived;
    sink().deliver(*next);
  }
}

/// What has waited to be the next of its arc to arrive, or null.
Message* MaxMinFair::take_held(ArcId arc) {
  const auto held = held_.find(arc);
  if (held == held_.end()) return nullptr;
  const auto next =
      std::ranges::find(held->second, order_[static_cast<std::size_t>(arc)].arrived,
                        [](const Message* one) { return static_cast<std::uint32_t>(one->hop); });
  if (next == held->second.end()) return nullptr;
  Message* const message = *next;
  held->second.erase(next);
  if (held->second.empty()) held_.erase(held);
  return message;
}

/// Computes rates anew, of those parts of the network in which flows came or went.
void MaxMinFair::solve() {
  for (const LinkId id : changed_) {
    if (!std::exchange(link(id).changed, false)) continue;  // It was in the part of another.
    if (link(id).bottleneck >= 0) continue;                 // Since then it was empty, and joined one.
    collect_part(id);
    for (const LinkId each : part_) {
      advance(link(each));
      link(each).rate = 0;
    }
    if (!find_bottleneck()) solve_part();
    for (const LinkId each : part_) link(each).mark = -1;
  }
  changed_.clear();
}

/// All links and flows that depend on each other, from one link on.
void MaxMinFair::collect_part(LinkId from) {
  ++parts_;
  part_.assign(1, from);
  flows_.clear();
  link(from).mark = 0;
  for (std::size_t k = 0; k < part_.size(); ++k) {
    Link& here = link(part_[k]);
    here.changed = false;
    for (const Share& share : here.flows) {
      if (std::exchange(share.flow->part, parts_) == parts_) continue;
      flows_.push_back(share.flow);
      for (const LinkId other : share.flow->links) {
        if (link(other).mark >= 0) continue;
        link(other).mark = static_cast<std::int32_t>(part_.size());
        part_.push_back(other);
      }
    }
  }
}

void MaxMinFair::solve_part() {
  solver_.clear();
  for (const LinkId id : part_) solver_.add_link(link(id).capacity);
  for (const Flow* const flow : flows_) {
    solver_.add_flow(flow->links, [this](LinkId id) { return link(id).mark; });
  }
  const std::span<const Rate> rates = solver_.rates();
  for (std::size_t k = 0; k < flows_.size(); ++k) set_rate(*flows_[k], rates[k]);
}

void MaxMinFair::set_rate(Flow& flow, Rate rate) {
  for (const LinkId id : flow.links) link(id).rate += rate;
  if (rate == flow.rate) return;
  advance(flow);
  flow.rate = rate;
  if (rate == 0) return scheduler().withdraw(flow);  // Until a link of its route has a speed again.
  scheduler().move(later(flow.since, time_of(flow.left, rate)), flow);
}

// ---- One bottleneck

/// Whether one link limits all flows of the part that was collected; then it is kept as their bottleneck.
/// With few flows it is not worth it.
bool MaxMinFair::find_bottleneck() {
  constexpr std::size_t few = 8;
  const std::size_t count = flows_.size();
  if (count < few) return false;
  LinkId found = -1;  // Of those that all the flows use.
  Rate share = 0;
  for (const LinkId id : part_) {
    if (link(id).count < count || (found >= 0 && equal_share(id, count) >= share)) continue;
    found = id;
    share = equal_share(id, count);
  }
  if (share == 0) return false;
  Rate limit = ~Rate{0};
  for (const LinkId id : part_) {
    if (id != found) limit = std::min(limit, equal_share(id, link(id).count));
  }
  if (share > limit) return false;
  auto& kept = bottlenecks_[found];
  if (!kept) kept = std::make_unique<Bottleneck>(*this, found);
  kept->virtual_time = 0;
  kept->since = scheduler().now();
  kept->share = share;
  kept->limit = limit;
  for (const LinkId id : part_) {
    link(id).bottleneck = found;
    link(id).left = 0;
    link(id).flows.clear();
  }
  for (Flow* const flow : flows_) {
    advance(*flow);
    for (const LinkId id : flow->links) link(id).left += flow->left;
    kept->flows.push({flow->left, flow->number, flow->message});
    scheduler().withdraw(*flow);
    idle_.push_back(flow);
  }
  await_next(*kept);
  return true;
}

/// Lets the event of a bottleneck happen when its next flow has left. Precondition: it is up to date.
void MaxMinFair::await_next(Bottleneck& of) {
  const Work first = of.flows.front().mark, left = first - std::min(first, of.virtual_time);
  scheduler().move(later(of.since, time_of(left, of.share)), of);
}

/// The least share of the other links that the flows of a bottleneck use.
Rate MaxMinFair::least_share(const Bottleneck& bottleneck) const {
  Rate least = ~Rate{0};
  bottleneck.flows.for_each([&](const Bottleneck::Marks::Entry& flow) {
    for (const LinkId id : limits(*flow.message)) {
      if (id != bottleneck.id) least = std::min(least, equal_share(id, link(id).count));
    }
  });
  return least;
}

/// Whether a new flow, which is not yet among those of its links, has the same bottleneck as all others that
/// it meets; then it is added there. Other bottlenecks that it meets are dissolved.
bool MaxMinFair::join(Message& message, Work work, std::uint64_t number) {
  const std::span<const LinkId> links = limits(message);
  LinkId id = -1;
  bool one = true;
  for (const LinkId used : links) {
    if (link(used).count == 0) continue;
    one = one && link(used).bottleneck >= 0 && (id < 0 || link(used).bottleneck == id);
    if (link(used).bottleneck >= 0) id = link(used).bottleneck;
  }
  if (id < 0) return false;
  if (one && std::ranges::count(links, id) > 0) {
    Bottleneck& of = bottleneck(id);
    Rate limit = of.limit;
    for (const LinkId used : links) {
      if (used != id) limit = std::min(limit, equal_share(used, link(used).count + 1));
    }
    const Rate share = equal_share(id, of.flows.size() + 1);
    of.advance(scheduler().now());
    if (share <= limit && !of.is_old()) {
      of.share = share;
      of.limit = limit;
      const Work mark = of.virtual_time + work;
      for (const LinkId used : links) {
        link(used).bottleneck = id;
        add(mark, link(used));
      }
      of.flows.push({mark, number, &message});
      await_next(of);
      return true;
    }
  }
  for (const LinkId used : links) {
    if (link(used).bottleneck >= 0) dissolve(link(used).bottleneck);
  }
  return false;
}

/// The next flow of a bottleneck has left, and all whose marks are reached.
void MaxMinFair::leave_bottleneck(Bottleneck& of) {
  of.advance(scheduler().now());
  do {
    const Bottleneck::Marks::Entry flow = of.flows.front();
    of.flows.pop();
    of.flows.prefetch();
    for (const LinkId id : limits(*flow.message)) {
      link(id).left -= flow.mark;
      remove_from(link(id));
      if (link(id).count == 0 && id != of.id) link(id).bottleneck = -1;
    }
    has_left(*flow.message);
  } while (!of.flows.empty() && of.flows.front().mark <= of.virtual_time + (of.share >> 16));
  if (of.flows.empty()) {
    link(of.id).bottleneck = -1;
    return;
  }
  const Rate share = equal_share(of.id, of.flows.size());
  if (share > of.limit) of.limit = least_share(of);
  if (share > of.limit || of.is_old()) return dissolve(of.id);
  of.share = share;
  await_next(of);
}

/// From here on the flows of a bottleneck are solved like others.
void MaxMinFair::dissolve(LinkId id) {
  Bottleneck& of = bottleneck(id);
  const Instant now = scheduler().now();
  of.advance(now);
  scheduler().withdraw(of);
  of.flows.for_each([&](const Bottleneck::Marks::Entry& flow) {
    for (const LinkId used : limits(*flow.message)) {
      Link& here = link(used);
      if (here.bottleneck < 0) continue;
      here.left = left_of(here);
      here.rate = 0;
      here.since = now;
      here.bottleneck = -1;
      changes(used);
    }
  });
  of.flows.for_each([&](const Bottleneck::Marks::Entry& flow) {
    const Work left = flow.mark - std::min(flow.mark, of.virtual_time);
    list(new_flow(*flow.message, left, flow.number));
  });
  of.flows.clear();
  link(id).bottleneck = -1;
}

LinkCounters MaxMinFair::counters(LinkId id) const {
  const Link& link = links_[static_cast<std::size_t>(id)];
  const Duration busy = link.count == 0 ? link.busy : link.busy + (scheduler().now() - link.busy_since);
  const auto queue = static_cast<std::int64_t>((link.longest >> 40) / 8'000'000'000ULL);
  return {link.messages, link.bytes, busy, queue};
}

}  // namespace gossamer
