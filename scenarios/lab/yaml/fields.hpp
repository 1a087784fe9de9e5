// Fields: one list of a struct's fields, `T::fields(value, visit)`, serves strict reading (Reader), writing
// of the resolved scenario (to_value) and listing (list_fields).
//
// fields() calls visit(key, field, domain, description). The domain of numbers is an interval, "[0, 1)"; a
// field that has to be given starts outside its domain, or has the domain "required". fields() may visit some
// fields depending on the values of earlier ones.
#pragma once

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "algorithms/agent/schedule.hpp"
#include "algorithms/problems/batches.hpp"
#include "scenarios/lab/yaml/document.hpp"
#include "sim/units.hpp"

namespace gossamer {

/// " did you mean 'x'?" with the name nearest to `name`, or nothing where none is near; then the names.
std::string suggestion(std::string_view name, const std::vector<std::string>& names);

/// "a, b, c".
std::string joined(const std::vector<std::string>& names);

/// Whether a number lies in an interval such as "(0, inf)" or "[0, 1]"; an empty one holds every finite
/// number.
bool in_domain(double number, std::string_view interval);

/// Shortest text that reads back as the same number.
std::string text_of(double number);

/// "[1, 2147483647]": the interval, with infinity and nothing replaced by the least and the greatest there
/// is.
std::string bounded(std::string_view interval, const std::string& least, const std::string& greatest);

// ---- Kinds: values of several types, each with a name

/// The kinds of one section: algorithms, topologies, ... V is the std::variant of their types.
template <class V>
struct Catalogue {
  using Value = V;
  struct Entry {
    std::string name;
    V prototype;  ///< With the defaults.
    std::string about;
  };
  std::string what;  ///< "algorithm".
  std::vector<Entry> entries;

  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const Entry& entry : entries) all.push_back(entry.name);
    return all;
  }
  const Entry* find(std::string_view name) const {
    for (const Entry& entry : entries) {
      if (entry.name == name) return &entry;
    }
    return nullptr;
  }
};

/// A kind that was chosen, with its fields. Several names may share one type.
template <class V>
struct Chosen {
  std::string kind;
  V value;
};

// ---- Values: single fields

Value scalar_value(std::string text);

template <class T>
concept HasFields = requires(T& value) {
  T::fields(value, [](auto&&...) {});
};

template <class T>
concept Enumeration = std::is_enum_v<T> && requires(T value) {
  names(value);
};

/// How the values of a type are written, for people: "a number in (0, inf)".
/// read() gives false where `value` is not such a thing; what it throws concerns the inside of a section.
template <class T>
struct Text;

template <>
struct Text<double> {
  static std::string expected(std::string_view domain);
  static bool read(const Value& value, double& number, std::string_view domain);
  static Value write(double number);
};

template <std::integral T>
struct Text<T> {
  static std::string expected(std::string_view domain) {
    return "an integer in " + bounded(domain, std::to_string(std::numeric_limits<T>::min()),
                                      std::to_string(std::numeric_limits<T>::max()));
  }
  static bool read(const Value& value, T& number, std::string_view domain) {
    // "1e6" is an integer too; beyond 2^53 only digits are exact.
    const std::string& text = value.scalar;
    const auto digits = std::from_chars(text.data(), text.data() + text.size(), number);
    if (value.kind != Value::Kind::scalar || text.empty()) return false;
    if (digits.ec == std::errc() && digits.ptr == text.data() + text.size()) {
      return in_domain(static_cast<double>(number), domain);
    }
    double real = 0;
    if (!Text<double>::read(value, real, domain) || std::abs(real) > 0x1p53 || real != std::trunc(real) ||
        !std::in_range<T>(static_cast<std::int64_t>(real))) {
      return false;
    }
    number = static_cast<T>(real);
    return true;
  }
  static Value write(T number) { return scalar_value(std::to_string(number)); }
};

/// Declares the Text of a type whose members are defined elsewhere.
#define GOSSAMER_TEXT(Type)                                                     \
  template <>                                                                   \
  struct Text<Type> {                                                           \
    static std::string expected(std::string_view domain);                       \
    static bool read(const Value& value, Type& field, std::string_view domain); \
    static Value write(const Type& field);                                      \
  }
GOSSAMER_TEXT(bool);
GOSSAMER_TEXT(std::string);
GOSSAMER_TEXT(std::filesystem::path);
GOSSAMER_TEXT(Duration);
GOSSAMER_TEXT(Bandwidth);
GOSSAMER_TEXT(Bits);
GOSSAMER_TEXT(BatchSize);
GOSSAMER_TEXT(Schedule);

