#include "sim/networks/store_and_forward.hpp"

#include <algorithm>

namespace gossamer {

StoreAndForward::StoreAndForward(Links links, Bytes header)
    : header_bytes_(header.count), first_(std::move(links.first)), routes_(std::move(links.routes)) {
  require_links(links, header);
  links_.reserve(links.parameters.size());
  for (const LinkParameters& parameters : links.parameters) {
    links_.push_back({.latency = parameters.latency});
    bandwidths_.push_back(parameters.bandwidth);
  }
}

void StoreAndForward::carry(Message& message) {
  if (first_.empty()) return forward(message, message.arc);
  const auto arc = static_cast<std::size_t>(message.arc);
  const std::size_t next = first_[arc] + static_cast<std::size_t>(message.hop);
  if (next < first_[arc + 1]) return forward(message, routes_[next]);
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
  const Instant now = scheduler().now();
  const std::int64_t bytes = message.size.bytes() + header_bytes_;
  if (bytes != link.last_bytes) {  // Most messages are as large as the one before, and a division is slow.
    link.last_transmission = transmission_time(bytes, bandwidths_[static_cast<std::size_t>(over)]);
    link.last_bytes = bytes;
  }
  const Duration transmission = link.last_transmission;
  link.free_at = later(std::max(now, link.free_at), transmission);
  link.messages += 1;
  link.bytes += bytes;
  link.busy += transmission;
  link.longest_backlog = std::max(link.longest_backlog, link.free_at - now);
  scheduler().at(later(link.free_at, link.latency), message);
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
  return {link.messages, link.bytes, link.busy, static_cast<std::int64_t>(queue)};
}

}  // namespace gossamer
