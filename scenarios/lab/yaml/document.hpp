// Documents: YAML as a plain tree in which everything knows its place, for errors that show it.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gossamer {

/// Whether a text is UTF-8, as traces and their readers need it.
bool is_utf8(std::string_view text);

/// A place in a file, or the name of an option on the command line.
struct Location {
  std::shared_ptr<const std::string> source;
  int line = 0;  ///< From 1; 0: the source has no lines.
  int column = 0;
  std::string text() const;  ///< "file:line:column".
};

/// A mistake in what the user gave: "file:line:column: what is wrong; what is allowed".
class BadInput : public std::runtime_error {
 public:
  BadInput(const Location& where, const std::string& what) : std::runtime_error(where.text() + ": " + what) {}
  using std::runtime_error::runtime_error;
};

/// A node of a YAML document. Immutable but for set().
struct Value {
  enum class Kind { null, scalar, sequence, map };
  struct Entry;

  Location at;
  Kind kind = Kind::null;
  std::string scalar;
  std::vector<Value> items;
  std::vector<Entry> entries;  ///< In the order of the file, without duplicate keys.

  const Value* find(std::string_view key) const;
  /// "a number or a text", "a list", "a map" or "nothing", for errors.
  std::string_view what() const;
};
struct Value::Entry {
  std::string key;
  Location at;
  Value value;
};

Value scalar_value(std::string text);

/// Reads the one YAML document in `text`; `source` is the file's name for errors.
/// Throws BadInput where it is not YAML, has duplicate keys or keys that are not plain, or is empty.
Value parse_document(const std::string& text, const std::string& source);

/// As parse_document. Throws BadInput where the file cannot be read.
Value read_document(const std::string& path);

/// Sets the value at a dotted path, "network.bandwidth", and makes the maps on the way that are missing.
/// Null removes the key, which then has to be there. Throws BadInput where something on the way is not a map.
void set(Value& document, const std::string& path, Value value);

/// Removes the key at the end of a path, and says whether it was there.
bool remove(Value& document, const std::string& path);

/// "network.bandwidth=10 Mbit/s" on the command line: sets that path to what is right of '=', read as YAML.
void set(Value& document, const std::string& assignment);

/// What the value of a dotted path lies in: "a.b" for "a.b.c", "" for "a".
std::string section_above(const std::string& path);

/// The document as YAML text that reads back as the same tree.
std::string to_yaml(const Value& document);
/// The same in one line, with braces.
std::string to_flow_yaml(const Value& value);
/// The same as JSON. A scalar that reads as a number, true or false is one, even if it was in quotes.
std::string to_json(const Value& value);

}  // namespace gossamer
