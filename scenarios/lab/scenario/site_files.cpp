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
#include "topologies/text_table.hpp"

namespace gossamer {
namespace {

/// A quantity with its unit, or a bare number of `unit`.
template <class Quantity>
std::optional<Quantity> parse_in(std::string_view text, std::string_view unit,
                                 std::optional<Quantity> (*parse)(std::string_view)) {
  const auto given = parse(text);
  return given ? given : parse(fmt::format("{} {}", text, unit));
}

/// The same with a unit that a scenario may give; `used` then says that it was needed.
template <class Quantity, class Unit>
std::optional<Quantity> parse_in(std::string_view text, const std::optional<Unit>& unit, bool& used,
                                 std::optional<Quantity> (*parse)(std::string_view)) {
  const auto given = parse(text);
  if (given || !unit) return given;
  used = true;
  return parse_in(text, names(*unit)[static_cast<std::size_t>(*unit)], parse);
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

  LinkParameters read(const AttributedGraph::Edge& edge) {
    ++links_;
    return {latency(edge), bandwidth(edge)};
  }
  /// Of what was ignored, or stands for what is not there. Throws std::invalid_argument for settings that no
  /// link needed.
  std::vector<std::string> finish() const {
    const auto require = [](bool used, const char* key, const char* why) {
      if (!used) throw std::invalid_argument(fmt::format("{}: {}", key, why));
    };
    require(!settings_.link_latency || default_latency_, "link_latency",
            "every link of the file has its own, or its ends have coordinates");
    require(!settings_.link_bandwidth || unlimited_ > 0, "link_bandwidth",
            "every link of the file has its own");
    const char* const bare = "has no effect, as none of the file is a bare number";
    require(!settings_.latency_unit || latency_unit_, "latency_unit", bare);
    require(!settings_.bandwidth_unit || bandwidth_unit_, "bandwidth_unit", bare);
    require(settings_.per_kilometre == SiteFileMap::in_fibre || distance_, "per_kilometre",
            "has no effect, as no latency of the file is that of a distance");
    std::vector<std::string> notes;
    const auto note = [&](const std::string& what) {
      notes.push_back(fmt::format("{}: note: {}", settings_.path->path.string(), what));
    };
    if (!settings_.link_bandwidth && unlimited_ > 0) {
      note(fmt::format("links without a bandwidth, which are unlimited: {} of {}", unlimited_, links_));
    }
    const auto unused = unused_of_edges(graph_, {"latency", "bandwidth", "LinkSpeedRaw"});
    if (!unused.empty()) note(fmt::format("not used of its links: {}", fmt::join(unused, ", ")));
    return notes;
  }

 private:
  const std::string* found(const Attributes& attributes, std::string_view key) const {
    const auto at = attributes.find(key);
    return at == attributes.end() ? nullptr : &at->second;
  }
  std::optional<double> degrees(int node, std::string_view key, double most) const {
    const auto& its = graph_.nodes[static_cast<std::size_t>(node)];
    const std::string* const text = found(its.attributes, key);
    if (!text || text->empty()) return std::nullopt;
    const auto angle = parse_number<double>(*text);
    if (angle && std::abs(*angle) <= most) return angle;
    throw InputFileError(fmt::format("{}: the node {} has {} '{}'; it takes degrees from {} to {}",
                                     settings_.path->path.string(), its.name, key, *text, -most, most));
  }
  std::optional<double> latitude(int node) const { return degrees(node, "Latitude", 90); }
  std::optional<double> longitude(int node) const { return degrees(node, "Longitude", 180); }
  Duration latency(const AttributedGraph::Edge& edge) {
    if (const std::string* const text = found(edge.attributes, "latency")) {
      const auto own = parse_in(*text, settings_.latency_unit, latency_unit_, parse_duration);
      if (!own)
        fail(edge, "latency '" + *text + "'",
             "a time with its unit, 10 ms, or a number if latency_unit is given");
      return *own;
    }
    const auto north = latitude(edge.from), east = longitude(edge.from);
    const auto other_north = latitude(edge.to), other_east = longitude(edge.to);
    if (north && east && other_north && other_east) {
      distance_ = true;
      const double distance = great_circle_kilometres(*north, *east, *other_north, *other_east);
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
      const auto own = parse_in(*text, settings_.bandwidth_unit, bandwidth_unit_, parse_bandwidth);
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
    ++unlimited_;
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
  int links_ = 0, unlimited_ = 0;
  // Which settings were needed.
  bool default_latency_ = false;
  bool latency_unit_ = false, bandwidth_unit_ = false, distance_ = false;
};

/// A square matrix with names, the same for rows and columns.
struct NamedMatrix {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> cells;  // [row][column]
  std::vector<int> lines;                       // [row]
};

/// The names of the columns, behind the corner, which may be left out between blanks.
std::vector<std::string> names_of_columns(const TextTable& table) {
  const auto& rows = table.rows();
  auto cells = table.fields(rows.front());
  const bool has_corner = rows.size() < 2 || cells.size() >= rows[1].count;
  if (has_corner && parse_number<double>(cells.front().text)) {
    table.fail(rows.front(), cells.front(),
               fmt::format("'{}' is a number; it takes a matrix with names in its first row and first column",
                           cells.front().text));
  }
  if (has_corner) cells = cells.subspan(1);
  while (!cells.empty() && cells.back().text.empty()) cells = cells.first(cells.size() - 1);
  std::vector<std::string> names;
  for (const auto& cell : cells) {
    if (std::ranges::find(names, cell.text) != names.end()) {
      table.fail(rows.front(), cell,
                 fmt::format("'{}' is the name of two sites; allowed: different names", cell.text));
    }
    names.emplace_back(cell.text);
  }
  return names;
}

NamedMatrix read_matrix(const InputFile& file) {
  const TextTable table(file);
  NamedMatrix matrix;
  if (!table.rows().empty()) matrix.names = names_of_columns(table);
  const std::size_t n = matrix.names.size();
  for (std::size_t k = 1; k < table.rows().size(); ++k) {
    const TextTable::Row& row = table.rows()[k];
    auto cells = table.fields(row);
    while (cells.size() > n + 1 && cells.back().text.empty()) cells = cells.first(cells.size() - 1);
    if (cells.size() != n + 1) {
      throw InputFileError(fmt::format("{}:{}: has {} cells; it takes a name and {} numbers", table.path(),
                                       row.line, cells.size(), n));
    }
    if (k > n || cells.front().text != matrix.names[k - 1]) {
      throw InputFileError(
          fmt::format("{}:{}: this row is called '{}'; rows have the columns' names, in their order",
                      table.path(), row.line, cells.front().text));
    }
    std::vector<std::string>& its = matrix.cells.emplace_back();
    for (const auto& cell : cells.subspan(1)) its.emplace_back(cell.text);
    matrix.lines.push_back(row.line);
  }
  if (matrix.cells.empty() || matrix.cells.size() != n) {
    throw InputFileError(fmt::format("{}: has {} rows for {} columns; the matrix has to be square",
                                     table.path(), matrix.cells.size(), n));
  }
  return matrix;
}

template <class Quantity>
Quantity quantity_at(const NamedMatrix& matrix, const InputFile& file, std::size_t i, std::size_t j,
                     std::string_view unit, std::optional<Quantity> (*parse)(std::string_view)) {
  const std::string& cell = matrix.cells[i][j];
  if (parse_number<double>(cell) == 0.0) {
    throw InputFileError(
        fmt::format("{}:{}: '{}' from {} to {} is not allowed; it takes a number of {} above 0, or "
                    "0 with its unit, where it is meant",
                    file.path.string(), matrix.lines[i], cell, matrix.names[i], matrix.names[j], unit));
  }
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
  map.notes = reader.finish();
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
