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

/// The text from its first word on.
std::string_view begin_of(const std::string& text) {
  const std::string_view all = without_mark(text);
  return all.substr(std::min(all.find_first_not_of(" \t\r\n"), all.size()));
}

/// Whether it has `graph [`, before which there are only comments and `key value` lines.
bool is_gml(std::string_view text) {
  while (!text.empty()) {
    std::string_view line = trimmed(take_line(text));
    const bool before = std::ranges::any_of(std::array{"Creator", "Version", "comment", "Comment"},
                                            [&](const char* key) { return line.starts_with(key); });
    if (before || line.empty() || line.front() == '#') continue;
    if (!line.starts_with("graph")) return false;
    line = trimmed(line.substr(5));
    return (line.empty() ? trimmed(text) : line).starts_with('[');
  }
  return false;
}

/// Whether a line holds nothing but the characters of graph6 and its kin.
bool has_characters_of_graph6(std::string_view line) {
  return !line.empty() && std::ranges::all_of(line, [](char c) { return '?' <= c && c <= '~'; });
}

/// Whether a line has as many characters as graph6 takes for its first one, which counts the nodes.
bool is_graph6(std::string_view line) {
  if (!has_characters_of_graph6(line) || line.front() == '~') return false;
  const auto n = static_cast<std::size_t>(line.front() - '?');
  return n > 1 && line.size() == 1 + (n * (n - 1) / 2 + 5) / 6;
}

/// What of networkx makes a graph of JSON.
std::string_view json_reader(std::string_view text) {
  const auto has = [&](std::string_view key) {
    return text.find(fmt::format("\"{}\"", key)) != std::string_view::npos;
  };
  if (!text.starts_with('{')) return "Graph(json.load(open(path)))";
  if (has("elements")) return "cytoscape_graph(json.load(open(path)))";
  if (has("nodes") && has("adjacency")) return "adjacency_graph(json.load(open(path)))";
  if (has("nodes") && (has("links") || has("edges"))) return "node_link_graph(json.load(open(path)))";
  return "Graph([(u, str(v)) for u, around in json.load(open(path)).items() for v in around])";
}

/// What begins with a bracket: JSON, an array as NumPy prints it, or neither.
std::string_view bracketed(std::string_view text) {
  if (!text.starts_with('{') && !text.starts_with('[')) return "";
  const char bracket = text.front();
  const std::string_view within = trimmed(text.substr(1)), first_line = within.substr(0, within.find(']'));
  if (bracket == '[' && within.starts_with('[') && first_line.find(',') == std::string_view::npos)
    return "NumPy";
  const std::string_view begins = bracket == '{' ? "\"}" : "[{\"]";
  return !within.empty() && begins.find(within.front()) != std::string_view::npos ? "JSON" : "";
}

/// Refuses formats that are known and not read. `text` begins with its first word.
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
  std::string_view rest = text;
  const std::string_view line = take_line(rest);
  if (text.starts_with('<') && text.substr(0, 1000).find("<gexf") != std::string_view::npos) {
    refuse("GEXF", through_networkx("read_gexf(path)"));
  }
  for (const char* problem : {"p edge ", "p col ", "p sp ", "p max ", "p tw "}) {
    if (text.starts_with(problem) || text.find(fmt::format("\n{}", problem)) != std::string_view::npos) {
      refuse("DIMACS", " (an edge list has its lines `e u v` without the e)");
    }
  }
  if (bracketed(text) == "JSON") refuse("JSON", through_networkx(json_reader(text)));
  if (bracketed(text) == "NumPy") {
    refuse("an array as NumPy prints it",
           " (of an adjacency matrix A: scipy.io.mmwrite('g.mtx', "
           "scipy.sparse.coo_matrix(A)); of edges: numpy.savetxt(path, A, '%d'))");
  }
  if (text.starts_with('*')) refuse("Pajek", through_networkx("read_pajek(path)"));
  const bool one_word = rest.find_first_of(" \t,;") == std::string_view::npos;
  if (line.starts_with(">>graph6<<") || (one_word && is_graph6(line))) {
    refuse("graph6", through_networkx("read_graph6(path)"));
  }
  if (line.starts_with(">>digraph6<<") ||
      (line.starts_with('&') && has_characters_of_graph6(line.substr(1)))) {
    refuse("digraph6", "");
  }
  if (line.starts_with(">>sparse6<<") ||
      (line.starts_with(':') && has_characters_of_graph6(line.substr(1)))) {
    refuse("sparse6", through_networkx("read_sparse6(path)"));
  }
  const bool is_dot = std::ranges::any_of(std::array{"graph ", "graph{", "digraph", "strict "},
                                          [&](const char* begin) { return line.starts_with(begin); });
  if (is_dot && line.find('{') != std::string_view::npos) {
    refuse("DOT",
           " (with networkx as nx: G = nx.nx_pydot.read_dot(path); G.remove_nodes_from(['\\\\n']); "
           "nx.write_graphml(G, 'g.graphml'))");
  }
}

