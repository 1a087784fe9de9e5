#include "scenarios/lab/yaml/document.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <boost/locale/utf.hpp>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include "sim/text_file.hpp"

namespace gossamer {
namespace {

/// Where a text comes from. An option on the command line has no lines.
struct Source {
  std::shared_ptr<const std::string> name;
  bool has_lines = true;

  Location at(const YAML::Mark& mark) const {
    return mark.is_null() || !has_lines ? Location{name, 0, 0}
                                        : Location{name, mark.line + 1, mark.column + 1};
  }
};

/// Builds the tree from the parser's events, with limits on its size and depth: aliases of aliases can grow
/// without bounds.
class Builder final : public YAML::EventHandler {
 public:
  explicit Builder(Source source) : source_(std::move(source)) {}

  bool complete() const { return document_.has_value(); }
  Value take() { return std::move(*document_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (complete()) throw BadInput(source_.at(mark), "a second YAML document begins; a file holds one");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(make(mark, Value::Kind::null), anchor);
  }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                const std::string& text) override {
    if (!is_utf8(text)) throw BadInput(source_.at(mark), "not UTF-8; write the scenario in UTF-8");
    // Texts reach paths and messages, which end there.
    if (text.find('\0') != std::string::npos)
      throw BadInput(source_.at(mark), "a text with a NUL, U+0000; leave it out");
    Value value = make(mark, Value::Kind::scalar);
    value.scalar = text;
    add(std::move(value), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw BadInput(source_.at(mark), "a value cannot be an entry of itself");
    count(found->second, source_.at(mark));
    add(found->second, 0);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, Value::Kind::sequence, anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, Value::Kind::map, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  /// A list or map that is not closed yet.
  struct Open {
    Value value;
    YAML::anchor_t anchor;
    std::optional<Value> key;           // The key whose value comes next.
    std::map<std::string, int> keys{};  // The lines of all keys up to now.
  };

  Value make(const YAML::Mark& mark, Value::Kind kind) {
    Value value;
    value.at = source_.at(mark);
    value.kind = kind;
    count(value, value.at);
    return value;
  }
  /// Counts what is kept, in memory too: copies of anchors, and long texts as many values.
  void count(const Value& value, const Location& at) {
    count_ += 1 + std::ssize(value.scalar) / 100;
    if (count_ > 1'000'000) throw BadInput(at, "too many values; a document holds up to a million");
    for (const Value& item : value.items) count(item, at);
    for (const Value::Entry& entry : value.entries) count(entry.value, at);
  }
  void open(const YAML::Mark& mark, Value::Kind kind, YAML::anchor_t anchor) {
    open_.push_back({make(mark, kind), anchor, {}});
    if (open_.size() > 100)
      throw BadInput(source_.at(mark), "too many brackets in brackets; up to 100 are allowed");
  }
  void close() {
    Open closed = std::move(open_.back());
    open_.pop_back();
    add(std::move(closed.value), closed.anchor);
  }
  void add(Value value, YAML::anchor_t anchor) {
    if (anchor != 0) {
      count(value, value.at);
      anchors_[anchor] = value;
    }
    if (open_.empty()) {
      document_ = std::move(value);
    } else if (Open& parent = open_.back(); parent.value.kind == Value::Kind::sequence) {
      parent.value.items.push_back(std::move(value));
    } else if (parent.key) {
      // yaml-cpp gives a missing value the place of whatever comes next.
      if (value.kind == Value::Kind::null) value.at = parent.key->at;
      parent.value.entries.push_back({parent.key->scalar, parent.key->at, std::move(value)});
      parent.key.reset();
    } else {
      require_new_key(parent, value);
      parent.key = std::move(value);
    }
  }
  static void require_new_key(Open& map, const Value& key) {
    if (key.kind != Value::Kind::scalar) throw BadInput(key.at, "a key has to be a plain word");
    const auto [before, is_new] = map.keys.emplace(key.scalar, key.at.line);
    if (is_new) return;
    const int line = before->second;
    throw BadInput(key.at, "duplicate key '" + key.scalar + "'; it was given " +
                               (line > 0 ? "on line " + std::to_string(line) + " " : "") + "already");
  }

  Source source_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Value> anchors_;
  std::optional<Value> document_;
  std::int64_t count_ = 0;
};

Value parse(const std::string& text, const Source& source) {
  Builder builder(source);
  try {
    // Not YAML::LoadAll, which does not end on some texts that are not YAML.
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder) || !builder.complete()) {
      throw BadInput(source.at({}), "empty; it takes one YAML document");
    }
    (void)parser.HandleNextDocument(builder);
  } catch (const YAML::Exception& error) {
    throw BadInput(source.at(error.mark), "not YAML: " + error.msg);
  }
  return builder.take();
}

/// Truth to readers of YAML 1.1, and a text here.
bool may_be_truth(const std::string& text) {
  constexpr std::array<std::string_view, 4> words = {"yes", "no", "on", "off"};
  return std::ranges::count(words, in_lower_case(text)) > 0;
}

void emit_text(YAML::Emitter& out, const std::string& text) {
  if (may_be_truth(text)) out << YAML::DoubleQuoted;
  out << text;
}

void emit(YAML::Emitter& out, const Value& value) {
  switch (value.kind) {
    case Value::Kind::null:
      out << YAML::Null;
      break;
    case Value::Kind::scalar:
      emit_text(out, value.scalar);
      break;
    case Value::Kind::sequence:
      out << YAML::Flow << YAML::BeginSeq;
      for (const Value& item : value.items) emit(out, item);
      out << YAML::EndSeq;
      break;
    case Value::Kind::map:
      out << YAML::BeginMap;
      for (const Value::Entry& entry : value.entries) {
        out << YAML::Key;
        emit_text(out, entry.key);
        out << YAML::Value;
        emit(out, entry.value);
      }
      out << YAML::EndMap;
      break;
  }
}

}  // namespace

bool is_utf8(std::string_view text) {
  namespace utf = boost::locale::utf;
  for (auto at = text.begin(); at != text.end();) {
    if (!utf::is_valid_codepoint(utf::utf_traits<char>::decode(at, text.end()))) return false;
  }
  return true;
}

std::string Location::text() const {
  const std::string name = source ? *source : std::string("?");
  return line > 0 ? name + ":" + std::to_string(line) + ":" + std::to_string(column) : name;
}

const Value* Value::find(std::string_view key) const {
  const auto entry =
      std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.key == key; });
  return entry == entries.end() ? nullptr : &entry->value;
}

