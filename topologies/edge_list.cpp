#include "topologies/edge_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/text_file.hpp"
#include "topologies/edge_table.hpp"
#include "topologies/text_table.hpp"

namespace gossamer {
namespace {

using Field = TextTable::Field;
using Row = TextTable::Row;

constexpr auto edge_form = "u v [latency=10ms] [bandwidth=1Mbit/s]";

/// A number that may have a decimal comma, as spreadsheets of many countries write it.
bool is_weight(std::string_view text) {
  std::string number(text);
  if (const std::size_t comma = number.find(','); comma != std::string::npos) number[comma] = '.';
  return is_number(number);
}

class EdgeListReader {
 public:
  EdgeListReader(const InputFile& file, const EdgeListOptions& options) : options_(options), table_(file) {
    for (Row row : table_.rows()) {  // Without the empty fields that spreadsheets put behind others.
      while (row.count > 0 && table_.fields(row).back().text.empty()) --row.count;
      if (row.count > 0) rows_.push_back(row);
    }
  }

  ListedGraph read() {
    take_heading();
    refuse_tuples();
    const EdgeTable edges(table_, rows_);
    if (is_automatic() && !is_multiline() && !has_heading_of_neighbors()) edges.refuse_matrix();
    columns_ = edges.columns(options_.directed, !is_automatic());
    if (columns_) {
      graph_.unused.insert(columns_->unused.begin(), columns_->unused.end());
      rows_.erase(rows_.begin());
    }
    const Lines found = lines();
    switch (found) {
      case Lines::neighbors:
        read_neighbors();
        break;
      case Lines::counted_edges:
        take_counts();
        [[fallthrough]];
      default:
        read_edges();
    }
    if (mentions_.empty() && options_.nodes == 0) {
      throw InputFileError(table_.path() + ": holds no edge; allowed: one `u v` per line");
    }
    number_nodes();
    graph_.advice = advice(found);
    take_ways();
    return std::move(graph_);
  }

 private:
  std::span<const Field> fields(const Row& row) const { return table_.fields(row); }

  // ---- What the file says of itself

  /// What comments of KONECT and SNAP say of the graph.
  void take_heading() {
    for (const std::string_view comment : table_.heading()) {
      const std::vector<std::string_view> words = words_of(comment);
      const auto starts = [&](std::string_view first, std::string_view second) {
        return words.size() > 1 && words[0] == first && words[1] == second;
      };
      if (starts("%", "bip")) {
        throw InputFileError(fmt::format(
            "{}:1:1: `% bip` says that both sides of its graph have numbers of their own; allowed, "
            "without this line: different ones for both, as l1 r1",
            table_.path()));
      }
      if (starts("%", "asym") || starts("#", "Directed")) types_.emplace("directed");
      if (starts("%", "sym") || starts("#", "Undirected")) types_.emplace("undirected");
    }
  }

  /// What else the file may be, where its graph is not connected.
  std::string advice(Lines found) const {
    if (graph_.edges.empty()) return "";
    const bool numbers = is_number(mentions_.front().field.text);
    const auto is_at = [](const ListedGraph::Edge& edge, int node) {
      return edge.from == node || edge.to == node;
    };
    if (options_.nodes > 0 && numbers &&
        std::ranges::none_of(graph_.edges, [&](const auto& edge) { return is_at(edge, 0); })) {
      int greatest = 0;
      for (const auto& edge : graph_.edges) greatest = std::max({greatest, edge.from, edge.to});
      return fmt::format(
          "no edge has node 0; if nodes are numbered from 1, there are {} of them, where {} were said to be "
          "there",
          greatest, options_.nodes);
    }
    const auto& first = graph_.edges.front();
    const auto goes_on = [&](const ListedGraph::Edge& edge) {
      return is_at(edge, first.from) || is_at(edge, first.to) ||
             (numbers && std::max(edge.from, edge.to) > first.from);
    };
    if (!is_automatic() || found != Lines::edges || (columns_ && columns_->known) ||
        graph_.edges.size() < 2 || std::any_of(graph_.edges.begin() + 1, graph_.edges.end(), goes_on)) {
      return "";
    }
    return fmt::format(
        "if line {} {}", first.line,
        numbers ? "counts nodes and edges, and is no edge, say lines: counted_edges in the topology"
                : "names columns, and is no edge, call them source and target");
  }

