// Links: the physical network, and which of its links the messages between neighbours travel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sim/adjacency.hpp"
#include "sim/input_file.hpp"
#include "sim/network_model.hpp"
#include "sim/speed_profile.hpp"

namespace gossamer {

struct LinkParameters {
  Duration latency{};
  Bandwidth bandwidth = Bandwidth::unlimited();
};

struct Links {
  std::vector<LinkParameters> parameters;       ///< [link]
  std::vector<std::pair<NodeId, NodeId>> ends;  ///< [link], from and to; sites are numbered after the nodes.
  // A message on arc a travels the links routes[first[a]], ..., routes[first[a + 1] - 1]. If `first` is
  // empty, link = arc. A message with no links on its way, as between programs on one host, takes no time.
  std::vector<std::size_t> first;
  std::vector<LinkId> routes;
  /// [link]: what share of its bandwidth it has over time. Empty: all of it, always.
  std::vector<std::shared_ptr<const SpeedProfile>> speeds{};
  std::vector<std::string> notes{};  ///< What was not taken as its file has it: for people, a line each.
  std::vector<std::string> names{};  ///< [node, then site], or empty: their numbers.

  /// Whether a message could take any time.
  bool take_time() const;
  /// Whether any link has a bandwidth.
  bool limited() const;
};

/// The graph whose messages a network carries, and what is known of it.
struct Traffic {
  const Adjacency& graph;
  bool has_server = false;               ///< The last node is a server.
  std::span<const std::string> names{};  ///< [node], or empty: their numbers.
  /// Latency and bandwidth that some arcs have of their own.
  struct Override {
    ArcId arc;
    std::optional<Duration> latency;
    std::optional<Bandwidth> bandwidth;
  };
  std::vector<Override> overrides{};
  std::uint64_t seed = 1;
};

/// The graphs of links that a network may have.
class NetworkGraph {
 public:
  virtual ~NetworkGraph() = default;
  /// `parameters` are those of all links that have none of their own. Throws std::invalid_argument for
  /// settings that would have no effect, or do not suit the traffic.
  virtual Links make(const Traffic& traffic, const LinkParameters& parameters) const = 0;
};

using ChosenGraph = std::shared_ptr<const NetworkGraph>;

/// A graph as a scenario names it: a T, with its fields.
template <class T>
struct NetworkGraphOf final : NetworkGraph {
  using Interface = NetworkGraph;
  explicit NetworkGraphOf(T graph) : value(std::move(graph)) {}
  Links make(const Traffic& traffic, const LinkParameters& parameters) const override {
    return value.make(traffic, parameters);
  }
  T value;
};

/// Every edge of the topology is a link of its own, both ways: link = arc.
struct OwnEdges {
  static void fields(auto&, auto&&) {}
  Links make(const Traffic& traffic, const LinkParameters& parameters) const;
};

/// Throws std::invalid_argument where a header is negative or absurd.
void require_header(Bytes header);
/// The same, and where a link's latency is negative.
void require_links(const Links& links, Bytes header);

/// Gives links their speeds. The file has a piece in each line, "10s 0.25", for all links, or for the one
/// between two ends, "0 1 10s 0.25", by names as find_named() finds them; such a link has no other. '#'
/// starts a comment. Throws std::invalid_argument, beginning with the key, and InputFileError, for what is no
/// such piece or has no effect.
void add_speeds(const std::vector<std::string>& speed, const std::optional<InputFile>& file, Links& links);

/// The settings of models whose messages travel links, as a scenario names them.
struct NetworkOfLinks {
  Duration latency{};
  Bandwidth bandwidth = Bandwidth::unlimited();
  Bytes header{};
  ChosenGraph graph = std::make_shared<NetworkGraphOf<OwnEdges>>(OwnEdges{});
  std::vector<std::string> speed{};       ///< As SpeedProfile takes it.
  std::optional<InputFile> speed_file{};  ///< As add_speeds() takes it.

  static void fields(auto& self, auto&& visit) {
    visit("latency", self.latency, "", "of every link, unless the topology's file gives its own");
    visit("bandwidth", self.bandwidth, "", "of every link, unless the topology's file gives its own");
    visit("header", self.header, "[0, 1073741824]", "added to every message");
    visit("graph", self.graph, "", "the links that carry the topology's messages");
    visit("speed", self.speed, "", "shares of every bandwidth over time: [10s 0.25, 60s 1]");
    visit("speed_file", self.speed_file, "",
          "the same from a file, a line for each: `10s 0.25`, or `0 1 10s 0.25` for the link from 0 to 1");
  }
  /// Throws std::invalid_argument for settings that would have no effect, or are absurd, and InputFileError.
  Links links(const Traffic& traffic) const;
};

}  // namespace gossamer