ListedGraph from_graph_file(const InputFile& file) {
  const AttributedGraph graph = read_graph_file(file);
  const std::string path = file.path.string();
  ListedGraph listed;
  listed.ways = graph.directed ? Ways::directed : Ways::undirected;
  listed.unused = unused_of_edges(graph, {"latency", "bandwidth"});
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
  std::set<int> zeros;  // Lines: one of a symmetric matrix has two entries.
  for (const auto& entry : matrix.entries) {
    if (entry.value == 0) {
      zeros.insert(entry.line);
      continue;
    }
    if (entry.value != 1 && entry.row != entry.column) listed.unused.insert("weights");
    listed.edges.push_back({entry.row, entry.column, {}, entry.line});
    if (!matrix.symmetric) arcs.emplace_back(entry.row, entry.column);
  }
  listed.ways = Ways::undirected;
  std::ranges::sort(arcs);
  const auto is_alone = [&](const Edge& arc) {
    return !std::ranges::binary_search(arcs, Edge{arc.second, arc.first});
  };
  if (std::ranges::any_of(arcs, is_alone)) listed.ways = Ways::one_sided;
  if (!zeros.empty()) {
    listed.notes.push_back(fmt::format("entries that are 0 are no edges: {}", zeros.size()));
  }
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
    if (!listed_.unused.empty()) {
      listed_.notes.push_back(fmt::format("of edges it uses latency and bandwidth, and not: {}",
                                          fmt::join(listed_.unused, ", ")));
    }
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
    Topology topology = sequence_of(std::move(graphs), directed_, listed_.advice, names);
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
    listed_.notes.push_back(note_of_order(names));
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
      const auto rest = std::unique(its.begin(), its.end());
      repeated += its.end() - rest;
      its.erase(rest, its.end());
      const std::size_t count = directed_ && both_ways_ ? its.size() : 0;
      for (std::size_t k = 0; k < count; ++k) its.emplace_back(its[k].second, its[k].first);
    }
    if (loops > 0) listed_.notes.push_back(fmt::format("loops are left out: {}", loops));
    if (repeated > 0)
      listed_.notes.push_back(fmt::format("edges that repeat others count once: {}", repeated));
  }

  void take_settings(const ListedGraph::Edge& edge) {
    auto& [link, line] = own_[{edge.from, edge.to}];
    const auto set = [&, before = line](auto& setting, const auto& value, const char* key) {
      if (!value) return;
      if (setting && *setting != *value) {
        throw InputFileError(fmt::format("{}:{} the link {} - {} has {} {} already{}; allowed: one each way",
                                         path_, edge.line > 0 ? fmt::format("{}:", edge.line) : "",
                                         name(edge.from), name(edge.to), key, text_of(*setting),
                                         before > 0 ? fmt::format(" in line {}", before) : ""));
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