  void take_ways() {
    if (types_.contains("directed")) {
      if (options_.directed) return;
      graph_.notes.emplace_back(
          "it says that its graph is directed; each edge leads both ways (arcs: directed: true)");
    } else if (types_.contains("undirected")) {
      graph_.ways = ListedGraph::Ways::undirected;
    }
  }

  // ---- What the lines are

  bool is_automatic() const { return options_.lines == Lines::automatic; }

  void refuse_tuples() const {
    if (rows_.empty()) return;
    const Field& first = fields(rows_.front()).front();
    if (!first.text.starts_with('(') || first.text.find(')') != std::string_view::npos) return;
    table_.fail(
        rows_.front(), first,
        "a tuple, as Python prints it, is not read; allowed: u v, or GraphML (with networkx as nx: "
        "nx.write_edgelist(nx.convert_node_labels_to_integers(G), path), or nx.write_graphml(G, path))");
  }

  Lines lines() const {
    if (!is_automatic()) return options_.lines;
    if (rows_.empty()) return Lines::edges;
    if (columns_) return columns_->known ? Lines::edges : first_line_counts();
    if (is_multiline() || has_heading_of_neighbors()) return Lines::neighbors;
    if (counted_lists()) return lines_of_counted_lists();
    EdgeTable(table_, rows_).refuse_row_numbers();
    const Lines found = lines_of_neighbors();
    return found == Lines::automatic ? first_line_counts() : found;
  }

  /// networkx's write_multiline_adjlist: `node count`, and then `neighbor {...}` on as many lines.
  bool is_multiline() const {
    return std::ranges::any_of(rows_,
                               [](const Row& row) { return row.count == 1 && !row.dictionary.text.empty(); });
  }
  /// networkx begins adjacency lists, and no others, with who wrote them and when.
  bool has_heading_of_neighbors() const {
    return std::ranges::any_of(table_.heading(),
                               [](std::string_view line) { return line.starts_with("# GMT "); });
  }

  /// Below a count of nodes, and perhaps of edges, a line for each node with its neighbours.
  struct CountedLists {
    int first = 0;            ///< The number of the first node: 0 as of decentralizepy, 1 as of METIS.
    std::size_t skipped = 0;  ///< Words before the neighbours, which are weights,
    std::size_t step = 1;     ///< and from one neighbour to the next.

    std::vector<Field> neighbors(std::span<const Field> words) const {
      std::vector<Field> found;
      for (std::size_t k = skipped; k < words.size(); k += step) found.push_back(words[k]);
      return found;
    }
    bool has_weights() const { return skipped > 0 || step > 1; }
  };

  /// What METIS's header, `nodes edges [fmt [ncon]]`, says of weights: fmt is three digits, 1 where nodes
  /// have a size, nodes have ncon weights, edges have one. Leading zeros may be missing.
  static std::optional<CountedLists> metis_weights(std::span<const Field> header) {
    CountedLists lists;
    if (header.size() < 3) return lists;
    const std::string_view format = header[2].text;
    const auto weights = whole_number(header.size() == 4 ? header[3].text : "1");
    if (header.size() > 4 || format.size() > 3 || !weights || *weights > 100 ||
        format.find_first_not_of("01") != std::string_view::npos) {
      return std::nullopt;
    }
    const auto digit = [&](std::size_t k) { return k <= format.size() && format[format.size() - k] == '1'; };
    lists.step += digit(1);
    lists.skipped = (digit(2) ? static_cast<std::size_t>(*weights) : 0) + (digit(3) ? 1 : 0);
    return lists;
  }

