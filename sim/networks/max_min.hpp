// Max-min fair rates of flows over links: a pure function of both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "sim/units.hpp"

namespace gossamer {

/// A rate in units of 2^-40 bit/s, so that the same flows have the same rates on every machine, and a share
/// that is rounded down is off by less than a nanosecond in any time that the clock can hold.
__extension__ using Rate = unsigned __int128;

/// Precondition: the bandwidth is not unlimited.
constexpr Rate rate_of(Bandwidth bandwidth) {
  return static_cast<Rate>(bandwidth.bits_per_second) << 40;
}

/// Shares links among flows. No flow's rate can be raised without lowering that of another flow whose rate is
/// not larger [Bertsekas, Gallager 1992, Section 6.5.2]. Each flow has a link that is full and on which none
/// is faster.
class MaxMin {
 public:
  /// Forgets all links and flows, and keeps their memory.
  void clear();

  /// Links and flows are numbered from 0. A flow uses at least one link, each once.
  void add_link(Rate capacity) { links_.push_back({.left = capacity}); }
  /// `number` gives the number of each of its links.
  template <class Number = std::identity>
  void add_flow(const auto& links, const Number& number = {}) {
    for (const auto& each : links) {
      const std::int32_t link = number(each);
      links_of_flows_.push_back(link);
      ++links_[static_cast<std::size_t>(link)].open;
    }
    first_.push_back(links_of_flows_.size());
  }

  /// [flow]: their rates, each share rounded down. Progressive filling: the link whose share is least gives
  /// its flows their rate. Takes O(k log l) for l links and k links of all flows together. Valid until
  /// clear().
  std::span<const Rate> rates();

 private:
  static constexpr Rate no_rate = ~Rate{0};

  struct Link {
    Rate left;              ///< Of its capacity, for the flows that have no rate yet,
    std::int64_t open = 0;  ///< which are so many.
    std::size_t first = 0;  ///< Its flows are flows_of_links_[first], ..., before the next link's.
    std::size_t filled = 0;
  };
  struct Share {
    Rate rate;
    std::int32_t link;
  };

  void list_flows();
  void push(std::int32_t link);
  void fill(std::int32_t link, Rate rate);

  std::vector<Link> links_;
  std::vector<std::size_t> first_{0};  ///< Flow f uses links_of_flows_[first_[f]], ...
  std::vector<std::int32_t> links_of_flows_, flows_of_links_;
  std::vector<Share> heap_;
  std::vector<Rate> rates_;
};

}  // namespace gossamer
