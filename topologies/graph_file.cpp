#include "topologies/graph_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/property_tree/xml_parser.hpp>
#include <cctype>
#include <optional>
#include <set>
#include <sstream>
#include <string_view>
#include <tuple>
#include <utility>

#include "sim/text_file.hpp"

namespace gossamer {

bool BySmallLetters::operator()(std::string_view name, std::string_view other) const {
  return std::ranges::lexicographical_compare(
      name, other, {}, [](unsigned char c) { return std::tolower(c); },
      [](unsigned char c) { return std::tolower(c); });
}

namespace {

/// Ids of nodes become numbers; labels, names.
class GraphMaker {
 public:
  explicit GraphMaker(std::string path) : path_(std::move(path)) {}

  void node(const std::string& id, Attributes attributes) {
    if (!numbers_.try_emplace(id, static_cast<int>(graph.nodes.size())).second) {
      fail(fmt::format("node {} is there twice", id));
    }
    graph.nodes.push_back({id, std::move(attributes)});
  }
  void edge(const std::string& from, const std::string& to, Attributes attributes, int line = 0) {
    graph.edges.push_back({number(from), number(to), std::move(attributes), line});
  }
  AttributedGraph made() {
    if (graph.nodes.empty()) fail("holds no node");
    if (!take_names("label")) take_names("name");  // igraph's.
    return std::move(graph);
  }
  [[noreturn]] void fail(const std::string& what) const { throw InputFileError(path_ + ": " + what); }

  AttributedGraph graph;

 private:
  /// Names nodes by an attribute, if all have it and with different values; false otherwise.
  bool take_names(const char* key) {
    std::set<std::string> values;
    for (const auto& node : graph.nodes) {
      if (const auto value = node.attributes.find(key); value != node.attributes.end()) {
        values.insert(value->second);
      }
    }
    if (values.size() != graph.nodes.size()) return false;
    for (auto& node : graph.nodes) node.name = node.attributes.find(key)->second;
    return true;
  }
  int number(const std::string& id) const {
    const auto found = numbers_.find(id);
    if (found == numbers_.end()) fail(fmt::format("an edge ends at node {}, which is not there", id));
    return found->second;
  }

  std::string path_;
  std::map<std::string, int> numbers_;
};

using Xml = boost::property_tree::ptree;

std::string xml_attribute(const Xml& element, const std::string& name, const GraphMaker& maker) {
  const auto value = element.get_optional<std::string>("<xmlattr>." + name);
  if (!value) maker.fail(fmt::format("an element of the GraphML has no attribute '{}'", name));
  return *value;
}

/// What the <key>s of GraphML say: what those of <data> are called, and their values where none is given.
class GraphmlKeys {
 public:
  GraphmlKeys(const Xml& root, const GraphMaker& maker) {
    for (const auto& [tag, key] : root) {
      if (tag != "key") continue;
      const std::string id = xml_attribute(key, "id", maker);
      names_[id] = id;
      for (const auto& [attribute, value] : key.get_child("<xmlattr>")) {
        if (attribute == "attr.name") names_[id] = value.data();  // A dot is no path here.
      }
      const auto value = key.get_optional<std::string>("default");
      if (value) defaults_[key.get<std::string>("<xmlattr>.for", "all")][names_[id]] = *value;
    }
  }
  const std::string& name(const std::string& id) const {
    const auto found = names_.find(id);
    return found == names_.end() ? id : found->second;
  }
  /// Of nodes, or of edges.
  Attributes defaults(const std::string& kind) const {
    Attributes all;
    for (const std::string& of : {kind, std::string("all")}) {
      if (const auto found = defaults_.find(of); found != defaults_.end()) {
        all.insert(found->second.begin(), found->second.end());
      }
    }
    return all;
  }

