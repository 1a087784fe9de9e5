#include "topologies/topology_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "sim/text_file.hpp"
#include "topologies/graph_file.hpp"
#include "topologies/matrix_market.hpp"
#include "topologies/require.hpp"

namespace gossamer {
namespace {

using Ways = ListedGraph::Ways;

/// Formats that are known and not read, by how they begin, and what of networkx reads them.
struct Foreign {
  std::string_view begins, name, reader;
};
constexpr std::array<Foreign, 10> foreign{{{"{", "JSON", "node_link_graph(json.load(open(path)))"},
                                           {"[", "JSON", "node_link_graph(json.load(open(path)))"},
                                           {"*", "Pajek", "read_pajek(path)"},
                                           {">>graph6<<", "graph6", "read_graph6(path)"},
                                           {">>sparse6<<", "sparse6", "read_sparse6(path)"},
                                           {":", "sparse6", "read_sparse6(path)"},
                                           {"graph ", "DOT", "nx_pydot.read_dot(path)"},
                                           {"graph{", "DOT", "nx_pydot.read_dot(path)"},
                                           {"digraph", "DOT", "nx_pydot.read_dot(path)"},
                                           {"strict ", "DOT", "nx_pydot.read_dot(path)"}}};

/// The text from its first word on.
std::string_view begin_of(const std::string& text) {
  const std::string_view all = without_mark(text);
  return all.substr(std::min(all.find_first_not_of(" \t\r\n"), all.size()));
}

/// Whether it has `graph [`, before which there are only comments and `key value` lines.
bool is_gml(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? "" : text.substr(end + 1);
    line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
    const bool before = std::ranges::any_of(std::array{"Creator", "Version", "comment", "Comment"},
                                            [&](const char* key) { return line.starts_with(key); });
    if (before || line.empty() || line.front() == '#') continue;
    if (!line.starts_with("graph")) return false;
    line.remove_prefix(5);
    line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
    if (!line.empty()) return line.front() == '[';
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    return text.starts_with('[');
  }
  return false;
}

void refuse_foreign(const std::string& path, std::string_view text) {
  const auto refuse = [&](std::string_view name, std::string_view advice) {
    throw InputFileError(
        fmt::format("{}:1:1: is {}, which is not read; allowed: an edge list, an adjacency list, "
                    "GraphML, GML or Matrix Market{}",
                    path, name, advice));
  };
  const auto through_networkx = [](std::string_view reader) {
    return fmt::format(" (with networkx as nx: nx.write_graphml(nx.{}, 'g.graphml'))", reader);
  };
  if (text.starts_with('<') && text.substr(0, 1000).find("<gexf") != std::string_view::npos) {
    refuse("GEXF", through_networkx("read_gexf(path)"));
  }
  if (text.starts_with("\x1f\x8b")) refuse("compressed by gzip", " (unpack it: gunzip)");
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
    refuse("in UTF-16", " (save it in UTF-8)");
  for (const char* problem : {"p edge ", "p col ", "p sp ", "p max ", "p tw "}) {
    if (text.starts_with(problem) || text.find(fmt::format("\n{}", problem)) != std::string_view::npos) {
      refuse("DIMACS", " (an edge list has its lines `e u v` without the e)");
    }
  }
  for (const auto& [begins, name, reader] : foreign) {
    const bool is_dot = text.substr(0, text.find('\n')).find('{') != std::string_view::npos;
    if (text.starts_with(begins) && (name != "DOT" || is_dot)) refuse(name, through_networkx(reader));
  }
}

ListedGraph from_graph_file(const InputFile& file) {
  const AttributedGraph graph = read_graph_file(file);
  const std::string path = file.path.string();
  ListedGraph listed;
  listed.ways = graph.directed ? Ways::directed : Ways::undirected;
  for (const auto& node : graph.nodes) listed.names.push_back(node.name);
  for (const auto& edge : graph.edges) {
    LinkSettings settings;
    const auto set = [&](const char* key, auto& setting, auto parse, const char* allowed) {
      const auto found = edge.attributes.find(key);
      if (found == edge.attributes.end()) return;
      setting = parse(found->second);
      if (setting) return;
      throw InputFileError(fmt::format("{}:{} the edge {} - {} has {} '{}'; it takes {}", path,
                                       edge.line > 0 ? fmt::format("{}:", edge.line) : "",
                                       graph.nodes[static_cast<std::size_t>(edge.from)].name,
                                       graph.nodes[static_cast<std::size_t>(edge.to)].name, key,
                                       found->second, allowed));
    };
    set("latency", settings.latency, parse_duration, "a time with its unit: 10 ms");
    set("bandwidth", settings.bandwidth, parse_bandwidth, "one with its unit, 1 Mbit/s, or unlimited");
    listed.edges.push_back({edge.from, edge.to, settings, edge.line});
  }
  return listed;
}

ListedGraph from_matrix_market(const InputFile& file) {
  const CoordinateMatrix matrix = read_matrix_market(file);
  if (matrix.rows != matrix.columns) {
    throw InputFileError(fmt::format("{}: a matrix of {} rows and {} columns; that of a graph is square",
                                     file.path.string(), matrix.rows, matrix.columns));
  }
  if (matrix.rows > 1 && matrix.rows > 2 * std::ssize(matrix.entries)) {
    throw InputFileError(
        fmt::format("{}: too few edges to connect {} nodes", file.path.string(), matrix.rows));
  }
  ListedGraph listed;
  for (int node = 1; node <= matrix.rows; ++node) listed.names.push_back(std::to_string(node));
  std::vector<Edge> arcs;
  std::int64_t zeros = 0;
  for (const auto& entry : matrix.entries) {
    if (entry.value == 0) {
      ++zeros;
      continue;
    }
    listed.edges.push_back({entry.row, entry.column, {}, entry.line});
    if (!matrix.symmetric) arcs.emplace_back(entry.row, entry.column);
  }
  listed.ways = Ways::undirected;
  std::ranges::sort(arcs);
  const auto is_alone = [&](const Edge& arc) {
    return !std::ranges::binary_search(arcs, Edge{arc.second, arc.first});
  };
  if (std::ranges::any_of(arcs, is_alone)) listed.ways = Ways::one_sided;
  if (zeros > 0) listed.notes.push_back(fmt::format("entries that are 0 are no edges: {}", zeros));
  return listed;
}

/// Puts nodes whose names are all whole numbers in ascending order; the others stay as the file has them.
void sort_numbers(ListedGraph& graph) {
  std::vector<std::int64_t> values;
  for (const std::string& name : graph.names) {
    const auto value = parse_number<std::int64_t>(name);
    if (!value || *value < 0) return;
    values.push_back(*value);
  }
  if (std::ranges::is_sorted(values)) return;
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t node) { return values[node]; });
  std::vector<std::string> names;
  std::vector<int> place(order.size());
  for (const std::size_t node : order) {
    place[node] = static_cast<int>(names.size());
    names.push_back(graph.names[node]);
  }
  graph.names = std::move(names);
  for (auto& edge : graph.edges) {
    edge.from = place[static_cast<std::size_t>(edge.from)];
    edge.to = place[static_cast<std::size_t>(edge.to)];
  }
}

