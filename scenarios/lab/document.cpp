#include "scenarios/lab/document.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace gossamer {
namespace {

using Source = std::shared_ptr<const std::string>;

Location place(const Source& source, const YAML::Mark& mark) {
  return mark.is_null() ? Location{source, 0, 0} : Location{source, mark.line + 1, mark.column + 1};
}

/// Copies yaml-cpp's nodes, with a limit on their number: aliases of aliases can grow without bounds.
class Copier {
 public:
  explicit Copier(Source source) : source_(std::move(source)) {}

  Value copy(const YAML::Node& node) {
    Value value;
    value.at = place(source_, node.Mark());
    if (++count_ > 10'000'000)
      throw BadInput(value.at, "the document is too large; at most 10 million values");
    switch (node.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null:
        break;
      case YAML::NodeType::Scalar:
        value.kind = Value::Kind::scalar;
        value.scalar = node.Scalar();
        break;
      case YAML::NodeType::Sequence:
        value.kind = Value::Kind::sequence;
        for (const YAML::Node& item : node) value.items.push_back(copy(item));
        break;
      case YAML::NodeType::Map:
        value.kind = Value::Kind::map;
        for (const auto& entry : node) add(value, entry.first, entry.second);
        break;
    }
    return value;
  }

 private:
  void add(Value& map, const YAML::Node& key, const YAML::Node& content) {
    const Location at = place(source_, key.Mark());
    if (!key.IsScalar()) throw BadInput(at, "a key has to be a plain word");
    const auto before = std::find_if(map.entries.begin(), map.entries.end(),
                                     [&](const Value::Entry& entry) { return entry.key == key.Scalar(); });
    if (before != map.entries.end()) {
      throw BadInput(at, "duplicate key '" + key.Scalar() + "'; it was given on line " +
                             std::to_string(before->at.line) + " already");
    }
    map.entries.push_back({key.Scalar(), at, copy(content)});
  }

  Source source_;
  std::int64_t count_ = 0;
};

void emit(YAML::Emitter& out, const Value& value) {
  switch (value.kind) {
    case Value::Kind::null:
      out << YAML::Null;
      break;
    case Value::Kind::scalar:
      out << value.scalar;
      break;
    case Value::Kind::sequence:
      out << YAML::Flow << YAML::BeginSeq;
      for (const Value& item : value.items) emit(out, item);
      out << YAML::EndSeq;
      break;
    case Value::Kind::map:
      out << YAML::BeginMap;
      for (const Value::Entry& entry : value.entries) {
        out << YAML::Key << entry.key << YAML::Value;
        emit(out, entry.value);
      }
      out << YAML::EndMap;
      break;
  }
}

}  // namespace

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
      return "a list";
    case Kind::map:
      break;
  }
  return "a map";
}

Value parse_document(const std::string& text, const std::string& source) {
  const auto shared = std::make_shared<const std::string>(source);
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.empty()) throw BadInput(Location{shared, 1, 1}, "the file is empty");
    if (documents.size() > 1) {
      throw BadInput(place(shared, documents[1].Mark()), "a second YAML document begins; a file holds one");
    }
    return Copier(shared).copy(documents.front());
  } catch (const YAML::Exception& error) {
    throw BadInput(place(shared, error.mark), "not YAML: " + error.msg);
  }
}

Value read_document(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  // A directory opens but does not read.
  if (!file) throw BadInput(path + ": cannot be read: " + std::strerror(errno));
  return parse_document(text.str(), path);
}

void set(Value& document, std::string_view path, Value value) {
  Value* node = &document;
  for (;;) {
    const std::size_t dot = path.find('.');
    const std::string key(path.substr(0, dot));
    if (node->kind == Value::Kind::null) node->kind = Value::Kind::map;
    if (node->kind != Value::Kind::map || key.empty()) {
      throw BadInput(value.at, "there is no such path; what stands before '" + key + "' has to be a map");
    }
    auto entry = std::find_if(node->entries.begin(), node->entries.end(),
                              [&](const Value::Entry& e) { return e.key == key; });
    if (entry == node->entries.end()) {
      node->entries.push_back({key, value.at, {}});
      entry = node->entries.end() - 1;
      entry->value.at = value.at;
    }
    if (dot == std::string_view::npos) {
      entry->at = value.at;
      entry->value = std::move(value);
      return;
    }
    node = &entry->value;
    path.remove_prefix(dot + 1);
  }
}

void set(Value& document, const std::string& assignment) {
  const std::string source = "--set " + assignment;
  const std::size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw BadInput(source + ": not an assignment; write path=value, for instance network.latency='1 ms'");
  }
  Value value = parse_document(assignment.substr(equals + 1), source);
  const auto forget_lines = [](auto& self, Value& v) -> void {
    v.at.line = 0;
    for (Value& item : v.items) self(self, item);
    for (Value::Entry& entry : v.entries) {
      entry.at.line = 0;
      self(self, entry.value);
    }
  };
  forget_lines(forget_lines, value);
  set(document, std::string_view(assignment).substr(0, equals), std::move(value));
}

std::string to_yaml(const Value& document) {
  YAML::Emitter out;
  emit(out, document);
  return std::string(out.c_str()) + "\n";
}

}  // namespace gossamer