 private:
  std::map<std::string, std::string> names_;
  std::map<std::string, Attributes> defaults_;
};

AttributedGraph read_graphml(const InputFile& file, const std::string& text) {
  GraphMaker maker(file.path.string());
  Xml document;
  std::istringstream stream{std::string(without_mark(text))};
  try {
    boost::property_tree::read_xml(stream, document, boost::property_tree::xml_parser::trim_whitespace);
  } catch (const boost::property_tree::xml_parser_error& error) {
    throw InputFileError(
        fmt::format("{}:{}: is no XML: {}", file.path.string(), error.line(), error.message()));
  }
  const auto root = document.get_child_optional("graphml");
  const auto graph = root ? root->get_child_optional("graph") : boost::none;
  if (!graph) maker.fail("is no GraphML: it has no element <graph> within <graphml>");
  if (root->count("graph") > 1) maker.fail("holds several graphs; one is allowed");
  const bool by_default = graph->get<std::string>("<xmlattr>.edgedefault", "undirected") == "directed";
  const auto is_directed = [&](const Xml& edge) {
    return edge.get<std::string>("<xmlattr>.directed", by_default ? "true" : "false") == "true";
  };
  maker.graph.directed = by_default || std::ranges::any_of(*graph, [&](const auto& child) {
                           return child.first == "edge" && is_directed(child.second);
                         });

  const GraphmlKeys keys(*root, maker);
  const auto attributes_of = [&](const Xml& element, const std::string& kind) {
    Attributes attributes = keys.defaults(kind);
    for (const auto& [tag, data] : element) {
      if (tag == "graph" || tag == "port" || tag == "hyperedge") {
        maker.fail(fmt::format("has a <{}> within a node or edge, which is not read", tag));
      }
      if (tag == "data") attributes[keys.name(xml_attribute(data, "key", maker))] = data.data();
    }
    return attributes;
  };
  for (const auto& [tag, element] : *graph) {
    if (tag == "node") maker.node(xml_attribute(element, "id", maker), attributes_of(element, "node"));
    if (tag == "hyperedge") maker.fail("has a <hyperedge>, which is not read");
  }
  for (const auto& [tag, element] : *graph) {
    if (tag != "edge") continue;
    const std::string source = xml_attribute(element, "source", maker),
                      target = xml_attribute(element, "target", maker);
    const Attributes attributes = attributes_of(element, "edge");
    maker.edge(source, target, attributes);
    const bool both_ways = maker.graph.directed && !is_directed(element) && source != target;
    if (both_ways) maker.edge(target, source, attributes);
  }
  return maker.made();
}

/// A character in UTF-8.
std::string utf8(unsigned long code) {
  const auto byte = [](unsigned long bits) { return static_cast<char>(static_cast<unsigned char>(bits)); };
  if (code < 0x80) return {byte(code)};
  if (code < 0x800) return {byte(0xc0 | code >> 6), byte(0x80 | (code & 0x3f))};
  if (code < 0x10000) {
    return {byte(0xe0 | code >> 12), byte(0x80 | (code >> 6 & 0x3f)), byte(0x80 | (code & 0x3f))};
  }
  return {byte(0xf0 | code >> 18), byte(0x80 | (code >> 12 & 0x3f)), byte(0x80 | (code >> 6 & 0x3f)),
          byte(0x80 | (code & 0x3f))};
}

/// A text of GML, which is ASCII: other characters, and quotes, are written "&#252;", "&quot;".
std::string unescaped(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, char>, 5> named{
      {{"quot", '"'}, {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"apos", '\''}}};
  std::string result;
  while (!text.empty()) {
    const std::size_t end = text.front() == '&' ? text.find(';') : std::string_view::npos;
    const std::string_view entity = end == std::string_view::npos ? "" : text.substr(1, end - 1);
    const auto code = entity.starts_with('#') ? parse_number<unsigned long>(entity.substr(1)) : std::nullopt;
    const auto known = std::ranges::find(named, entity, &std::pair<std::string_view, char>::first);
    if (code && *code > 0 && *code < 0x110000) {
      result += utf8(*code);
    } else if (known != named.end()) {
      result += known->second;
    } else {
      result += text.front();
      text.remove_prefix(1);
      continue;
    }
    text.remove_prefix(end + 1);
  }
  return result;
}

/// GML: `key value` pairs, where a value is a number, a "text", or a list of pairs in brackets.
class GmlReader {
 public:
  GmlReader(const InputFile& file, std::string_view text) : maker_(file.path.string()), rest_(text) {
    path_ = file.path.string();
  }

  AttributedGraph read() {
    bool found = false;
    while (const auto key = word()) {
      if (*key != "graph") {
        skip_value();
        continue;
      }
      if (found) fail("a second graph; one is allowed");
      found = true;
      open();
      graph();
    }
    if (!found) maker_.fail("is neither GraphML nor GML: it has no `graph [`");
    for (const auto& [from, to, attributes, line] : edges_) maker_.edge(from, to, attributes, line);
    return maker_.made();
  }

