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
#include "topologies/text_table.hpp"

namespace gossamer {
namespace {

using Field = TextTable::Field;
using Row = TextTable::Row;

constexpr auto edge_form = "u v [latency=10ms] [bandwidth=1Mbit/s]";

/// Whether a text is a number, of whatever kind. Names may begin with digits, or read "inf".
bool is_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const std::size_t first = text.starts_with('-');
  const bool may_be = first < text.size() &&
                      (std::isdigit(static_cast<unsigned char>(text[first])) != 0 || text[first] == '.');
  return may_be && parse_number<double>(text).has_value();
}

/// A number that may have a decimal comma, as spreadsheets of many countries write it.
bool is_weight(std::string_view text) {
  std::string number(text);
  if (const std::size_t comma = number.find(','); comma != std::string::npos) number[comma] = '.';
  return is_number(number);
}

/// A whole number from 0, which may be written 3.0, or nothing.
std::optional<std::int64_t> whole_number(std::string_view text) {
  auto number = parse_number<std::int64_t>(text);
  if (!number && is_number(text)) {
    const auto real = parse_number<double>(text);
    if (real && *real >= 0 && *real < 0x1p53 &&
        *real == static_cast<double>(static_cast<std::int64_t>(*real)))
      number = static_cast<std::int64_t>(*real);
  }
  return number && *number >= 0 ? number : std::nullopt;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return std::tolower(c); });
  return result;
}

/// Whether a field says something of a link: "latency=10ms".
bool is_setting(const Field& field) {
  return field.text.find('=') != std::string_view::npos;
}

/// Whether texts are 0, 1, ...: pandas' names for columns without any.
bool count_from_0(std::span<const Field> fields) {
  std::size_t k = 0;
  while (k < fields.size() && fields[k].text == std::to_string(k)) ++k;
  return k == fields.size();
}

/// The columns of a table whose first row names them.
struct Header {
  std::size_t from = 0, to = 1;
  std::optional<std::size_t> latency{}, bandwidth{}, type{};
  std::size_t columns = 2;
};