  /// Nothing where the lines do not agree with the counts.
  std::optional<CountedLists> counted_lists() const {
    if (rows_.empty()) return std::nullopt;
    const auto counts = fields(rows_.front());
    const auto n = whole_number(counts.front().text);
    auto lists = metis_weights(counts);
    if (!lists || !n || std::cmp_not_equal(*n, rows_.size() - 1) || *n < 2) return std::nullopt;
    const auto edges = whole_number(counts[std::min<std::size_t>(1, counts.size() - 1)].text);
    for (const int first : {0, 1}) {
      lists->first = first;
      std::vector<std::pair<std::int64_t, std::int64_t>> arcs;
      bool fits = true;
      for (std::int64_t node = first; fits && node < first + *n; ++node) {
        const auto words = fields(rows_[static_cast<std::size_t>(node - first + 1)]);
        fits = words.size() >= lists->skipped && (words.size() - lists->skipped) % lists->step == 0 &&
               std::ranges::all_of(words, [](const Field& word) { return is_number(word.text); });
        for (const Field& field : lists->neighbors(words)) {
          const auto other = whole_number(field.text);
          fits = fits && other && *other >= first && *other < first + *n && *other != node;
          arcs.emplace_back(node, other.value_or(-1));
        }
      }
      std::ranges::sort(arcs);
      const auto has_reverse = [&](const auto& arc) {
        return std::ranges::binary_search(arcs, std::pair(arc.second, arc.first));
      };
      fits = fits && (options_.directed || std::ranges::all_of(arcs, has_reverse));
      if (fits && (counts.size() == 1 || edges == std::ssize(arcs) / 2)) return lists;
    }
    return std::nullopt;
  }

  /// What counted_lists() are. Refuses those that can be edges as well.
  Lines lines_of_counted_lists() const {
    const std::size_t width = rows_[1].count;
    const auto is_edge = [&](const Row& row) { return row.count == width; };
    if ((width != 2 && width != 3) || !std::all_of(rows_.begin() + 1, rows_.end(), is_edge))
      return Lines::neighbors;
    table_.fail(
        rows_.front(), fields(rows_.front()).front(),
        fmt::format("below a count, {} lines may be edges, or the neighbours of a node each, as of "
                    "decentralizepy or METIS; say which in the topology: lines: counted_edges, or lines: "
                    "neighbors",
                    rows_.size() - 1));
  }

  /// Lines::neighbors, where every line can be a node and its neighbours, and some line is no edge;
  /// Lines::automatic where this is not so. Refuses lines that can be edges with weights as well.
  Lines lines_of_neighbors() const {
    std::set<std::string_view> nodes;
    bool longer = false, shorter = false, no_weights = false;
    for (const Row& row : rows_) {
      const auto words = fields(row);
      const bool is_next = words.size() == 1 && words.front().text == "next";
      if (!row.dictionary.text.empty() || is_next || !nodes.insert(words.front().text).second) {
        return Lines::automatic;
      }
      longer = longer || words.size() > 2;
      shorter = shorter || words.size() == 1;
    }
    if (!longer && !(shorter && table_.ends_with_line() && rows_.size() > 2)) return Lines::automatic;
    if (rows_.front().count == 1 && rows_.size() > 1) return Lines::automatic;  // A count.
    for (const Row& row : rows_) {
      std::set<std::string_view> around;
      for (const Field& field : fields(row)) {
        if (!nodes.contains(field.text) || !around.insert(field.text).second) return Lines::automatic;
        no_weights = no_weights || (around.size() > 2 && !is_number(field.text));
      }
    }
    if (shorter || no_weights) return Lines::neighbors;
    const Row& first = *std::ranges::find_if(rows_, [](const Row& row) { return row.count > 2; });
    table_.fail(first, fields(first)[2],
                fmt::format("'{}' may be a neighbour, as of an adjacency list, or a weight; say which in the "
                            "topology: lines: neighbors, or lines: edges",
                            fields(first)[2].text));
  }

