#include "topologies/edge_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "sim/text_file.hpp"

namespace gossamer {

bool is_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const std::size_t first = text.starts_with('-');
  const bool may_be = first < text.size() &&
                      (std::isdigit(static_cast<unsigned char>(text[first])) != 0 || text[first] == '.');
  return may_be && parse_number<double>(text).has_value();
}

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

namespace {

using Field = TextTable::Field;

/// Whether texts are 0, 1, ...: pandas' names for columns without any.
bool count_from_0(std::span<const Field> fields) {
  std::size_t k = 0;
  while (k < fields.size() && fields[k].text == std::to_string(k)) ++k;
  return k == fields.size();
}

/// Where the row has one of the pairs of names that programs give to the ends of an edge.
std::optional<EdgeColumns> named_ends(std::span<const Field> names) {
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
    plain.push_back(in_lower_case(name.text));
    std::erase_if(plain.back(), [](char c) { return c == ' ' || c == '_' || c == '-' || c == ':'; });
  }
  const auto place = [&](std::string_view name) {
    return static_cast<std::size_t>(std::ranges::find(plain, name) - plain.begin());
  };
  for (const auto& [from, to] : pairs) {
    if (place(from) < names.size() && place(to) < names.size()) return EdgeColumns{place(from), place(to)};
  }
  return std::nullopt;
}

}  // namespace

std::optional<EdgeColumns> EdgeTable::columns(bool directed, bool known) const {
  if (rows_.empty()) return std::nullopt;
  const auto names = fields(rows_.front());
  if (names.size() < 2) return std::nullopt;
  std::optional<EdgeColumns> found;
  if (std::ranges::any_of(names, [](const Field& field) { return is_number(field.text); })) {
    found = numbered_columns(directed, known);
  } else {
    found = named_ends(names);
    if (found && is_edge(names[found->from], names[found->to])) found.reset();
    if (!found) found = above_numbers();
  }
  if (!found) return std::nullopt;
  found->count = names.size();
  for (std::size_t k = 0; k < names.size(); ++k) {
    const std::string name = in_lower_case(names[k].text);
    if (name == "latency") {
      found->latency = k;
    } else if (name == "bandwidth") {
      found->bandwidth = k;
    } else if (name == "type") {
      found->type = k;
    } else if (k != found->from && k != found->to && !name.empty()) {
      found->unused.emplace_back(names[k].text);
    }
  }
  if (!has_row_numbers(names.size())) return found;
  for (std::size_t* const place : {&found->from, &found->to, &found->count}) ++*place;
  for (auto* const place : {&found->latency, &found->bandwidth, &found->type}) {
    if (*place) ++**place;
  }
  return found;
}

/// Whether what may be names of columns are nodes, as other lines have them, too.
bool EdgeTable::is_edge(const Field& from, const Field& to) const {
  return std::any_of(rows_.begin() + 1, rows_.end(), [&](const Row& row) {
    return std::ranges::any_of(
        fields(row), [&](const Field& field) { return field.text == from.text || field.text == to.text; });
  });
}

std::optional<EdgeColumns> EdgeTable::above_numbers() const {
  const auto names = fields(rows_.front());
  const std::size_t first = names.front().text.empty() ? 1 : 0;  // A column of row numbers has no name.
  const auto has_numbers = [&](const Row& row) {
    const auto cells = fields(row);
    return cells.size() > first + 1 && is_number(cells[first].text) && is_number(cells[first + 1].text);
  };
  if (rows_.size() < 2 || names.size() < first + 2 ||
      !std::all_of(rows_.begin() + 1, rows_.end(), has_numbers)) {
    return std::nullopt;
  }
  return EdgeColumns{.from = first, .to = first + 1, .known = false};
}