/// Makes a topology of what a file lists.
class Maker {
 public:
  Maker(std::string path, ListedGraph graph, bool directed)
      : path_(std::move(path)), listed_(std::move(graph)), directed_(directed) {}

  Topology made() {
    choose_ways();
    collect();
    fill_in();
    const bool numbered = is_numbered();
    const auto count = static_cast<int>(listed_.names.size());
    require_sequence_size(listed_.phases, count, 0);
    std::vector<Graph> graphs;
    for (auto& its : edges_) {
      graphs.push_back(directed_ ? make_directed(count, std::move(its)) : make_graph(count, std::move(its)));
    }
    const std::vector<std::string> names = numbered ? std::vector<std::string>{} : listed_.names;
    Topology topology = sequence_of(std::move(graphs), directed_, {}, names);
    topology.links = std::move(links_);
    topology.names = names;
    for (const std::string& note : listed_.notes) topology.notes.push_back(path_ + ": note: " + note);
    return topology;
  }

 private:
  /// Whether nodes are called by their numbers. If not, notes say how they are numbered.
  bool is_numbered() {
    const auto& names = listed_.names;
    std::size_t node = 0;
    while (node < names.size() && names[node] == std::to_string(node)) ++node;
    if (node == names.size()) return true;
    listed_.notes.push_back(fmt::format("its nodes, {} to {}, are numbered 0 to {} in this order",
                                        names.front(), names.back(), names.size() - 1));
    return false;
  }

  /// Whether each edge of the file is one arc or two.
  void choose_ways() {
    if (directed_) {
      both_ways_ = listed_.ways == Ways::undirected;
      return;
    }
    if (listed_.ways == Ways::one_sided) {
      listed_.notes.emplace_back(
          "its matrix is not symmetric; each entry is an edge, both ways (arcs: directed: true)");
    }
    if (listed_.ways != Ways::directed) return;
    std::set<Edge> arcs;
    for (const auto& edge : listed_.edges) arcs.insert({edge.from, edge.to});
    for (const auto& edge : listed_.edges) {
      if (arcs.contains({edge.to, edge.from})) continue;
      throw InputFileError(
          fmt::format("{}: its graph is directed, and {} - {} leads one way; allowed: directed: "
                      "true in the topology, or a file of an undirected graph",
                      path_, name(edge.from), name(edge.to)));
    }
  }