  /// Whether as many edges are in these rows: one in each, or some of them both ways, or repeated.
  bool are_edges(std::span<const Row> rows, std::int64_t count) const {
    if (count >= std::ssize(rows)) return count == std::ssize(rows);
    std::set<std::pair<std::string_view, std::string_view>> different;
    for (const Row& row : rows) {
      if (row.count > 1) different.insert(std::minmax(fields(row)[0].text, fields(row)[1].text));
    }
    return count == std::ssize(different);
  }

  /// Whether the first line says how many nodes there are, or nodes and edges. Refuses one that can be an
  /// edge as well.
  Lines first_line_counts() const {
    const Row& row = rows_.front();
    const auto words = fields(row);
    if (!row.dictionary.text.empty() || words.size() > 3 || rows_.size() < 2) {
      return words.size() == 1 && row.dictionary.text.empty() && whole_number(words.front().text)
                 ? Lines::counted_edges
                 : Lines::edges;
    }
    std::vector<std::int64_t> counts;
    for (const Field& word : words) counts.push_back(whole_number(word.text).value_or(-1));
    if (std::ranges::count(counts, -1) > 0) return Lines::edges;
    const std::int64_t n = counts.front(), m = counts.back();
    if (counts.size() == 1) return Lines::counted_edges;
    if (counts.size() == 3 && counts[1] != n) return Lines::edges;
    if (options_.nodes > 0 && n != options_.nodes) return Lines::edges;

    // The others have to be the edges of a connected graph of n nodes, numbered from 0 or 1.
    std::set<std::int64_t> others;
    bool same_edge = false;
    const auto below = std::span(rows_).subspan(1);
    for (const Row& other : below) {
      const auto ends = fields(other);
      if (ends.size() < 2) return Lines::edges;
      const auto u = whole_number(ends[0].text), v = whole_number(ends[1].text);
      if (!u || !v || std::max(*u, *v) > n) return Lines::edges;
      others.insert({*u, *v});
      same_edge = same_edge || (u == n && v == m) || (u == m && v == n && !options_.directed);
    }
    if (std::ssize(others) != n || *others.begin() > 1 || *others.rbegin() - *others.begin() != n - 1 ||
        !are_edges(below, m)) {
      return Lines::edges;
    }
    // As an edge it would be a loop, one that is there again, one between two nodes that have no other, one
    // to a node beyond a gap, or, of an end that has no other, one too many or one way only.
    const bool new_from = !others.contains(n), new_to = !others.contains(m);
    const bool is_no_edge = counts.size() == 3 || n == m || same_edge || (new_from && new_to) ||
                            (new_to && m > n + 1) ||
                            ((new_from || new_to) && (options_.directed || options_.nodes > 0));
    if (is_no_edge) return Lines::counted_edges;
    table_.fail(
        row, words.front(),
        fmt::format("`{} {}` may count {} nodes and {} edges, or be an edge; say which in the topology: "
                    "lines: counted_edges, or lines: edges",
                    n, m, n, m));
  }

  // ---- Edges

  void take_counts() {
    if (rows_.empty()) return;
    const Row row = rows_.front();
    const auto words = fields(row);
    std::vector<std::int64_t> counts;
    for (const Field& word : words) {
      const auto count = whole_number(word.text);
      if (!count || *count > std::numeric_limits<int>::max() || words.size() > 3) {
        table_.fail(row, word,
                    fmt::format("'{}' counts nothing; allowed in this line: the number of nodes, and "
                                "perhaps of edges",
                                word.text));
      }
      counts.push_back(*count);
    }
    rows_.erase(rows_.begin());
    if (counts.size() > 1 && !are_edges(rows_, counts.back())) {
      table_.fail(row, words.back(),
                  fmt::format("{} edges are said to follow, and {} do", counts.back(), rows_.size()));
    }
    if (options_.nodes > 0 && counts.front() != options_.nodes) {
      table_.fail(
          row, words.front(),
          fmt::format("{} nodes, where the topology says nodes: {}", words.front().text, options_.nodes));
    }
    if (counts.front() < 1) table_.fail(row, words.front(), "a graph has at least 1 node");
    options_.nodes = static_cast<int>(counts.front());
  }