 private:
  void graph() {
    while (!closes()) {
      const std::string key = required_word();
      if (key == "node") {
        Attributes attributes = list();
        const std::string id = taken(attributes, "id", "node");
        maker_.node(id, std::move(attributes));
      } else if (key == "edge") {
        const int line = line_;
        Attributes attributes = list();
        const std::string source = taken(attributes, "source", "edge");
        const std::string target = taken(attributes, "target", "edge");
        edges_.emplace_back(source, target, std::move(attributes), line);
      } else if (key == "directed") {
        maker_.graph.directed = required_word() == "1";
      } else {
        skip_value();
      }
    }
  }
  /// The pairs of a list, but for lists in it.
  Attributes list() {
    open();
    Attributes attributes;
    while (!closes()) {
      const std::string key = required_word();
      if (peek() == '[') {
        skip_value();
      } else {
        attributes[key] = required_word();
      }
    }
    return attributes;
  }
  std::string taken(Attributes& attributes, const char* key, const char* what) const {
    const auto found = attributes.find(key);
    if (found == attributes.end()) fail(fmt::format("this {} has no `{}`", what, key));
    return attributes.extract(found).mapped();
  }

  // Words: texts without their quotes, brackets, numbers and keys.

  /// LF, or CR without LF behind it.
  bool ends_line(std::size_t at) const {
    return rest_[at] == '\n' || (rest_[at] == '\r' && !rest_.substr(at + 1).starts_with('\n'));
  }
  char peek() {
    for (; !rest_.empty(); rest_.remove_prefix(1)) {
      if (ends_line(0)) ++line_;
      if (rest_.front() == '#') {
        rest_ = rest_.substr(std::min(rest_.find_first_of("\r\n"), rest_.size()));
        if (rest_.empty()) break;
        if (ends_line(0)) ++line_;
      } else if (!std::isspace(static_cast<unsigned char>(rest_.front()))) {
        return rest_.front();
      }
    }
    return '\0';
  }
  std::optional<std::string> word() {
    const char first = peek();
    if (first == '\0') return std::nullopt;
    std::size_t length = 1;
    if (first == '"') {
      const std::size_t end = rest_.find('"', 1);
      if (end == std::string_view::npos) fail("a text in quotes does not end");
      std::string text = unescaped(rest_.substr(1, end - 1));
      for (std::size_t k = 0; k < end; ++k) line_ += ends_line(k);
      rest_.remove_prefix(end + 1);
      return text;
    }
    if (first != '[' && first != ']') length = std::min(rest_.find_first_of(" \t\r\n[]\""), rest_.size());
    std::string text(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return text;
  }
  std::string required_word() {
    auto found = word();
    if (!found) fail("the file ends within a list");
    return *std::move(found);
  }
  void open() {
    if (peek() != '[') fail("a list `[` has to follow here");
    (void)word();
  }
  bool closes() {
    if (peek() != ']') return false;
    (void)word();
    return true;
  }
  void skip_value() {
    int depth = 0;
    do {
      const bool text = peek() == '"';
      const std::string found = required_word();
      if (text) continue;
      depth += found == "[" ? 1 : found == "]" ? -1 : 0;
    } while (depth > 0);
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw InputFileError(fmt::format("{}:{}: {}", path_, line_, what));
  }

  GraphMaker maker_;
  std::string path_;
  std::string_view rest_;
  int line_ = 1;
  std::vector<std::tuple<std::string, std::string, Attributes, int>> edges_;
};

}  // namespace

AttributedGraph read_graph_file(const InputFile& file) {
  const auto text = text_of(file);
  const std::size_t first = text->find_first_not_of(" \t\r\n\xef\xbb\xbf");
  if (first != std::string::npos && (*text)[first] == '<') return read_graphml(file, *text);
  return GmlReader(file, without_mark(*text)).read();
}

std::set<std::string> unused_of_edges(const AttributedGraph& graph,
                                      std::initializer_list<std::string_view> used) {
  const std::set<std::string_view, BySmallLetters> known(used);
  std::set<std::string> unused;
  for (const auto& edge : graph.edges) {
    for (const auto& [key, value] : edge.attributes) {
      if (!known.contains(key)) unused.insert(key);
    }
  }
  return unused;
}

}  // namespace gossamer
