#include "scenarios/lab/scenario/site_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "sim/text_file.hpp"
#include "topologies/graph_file.hpp"

namespace gossamer {
namespace {

/// A quantity with its unit, or a bare number of `unit`, if that is given.
template <class Quantity>
std::optional<Quantity> parse_in(std::string_view text, std::string_view unit,
                                 std::optional<Quantity> (*parse)(std::string_view)) {
  const auto given = parse(text);
  return given ? given : parse(fmt::format("{} {}", text, unit));
}

/// On a sphere of the Earth's mean radius, by the haversine formula. Angles are in degrees.
double great_circle_kilometres(double latitude, double longitude, double other_latitude,
                               double other_longitude) {
  constexpr double radius = 6371.0088, degree = std::numbers::pi / 180;
  const auto haversine = [](double angle) { return std::sin(angle / 2) * std::sin(angle / 2); };
  const double h = haversine((other_latitude - latitude) * degree) +
                   std::cos(latitude * degree) * std::cos(other_latitude * degree) *
                       haversine((other_longitude - longitude) * degree);
  return 2 * radius * std::asin(std::min(1.0, std::sqrt(h)));
}

/// What a file of sites and links says, link by link.
class LinkReader {
 public:
  LinkReader(const SiteFileMap& settings, const AttributedGraph& graph)
      : settings_(settings), graph_(graph) {}

  LinkParameters read(const AttributedGraph::Edge& edge) { return {latency(edge), bandwidth(edge)}; }
  /// Throws std::invalid_argument for settings that no link needed.
  void finish() const {
    const auto require = [](bool used, const char* key) {
      if (!used) throw std::invalid_argument(std::string(key) + ": every link of the file has its own");
    };
    require(!settings_.link_latency || default_latency_, "link_latency");
    require(!settings_.link_bandwidth || default_bandwidth_, "link_bandwidth");
  }

 private:
  const std::string* found(const Attributes& attributes, std::string_view key) const {
    const auto at = attributes.find(key);
    return at == attributes.end() ? nullptr : &at->second;
  }
  std::optional<double> degrees(int node, std::string_view key) const {
    const std::string* const text = found(graph_.nodes[static_cast<std::size_t>(node)].attributes, key);
    return text ? parse_number<double>(*text) : std::nullopt;
  }
  Duration latency(const AttributedGraph::Edge& edge) {
    if (const std::string* const text = found(edge.attributes, "latency")) {
      const auto own = parse_in<Duration>(*text, settings_.latency_unit, parse_duration);
      if (!own)
        fail(edge, "latency '" + *text + "'",
             "a time with its unit, 10 ms, or a number if latency_unit is given");
      return *own;
    }
    const auto latitude = degrees(edge.from, "Latitude"), longitude = degrees(edge.from, "Longitude");
    const auto other_latitude = degrees(edge.to, "Latitude"), other_longitude = degrees(edge.to, "Longitude");
    if (latitude && longitude && other_latitude && other_longitude) {
      const double distance =
          great_circle_kilometres(*latitude, *longitude, *other_latitude, *other_longitude);
      const double time = std::round(distance * static_cast<double>(settings_.per_kilometre.count()));
      if (!(time < 0x1p63)) throw_clock_overflow();
      return Duration{static_cast<std::int64_t>(time)};
    }
    default_latency_ = true;
    if (settings_.link_latency) return *settings_.link_latency;
    fail(edge, "no latency", "`latency`, or Latitude and Longitude of both ends, or graph.link_latency");
  }
  Bandwidth bandwidth(const AttributedGraph::Edge& edge) {
    if (const std::string* const text = found(edge.attributes, "bandwidth")) {
      const auto own = parse_in<Bandwidth>(*text, settings_.bandwidth_unit, parse_bandwidth);
      if (!own || own->bits_per_second < 0) {
        fail(edge, "bandwidth '" + *text + "'",
             "one with its unit, 10 Mbit/s, or a number if bandwidth_unit is given");
      }
      return *own;
    }
    if (const std::string* const text = found(edge.attributes, "LinkSpeedRaw")) {
      const auto own = parse_in<Bandwidth>(*text, "bit/s", parse_bandwidth);
      if (own && own->bits_per_second > 0) return *own;
      fail(edge, "LinkSpeedRaw '" + *text + "'", "bits per second");
    }
    default_bandwidth_ = true;
    return settings_.link_bandwidth.value_or(Bandwidth::unlimited());
  }
  [[noreturn]] void fail(const AttributedGraph::Edge& edge, const std::string& what,
                         const std::string& allowed) const {
    throw InputFileError(fmt::format("{}: the link {} - {} has {}; it takes {}",
                                     settings_.path->path.string(),
                                     graph_.nodes[static_cast<std::size_t>(edge.from)].name,
                                     graph_.nodes[static_cast<std::size_t>(edge.to)].name, what, allowed));
  }

