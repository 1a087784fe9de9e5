#include "sim/faults.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>
#include <string_view>

#include "sim/setting_error.hpp"
#include "sim/text_file.hpp"

namespace gossamer {
namespace {

Duration rounded(double nanoseconds) {
  const double time = std::round(nanoseconds);
  if (!(time < 0x1p63)) throw_clock_overflow();
  return Duration{static_cast<std::int64_t>(time)};
}

/// An exponential time after `when`, or the clock's end where that comes first.
Instant drawn_after(Instant when, Duration mean, Rng& rng) {
  const double time = std::round(rng.exponential(static_cast<double>(mean.count())));
  const bool fits = time < static_cast<double>((Instant::max() - when).count());
  return fits ? when + Duration{static_cast<std::int64_t>(time)} : Instant::max();
}

/// Of what an interruption is.
enum class Who { node, edge };

/// Which edge (u < v), or node (v = u), does not work, and when.
struct Scheduled {
  NodeId u, v;
  Downtime::Interval interval;
};

/// Reads one of them from words: one node or two, and two times. `fail` throws.
template <class Fail>
Scheduled scheduled(const std::vector<std::string_view>& words, Who who, bool until, const NamedGraph& named,
                    Fail fail) {
  const auto& [graph, names] = named;
  const std::size_t ends = who == Who::edge ? 2 : 1;
  if (words.size() != ends + 2) fail("has " + counted(words.size(), "word", "words"));
  std::vector<NodeId> nodes;
  for (std::size_t k = 0; k < ends; ++k) {
    const auto node = find_named(words[k], names, graph.nodes());
    if (!node) {
      fail("there is no node '" + std::string(words[k]) + "'" +
           (names.empty() ? "" : "; nodes have names, such as " + names.front()));
    }
    nodes.push_back(*node);
  }
  const auto begin = parse_duration(words[ends]), other = parse_duration(words[ends + 1]);
  if (!begin || !other) fail("a time has no unit, or is none");
  if (until && *other < *begin) fail("it ends before it begins");
  const auto [u, v] = std::minmax(nodes.front(), nodes.back());
  if (who == Who::edge && graph.arc(u, v) < 0 && graph.arc(v, u) < 0) {
    fail("there is no edge between " + std::string(words[0]) + " and " + std::string(words[1]));
  }
  return {u, v, {Instant{*begin}, until ? Instant{*other} : later(Instant{*begin}, *other)}};
}

/// The lines of a file: "3, 2s, 2500ms". A first line of names is passed over.
std::vector<Scheduled> read_schedule(const InputFile& path, Who who, const NamedGraph& graph) {
  using Words = std::vector<std::string_view>;
  const bool of_edges = who == Who::edge;
  const Words names = of_edges ? Words{"from", "to", "start", "end"} : Words{"node", "start", "end"};
  std::vector<Scheduled> all;
  TextFile file(path, ",;\" \t");
  const auto fail = [&](const std::string& what) {
    file.fail(what + "; it takes " +
              (of_edges ? "`0, 1, 2s, 2500ms`: two nodes" : "`3, 2s, 2500ms`: a node") +
              ", when it begins and when it ends");
  };
  for (bool first = true; file.next(); first = false) {
    if (first && file.words() == names) continue;
    const bool has_names = std::ranges::is_permutation(file.words(), names);
    if (first && has_names) fail("its columns stand in another order");
    all.push_back(scheduled(file.words(), who, true, graph, fail));
  }
  if (all.empty()) fail("lists nothing");
  return all;
}

/// What is listed, in the scenario or in a file. Throws std::invalid_argument and InputFileError.
std::vector<Scheduled> listed_in(const Interruptions& times, Who who, const char* key,
                                 const NamedGraph& graph) {
  if (times.path) return read_schedule(*times.path, who, graph);
  std::vector<Scheduled> all;
  for (std::size_t k = 0; k < times.schedule.size(); ++k) {
    const std::string& line = times.schedule[k];
    all.push_back(scheduled(words_of(line), who, false, graph, [&](const std::string& what) {
      throw SettingError(std::string(key) + ".schedule." + std::to_string(k),
                         std::string(key) + ": schedule: '" + line + "': " + what + "; it takes " +
                             (who == Who::edge ? "`0 1 2s 500ms`: two nodes" : "`3 2s 500ms`: a node") +
                             ", when it begins and how long it lasts");
    }));
  }
  return all;
}

/// What is listed, of interruptions that can be meant. Throws as listed_in() does.
std::vector<Scheduled> require(const Interruptions& times, Who who, const char* key,
                               const NamedGraph& graph) {
  const auto fail = [&](const char* what) { throw SettingError(key, std::string(key) + ": " + what); };
  if (times.every.has_value() != times.lasting.has_value()) fail("every and lasting belong together");
  if (times.every.has_value() + !times.schedule.empty() + times.path.has_value() > 1) {
    fail("one of every, schedule and path, not several");
  }
  if (times.every && *times.every <= Duration::zero()) fail("every has to be above 0");
  return listed_in(times, who, key, graph);
}

/// Of the edge or node numbered `who`.
Downtime downtime(const Interruptions& times, std::vector<Downtime::Interval> listed, std::int64_t who,
                  const char* purpose, std::uint64_t seed) {
  if (!times.every) return Downtime(std::move(listed));
  return {named_stream(seed, who, purpose), *times.every, *times.lasting};
}

std::int64_t number_of(NodeId u, NodeId v) {
  return (static_cast<std::int64_t>(u) << 32) | v;
}

}  // namespace

template <class Law>
Duration JitterBy<Law>::draw(Rng& rng) const {
  return rounded(static_cast<double>(mean->count()) * Law::draw(rng));
}

void Faults::require(const NamedGraph& graph, NodeId computing) const {
  if (loss.retransmit_after && !loss.probability) {
    throw SettingError("loss", "loss: retransmit_after has no effect without probability");
  }
  gossamer::require(outages, Who::edge, "outages", graph);
  gossamer::require(pauses, Who::node, "pauses", graph);
  for (const Scheduled& one : gossamer::require(crashes, Who::node, "crashes", graph)) {
    if (one.u < computing) continue;
    throw SettingError("crashes", "crashes: node " + std::to_string(one.u) +
                                      " is the server, which does not crash; it takes workers");
  }
  if (!loss.probability && !jitter && !outages.any() && !pauses.any() && !crashes.any()) {
    throw std::invalid_argument("faults: there are none; it takes loss, jitter, outages, pauses, crashes");
  }
}

Downtime::Downtime(std::vector<Interval> listed) {
  std::ranges::sort(listed, {}, &Interval::begin);
  for (const Interval& interval : listed) {
    if (!known_.empty() && interval.begin <= known_.back().end) {
      known_.back().end = std::max(known_.back().end, interval.end);
    } else {
      known_.push_back(interval);
    }
  }
}

Downtime::Downtime(Rng rng, Duration every, Duration lasting) : rng_(rng), every_(every), lasting_(lasting) {}

void Downtime::forget(Instant t) {
  while (!known_.empty() && known_.front().end <= t) known_.pop_front();
}

const Downtime::Interval* Downtime::next(Instant t, std::size_t k) {
  while (rng_ && known_.size() <= k) {
    const Instant begin = drawn_after(drawn_until_, every_, *rng_);
    drawn_until_ = drawn_after(begin, lasting_, *rng_);
    if (begin == Instant::max()) {
      rng_.reset();  // It never comes.
    } else if (drawn_until_ > t) {
      known_.push_back({begin, drawn_until_});
    }
  }
  return k < known_.size() ? &known_[k] : nullptr;
}

Instant Downtime::up_from(Instant t) {
  forget(t);
  Instant up = t;
  for (std::size_t k = 0; const Interval* interval = next(t, k); ++k) {  // One may follow at once.
    if (interval->begin > up) break;
    up = interval->end;
  }
  return up;
}

Instant Downtime::end_of(Instant t, Duration work) {
  forget(t);
  Instant at = t;
  for (std::size_t k = 0; const Interval* interval = next(t, k); ++k) {
    const Instant end = later(at, work);
    if (end <= interval->begin) return end;
    if (interval->begin > at) work -= interval->begin - at;
    at = std::max(at, interval->end);
  }
  return later(at, work);
}

std::optional<Downtime::Interval> Downtime::first_after(Instant t) {
  forget(t);
  const Interval* const interval = next(t, 0);
  return interval ? std::optional(*interval) : std::nullopt;
}

NodeDowntimes node_downtimes(const Faults& faults, const NamedGraph& named, NodeId computing,
                             std::uint64_t seed) {
  const Adjacency& graph = named.adjacency;
  const auto of = [&](const Interruptions& times, NodeId nodes, const char* key) {
    std::vector<Downtime> all;
    if (!times.any()) return all;
    std::vector<std::vector<Downtime::Interval>> listed(static_cast<std::size_t>(graph.nodes()));
    for (const Scheduled& one : listed_in(times, Who::node, key, named)) {
      listed[static_cast<std::size_t>(one.u)].push_back(one.interval);
    }
    for (NodeId i = 0; i < graph.nodes(); ++i) {
      auto& of_node = listed[static_cast<std::size_t>(i)];
      all.push_back(i < nodes ? downtime(times, std::move(of_node), i, key, seed)
                              : Downtime(std::vector<Downtime::Interval>{}));
    }
    return all;
  };
  return {of(faults.pauses, graph.nodes(), "pauses"), of(faults.crashes, computing, "crashes")};
}

FaultyNetwork::FaultyNetwork(std::unique_ptr<NetworkModel> network, const Faults& faults,
                             const NamedGraph& named, NodeDowntimes& nodes, std::uint64_t seed,
                             AfterLoss after_loss)
    : WrappedNetwork(std::move(network)),
      loss_(faults.loss),
      after_loss_(after_loss),
      jitter_(faults.jitter),
      nodes_(nodes),
      underway_(static_cast<std::size_t>(named.adjacency.arcs())),
      ended_(underway_.size()) {
  const Adjacency& graph = named.adjacency;
  std::map<std::pair<NodeId, NodeId>, std::vector<Downtime::Interval>> listed;
  for (const Scheduled& one : listed_in(faults.outages, Who::edge, "outages", named)) {
    listed[{one.u, one.v}].push_back(one.interval);
  }
  std::map<std::pair<NodeId, NodeId>, std::size_t> edges;
  for (NodeId from = 0; from < graph.nodes(); ++from) {
    for (const NodeId to : graph.out_neighbors(from)) {
      if (loss_.any()) loss_streams_.push_back(named_stream(seed, number_of(from, to), "loss"));
      if (jitter_) jitter_streams_.push_back(named_stream(seed, number_of(from, to), "jitter"));
      if (!faults.outages.any()) continue;
      const auto [u, v] = std::minmax(from, to);
      const auto [edge, is_new] = edges.try_emplace({u, v}, outages_.size());
      if (is_new) {
        outages_.push_back(
            downtime(faults.outages, std::move(listed[{u, v}]), number_of(u, v), "outages", seed));
      }
      edge_.push_back(edge->second);
    }
  }
}

void FaultyNetwork::carry(Message& message) {
  const auto arc = static_cast<std::size_t>(message.arc);
  underway_[arc].push_back({&message, State::under_way});
  wait(message, waits_for_link, scheduler().now());
}

/// Lets a stage end at `until`, or when what it waits for works again.
void FaultyNetwork::wait(Message& message, Stage stage, Instant until) {
  if (stage == waits_for_link && !outages_.empty()) {
    until = outages_[edge_[static_cast<std::size_t>(message.arc)]].up_from(until);
  }
  if (stage == waits_for_receiver && !nodes_.pauses.empty()) {
    until = nodes_.pauses[static_cast<std::size_t>(message.to)].up_from(until);
  }
  take(message);
  message.hop = stage;
  if (until > scheduler().now()) return scheduler().at(until, message);
  arrived(message);
}

void FaultyNetwork::arrived(Message& message) {
  switch (static_cast<Stage>(message.hop)) {
    case waits_to_be_sent_again:
      return wait(message, waits_for_link, scheduler().now());
    case waits_for_link:
      return pass_on(message);
    case waits_for_receiver:
      return settle(message, State::arrived);
  }
}

void FaultyNetwork::deliver(Message& message) {
  const auto arc = static_cast<std::size_t>(message.arc);
  const Instant now = scheduler().now();
  if (loss_.any() && loss_streams_[arc].uniform() < *loss_.probability) {
    if (!loss_.retransmit_after) return drop(message);
    return wait(message, waits_to_be_sent_again, later(now, *loss_.retransmit_after));
  }
  wait(message, waits_for_receiver, jitter_ ? later(now, jitter_->draw(jitter_streams_[arc])) : now);
}

void FaultyNetwork::drop(Message& message) {
  settle(message, State::lost);
}

void FaultyNetwork::settle(const Message& message, State state) {
  const auto arc = static_cast<std::size_t>(message.arc);
  std::ranges::find(underway_[arc], &message, &Place::message)->state = state;
  release(arc);
}

bool NodeDowntimes::is_crashed(NodeId node, Instant now) {
  return !crashes.empty() && crashes[static_cast<std::size_t>(node)].up_from(now) > now;
}

/// Delivers what has arrived and waits for no earlier message, and drops what is lost: on its way, behind a
/// loss that ends its arc, or as a node has crashed.
void FaultyNetwork::release(std::size_t arc) {
  std::vector<Place>& queue = underway_[arc];
  while (!queue.empty() && queue.front().state != State::under_way) {
    const auto [message, state] = queue.front();
    queue.erase(queue.begin());  // First, as programs go on at the delivery.
    if (state == State::lost && after_loss_ == AfterLoss::arc_ends) ended_[arc] = true;
    const bool is_lost =
        state == State::lost || ended_[arc] || nodes_.is_crashed(message->to, scheduler().now());
    is_lost ? sink().drop(*message) : sink().deliver(*message);
  }
}

FaultyNetwork::Underway FaultyNetwork::underway() const {
  Underway all;
  for (const std::vector<Place>& arc : underway_) {
    for (const Place& place : arc) {
      all.messages += 1;
      all.bits += place.message->size.count;
    }
  }
  return all;
}

Duration PausedComputeTime::gradient(NodeId node, std::int64_t rows, Instant begin) {
  const Duration work = times_->gradient(node, rows, begin);
  return pauses_[static_cast<std::size_t>(node)].end_of(begin, work) - begin;
}

template struct JitterBy<ExponentialLaw>;
template struct JitterBy<ShiftedExponentialLaw>;
template struct JitterBy<LognormalLaw>;
template struct JitterBy<GammaLaw>;

}  // namespace gossamer