std::string_view Value::what() const {
  switch (kind) {
    case Kind::null:
      return "nothing";
    case Kind::scalar:
      return "a number or a text";
    case Kind::sequence:
      return items.empty() ? "an empty list" : "a list";
    case Kind::map:
      break;
  }
  return entries.empty() ? "an empty map" : "a map";
}

Value scalar_value(std::string text) {
  Value value;
  value.kind = Value::Kind::scalar;
  value.scalar = std::move(text);
  return value;
}

Value parse_document(const std::string& text, const std::string& source) {
  return parse(text, {std::make_shared<const std::string>(source)});
}

Value read_document(const std::string& path) {
  // A directory would open, and read as an empty file.
  if (std::filesystem::is_directory(path)) throw BadInput(path + ": cannot be read: Is a directory");
  std::ifstream file(path, std::ios::binary);
  if (!file) throw BadInput(path + ": cannot be read: " + std::strerror(errno));
  constexpr std::size_t longest = 1 << 26;
  std::string text;
  for (std::string piece(1 << 16, ' '); file && text.size() <= longest;) {
    file.read(piece.data(), std::ssize(piece));
    text.append(piece, 0, static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad()) throw BadInput(path + ": cannot be read: " + std::strerror(errno));
  if (text.size() > longest) throw BadInput(path + ": has over 64 MiB; no scenario has");
  return parse_document(text, path);
}

namespace {

/// Takes the first key off a path and returns it. In the section `sweep` whole paths are keys.
std::string next_key(const Value& node, std::string_view& path) {
  const std::size_t dot = node.find(path) ? std::string_view::npos : path.find('.');
  std::string key(path.substr(0, dot));
  path.remove_prefix(dot == std::string_view::npos ? path.size() : dot + 1);
  return key;
}

auto entry_of(Value& map, const std::string& key) {
  return std::ranges::find(map.entries, key, &Value::Entry::key);
}

bool may_be_map(const Value& value) {
  return value.kind == Value::Kind::map || value.kind == Value::Kind::null;
}

/// The entry of that key, made where there is none. `map` is a map, or nothing, which becomes one.
Value::Entry& made_entry(Value& map, const std::string& key, const Location& at) {
  map.kind = Value::Kind::map;
  const auto entry = entry_of(map, key);
  if (entry != map.entries.end()) return *entry;
  Value::Entry& made = map.entries.emplace_back(Value::Entry{key, at, {}});
  made.value.at = at;
  return made;
}

/// The entry of a path, and the map that it is in; null if there is none.
std::pair<Value*, std::vector<Value::Entry>::iterator> found(Value& document, std::string_view path) {
  Value* node = &document;
  for (std::string_view rest = path;;) {
    const auto entry = entry_of(*node, next_key(*node, rest));
    if (entry == node->entries.end()) return {nullptr, {}};
    if (rest.empty()) return {node, entry};
    node = &entry->value;
  }
}

}  // namespace

void set(Value& document, const std::string& path, Value value) {
  if (value.kind == Value::Kind::null) {
    if (!remove(document, path)) throw BadInput(value.at, "there is no '" + path + "' to remove");
    return;
  }
  Value* node = &document;
  std::string_view rest = path;
  for (bool last = false; !last;) {
    const std::string key = next_key(*node, rest);
    last = rest.empty() && !path.ends_with('.');
    if (key.empty()) throw BadInput(value.at, "'" + path + "' is not a path; it takes keys and dots between");
    if (!may_be_map(*node)) {
      // Kinds may be written by their names alone, but then have no keys.
      const bool is_name =
          node->kind == Value::Kind::scalar && std::isalpha(static_cast<unsigned char>(node->scalar[0])) != 0;
      throw BadInput(value.at, "there is no '" + path + "'; what stands before '" + key +
                                   "' has to be a map" + (is_name ? ", {kind: " + node->scalar + "}" : ""));
    }
    Value::Entry& entry = made_entry(*node, key, value.at);
    if (last) entry.at = value.at;
    node = &entry.value;
  }
  *node = std::move(value);
}

bool remove(Value& document, const std::string& path) {
  const auto [map, entry] = found(document, path);
  if (map) map->entries.erase(entry);
  return map != nullptr;
}

void set(Value& document, const std::string& assignment) {
  const Source source{std::make_shared<const std::string>("--set " + assignment), false};
  const std::size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw BadInput(source.at({}), "not an assignment; write path=value, for instance network.latency='1 ms'");
  }
  const std::string path = assignment.substr(0, equals);
  Value value = parse(assignment.substr(equals + 1), source);
  // What a sweep varies is one key with dots: 'sweep.algorithm.step_size=[0.1, 0.2]'.
  constexpr std::string_view sweep = "sweep.";
  const bool varies = path.starts_with(sweep) && value.kind == Value::Kind::sequence &&
                      document.kind == Value::Kind::map && !found(document, path).first;
  if (varies) {
    Value& section = made_entry(document, "sweep", value.at).value;
    if (may_be_map(section)) {
      made_entry(section, path.substr(sweep.size()), value.at).value = std::move(value);
      return;
    }
  }
  set(document, path, std::move(value));
}

