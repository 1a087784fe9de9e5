#include "sim/networks/store_and_forward.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace gossamer {

namespace {

void require_room(Bytes header, std::optional<Bytes> mtu) {
  if (!mtu || mtu->count > header.count) return;
  throw std::invalid_argument("mtu: packets have no room besides their header of " +
                              std::to_string(header.count) + " B; it takes more than that");
}

}  // namespace

StoreAndForward::StoreAndForward(Links links, Bytes header, std::optional<Bytes> mtu)
    : header_bytes_(header.count),
      first_(std::move(links.first)),
      routes_(std::move(links.routes)),
      speeds_(std::move(links.speeds)) {
  require_links(links, header);
  require_room(header, mtu);
  if (mtu) packet_bytes_ = mtu->count - header.count;
  links_.reserve(links.parameters.size());
  records_.resize(links.parameters.size());
  for (const LinkParameters& parameters : links.parameters) {
    links_.push_back({.latency = parameters.latency});
    bandwidths_.push_back(parameters.bandwidth);
  }
}

void StoreAndForward::carry(Message& message) {
  if (first_.empty()) return forward(message, message.arc);
  const auto arc = static_cast<std::size_t>(message.arc);
  const std::size_t begin = first_[arc], end = first_[arc + 1];
  if (end - begin > 1 && message.size.bytes() > packet_bytes_) return send_packets(message);
  const std::size_t next = begin + static_cast<std::size_t>(message.hop);
  if (next < end) return forward(message, routes_[next]);
  scheduler().at(scheduler().now(), message);  // No link on its way: it arrives at once.
}

void StoreAndForward::arrived(Message& message) {
  if (!first_.empty()) {
    const auto arc = static_cast<std::size_t>(message.arc);
    const auto hops = static_cast<std::int32_t>(first_[arc + 1] - first_[arc]);
    if (++message.hop < hops) return carry(message);
  }
  sink().deliver(message);
}

void StoreAndForward::forward(Message& message, LinkId over) {
  Link& link = links_[static_cast<std::size_t>(over)];
  __builtin_prefetch(&link + 8, 1);  // Where all send in one instant, links are used in order.
  if (message.size != link.size) return forward_any(message, over);
  // Most are as large as the one before: these take no division, and no call on their way to the queue.
  ++link.repeats;
  const Instant start = std::max(scheduler().now(), link.free_at);
  scheduler().at(occupy(link, later(start, link.transmission)), message);
}

void StoreAndForward::forward_any(Message& message, LinkId over) {
  scheduler().at(pass(over, message.size.bytes(), 1), message);
  if (!speeds_.empty()) return;  // The next may take another time.
  Link& link = links_[static_cast<std::size_t>(over)];
  Record& record = records_[static_cast<std::size_t>(over)];
  record = whole_record(over);
  link.repeats = 0;
  link.size = message.size;
  link.transmission = record.last_transmission;
}

Instant StoreAndForward::pass(LinkId over, std::int64_t payload, std::int64_t messages) {
  Link& link = links_[static_cast<std::size_t>(over)];
  Record& record = records_[static_cast<std::size_t>(over)];
  const Instant start = std::max(scheduler().now(), link.free_at);
  if (payload != record.last_payload) {  // A division is slow.
    record.last_transmission = transmission(over, payload);
    record.last_payload = payload;
  }
  const Instant end = speeds_.empty()
                          ? later(start, record.last_transmission)
                          : speeds_[static_cast<std::size_t>(over)]->end_of(start, record.last_transmission);
  record.messages += messages;
  record.bytes += bytes_on_link(payload);
  record.busy += end - start;
  return occupy(link, end);
}

Instant StoreAndForward::occupy(Link& link, Instant end) {
  link.free_at = end;
  link.longest_backlog = std::max(link.longest_backlog, end - scheduler().now());
  return later(end, link.latency);
}

StoreAndForward::Record StoreAndForward::whole_record(LinkId id) const {
  const Link& link = links_[static_cast<std::size_t>(id)];
  Record record = records_[static_cast<std::size_t>(id)];
  record.messages += link.repeats;
  record.bytes += link.repeats * bytes_on_link(link.size.bytes());
  record.busy += link.repeats * link.transmission;
  return record;
}

Duration StoreAndForward::transmission(LinkId over, std::int64_t payload) const {
  const Bandwidth bandwidth = bandwidths_[static_cast<std::size_t>(over)];
  const std::int64_t full = packets_of(payload) - 1;
  const Duration last = transmission_time(payload - full * packet_bytes_ + header_bytes_, bandwidth);
  if (full == 0) return last;
  const Duration one = transmission_time(packet_bytes_ + header_bytes_, bandwidth);
  std::int64_t all = 0;
  if (__builtin_mul_overflow(full, one.count(), &all)) throw_clock_overflow();
  return later(Instant{Duration{all}}, last).time_since_epoch();
}

void StoreAndForward::send_packets(Message& message) {
  message.hop = static_cast<std::int32_t>(packets_of(message.size.bytes()));  // Packets yet to arrive.
  std::int64_t left = message.size.bytes();
  for (bool first = true; left > 0; first = false) {
    if (free_.empty()) free_.push_back(&packets_.emplace_back());
    Packet& packet = *free_.back();
    free_.pop_back();
    packet.model = this;
    packet.message = &message;
    packet.payload = std::min(left, packet_bytes_);
    packet.hop = 0;
    packet.first = first;
    left -= packet.payload;
    forward(packet);
  }
}

void StoreAndForward::forward(Packet& packet) {
  const std::size_t first = first_[static_cast<std::size_t>(packet.message->arc)];
  const LinkId over = routes_[first + static_cast<std::size_t>(packet.hop)];
  scheduler().at(pass(over, packet.payload, packet.first ? 1 : 0), packet);
}

void StoreAndForward::arrived(Packet& packet) {
  Message& message = *packet.message;
  const auto arc = static_cast<std::size_t>(message.arc);
  const auto hops = static_cast<std::int32_t>(first_[arc + 1] - first_[arc]);
  if (++packet.hop < hops) return forward(packet);
  free_.push_back(&packet);
  if (--message.hop == 0) sink().deliver(message);
}

Links StoreAndForwardNetwork::links(const Traffic& traffic) const {
  require_room(header, mtu);
  Links links = NetworkOfLinks::links(traffic);
  if (mtu && header.count == 0 && !links.limited()) {
    throw std::invalid_argument("mtu: has no effect, as no link has a bandwidth, and no packet a header");
  }
  return links;
}

void StoreAndForward::prefetch(ArcId arc) const {
  if (first_.empty()) __builtin_prefetch(&links_[static_cast<std::size_t>(arc)]);
}

LinkCounters StoreAndForward::counters(LinkId id) const {
  const Link& link = links_[static_cast<std::size_t>(id)];
  __extension__ using Wide = unsigned __int128;
  const Wide queue = static_cast<Wide>(link.longest_backlog.count()) *
                     static_cast<Wide>(bandwidths_[static_cast<std::size_t>(id)].bits_per_second) /
                     8'000'000'000ULL;
  const Record record = whole_record(id);
  return {record.messages, record.bytes, record.busy, static_cast<std::int64_t>(queue)};
}

}  // namespace gossamer