template <Enumeration T>
struct Text<T> {
  static std::string expected(std::string_view) {
    std::vector<std::string> all;
    for (const std::string_view name : names(T{})) all.emplace_back(name);
    return (all.size() > 1 ? "one of " : "") + joined(all);
  }
  static bool read(const Value& value, T& field, std::string_view) {
    std::underlying_type_t<T> index = 0;
    for (const std::string_view name : names(T{})) {
      if (value.kind == Value::Kind::scalar && value.scalar == name) {
        field = static_cast<T>(index);
        return true;
      }
      ++index;
    }
    return false;
  }
  static Value write(T field) {
    return scalar_value(std::string(names(T{})[static_cast<std::size_t>(field)]));
  }
};

/// Throws BadInput: "'abc' is not allowed; it takes a number", after the `key` where there is one.
[[noreturn]] void refuse(const Value& given, const std::string& expected, std::string_view key = {});

template <class T>
struct Text<std::vector<T>> {
  static std::string expected(std::string_view domain) {
    return "a list, [...], in which every entry is " + Text<T>::expected(domain);
  }
  static bool read(const Value& value, std::vector<T>& field, std::string_view domain) {
    if (value.kind != Value::Kind::sequence) return false;
    field.clear();
    for (const Value& item : value.items) {
      T element{};
      if (!Text<T>::read(item, element, domain)) refuse(item, Text<T>::expected(domain));
      field.push_back(std::move(element));
    }
    return true;
  }
  static Value write(const std::vector<T>& field) {
    Value value;
    value.kind = Value::Kind::sequence;
    for (const T& element : field) value.items.push_back(Text<T>::write(element));
    return value;
  }
};

template <class T>
struct Text<std::optional<T>> {
  static std::string expected(std::string_view domain) { return Text<T>::expected(domain); }
  static bool read(const Value& value, std::optional<T>& field, std::string_view domain) {
    return Text<T>::read(value, field.emplace(), domain);
  }
  static Value write(const std::optional<T>& field) { return field ? Text<T>::write(*field) : Value{}; }
};

template <HasFields T>
Value write_section(const T& fields);

/// A section within a section, which the Reader reads by itself.
template <HasFields T>
struct Text<T> {
  static std::string expected(std::string_view) { return "a map"; }
  static Value write(const T& field) { return write_section(field); }
};
template <class T>
concept IsSection = HasFields<T> && !requires {
  &Text<T>::read;
};

template <class... Types>
struct Text<std::variant<Types...>> {
  using V = std::variant<Types...>;
  static std::string expected(std::string_view) { return "one of " + joined(catalogue_of(V{}).names()); }
  static bool read(const Value& value, V& field, std::string_view);
  static Value write(const V& field);
};

// ---- Sections

/// Whether a field keeps its initial value if no other is given; otherwise it has to be given.
template <class T>
bool may_be_left_out(const T& field, std::string_view domain) {
  if constexpr (std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) {
    return in_domain(static_cast<double>(field), domain);
  } else if constexpr (std::is_same_v<T, Schedule>) {
    return in_domain(field.value, domain);
  } else {
    return domain != "required";
  }
}

/// Reads the fields of one map, strictly. Visit all fields, then finish().
class Reader {
 public:
  /// `section` is the name of the section, for errors. Throws BadInput where `map` is not a map.
  Reader(const Value& map, std::string section);

  template <class T>
  void operator()(std::string_view key, T& field, std::string_view domain, std::string_view /*about*/) {
    known_.emplace_back(key);
    const Value* given = map_.find(key);
    if (given) {
      if constexpr (IsSection<T>) {
        Reader section(*given, std::string(key));
        T::fields(field, section);
        section.finish();
      } else if (!Text<T>::read(*given, field, domain)) {
        refuse(*given, Text<T>::expected(domain), key);
      }
    } else if (!may_be_left_out(field, domain)) {
      missing_.push_back("missing key '" + std::string(key) + "'; it takes " + Text<T>::expected(domain));
    }
  }