  void read_edges() {
    for (const Row& row : rows_) {
      const auto words = fields(row);
      if (words.front().text == "next" && row.dictionary.text.empty()) {
        if (words.size() > 1)
          table_.fail(row, words[1], "`next`, which begins another graph, stands alone on its line");
        ++graph_.phases;
        continue;
      }
      read_edge(row, words);
    }
  }

  void read_edge(const Row& row, std::span<const Field> words) {
    const EdgeColumns columns = columns_.value_or(EdgeColumns{});
    const std::size_t from = columns.from, to = columns.to;
    if (words.size() <= std::max(from, to) || is_setting(words[from]) || is_setting(words[to]) ||
        words[from].text.empty() || words[to].text.empty()) {
      table_.fail(row, words.back(), fmt::format("an edge has two ends; allowed: {}", edge_form));
    }
    LinkSettings settings;
    for (std::size_t k = 0; k < words.size(); ++k) {
      if (k == from || k == to || words[k].text.empty()) continue;
      if (columns_ && (k == columns.latency || k == columns.bandwidth)) {
        take_setting(settings, k == columns.latency ? "latency" : "bandwidth", words[k].text, row, words[k]);
      } else if (is_setting(words[k])) {
        const std::string_view key = words[k].text.substr(0, words[k].text.find('='));
        if (!take_setting(settings, key, words[k].text.substr(key.size() + 1), row, words[k])) {
          refuse_word(row, words[k]);
        }
      } else if (columns_ && k >= columns.count) {
        table_.fail(
            row, words[k],
            fmt::format("'{}' stands in no column; allowed: as many fields as the first line has names",
                        words[k].text));
      } else if (columns_ && k == columns.type) {
        const std::string type = in_lower_case(words[k].text);
        const bool says_ways = type == "directed" || type == "undirected";
        says_ways ? types_.insert(type) : graph_.unused.insert("type");
      } else if (!columns_ && is_weight(words[k].text)) {
        graph_.unused.emplace("weights");
      } else if (!columns_) {
        refuse_word(row, words[k]);
      }
    }
    take_dictionary(settings, row);
    add_edge(row, words[from], words[to], settings);
  }

  void take_dictionary(LinkSettings& settings, const Row& row) {
    const Field& dictionary = row.dictionary;
    if (dictionary.text.empty()) return;
    const bool is_one = read_dictionary(dictionary.text, [&](std::string_view key, std::string_view value) {
      if (!take_setting(settings, key, value, row, dictionary)) graph_.unused.emplace(key);
    });
    if (!is_one) table_.fail(row, dictionary, "this is no dictionary; allowed: {'latency': '10 ms'}");
  }

  [[noreturn]] void refuse_word(const Row& row, const Field& word) const {
    table_.fail(row, word,
                fmt::format("'{}' is no link setting; allowed: latency=10ms, bandwidth=1Mbit/s (names with "
                            "blanks stand in quotes, or between commas or tabs)",
                            word.text));
  }

  /// False where the key is neither latency nor bandwidth.
  bool take_setting(LinkSettings& settings, std::string_view key, std::string_view value, const Row& row,
                    const Field& field) const {
    const auto set = [&](auto& setting, auto parse, const char* allowed) {
      if (setting) table_.fail(row, field, fmt::format("{} is given twice; allowed: once", key));
      setting = parse(value);
      if (!setting)
        table_.fail(row, field, fmt::format("{} '{}' is not allowed; it takes {}", key, value, allowed));
      return true;
    };
    const std::string name = in_lower_case(key);
    if (name == "latency") return set(settings.latency, parse_duration, "a time with its unit: 10ms");
    if (name != "bandwidth") return false;
    return set(settings.bandwidth, parse_bandwidth, "one with its unit, 1Mbit/s, or unlimited");
  }

