#include "sim/network.hpp"

#include <numeric>
#include <stdexcept>

#include "sim/simulation.hpp"

namespace gossamer {

void Message::happen() {
  if (route.empty()) {
    simulation_->deliver(*this);
  } else {
    simulation_->carry(*this);
  }
}

StoreAndForward::StoreAndForward(std::vector<LinkParameters> links, std::int64_t header_bytes)
    : StoreAndForward(std::move(links), header_bytes, {}, {}) {
  routes_.resize(links_.size());
  std::iota(routes_.begin(), routes_.end(), 0);
}

StoreAndForward::StoreAndForward(std::vector<LinkParameters> links, std::int64_t header_bytes,
                                 std::vector<std::size_t> first, std::vector<LinkId> routes)
    : header_bytes_(header_bytes), first_(std::move(first)), routes_(std::move(routes)) {
  if (header_bytes < 0) throw std::invalid_argument("a header cannot have less than 0 bytes");
  links_.reserve(links.size());
  for (const LinkParameters& parameters : links) {
    if (parameters.latency < Duration::zero()) throw std::invalid_argument("a latency cannot be negative");
    links_.push_back({.parameters = parameters});
  }
}

std::span<const LinkId> StoreAndForward::route(ArcId arc) const {
  const auto a = static_cast<std::size_t>(arc);
  if (first_.empty()) return std::span(routes_).subspan(a, 1);
  return std::span(routes_).subspan(first_[a], first_[a + 1] - first_[a]);
}

void StoreAndForward::carry(Message& message, Scheduler& scheduler) {
  if (message.route.empty()) return scheduler.at(scheduler.now(), message);
  Link& link = links_[static_cast<std::size_t>(message.route.front())];
  message.route = message.route.subspan(1);
  const std::int64_t bytes = message.size.bytes() + header_bytes_;
  if (bytes != link.last_bytes) {  // Most messages are as large as the one before, and a division is slow.
    link.last_transmission = transmission_time(bytes, link.parameters.bandwidth);
    link.last_bytes = bytes;
  }
  const Duration transmission = link.last_transmission;
  link.free_at = later(std::max(scheduler.now(), link.free_at), transmission);
  link.messages += 1;
  link.bytes += bytes;
  link.busy += transmission;
  link.longest_backlog = std::max(link.longest_backlog, link.free_at - scheduler.now());
  scheduler.at(later(link.free_at, link.parameters.latency), message);
}

LinkCounters StoreAndForward::counters(LinkId id) const {
  const Link& link = links_[static_cast<std::size_t>(id)];
  __extension__ using Wide = unsigned __int128;
  const Wide queue = static_cast<Wide>(link.longest_backlog.count()) *
                     static_cast<Wide>(link.parameters.bandwidth.bits_per_second) / 8'000'000'000ULL;
  return {link.messages, link.bytes, link.busy, static_cast<std::int64_t>(queue)};
}

}  // namespace gossamer
