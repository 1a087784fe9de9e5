#include "scenarios/lab/scenario/site_files.hpp"

#include <catch2/catch.hpp>
#include <cmath>

namespace gossamer {
namespace {

using namespace std::chrono_literals;

InputFile file_of(const std::string& name, const std::string& text) {
  InputFile file(name);
  file.content = std::make_shared<const std::string>(text);
  return file;
}

SiteFileMap map_of(const std::string& text) {
  SiteFileMap map;
  map.path = file_of("g", text);
  return map;
}

const std::string two = "graph [ node [ id 0 label \"A\" ] node [ id 1 label \"B\" ] ";

std::string refusal(const auto& map) {
  try {
    (void)map.sites(2);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "no error";
}

TEST_CASE("a file says which sites there are, and the latency and bandwidth of each link") {
  const SiteMap map =
      map_of(two + "edge [ source 0 target 1 latency \"5.5 ms\" bandwidth \"10Mbit/s\" ] ]").sites(2);
  CHECK(map.sites == 2);
  CHECK(map.names == std::vector<std::string>{"A", "B"});
  REQUIRE(map.links.size() == 2);
  for (const SiteMap::Link& link : map.links) {
    CHECK(link.from == 1 - link.to);
    CHECK(link.parameters.latency == 5'500us);
    CHECK(link.parameters.bandwidth.bits_per_second == 10'000'000);
  }
  CHECK(map_of(two + "directed 1 edge [ source 1 target 0 latency \"1 ms\" ] ]").sites(2).links.size() == 1);
  CHECK(map_of(two + "edge [ source 1 target 1 ] ]").sites(2).links.empty());  // A loop leads nowhere.
}

TEST_CASE("bare numbers of a file have the units that the scenario gives, and are rounded") {
  SiteFileMap bare = map_of(two + "edge [ source 0 target 1 latency 5.72918594406 bandwidth 2.5 ] ]");
  CHECK(refusal(bare) ==
        "g: the link A - B has latency '5.72918594406'; it takes a time with its unit, 10 ms, or a number if "
        "latency_unit is given");
  bare.latency_unit = LatencyUnit::ms;
  bare.bandwidth_unit = BandwidthUnit::kilobit;
  CHECK(bare.sites(2).links[0].parameters.latency == 5'729'186ns);
  CHECK(bare.sites(2).links[0].parameters.bandwidth.bits_per_second == 2'500);
  const SiteFileMap raw = map_of(two + "edge [ source 0 target 1 latency \"1ms\" LinkSpeedRaw 1E10 ] ]");
  CHECK(raw.sites(2).links[0].parameters.bandwidth.bits_per_second == 10'000'000'000);
  for (const char* wrong : {"0", "-5", "x", "1 ms", "1e-3"}) {
    SiteFileMap slow = map_of(two + "edge [ source 0 target 1 latency 1 bandwidth \"" + wrong + "\" ] ]");
    slow.latency_unit = LatencyUnit::ms;
    slow.bandwidth_unit = BandwidthUnit::bit;
    CHECK(refusal(slow) ==
          "g: the link A - B has bandwidth '" + std::string(wrong) +
              "'; it takes one with its unit, 10 Mbit/s, or a number if bandwidth_unit is given");
  }
}

TEST_CASE("places on the Earth give latencies: 5 us for each kilometre of great circle") {
  const auto latency = [](const char* a, const char* b) {
    return map_of("graph [ node [ id 0 " + std::string(a) + " ] node [ id 1 " + b +
                  " ] edge [ source 0 target 1 ] ]")
        .sites(2)
        .links[0]
        .parameters.latency;
  };
  // A quarter of the equator, from the equator to the pole, and half a circle: pi/2, pi/2 and pi radii.
  const double quarter = 6371.0088 * std::acos(-1.0) / 2;
  const auto expected = [](double kilometres) {
    return Duration{static_cast<std::int64_t>(std::round(5000 * kilometres))};
  };
  CHECK(latency("Latitude 0 Longitude 0", "Latitude 0 Longitude 90") == expected(quarter));
  CHECK(latency("Latitude 0 Longitude 17", "Latitude 90 Longitude 3") == expected(quarter));
  CHECK(latency("Latitude 0 Longitude 170", "Latitude 0 Longitude -10") == expected(2 * quarter));
  CHECK(latency("Latitude 47 Longitude 8", "Latitude 47 Longitude 8") == 0ns);
  const auto refused = [](const std::string& place) {
    return refusal(map_of("graph [ node [ id 0 " + place + " ] node [ id 1 Latitude 0 Longitude 0 ] " +
                          "edge [ source 0 target 1 ] ]"));
  };
  CHECK(refused("Latitude 90.5 Longitude 0") ==
        "g: the node 0 has Latitude '90.5'; it takes degrees from -90 to 90");
  CHECK(refused("Latitude 0 Longitude -181") ==
        "g: the node 0 has Longitude '-181'; it takes degrees from -180 to 180");
  CHECK(refused("Latitude 47N Longitude 8") ==
        "g: the node 0 has Latitude '47N'; it takes degrees from -90 to 90");
  // New York (40.7128 N 74.0060 W) to London (51.5074 N 0.1278 W): 5,570 km.
  const Duration across =
      latency("Latitude 40.7128 Longitude -74.0060", "Latitude 51.5074 Longitude -0.1278");
  CHECK(std::abs(static_cast<double>(across.count()) / 5000 - 5570) < 1);
}

TEST_CASE("defaults of links are for those that need them") {
  SiteFileMap map = map_of(two + "edge [ source 0 target 1 ] ]");
  CHECK(refusal(map) ==
        "g: the link A - B has no latency; it takes `latency`, or Latitude and Longitude of both ends, or "
        "graph.link_latency");
  map.link_latency = 3ms;
  CHECK(map.sites(2).links[0].parameters.latency == 3ms);
  CHECK(map.sites(2).links[0].parameters.bandwidth.is_unlimited());
  CHECK(map.sites(2).notes ==
        std::vector<std::string>{"g: note: links without a bandwidth, which are unlimited: 1 of 1"});
  SiteFileMap others =
      map_of(two + "edge [ source 0 target 1 latency \"1ms\" delay \"7 ms\" capacity 10 ] ]");
  CHECK(others.sites(2).notes.back() == "g: note: not used of its links: capacity, delay");
  others.link_bandwidth = Bandwidth{1'000'000};
  CHECK(others.sites(2).notes.size() == 1);
  SiteFileMap capitals = map_of(two + "edge [ source 0 target 1 Latency \"1ms\" Bandwidth \"1Gbit/s\" ] ]");
  CHECK(capitals.sites(2).notes.empty());
  SiteFileMap own = map_of(two + "edge [ source 0 target 1 latency \"1ms\" bandwidth \"1Gbit/s\" ] ]");
  own.link_latency = 3ms;
  CHECK(refusal(own) == "link_latency: every link of the file has its own, or its ends have coordinates");
  own.link_latency = std::nullopt;
  CHECK(refusal(own) == "no error");
  own.latency_unit = LatencyUnit::ms;
  CHECK(refusal(own) == "latency_unit: has no effect, as none of the file is a bare number");
  own.latency_unit = std::nullopt;
  own.bandwidth_unit = BandwidthUnit::megabit;
  CHECK(refusal(own) == "bandwidth_unit: has no effect, as none of the file is a bare number");
  own.bandwidth_unit = std::nullopt;
  own.per_kilometre = 4us;
  CHECK(refusal(own) == "per_kilometre: has no effect, as no latency of the file is that of a distance");
}

TEST_CASE("matrices give round-trip times and bandwidths between sites") {
  SiteMatrixMap map;
  map.round_trips = file_of("rtt.csv", "ms,Rome,\"Oslo\"\r\nRome,0,30\r\n\r\nOslo,31.5ms,\r\n");
  const SiteMap sites = map.sites(2);
  CHECK(sites.names == std::vector<std::string>{"Rome", "Oslo"});
  REQUIRE(sites.links.size() == 2);
  CHECK(sites.links[0].parameters.latency == 15ms);  // From Rome to Oslo.
  CHECK(sites.links[1].parameters.latency == 15'750us);
  CHECK(sites.links[1].parameters.bandwidth.is_unlimited());
  const std::string quoted = "\"Rome; \"\"R\"\"\"";
  for (const std::string& text : std::vector<std::string>{
           ";" + quoted + ";Oslo\n" + quoted + ";0;30\nOslo;31.5;0\n",
           ",Rome,Oslo,\rRome,,30,\rOslo,31.5,,\r", "\tRome\tOslo\nRome\t0\t30\nOslo\t31.5\t0\n"}) {
    SiteMatrixMap other;
    other.round_trips = file_of("rtt.csv", text);
    CHECK(other.sites(2).names[0] == (text.front() == ';' ? "Rome; \"R\"" : "Rome"));
    CHECK(other.sites(2).links[1].parameters.latency == 15'750us);
  }
  map.bandwidths = file_of("bw.csv", ",Rome,Oslo\nRome,,100\nOslo,1 Gbit/s,\n");
  CHECK(map.sites(2).links[0].parameters.bandwidth.bits_per_second == 100'000'000);
  CHECK(map.sites(2).links[1].parameters.bandwidth.bits_per_second == 1'000'000'000);
  map.link_bandwidth = Bandwidth{1};
  CHECK(refusal(map) == "link_bandwidth: has no effect, as bandwidths gives each link its own");
}

TEST_CASE("matrices that are none are refused with their line") {
  const auto refused = [](const std::string& text) {
    SiteMatrixMap map;
    map.round_trips = file_of("rtt.csv", text);
    return refusal(map);
  };
  CHECK(refused("") == "rtt.csv: has 0 rows for 0 columns; the matrix has to be square");
  CHECK(refused(",a,b\na,0,1\n") == "rtt.csv: has 1 rows for 2 columns; the matrix has to be square");
  CHECK(refused(",a,b\na,0,1\nb,0\n") == "rtt.csv:3: has 2 cells; it takes a name and 2 numbers");
  CHECK(refused(",a,b\nb,0,1\n") ==
        "rtt.csv:2: this row is called 'b'; rows have the columns' names, in their order");
  CHECK(refused(",a\na,0\nb,0\n") ==
        "rtt.csv:3: this row is called 'b'; rows have the columns' names, in their order");
  CHECK(refused("0,73.5,20\n73.5,0,5\n20,5,0\n") ==
        "rtt.csv:1:1: '0' is a number; it takes a matrix with names in its first row and first column");
  CHECK(refused(",a,a\na,0,1\na,1,0\n") ==
        "rtt.csv:1:4: 'a' is the name of two sites; allowed: different names");
  CHECK(refused(",a,b\na,0,1\nb,0,0\n") ==
        "rtt.csv:3: '0' from b to a is not allowed; it takes a number of ms above 0, or 0 with its unit, "
        "where it "
        "is meant");
  CHECK(refused(",a,b\na,0,1\nb,0ms,0\n") == "no error");
  CHECK(refused(",a,b\na,0,-1\nb,0,0\n") ==
        "rtt.csv:2: '-1' from a to b is not allowed; it takes a number of ms, or one with its unit");
}

}  // namespace
}  // namespace gossamer
