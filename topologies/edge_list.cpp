#include "topologies/edge_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <limits>
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

/// The columns of a table whose first row names them.
struct Header {
  std::size_t from = 0, to = 1;
  std::optional<std::size_t> latency{}, bandwidth{};
};

/// Where the row has one of the pairs of names that programs give to the ends of an edge.
std::optional<Header> named_ends(std::span<const Field> names) {
  constexpr std::array<std::array<std::string_view, 2>, 12> pairs{{{"source", "target"},
                                                                   {"src", "dst"},
                                                                   {"src", "dest"},
                                                                   {"from", "to"},
                                                                   {"fromnodeid", "tonodeid"},
                                                                   {"from_node", "to_node"},
                                                                   {"source_id", "target_id"},
                                                                   {"node1", "node2"},
                                                                   {"node_1", "node_2"},
                                                                   {"id1", "id2"},
                                                                   {"id_1", "id_2"},
                                                                   {"tail", "head"}}};
  const auto place = [&](std::string_view name) {
    return static_cast<std::size_t>(
        std::ranges::find_if(names, [&](const Field& field) { return lower(field.text) == name; }) -
        names.begin());
  };
  for (const auto& [from, to] : pairs) {
    if (place(from) < names.size() && place(to) < names.size()) return Header{place(from), place(to)};
  }
  return std::nullopt;
}

class EdgeListReader {
 public:
  EdgeListReader(const InputFile& file, const EdgeListOptions& options)
      : options_(options), table_(file), rows_(table_.rows()) {}

  ListedGraph read() {
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
    if (!unused_.empty()) {
      graph_.notes.push_back(
          fmt::format("of edges it uses latency and bandwidth, and not: {}", fmt::join(unused_, ", ")));
    }
    return std::move(graph_);
  }

 private:
  std::span<const Field> fields(const Row& row) const { return table_.fields(row); }

  // ---- What the lines are

  /// A first row of names for columns: they are known, or stand above numbers.
  void take_header() {
    if (rows_.empty()) return;
    const auto names = fields(rows_.front());
    const auto is_name = [](const Field& field) { return !is_number(field.text); };
    if (names.size() < 2 || !std::ranges::all_of(names, is_name)) return;
    auto header = named_ends(names);
    if (!header) {
      const std::size_t first = names.front().text.empty() ? 1 : 0;  // A column of row numbers has no name.
      const auto has_numbers = [&](const Row& row) {
        const auto cells = fields(row);
        return cells.size() > first + 1 && is_number(cells[first].text) && is_number(cells[first + 1].text);
      };
      if (rows_.size() < 2 || names.size() < first + 2 ||
          !std::all_of(rows_.begin() + 1, rows_.end(), has_numbers)) {
        return;
      }
      header = {first, first + 1};
    }
    for (std::size_t k = 0; k < names.size(); ++k) {
      const std::string name = lower(names[k].text);
      if (name == "latency") {
        header->latency = k;
      } else if (name == "bandwidth") {
        header->bandwidth = k;
      } else if (k != header->from && k != header->to && !name.empty()) {
        unused_.emplace(names[k].text);
      }
    }
    header_ = header;
    rows_.erase(rows_.begin());
  }

  Lines lines() const {
    if (options_.lines != Lines::automatic) return options_.lines;
    if (rows_.empty() || header_) return Lines::edges;
    if (is_multiline() || has_heading_of_neighbors()) return Lines::neighbors;
    refuse_matrix();
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

  /// Refuses n lines of n numbers, symmetric with zeros on the diagonal: they would pass as edges with
  /// weights.
  void refuse_matrix() const {
    const std::size_t n = rows_.size();
    if (n < 3 || !std::ranges::all_of(rows_, [&](const Row& row) { return row.count == n; })) return;
    const auto cell = [&](std::size_t i, std::size_t j) {
      return parse_number<double>(fields(rows_[i])[j].text).value_or(-1);
    };
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        if (cell(i, j) != cell(j, i) || cell(i, j) < 0 || (i == j && cell(i, i) != 0)) return;
      }
    }
    table_.fail(
        rows_.front().line, 1,
        fmt::format("{} lines of {} numbers look like an adjacency matrix, which is not read; allowed: "
                    "an edge list, or Matrix Market, as scipy.io.mmwrite writes it (for lines of edges, "
                    "say lines: edges)",
                    n, n));
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
    const auto [from, to, latency, bandwidth] = header_.value_or(Header{});
    const auto is_setting = [](const Field& field) { return field.text.find('=') != std::string_view::npos; };
    if (words.size() <= std::max(from, to) || is_setting(words[from]) || is_setting(words[to]) ||
        words[from].text.empty() || words[to].text.empty()) {
      table_.fail(row, words.empty() ? row.dictionary : words.back(),
                  fmt::format("an edge has two ends; allowed: {}", edge_form));
    }
    LinkSettings settings;
    for (std::size_t k = 0; k < words.size(); ++k) {
      if (k == from || k == to || words[k].text.empty()) continue;
      if (header_ && (k == latency || k == bandwidth)) {
        take_setting(settings, k == latency ? "latency" : "bandwidth", words[k].text, row, words[k]);
      } else if (is_setting(words[k])) {
        const std::string_view key = words[k].text.substr(0, words[k].text.find('='));
        if (!take_setting(settings, key, words[k].text.substr(key.size() + 1), row, words[k])) {
          refuse_word(row, words[k]);
        }
      } else if (!header_ && is_weight(words[k].text)) {
        unused_.emplace("weights");
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
      if (!take_setting(settings, key, value, row, dictionary)) unused_.emplace(key);
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
    if (key == "latency") return set(settings.latency, parse_duration, "a time with its unit: 10ms");
    if (key != "bandwidth") return false;
    return set(settings.bandwidth, parse_bandwidth, "one with its unit, 1Mbit/s, or unlimited");
  }

  void add_edge(const Row& row, const Field& from, const Field& to, const LinkSettings& settings) {
    graph_.edges.push_back({add_node(row, from), add_node(row, to), settings, row.line, graph_.phases - 1});
  }

  // ---- Adjacency lists

  void read_neighbors() {
    const bool multiline = is_multiline();
    for (std::size_t k = 0; k < rows_.size();) {
      const Row& row = rows_[k++];
      const auto words = fields(row);
      if (words.empty()) table_.fail(row, row.dictionary, "a node has to stand before its neighbours");
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
    if (options_.lines == Lines::automatic) {
      graph_.notes.emplace_back("is read as an adjacency list: in each line a node, and its neighbours");
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
      table_.fail(line, field.column,
                  fmt::format("'{}' is no node; allowed: whole numbers from 0 to {}", field.text, nodes - 1));
    }
    for (const std::int64_t value : all) graph_.names.push_back(std::to_string(value));
    for (std::size_t k = 0; k < values.size(); ++k) {
      numbers[k] = static_cast<int>(std::ranges::lower_bound(all, values[k]) - all.begin());
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
  std::set<std::string> unused_;  // Weights and other attributes of edges.
};

}  // namespace

ListedGraph read_edge_list(const InputFile& file, const EdgeListOptions& options) {
  return EdgeListReader(file, options).read();
}

}  // namespace gossamer