std::string section_above(const std::string& path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string::npos ? "" : path.substr(0, dot);
}

namespace {

std::string json_text(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == 127) {
      constexpr std::string_view digits = "0123456789abcdef";
      result += "\\u00";
      result += digits[static_cast<unsigned char>(c) / 16];
      result += digits[static_cast<unsigned char>(c) % 16];
    } else {
      if (c == '"' || c == '\\') result += '\\';
      result += c;
    }
  }
  return result + '"';
}

std::string json_scalar(const std::string& text) {
  if (text == "true" || text == "false") return text;
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) {
    return json_text(text);
  }
  // Of JSON's numbers only some shapes: no +1, 01, .5 or 1.
  const bool plain = std::ranges::all_of(text, [](char c) { return '0' <= c && c <= '9'; });
  if (plain && (text.size() == 1 || text.front() != '0')) return text;
  std::array<char, 32> shortest;
  const auto written = std::to_chars(shortest.data(), shortest.data() + shortest.size(), number);
  return {shortest.data(), written.ptr};
}

void write_json(const Value& value, std::string& text) {
  const char* separator = "";
  switch (value.kind) {
    case Value::Kind::null:
      text += "null";
      break;
    case Value::Kind::scalar:
      text += json_scalar(value.scalar);
      break;
    case Value::Kind::sequence:
      text += '[';
      for (const Value& item : value.items) {
        text += std::exchange(separator, ", ");
        write_json(item, text);
      }
      text += ']';
      break;
    case Value::Kind::map:
      text += '{';
      for (const Value::Entry& entry : value.entries) {
        text += std::exchange(separator, ", ") + json_text(entry.key) + ": ";
        write_json(entry.value, text);
      }
      text += '}';
      break;
  }
}

}  // namespace

std::string to_flow_yaml(const Value& value) {
  YAML::Emitter out;
  // Otherwise the emitter begins a new line after 80 letters, even within braces.
  out << YAML::Flow;
  out.SetMapFormat(YAML::Flow);
  emit(out, value);
  std::string text = out.c_str();
  std::ranges::replace(text, '\n', ' ');
  return text;
}

std::string to_json(const Value& value) {
  std::string text;
  write_json(value, text);
  return text;
}

std::string to_yaml(const Value& document) {
  YAML::Emitter out;
  emit(out, document);
  return std::string(out.c_str()) + "\n";
}

}  // namespace gossamer
