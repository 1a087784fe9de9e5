#include "sim/faults.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>
#include <stdexcept>

#include "sim/text_file.hpp"

namespace gossamer {
namespace {

Duration rounded(double nanoseconds) {
  const double time = std::round(nanoseconds);
  if (!(time < 0x1p63)) throw_clock_overflow();
  return Duration{static_cast<std::int64_t>(time)};
}

/// Which edge (u < v), or node (v = u), does not work, and when.
struct Scheduled {
  NodeId u, v;
  Downtime::Interval interval;
};

/// `ends` nodes, and two times: "0 1 2s 500ms". Throws std::invalid_argument.
Scheduled parse(const std::string& line, std::size_t ends, const char* key, const Adjacency& graph) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  const auto fail = [&](const std::string& what) {
    throw std::invalid_argument(std::string(key) + ": schedule: '" + line + "': " + what + "; it takes " +
                                (ends == 2 ? "`0 1 2s 500ms`: two nodes" : "`3 2s 500ms`: a node") +
                                ", when it begins and how long it lasts");
  };
  if (words.size() != ends + 2) fail(std::to_string(words.size()) + " words");
  std::vector<NodeId> nodes;
  for (std::size_t k = 0; k < ends; ++k) {
    const auto node = parse_number<NodeId>(words[k]);
    if (!node || *node < 0 || *node >= graph.nodes()) fail("there is no node " + words[k]);
    nodes.push_back(*node);
  }
  const auto begin = parse_duration(words[ends]), lasting = parse_duration(words[ends + 1]);
  if (!begin || !lasting) fail("a time has no unit, or is none");
  const auto [u, v] = std::minmax(nodes.front(), nodes.back());
  if (ends == 2 && graph.arc(u, v) < 0 && graph.arc(v, u) < 0) {
    fail("there is no edge between " + words[0] + " and " + words[1]);
  }
  return {u, v, {Instant{*begin}, later(Instant{*begin}, *lasting)}};
}

void require(const Interruptions& times, std::size_t ends, const char* key, const Adjacency& graph) {
  const auto fail = [&](const char* what) { throw std::invalid_argument(std::string(key) + ": " + what); };
  if (times.every.has_value() != times.lasting.has_value()) fail("every and lasting belong together");
  if (times.every && !times.schedule.empty()) fail("every or schedule, not both");
  if (times.every && *times.every <= Duration::zero()) fail("every has to be above 0");
  for (const std::string& line : times.schedule) parse(line, ends, key, graph);
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

void Faults::require(const Adjacency& graph) const {
  if (loss.retransmit_after && loss.probability == 0) {
    throw std::invalid_argument("loss: retransmit_after has no effect, as no message is lost");
  }
  gossamer::require(outages, 2, "outages", graph);
  gossamer::require(pauses, 1, "pauses", graph);
  if (loss.probability == 0 && !jitter && !outages.any() && !pauses.any()) {
    throw std::invalid_argument("faults: there are none; it takes loss, jitter, outages, pauses");
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
    const Instant begin =
        later(drawn_until_, rounded(rng_->exponential(static_cast<double>(every_.count()))));
    drawn_until_ = later(begin, rounded(rng_->exponential(static_cast<double>(lasting_.count()))));
    if (drawn_until_ > t) known_.push_back({begin, drawn_until_});
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

Pauses pauses_of(const Faults& faults, const Adjacency& graph, std::uint64_t seed) {
  Pauses pauses;
  if (!faults.pauses.any()) return pauses;
  std::vector<std::vector<Downtime::Interval>> listed(static_cast<std::size_t>(graph.nodes()));
  for (const std::string& line : faults.pauses.schedule) {
    const Scheduled one = parse(line, 1, "pauses", graph);
    listed[static_cast<std::size_t>(one.u)].push_back(one.interval);
  }
  for (NodeId i = 0; i < graph.nodes(); ++i) {
    pauses.push_back(
        downtime(faults.pauses, std::move(listed[static_cast<std::size_t>(i)]), i, "pauses", seed));
  }
  return pauses;
}

FaultyNetwork::FaultyNetwork(std::unique_ptr<NetworkModel> network, const Faults& faults,
                             const Adjacency& graph, Pauses& pauses, std::uint64_t seed)
    : network_(std::move(network)), loss_(faults.loss), jitter_(faults.jitter), pauses_(pauses) {
  underway_.resize(static_cast<std::size_t>(graph.arcs()));
  std::map<std::pair<NodeId, NodeId>, std::vector<Downtime::Interval>> listed;
  for (const std::string& line : faults.outages.schedule) {
    const Scheduled one = parse(line, 2, "outages", graph);
    listed[{one.u, one.v}].push_back(one.interval);
  }
  std::map<std::pair<NodeId, NodeId>, std::size_t> edges;
  for (NodeId from = 0; from < graph.nodes(); ++from) {
    for (const NodeId to : graph.out_neighbors(from)) {
      if (loss_.probability > 0) loss_streams_.push_back(named_stream(seed, number_of(from, to), "loss"));
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
  underway_[arc].push_back({&message, false});
  wait(message, waits_for_link, scheduler().now());
}

/// Lets a stage end at `until`, or when what it waits for works again.
void FaultyNetwork::wait(Message& message, Stage stage, Instant until) {
  if (stage == waits_for_link && !outages_.empty()) {
    until = outages_[edge_[static_cast<std::size_t>(message.arc)]].up_from(until);
  }
  if (stage == waits_for_receiver && !pauses_.empty()) {
    until = pauses_[static_cast<std::size_t>(message.to)].up_from(until);
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
      return network_->send(message);
    case waits_for_receiver:
      return hand_over(message);
  }
}

void FaultyNetwork::deliver(Message& message) {
  const auto arc = static_cast<std::size_t>(message.arc);
  const Instant now = scheduler().now();
  if (loss_.probability > 0 && loss_streams_[arc].uniform() < loss_.probability) {
    if (!loss_.retransmit_after) return drop(message);
    return wait(message, waits_to_be_sent_again, later(now, *loss_.retransmit_after));
  }
  wait(message, waits_for_receiver, jitter_ ? later(now, jitter_->draw(jitter_streams_[arc])) : now);
}

void FaultyNetwork::drop(Message& message) {
  const auto arc = static_cast<std::size_t>(message.arc);
  const auto place = place_of(message);
  const bool held_others = place == underway_[arc].begin();
  underway_[arc].erase(place);
  sink().drop(message);
  if (held_others) release(arc);
}

void FaultyNetwork::hand_over(Message& message) {
  const auto place = place_of(message);
  place->arrived = true;
  release(static_cast<std::size_t>(message.arc));
}

/// Delivers what has arrived and waits for no earlier message.
void FaultyNetwork::release(std::size_t arc) {
  std::vector<Place>& queue = underway_[arc];
  while (!queue.empty() && queue.front().arrived) {
    Message& message = *queue.front().message;
    queue.erase(queue.begin());  // First, as programs go on at the delivery.
    sink().deliver(message);
  }
}

std::vector<FaultyNetwork::Place>::iterator FaultyNetwork::place_of(const Message& message) {
  return std::ranges::find(underway_[static_cast<std::size_t>(message.arc)], &message, &Place::message);
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
