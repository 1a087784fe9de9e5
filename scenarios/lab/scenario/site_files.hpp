// The networks of sites that files describe: routers of a wide area, or cities with what was measured between
// them.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "sim/input_file.hpp"
#include "sim/networks/sites.hpp"
#include "sim/required.hpp"

namespace gossamer {

/// The units that bare numbers of a file may have.
enum class LatencyUnit { h, min, s, ms, us, ns };
constexpr std::array<std::string_view, 6> names(LatencyUnit) {
  return {"h", "min", "s", "ms", "us", "ns"};
}
enum class BandwidthUnit { terabit, gigabit, megabit, kilobit, bit };
constexpr std::array<std::string_view, 5> names(BandwidthUnit) {
  return {"Tbit/s", "Gbit/s", "Mbit/s", "kbit/s", "bit/s"};
}

/// Sites and links from a GraphML or GML file. An undirected edge is a link each way, a directed one a link
/// one way. Of a link's attributes count `latency` and `bandwidth`, with their units, or as bare numbers of
/// the units given here; `LinkSpeedRaw` in bit/s stands for a bandwidth. A link without latency has that of
/// its great circle, if both ends have `Latitude` and `Longitude` in degrees (a sphere of radius 6371.0088
/// km).
struct SiteFileMap {
  Required<InputFile> path;
  std::optional<LatencyUnit> latency_unit;
  std::optional<BandwidthUnit> bandwidth_unit;
  std::optional<Duration> link_latency;
  std::optional<Bandwidth> link_bandwidth;
  static constexpr Duration in_fibre{5000};
  Duration per_kilometre = in_fibre;
  Routing routes = Routing::latency;

  static void fields(auto& self, auto&& visit) {
    visit("path", self.path, "", "sites and links: GraphML or GML");
    visit("latency_unit", self.latency_unit, "", "of latencies that are bare numbers: ms");
    visit("bandwidth_unit", self.bandwidth_unit, "", "of bandwidths that are bare numbers: Mbit/s");
    visit("link_latency", self.link_latency, "", "of links without one of their own, and without places");
    visit("link_bandwidth", self.link_bandwidth, "", "of links without one of their own");
    visit("per_kilometre", self.per_kilometre, "",
          "of great circle, for links without a latency of their own");
    visit("routes", self.routes, "", "what a route between sites has least of");
  }
  /// Throws InputFileError, and std::invalid_argument for settings of no effect.
  SiteMap sites(NodeId nodes) const;
  Routing routing() const { return routes; }
};
using SiteFile = PlacedOn<SiteFileMap>;

/// Sites with a link from each to each, from matrices with names: lines of a TextTable, names in the first
/// row and the first column. A latency is half a round trip. Bare numbers are milliseconds and Mbit/s; the
/// diagonal does not count. A row is where a message comes from.
struct SiteMatrixMap {
  Required<InputFile> round_trips;
  std::optional<InputFile> bandwidths;
  std::optional<Bandwidth> link_bandwidth;

  static void fields(auto& self, auto&& visit) {
    visit("round_trips", self.round_trips, "", "CSV with names: 73.5ms, or bare milliseconds");
    visit("bandwidths", self.bandwidths, "", "CSV with the same names: 1Gbit/s, or bare Mbit/s");
    visit("link_bandwidth", self.link_bandwidth, "", "of all links, in place of bandwidths");
  }
  /// Throws InputFileError, and std::invalid_argument where both bandwidths are given.
  SiteMap sites(NodeId nodes) const;
  static Routing routing() { return Routing::hops; }
};
using SiteMatrix = PlacedOn<SiteMatrixMap>;

}  // namespace gossamer