  void add_edge(const Row& row, const Field& from, const Field& to, const LinkSettings& settings) {
    graph_.edges.push_back({add_node(row, from), add_node(row, to), settings, row.line, graph_.phases - 1});
  }

  // ---- Adjacency lists

  void read_counted_lists(const CountedLists& lists) {
    if (lists.has_weights()) graph_.unused.emplace("weights");
    for (std::size_t k = 1; k < rows_.size(); ++k) {
      const std::string& node = numbers_.emplace_back(std::to_string(static_cast<int>(k) - 1 + lists.first));
      for (const Field& neighbor : lists.neighbors(fields(rows_[k]))) {
        const bool is_known = !options_.directed && whole_number(neighbor.text) < whole_number(node);
        if (!is_known) add_edge(rows_[k], {node}, neighbor, {});
      }
    }
    options_.nodes = static_cast<int>(rows_.size()) - 1;
  }

  void read_neighbors() {
    if (is_automatic()) {
      graph_.notes.emplace_back("is read as an adjacency list: in each line a node, and its neighbours");
    }
    if (const auto lists = counted_lists()) return read_counted_lists(*lists);
    const bool multiline = is_multiline();
    for (std::size_t k = 0; k < rows_.size();) {
      const Row& row = rows_[k++];
      const auto words = fields(row);
      const Field node = words.front();
      if (!multiline) {
        (void)add_node(row, node);
        for (const Field& neighbor : words.subspan(1)) add_edge(row, node, neighbor, {});
        continue;
      }
      const auto count = words.size() == 2 ? whole_number(words[1].text) : std::nullopt;
      if (!count || *count > std::ssize(rows_) - static_cast<std::ptrdiff_t>(k)) {
        table_.fail(row, words.back(), "allowed here: a node, and on how many lines its neighbours follow");
      }
      (void)add_node(row, node);
      for (const std::size_t end = k + static_cast<std::size_t>(*count); k < end; ++k) {
        if (rows_[k].count != 1) {
          table_.fail(rows_[k].line, 1, "allowed here: a neighbour, and perhaps a dictionary");
        }
        LinkSettings settings;
        take_dictionary(settings, rows_[k]);
        add_edge(rows_[k], node, fields(rows_[k]).front(), settings);
      }
    }
  }

  // ---- Nodes

  /// How it is mentioned: the number is its place among all mentions.
  int add_node(const Row& row, const Field& field) {
    mentions_.push_back({row.line, field});
    return static_cast<int>(mentions_.size()) - 1;
  }

  /// Gives nodes their numbers; until then, edges lead from mention to mention.
  void number_nodes() {
    std::vector<int> numbers(mentions_.size());
    if (mentions_.empty() || is_number(mentions_.front().field.text)) {
      number_by_value(numbers);
    } else {
      number_by_name(numbers);
    }
    for (ListedGraph::Edge& edge : graph_.edges) {
      edge.from = numbers[static_cast<std::size_t>(edge.from)];
      edge.to = numbers[static_cast<std::size_t>(edge.to)];
    }
  }