/// Where the row has one of the pairs of names that programs give to the ends of an edge.
std::optional<Header> named_ends(std::span<const Field> names) {
  using Pair = std::array<std::string_view, 2>;
  constexpr std::array<Pair, 16> pairs{{{"source", "target"},
                                        {"src", "dst"},
                                        {"src", "dest"},
                                        {"from", "to"},
                                        {"fromnodeid", "tonodeid"},
                                        {"fromnode", "tonode"},
                                        {"sourceid", "targetid"},
                                        {"startid", "endid"},
                                        {"node1", "node2"},
                                        {"nodea", "nodeb"},
                                        {"name1", "name2"},
                                        {"id1", "id2"},
                                        {"tail", "head"},
                                        {"u", "v"},
                                        {"i", "j"},
                                        {"start", "end"}}};
  std::vector<std::string> plain;  // "Node A", "node_a" and ":nodeA" are the same.
  for (const Field& name : names) {
    plain.push_back(lower(name.text));
    std::erase_if(plain.back(), [](char c) { return c == ' ' || c == '_' || c == '-' || c == ':'; });
  }
  const auto place = [&](std::string_view name) {
    return static_cast<std::size_t>(std::ranges::find(plain, name) - plain.begin());
  };
  for (const auto& [from, to] : pairs) {
    if (place(from) < names.size() && place(to) < names.size()) return Header{place(from), place(to)};
  }
  return std::nullopt;
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
    refuse_matrix();
    take_header();
    switch (lines()) {
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
        throw InputFileError(
            fmt::format("{}:1:1: `% bip` says that its graph is bipartite, and both sides have numbers of "
                        "their own; allowed, "
                        "without this line: different ones for both sides, as l1 r1",
                        table_.path()));
      }
      if (starts("%", "asym") || starts("#", "Directed")) types_.emplace("directed");
      if (starts("%", "sym") || starts("#", "Undirected")) types_.emplace("undirected");
    }
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
        "a tuple, as Python prints it, is not read; allowed: u v, as networkx.write_edgelist writes it");
  }

  /// Refuses what looks like an adjacency matrix, with names of rows and columns or without: it would pass as
  /// edges with weights.
  void refuse_matrix() const {
    if (!is_automatic() || is_multiline() || has_heading_of_neighbors()) return;
    struct Form {
      std::size_t row, column;
      std::string_view reads;
    };
    for (const auto& [row, column, reads] :
         {Form{0, 0,
               "Matrix Market (scipy.io.mmwrite('g.mtx', scipy.sparse.coo_matrix(numpy.loadtxt(path))))"},
          Form{1, 0,
               "GraphML (A = pandas.read_csv(path); "
               "nx.write_graphml(nx.from_pandas_adjacency(A.set_index(A.columns)), "
               "'g.graphml'))"},
          Form{1, 1,
               "GraphML (nx.write_graphml(nx.from_pandas_adjacency(pandas.read_csv(path, index_col=0)), "
               "'g.graphml'))"}}) {
      if (!is_matrix(row, column)) continue;
      table_.fail(
          table_.rows().front().line, 1,
          fmt::format("{0} lines of {0} numbers look like an adjacency matrix, which is not read; allowed: "
                      "an edge list, or {1} (for lines of edges, say lines: edges)",
                      table_.rows().size() - row, reads));
    }
  }

  /// Whether all lines but for `row` lines, and all their fields but for `column` of them, are a square of
  /// numbers that has the same names on both sides, or zeros and ones only, or is symmetric with zeros on the
  /// diagonal.
  bool is_matrix(std::size_t row, std::size_t column) const {
    const std::vector<Row>& all = table_.rows();
    if (all.size() < row + 2) return false;
    const std::size_t n = all.size() - row;
    const auto has_cells = [&](const Row& line) { return line.count == n + column; };
    if (!std::all_of(all.begin() + static_cast<std::ptrdiff_t>(row), all.end(), has_cells)) return false;
    bool named = false;
    if (row > 0) {
      const auto names = fields(all.front());
      const bool has_corner = column == 1 && names.size() == n + 1 && !is_number(names.front().text);
      if (!has_corner && names.size() != n) return false;
      if (!has_corner && names.front().text.empty()) return false;
      std::size_t same = 0;
      const auto its = names.last(n);
      while (column == 1 && same < n && fields(all[row + same]).front().text == its[same].text) ++same;
      named = same == n && (n > 2 || !is_number(its.front().text));
      if (!named && named_ends(names)) return false;
    }
    return (named || n > 2) && are_weights(row, column, named);
  }

  /// Whether the cells of such a square are numbers, and, unless any are `allowed`, as those of a graph.
  bool are_weights(std::size_t row, std::size_t column, bool allowed) const {
    const std::size_t n = table_.rows().size() - row;
    const auto cell = [&](std::size_t i, std::size_t j) -> std::optional<double> {
      const std::string_view text = fields(table_.rows()[row + i])[column + j].text;
      if (text.empty() && row > 0) return 0;
      return parse_number<double>(text);
    };
    bool symmetric = true, binary = true;
    for (std::size_t i = 0; i < n && (allowed || symmetric || binary); ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        const auto value = cell(i, j);
        if (!value) return false;
        symmetric = symmetric && value == cell(j, i) && *value >= 0 && (i != j || value == 0.0);
        binary = binary && (value == 0.0 || value == 1.0);
      }
    }
    return allowed || symmetric || binary;
  }

  /// A first row of names for columns: they are known, or stand above numbers, or are numbers as pandas has
  /// them.
  void take_header() {
    if (rows_.empty()) return;
    const auto names = fields(rows_.front());
    const auto is_name = [](const Field& field) { return !is_number(field.text); };
    if (names.size() < 2) return;
    std::optional<Header> header;
    if (std::ranges::all_of(names, is_name)) {
      header = named_ends(names);
      if (header && is_edge(names[header->from], names[header->to])) header.reset();
      if (!header) header = above_numbers(names);
    } else {
      header = numbered_columns(names);
    }
    if (!header) return;
    header->columns = names.size();
    for (std::size_t k = 0; k < names.size(); ++k) {
      const std::string name = lower(names[k].text);
      if (name == "latency") {
        header->latency = k;
      } else if (name == "bandwidth") {
        header->bandwidth = k;
      } else if (name == "type") {
        header->type = k;
      } else if (k != header->from && k != header->to && !name.empty()) {
        graph_.unused.emplace(names[k].text);
      }
    }
    header_ = header;
    rows_.erase(rows_.begin());
    skip_row_numbers();
  }

  /// Whether what may be names of columns are nodes, as other lines have them, too.
  bool is_edge(const Field& from, const Field& to) const {
    return std::any_of(rows_.begin() + 1, rows_.end(), [&](const Row& row) {
      return std::ranges::any_of(
          fields(row), [&](const Field& field) { return field.text == from.text || field.text == to.text; });
    });
  }

  std::optional<Header> above_numbers(std::span<const Field> names) const {
    const std::size_t first = names.front().text.empty() ? 1 : 0;  // A column of row numbers has no name.
    const auto has_numbers = [&](const Row& row) {
      const auto cells = fields(row);
      return cells.size() > first + 1 && is_number(cells[first].text) && is_number(cells[first + 1].text);
    };
    if (rows_.size() < 2 || names.size() < first + 2 ||
        !std::all_of(rows_.begin() + 1, rows_.end(), has_numbers)) {
      return std::nullopt;
    }
    return Header{first, first + 1};
  }

  /// `0,1` or `,0,1`, as pandas calls columns that have no names. Refuses the first, where it may be an edge.
  std::optional<Header> numbered_columns(std::span<const Field> names) const {
    const bool has_index = names.front().text.empty();
    if (names.size() < (has_index ? 3 : 2) || !count_from_0(names.subspan(has_index)) || rows_.size() < 2) {
      return std::nullopt;
    }
    if (has_index) return Header{1, 2};
    const auto is_text = [&](const Row& row) {
      const auto cells = fields(row);
      return cells.size() > 1 && !is_number(cells[0].text) && !is_number(cells[1].text);
    };
    const std::span others = std::span(rows_).subspan(1);
    if (std::ranges::all_of(others, is_text) || has_row_numbers(others, names.size())) return Header{0, 1};
    // pandas puts no blanks between fields, and has as many in each row; the same edge again does no harm.
    const bool has_blanks = table_.separator() == ' ' || names[1].column != names[0].column + 2;
    const auto is_like_edge = [&](const Row& row) {
      const auto cells = fields(row);
      return row.count != names.size() || (cells[0].text == "0" && cells[1].text == "1") ||
             (cells[0].text == "1" && cells[1].text == "0" && !options_.directed);
    };
    if (!is_automatic() || has_blanks || std::ranges::any_of(others, is_like_edge)) return std::nullopt;
    table_.fail(
        rows_.front(), names.front(),
        "0, 1, ... may be an edge, or pandas' names of columns that have none; say lines: edges in the "
        "topology for an edge, or put names in their place: source, target");
  }

  /// Whether each row has one field more than there are columns, and begins with its number, from 0 or 1.
  bool has_row_numbers(std::span<const Row> rows, std::size_t columns) const {
    std::int64_t next = -1;
    for (const Row& row : rows) {
      const auto cells = fields(row);
      const auto number = whole_number(cells.front().text);
      if (cells.size() != columns + 1 || !number || is_setting(cells.back())) return false;
      if (next < 0 && *number <= 1) next = *number;
      if (*number != next++) return false;
    }
    return !rows.empty();
  }

  void skip_row_numbers() {
    if (!has_row_numbers(rows_, header_->columns)) return;
    for (std::size_t* const place : {&header_->from, &header_->to, &header_->columns}) ++*place;
    for (auto* const place : {&header_->latency, &header_->bandwidth, &header_->type}) {
      if (*place) ++**place;
    }
  }

  Lines lines() const {
    if (!is_automatic()) return options_.lines;
    if (rows_.empty() || header_) return Lines::edges;
    if (is_multiline() || has_heading_of_neighbors()) return Lines::neighbors;
    if (counted_lists()) return lines_of_counted_lists();
    refuse_row_numbers();
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

  /// Below a count of nodes, and perhaps of edges, a line for each node with its neighbours: the number of
  /// the first node, 0 as of decentralizepy or 1 as of METIS. Nothing where the lines do not agree with that.
  std::optional<int> counted_lists() const {
    if (rows_.empty()) return std::nullopt;
    const auto counts = fields(rows_.front());
    const auto n = whole_number(counts.front().text);
    if (counts.size() > 2 || !n || std::cmp_not_equal(*n, rows_.size() - 1) || *n < 2) return std::nullopt;
    const auto edges = whole_number(counts.back().text);
    for (const int first : {0, 1}) {
      std::vector<std::pair<std::int64_t, std::int64_t>> arcs;
      bool fits = true;
      for (std::int64_t node = first; fits && node < first + *n; ++node) {
        for (const Field& field : fields(rows_[static_cast<std::size_t>(node - first + 1)])) {
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
      if (fits && (counts.size() == 1 || edges == std::ssize(arcs) / 2)) return first;
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

  /// Refuses 0, 1, 2, ... before two whole numbers, between separators: the first column may be an end, or
  /// pandas' numbers of rows.
  void refuse_row_numbers() const {
    if (table_.separator() == ' ' || rows_.size() < 3) return;
    for (std::size_t k = 0; k < rows_.size(); ++k) {
      const auto cells = fields(rows_[k]);
      if (cells.size() != 3 || cells[0].text != std::to_string(k)) return;
      const auto u = parse_number<std::int64_t>(cells[1].text), v = parse_number<std::int64_t>(cells[2].text);
      if (!u || !v || *u == *v) return;
    }
    table_.fail(
        rows_.front(), fields(rows_.front()).front(),
        "0, 1, 2, ... may be nodes, or pandas' numbers of rows; for nodes, say lines: edges in the topology, "
        "for rows, write them with index=False");
  }

  /// Lines::neighbors, where every line can be a node and its neighbours, and some line is no edge;
  /// Lines::automatic where this is not so. Refuses lines that can be edges with weights as well.
  Lines lines_of_neighbors() const {
    std::set<std::string_view> nodes;
    bool longer = false, shorter = false, no_weights = false;
    for (const Row& row : rows_) {
      const auto words = fields(row);
      const bool is_next = words.size() == 1 && words.front().text == "next";
      if (!row.dictionary.text.empty() || words.empty() || is_next ||
          !nodes.insert(words.front().text).second) {
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
    if (m != std::ssize(rows_) - 1 || (counts.size() == 3 && counts[1] != n)) return Lines::edges;
    if (options_.nodes > 0 && n != options_.nodes) return Lines::edges;

    // The others have to be the edges of a connected graph of n nodes, numbered from 0 or 1.
    std::set<std::int64_t> others;
    bool same_edge = false;
    for (const Row& other : std::span(rows_).subspan(1)) {
      const auto ends = fields(other);
      if (ends.size() < 2) return Lines::edges;
      const auto u = whole_number(ends[0].text), v = whole_number(ends[1].text);
      if (!u || !v) return Lines::edges;
      others.insert({*u, *v});
      same_edge = same_edge || (u == n && v == m) || (u == m && v == n && !options_.directed);
    }
    if (std::ssize(others) != n || *others.begin() > 1 || *others.rbegin() - *others.begin() != n - 1) {
      return Lines::edges;
    }
    // As an edge it would be a loop, one that is there again, one to a node that is alone, or one that leads
    // out of a node into which none leads.
    const bool new_node = !others.contains(n);
    const bool is_no_edge = counts.size() == 3 || n == m || same_edge || !others.contains(m) ||
                            (new_node && (options_.directed || options_.nodes > 0));
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
    if (counts.size() > 1 && counts.back() != std::ssize(rows_)) {
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
      if (!words.empty() && words.front().text == "next" && row.dictionary.text.empty()) {
        if (words.size() > 1)
          table_.fail(row, words[1], "`next`, which begins another graph, stands alone on its line");
        ++graph_.phases;
        continue;
      }
      read_edge(row, words);
    }
  }

  void read_edge(const Row& row, std::span<const Field> words) {
    const Header columns = header_.value_or(Header{});
    const std::size_t from = columns.from, to = columns.to;
    if (words.size() <= std::max(from, to) || is_setting(words[from]) || is_setting(words[to]) ||
        words[from].text.empty() || words[to].text.empty()) {
      table_.fail(row, words.empty() ? row.dictionary : words.back(),
                  fmt::format("an edge has two ends; allowed: {}", edge_form));
    }
    LinkSettings settings;
    for (std::size_t k = 0; k < words.size(); ++k) {
      if (k == from || k == to || words[k].text.empty()) continue;
      if (header_ && (k == columns.latency || k == columns.bandwidth)) {
        take_setting(settings, k == columns.latency ? "latency" : "bandwidth", words[k].text, row, words[k]);
      } else if (is_setting(words[k])) {
        const std::string_view key = words[k].text.substr(0, words[k].text.find('='));
        if (!take_setting(settings, key, words[k].text.substr(key.size() + 1), row, words[k])) {
          refuse_word(row, words[k]);
        }
      } else if (header_ && k >= columns.columns) {
        table_.fail(
            row, words[k],
            fmt::format("'{}' stands in no column; allowed: as many fields as the first line has names",
                        words[k].text));
      } else if (header_ && k == columns.type) {
        const std::string type = lower(words[k].text);
        (type == "directed" || type == "undirected" ? types_ : graph_.unused).insert(type);
      } else if (!header_ && is_weight(words[k].text)) {
        graph_.unused.emplace("weights");
      } else if (!header_) {
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
    const std::string name = lower(key);
    if (name == "latency") return set(settings.latency, parse_duration, "a time with its unit: 10ms");
    if (name != "bandwidth") return false;
    return set(settings.bandwidth, parse_bandwidth, "one with its unit, 1Mbit/s, or unlimited");
  }

  void add_edge(const Row& row, const Field& from, const Field& to, const LinkSettings& settings) {
    graph_.edges.push_back({add_node(row, from), add_node(row, to), settings, row.line, graph_.phases - 1});
  }

  // ---- Adjacency lists

  void read_counted_lists(int first) {
    for (std::size_t k = 1; k < rows_.size(); ++k) {
      const std::string& node = numbers_.emplace_back(std::to_string(static_cast<int>(k) - 1 + first));
      for (const Field& neighbor : fields(rows_[k])) {
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
    if (const auto first = counted_lists()) return read_counted_lists(*first);
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
    all.erase(std::ranges::unique(all).begin(), all.end());
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
    all.erase(std::ranges::unique(all).begin(), all.end());
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
  std::optional<Header> header_;
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