/// `0,1` or `,0,1`, as pandas calls columns that have no names. Refuses the first, where it may be an edge.
std::optional<EdgeColumns> EdgeTable::numbered_columns(bool directed, bool known) const {
  const auto names = fields(rows_.front());
  const bool has_index = names.front().text.empty();
  if (names.size() < (has_index ? 3 : 2) || !count_from_0(names.subspan(has_index)) || rows_.size() < 2) {
    return std::nullopt;
  }
  if (has_index) return EdgeColumns{1, 2};
  const auto is_text = [&](const Row& row) {
    const auto cells = fields(row);
    return cells.size() > 1 && !is_number(cells[0].text) && !is_number(cells[1].text);
  };
  const std::span others = rows_.subspan(1);
  if (std::ranges::all_of(others, is_text) || has_row_numbers(names.size())) return EdgeColumns{0, 1};
  // pandas puts no blanks between fields, and has as many in each row; the same edge again does no harm.
  const bool has_blanks = table_.separator() == ' ' || names[1].column != names[0].column + 2;
  const auto is_like_edge = [&](const Row& row) {
    const auto cells = fields(row);
    return row.count != names.size() || (cells[0].text == "0" && cells[1].text == "1") ||
           (cells[0].text == "1" && cells[1].text == "0" && !directed);
  };
  if (known || has_blanks || std::ranges::any_of(others, is_like_edge)) return std::nullopt;
  table_.fail(rows_.front(), names.front(),
              "0, 1, ... may be an edge, or pandas' names of columns that have none; say lines: edges in the "
              "topology for an edge, or put names in their place: source, target");
}

/// Whether each row below the first has one field more than there are columns, and begins with its number,
/// from 0 or 1.
bool EdgeTable::has_row_numbers(std::size_t columns) const {
  std::int64_t next = -1;
  for (const Row& row : rows_.subspan(1)) {
    const auto cells = fields(row);
    const auto number = whole_number(cells.front().text);
    if (cells.size() != columns + 1 || !number || is_setting(cells.back())) return false;
    if (next < 0 && *number <= 1) next = *number;
    if (*number != next++) return false;
  }
  return rows_.size() > 1;
}

void EdgeTable::refuse_matrix() const {
  const char separator = table_.separator();
  const std::string between = separator == ',' || separator == ';' ? std::string(1, separator) : "";
  const std::string numpy = between.empty() ? "" : fmt::format(", delimiter='{}'", between),
                    pandas = fmt::format(", sep='{}'", between.empty() ? "\\s+" : between);
  struct Form {
    std::size_t row, column;
    std::string converted;
  };
  const Form forms[] = {
      {0, 0,
       fmt::format(
           "Matrix Market (scipy.io.mmwrite('g.mtx', scipy.sparse.coo_matrix(numpy.loadtxt(path{}))))",
           numpy)},
      {1, 0,
       fmt::format("GraphML (A = pandas.read_csv(path{}); nx.write_graphml(nx.from_pandas_adjacency("
                   "A.set_index(A.columns)), 'g.graphml'))",
                   pandas)},
      {1, 1,
       fmt::format("GraphML (nx.write_graphml(nx.from_pandas_adjacency(pandas.read_csv(path, "
                   "index_col=0{}).rename(index=str)), 'g.graphml'))",
                   pandas)}};
  for (const auto& [row, column, converted] : forms) {
    if (!is_matrix(row, column)) continue;
    table_.fail(
        table_.rows().front().line, 1,
        fmt::format("{0} lines of {0} numbers look like an adjacency matrix, which is not read; allowed: "
                    "an edge list, or {1} (for lines of edges, say lines: edges)",
                    table_.rows().size() - row, converted));
  }
}

/// Whether all lines but for `row` lines, and all their fields but for `column` of them, are a square of
/// numbers that has the same names on both sides, or zeros and ones only, or is symmetric with zeros on the
/// diagonal.
bool EdgeTable::is_matrix(std::size_t row, std::size_t column) const {
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
bool EdgeTable::are_weights(std::size_t row, std::size_t column, bool allowed) const {
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

void EdgeTable::refuse_row_numbers() const {
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

}  // namespace gossamer