  void number_by_value(std::vector<int>& numbers) {
    std::vector<std::int64_t> values;
    for (const auto& [line, field] : mentions_) {
      const auto value = whole_number(field.text);
      if (!value) {
        table_.fail(
            line, field.column,
            fmt::format("'{}' is no node; allowed: whole numbers from 0, or names throughout", field.text));
      }
      values.push_back(*value);
    }
    refuse_spellings(values);
    std::vector<std::int64_t> all = values;
    std::ranges::sort(all);
    all.erase(std::unique(all.begin(), all.end()), all.end());
    const int nodes = options_.nodes;
    if (nodes > 0 && (all.empty() || all.back() < nodes)) {
      // Asked before memory is taken for nodes that only a slip of the pen has counted.
      if (nodes > 1 && nodes > 2 * std::ssize(graph_.edges)) {
        throw InputFileError(fmt::format("{}: too few edges to connect {} nodes", table_.path(), nodes));
      }
      all.clear();
      for (int node = 0; node < nodes; ++node) all.push_back(node);
    }
    const bool from_1 = std::ssize(all) == nodes && all.front() == 1 && all.back() == nodes;
    if (nodes > 0 && all.back() >= nodes && !from_1) {
      const auto beyond =
          std::ranges::find_if(values, [&](std::int64_t value) { return value >= nodes; }) - values.begin();
      const auto& [line, field] = mentions_[static_cast<std::size_t>(beyond)];
      table_.fail(
          line, field.column,
          fmt::format(
              "'{}' is no node; allowed: whole numbers from 0 to {}{}", field.text, nodes - 1,
              std::ssize(all) == nodes
                  ? fmt::format(", or from 1 to {0} (without the count of {0} nodes, gaps close)", nodes)
                  : ""));
    }
    for (const std::int64_t value : all) graph_.names.push_back(std::to_string(value));
    for (std::size_t k = 0; k < values.size(); ++k) {
      numbers[k] = static_cast<int>(std::ranges::lower_bound(all, values[k]) - all.begin());
    }
  }

  /// Refuses numbers that are written with leading zeros, and without.
  void refuse_spellings(const std::vector<std::int64_t>& values) const {
    const auto is_padded = [](const Mention& mention) {
      const std::string_view text = mention.field.text;
      return text.size() > 1 && text[0] == '0' && std::isdigit(static_cast<unsigned char>(text[1])) != 0;
    };
    if (std::ranges::none_of(mentions_, is_padded)) return;
    std::map<std::int64_t, std::string_view> spelled;
    for (std::size_t k = 0; k < values.size(); ++k) {
      const auto& [line, field] = mentions_[k];
      const std::string_view first = spelled.try_emplace(values[k], field.text).first->second;
      if (first == field.text) continue;
      table_.fail(
          line, field.column,
          fmt::format("'{}' is the number '{}' in other digits; allowed: one spelling of each, or names",
                      field.text, first));
    }
  }

  void number_by_name(std::vector<int>& numbers) {
    std::vector<std::string_view> all;
    for (const auto& [line, field] : mentions_) {
      if (is_number(field.text)) {
        table_.fail(
            line, field.column,
            fmt::format("'{}' is a number, where {}:{} has the name '{}'; allowed: numbers throughout, "
                        "or names (GraphML and GML take both)",
                        field.text, table_.path(), mentions_.front().line, mentions_.front().field.text));
      }
      all.push_back(field.text);
    }
    std::ranges::sort(all, precedes);
    all.erase(std::unique(all.begin(), all.end()), all.end());
    if (options_.nodes > 0 && std::ssize(all) != options_.nodes) {
      throw InputFileError(fmt::format("{}: names {} nodes; {} were said to be there", table_.path(),
                                       all.size(), options_.nodes));
    }
    for (const std::string_view name : all) graph_.names.emplace_back(name);
    for (std::size_t k = 0; k < numbers.size(); ++k) {
      numbers[k] =
          static_cast<int>(std::ranges::lower_bound(all, mentions_[k].field.text, precedes) - all.begin());
    }
  }

  struct Mention {
    int line;
    Field field;
  };

  EdgeListOptions options_;
  TextTable table_;
  std::vector<Row> rows_;  // Without those that were taken as headers.
  std::optional<EdgeColumns> columns_;
  ListedGraph graph_;
  std::vector<Mention> mentions_;
  std::deque<std::string> numbers_;  // Names of nodes that stand nowhere.
  std::set<std::string> types_;      // "directed", "undirected", as Gephi says of each edge.
};

}  // namespace

ListedGraph read_edge_list(const InputFile& file, const EdgeListOptions& options) {
  return EdgeListReader(file, options).read();
}

}  // namespace gossamer
