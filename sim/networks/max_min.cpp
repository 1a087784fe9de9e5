#include "sim/networks/max_min.hpp"

#include <algorithm>

namespace gossamer {

void MaxMin::clear() {
  links_.clear();
  first_.assign(1, 0);
  links_of_flows_.clear();
}

/// The flows of each link, in order.
void MaxMin::list_flows() {
  std::size_t next = 0;
  for (Link& link : links_) {
    link.first = link.filled = next;
    next += static_cast<std::size_t>(link.open);
  }
  flows_of_links_.resize(links_of_flows_.size());
  for (std::size_t flow = 0; flow + 1 < first_.size(); ++flow) {
    for (std::size_t k = first_[flow]; k < first_[flow + 1]; ++k) {
      Link& link = links_[static_cast<std::size_t>(links_of_flows_[k])];
      flows_of_links_[link.filled++] = static_cast<std::int32_t>(flow);
    }
  }
}

namespace {

/// A heap with the least share first; of equal ones, the link of the lowest number.
constexpr auto later_share = [](const auto& a, const auto& b) {
  return a.rate != b.rate ? a.rate > b.rate : a.link > b.link;
};

}  // namespace

void MaxMin::push(std::int32_t link) {
  const Link& of = links_[static_cast<std::size_t>(link)];
  heap_.push_back({of.left / static_cast<Rate>(of.open), link});
  std::ranges::push_heap(heap_, later_share);
}

std::span<const Rate> MaxMin::rates() {
  list_flows();
  rates_.assign(first_.size() - 1, no_rate);
  heap_.clear();
  for (std::size_t link = 0; link < links_.size(); ++link) {
    if (links_[link].open > 0) push(static_cast<std::int32_t>(link));
  }
  while (!heap_.empty()) {
    std::ranges::pop_heap(heap_, later_share);
    const Share least = heap_.back();
    heap_.pop_back();
    const Link& link = links_[static_cast<std::size_t>(least.link)];
    if (link.open == 0) continue;
    // A share only grows, when flows of the link get less elsewhere: then it comes again.
    if (link.left / static_cast<Rate>(link.open) > least.rate) {
      push(least.link);
    } else {
      fill(least.link, least.rate);
    }
  }
  return rates_;
}

/// Gives the flows of a link that have no rate yet this one.
void MaxMin::fill(std::int32_t full, Rate rate) {
  const Link& link = links_[static_cast<std::size_t>(full)];
  for (std::size_t k = link.first; k < link.filled; ++k) {
    const auto flow = static_cast<std::size_t>(flows_of_links_[k]);
    if (rates_[flow] != no_rate) continue;
    rates_[flow] = rate;
    for (std::size_t j = first_[flow]; j < first_[flow + 1]; ++j) {
      Link& used = links_[static_cast<std::size_t>(links_of_flows_[j])];
      used.left -= rate;
      --used.open;
    }
  }
}

}  // namespace gossamer