  /// Reads which kind of `catalogue` the section is, from `key`, and the fields of that kind.
  template <class V>
  void choose(const Catalogue<V>& catalogue, Chosen<V>& chosen, std::string_view key = "kind") {
    known_.emplace_back(key);
    if (const Value* given = map_.find(key)) {
      if (given->kind != Value::Kind::scalar) refuse(*given, "one of " + joined(catalogue.names()), key);
      chosen.kind = given->scalar;
    } else if (chosen.kind.empty()) {
      finish_with("missing key '" + std::string(key) + "'; there are: " + joined(catalogue.names()));
    }
    const auto* entry = catalogue.find(chosen.kind);
    if (!entry) {
      throw BadInput(map_.find(key)->at, "unknown " + catalogue.what + " '" + chosen.kind + "';" +
                                             suggestion(chosen.kind, catalogue.names()));
    }
    chosen.value = entry->prototype;
    std::visit([this]<class T>(T& value) { T::fields(value, *this); }, chosen.value);
  }

  /// The key is known, and its value is read elsewhere.
  void allow(std::string_view key) { known_.emplace_back(key); }

  /// Throws BadInput for a key that no field has, else for a field that is missing.
  void finish() const;

 private:
  [[noreturn]] void finish_with(const std::string& problem) const;

  const Value& map_;
  std::string section_;
  std::vector<std::string> known_;
  std::vector<std::string> missing_;
};

/// Writes all fields, the defaults included, as a map.
class Writer {
 public:
  explicit Writer(Value& map) : map_(map) { map_.kind = Value::Kind::map; }

  template <class T>
  void operator()(std::string_view key, const T& field, std::string_view, std::string_view) {
    Value value = Text<T>::write(field);
    if (value.kind != Value::Kind::null) add(key, std::move(value));
  }
  template <class V>
  void choose(const Chosen<V>& chosen, std::string_view key = "kind") {
    add(key, scalar_value(chosen.kind));
    std::visit([this]<class T>(const T& value) { T::fields(value, *this); }, chosen.value);
  }
  void add(std::string_view key, Value value) {
    map_.entries.push_back({std::string(key), {}, std::move(value)});
  }

 private:
  Value& map_;
};

/// "{kind: top_k, fraction: 0.01}", or the kind alone where there is nothing else.
std::string in_one_line(const Value& kind_of_section);

/// One line of a listing.
struct FieldText {
  std::string key, initial, expected, about;
};

/// Lists the fields of a struct with their defaults; an empty one has to be given.
template <HasFields T>
std::vector<FieldText> list_fields(T value) {
  std::vector<FieldText> lines;
  T::fields(value,
            [&]<class F>(std::string_view key, F& field, std::string_view domain, std::string_view about) {
              const Value written = Text<F>::write(field);
              std::string initial = "none";
              if (written.kind == Value::Kind::scalar) initial = written.scalar;
              if (written.find("kind")) initial = in_one_line(written);
              if (!may_be_left_out(field, domain)) initial.clear();
              lines.push_back({std::string(key), initial, Text<F>::expected(domain), std::string(about)});
            });
  return lines;
}

// ---- Definitions that need the above

template <HasFields T>
Value write_section(const T& fields) {
  Value value;
  Writer writer(value);
  T::fields(fields, writer);
  return value;
}

/// A kind with one field may be written {kind: value}, and one without fields that must be given as its name.
template <class V>
Value spelled_out(const Catalogue<V>& catalogue, const Value& value, std::string_view key = "kind") {
  if (value.kind == Value::Kind::scalar) {
    Value map;
    map.at = value.at;
    map.kind = Value::Kind::map;
    map.entries.push_back({std::string(key), value.at, value});
    return map;
  }
  if (value.kind != Value::Kind::map || value.entries.size() != 1) return value;
  const Value::Entry& only = value.entries.front();
  const auto* entry = catalogue.find(only.key);
  if (!entry) return value;
  const auto fields =
      std::visit([](const auto& prototype) { return list_fields(prototype); }, entry->prototype);
  if (fields.size() != 1) return value;
  Value map;
  map.at = value.at;
  map.kind = Value::Kind::map;
  map.entries.push_back({std::string(key), only.at, scalar_value(only.key)});
  map.entries.push_back({fields.front().key, only.at, only.value});
  return map;
}

template <class... Types>
bool Text<std::variant<Types...>>::read(const Value& value, V& field, std::string_view) {
  const auto& catalogue = catalogue_of(field);
  const Value map = spelled_out(catalogue, value);
  Reader reader(map, catalogue.what);
  Chosen<V> chosen;
  reader.choose(catalogue, chosen);
  reader.finish();
  field = std::move(chosen.value);
  return true;
}

template <class... Types>
Value Text<std::variant<Types...>>::write(const V& field) {
  Value map;
  Writer writer(map);
  for (const auto& entry : catalogue_of(field).entries) {
    if (entry.prototype.index() == field.index()) writer.choose(Chosen<V>{entry.name, field});
  }
  return map;
}

}  // namespace gossamer