  void collect() {
    edges_.resize(static_cast<std::size_t>(listed_.phases));
    std::int64_t loops = 0, repeated = 0;
    for (const auto& edge : listed_.edges) {
      if (edge.from == edge.to) {
        ++loops;
        continue;
      }
      edges_[static_cast<std::size_t>(edge.phase)].emplace_back(edge.from, edge.to);
      if (edge.settings.latency || edge.settings.bandwidth) take_settings(edge);
    }
    for (std::vector<Edge>& its : edges_) {
      std::ranges::sort(its);
      const auto rest = std::ranges::unique(its);
      repeated += std::ssize(rest);
      its.erase(rest.begin(), rest.end());
      const std::size_t count = directed_ && both_ways_ ? its.size() : 0;
      for (std::size_t k = 0; k < count; ++k) its.emplace_back(its[k].second, its[k].first);
    }
    if (loops > 0) listed_.notes.push_back(fmt::format("loops are left out: {}", loops));
    if (repeated > 0)
      listed_.notes.push_back(fmt::format("edges that repeat others count once: {}", repeated));
  }

  void take_settings(const ListedGraph::Edge& edge) {
    auto& [link, line] = own_[{edge.from, edge.to}];
    const auto set = [&](auto& setting, const auto& value, const char* key) {
      if (!value) return;
      if (setting && *setting != *value) {
        throw InputFileError(fmt::format("{}:{} the link {} - {} has {} {} already{}; allowed: one each way",
                                         path_, edge.line > 0 ? fmt::format("{}:", edge.line) : "",
                                         name(edge.from), name(edge.to), key, text_of(*setting),
                                         line > 0 ? fmt::format(" in line {}", line) : ""));
      }
      setting = value;
    };
    set(link.latency, edge.settings.latency, "latency");
    set(link.bandwidth, edge.settings.bandwidth, "bandwidth");
    line = edge.line;
  }

  /// What is said of one way holds for the other, unless that has its own.
  void fill_in() {
    for (const auto& [arc, own] : own_) links_[arc] = own.first;
    if (directed_ && !both_ways_) return;
    for (const auto& [arc, own] : own_) {
      LinkSettings& back = links_[{arc.second, arc.first}];
      if (!back.latency) back.latency = own.first.latency;
      if (!back.bandwidth) back.bandwidth = own.first.bandwidth;
    }
  }

  const std::string& name(int node) const { return listed_.names[static_cast<std::size_t>(node)]; }

  std::string path_;
  ListedGraph listed_;
  bool directed_, both_ways_ = false;
  std::vector<std::vector<Edge>> edges_;              // Of each iteration.
  std::map<Edge, std::pair<LinkSettings, int>> own_;  // What the file says of one way, and in which line.
  std::map<Edge, LinkSettings> links_;
};

}  // namespace

Topology TopologyFile::build(std::uint64_t) const {
  require(nodes >= 0, "nodes", nodes, "at least 1, or 0 to count those in the file");
  const std::string file = path->path.string();
  const auto text = text_of(*path);
  const std::string_view begin = begin_of(*text);
  refuse_foreign(file, begin);
  const bool is_matrix = is_matrix_market(*path), is_graph = begin.starts_with('<') || is_gml(begin);
  ListedGraph listed;
  if (is_matrix || is_graph) {
    if (lines != Lines::automatic) {
      throw TopologyError(fmt::format("lines: has no effect; {} is {}", file,
                                      is_matrix ? "Matrix Market" : "GraphML or GML"));
    }
    listed = is_matrix ? from_matrix_market(*path) : from_graph_file(*path);
    sort_numbers(listed);
    if (nodes > 0 && std::cmp_not_equal(nodes, listed.names.size())) {
      throw InputFileError(fmt::format("{}: has {} nodes, where the topology says nodes: {}", file,
                                       listed.names.size(), nodes));
    }
  } else {
    listed = read_edge_list(*path, {.lines = lines, .nodes = nodes, .directed = directed});
  }
  try {
    return Maker(file, std::move(listed), directed).made();
  } catch (const TopologyError& error) {
    throw InputFileError(fmt::format("{}: {}", file, error.what()));
  }
}

}  // namespace gossamer