  const SiteFileMap& settings_;
  const AttributedGraph& graph_;
  bool default_latency_ = false, default_bandwidth_ = false;
};

/// A square matrix with names, the same for rows and columns.
struct NamedMatrix {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> cells;  // [row][column]
  std::vector<int> lines;                       // [row]
};

std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells;
  for (;;) {
    const std::size_t comma = line.find(',');
    std::string_view cell = line.substr(0, comma);
    const auto is_outside = [](char c) { return c == ' ' || c == '"' || c == '\r' || c == '\t'; };
    while (!cell.empty() && is_outside(cell.front())) cell.remove_prefix(1);
    while (!cell.empty() && is_outside(cell.back())) cell.remove_suffix(1);
    cells.emplace_back(cell);
    if (comma == std::string_view::npos) return cells;
    line.remove_prefix(comma + 1);
  }
}

NamedMatrix read_matrix(const InputFile& file) {
  const auto text = text_of(file);
  const std::string path = file.path.string();
  NamedMatrix matrix;
  std::string_view rest = *text;
  for (int line = 1; !rest.empty(); ++line) {
    const std::size_t end = rest.find('\n');
    std::vector<std::string> cells = cells_of(rest.substr(0, end));
    rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
    if (cells.size() == 1 && cells.front().empty()) continue;
    if (matrix.names.empty()) {
      matrix.names.assign(cells.begin() + 1, cells.end());
      continue;
    }
    if (cells.size() != matrix.names.size() + 1) {
      throw InputFileError(fmt::format("{}:{}: has {} cells; it takes a name and {} numbers", path, line,
                                       cells.size(), matrix.names.size()));
    }
    const std::size_t row = matrix.cells.size();
    if (row >= matrix.names.size() || cells.front() != matrix.names[row]) {
      throw InputFileError(
          fmt::format("{}:{}: this row is called '{}'; rows have the columns' names, in their order", path,
                      line, cells.front()));
    }
    matrix.cells.emplace_back(cells.begin() + 1, cells.end());
    matrix.lines.push_back(line);
  }
  if (matrix.cells.empty() || matrix.cells.size() != matrix.names.size()) {
    throw InputFileError(fmt::format("{}: has {} rows for {} columns; the matrix has to be square", path,
                                     matrix.cells.size(), matrix.names.size()));
  }
  return matrix;
}

template <class Quantity>
Quantity quantity_at(const NamedMatrix& matrix, const InputFile& file, std::size_t i, std::size_t j,
                     std::string_view unit, std::optional<Quantity> (*parse)(std::string_view)) {
  const std::string& cell = matrix.cells[i][j];
  if (const auto quantity = parse_in<Quantity>(cell, unit, parse)) return *quantity;
  throw InputFileError(
      fmt::format("{}:{}: '{}' from {} to {} is not allowed; it takes a number of {}, or one with its unit",
                  file.path.string(), matrix.lines[i], cell, matrix.names[i], matrix.names[j], unit));
}

}  // namespace

SiteMap SiteFileMap::sites(NodeId) const {
  const AttributedGraph graph = read_graph_file(*path);
  const auto count = static_cast<int>(graph.nodes.size());
  SiteMap map{.sites = count, .homes = count};
  for (const auto& node : graph.nodes) map.names.push_back(node.name);
  LinkReader reader(*this, graph);
  for (const auto& edge : graph.edges) {
    if (edge.from == edge.to) continue;
    const LinkParameters parameters = reader.read(edge);
    if (graph.directed) {
      map.links.push_back({edge.from, edge.to, parameters});
    } else {
      map.join(edge.from, edge.to, parameters);
    }
  }
  reader.finish();
  return map;
}

SiteMap SiteMatrixMap::sites(NodeId) const {
  if (bandwidths && link_bandwidth) {
    throw std::invalid_argument("link_bandwidth: has no effect, as bandwidths gives each link its own");
  }
  const NamedMatrix times = read_matrix(*round_trips);
  std::optional<NamedMatrix> rates;
  if (bandwidths) {
    rates = read_matrix(*bandwidths);
    if (rates->names != times.names) {
      throw InputFileError(
          fmt::format("{}: has other names than {}", bandwidths->path.string(), round_trips->path.string()));
    }
  }
  const auto count = static_cast<int>(times.names.size());
  SiteMap map{.sites = count, .homes = count, .names = times.names};
  for (std::size_t i = 0; i < times.names.size(); ++i) {
    for (std::size_t j = 0; j < times.names.size(); ++j) {
      if (i == j) continue;
      const Duration latency = quantity_at<Duration>(times, *round_trips, i, j, "ms", parse_duration) / 2;
      const Bandwidth bandwidth =
          rates ? quantity_at<Bandwidth>(*rates, *bandwidths, i, j, "Mbit/s", parse_bandwidth)
                : link_bandwidth.value_or(Bandwidth::unlimited());
      map.links.push_back({static_cast<int>(i), static_cast<int>(j), {latency, bandwidth}});
    }
  }
  return map;
}

}  // namespace gossamer
