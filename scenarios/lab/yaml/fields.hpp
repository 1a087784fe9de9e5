// Fields: one list of a struct's fields, `T::fields(value, visit)`, serves strict reading (Reader), writing
// of the resolved scenario (Writer), listing (list_fields) and schemas (SchemaWriter, in schema.hpp).
//
// fields() calls visit(key, field, domain, description). The domain of numbers is an interval, "[0, 1)", that
// of times counts ns, that of sizes in bytes counts these. A field that has to be given is a Required.
// fields() may visit some fields depending on the values of earlier ones (deciding). Visitors do not know the
// types of fields: these come with what can be done with them (FieldType), so that a list of fields is
// compiled once, and cheaply.
#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "scenarios/lab/yaml/document.hpp"
#include "scenarios/lab/yaml/schema_parts.hpp"
#include "sim/input_file.hpp"
#include "sim/required.hpp"
#include "sim/units.hpp"

namespace gossamer {

/// " did you mean 'x'?" with the name nearest to `name`, or nothing where none is near; then the names.
std::string suggestion(std::string_view name, const std::vector<std::string>& names);

/// "a, b, c".
std::string joined(const std::vector<std::string>& names);

/// Whether a number lies in an interval such as "(0, inf)" or "[0, 1]". An empty text means
/// all finite numbers.
bool in_domain(double number, std::string_view interval);

/// Both ends of an interval that is not empty: "0" and "inf".
std::pair<std::string_view, std::string_view> ends_of(std::string_view interval);

/// Shortest text that reads back as the same number.
std::string text_of(double number);
/// The same for documents: 1.0e-06, as readers of YAML 1.1 take 1e-06 for a text.
Value number_value(double number);
/// A text that holds numbers of number_value(), with those of text_of() in their place.
std::string with_shortest_numbers(std::string text);

/// "[1, 2147483647]": the interval, with infinite or missing ends replaced by the least and
/// the greatest number.
std::string bounded(std::string_view interval, const std::string& least, const std::string& greatest);

// ---- Values: single fields

/// Throws BadInput: "'abc' is not allowed; it takes a number", after the `key` where there is one.
[[noreturn]] void refuse(const Value& given, const std::string& expected, std::string_view key = {});

template <class T>
concept Enumeration = std::is_enum_v<T> && requires(T value) {
  names(value);
};

/// How the values of a type are written: for people, "a number in (0, inf)", and as a JSON schema.
/// read() gives false where `value` is not such a thing; what it throws concerns the inside of a section.
template <class T>
struct Text;

/// Declares the Text of a type whose members are defined elsewhere.
// NOLINTBEGIN(bugprone-macro-parentheses): a type takes none.
#define GOSSAMER_TEXT(Type)                                                     \
  template <>                                                                   \
  struct Text<Type> {                                                           \
    static std::string expected(std::string_view domain);                       \
    static bool read(const Value& value, Type& field, std::string_view domain); \
    static Value write(const Type& field);                                      \
    static Value schema(std::string_view domain);                               \
  }
// NOLINTEND(bugprone-macro-parentheses)
GOSSAMER_TEXT(double);
GOSSAMER_TEXT(bool);
GOSSAMER_TEXT(std::string);
GOSSAMER_TEXT(InputFile);
GOSSAMER_TEXT(Duration);
GOSSAMER_TEXT(Bandwidth);
GOSSAMER_TEXT(Bits);
GOSSAMER_TEXT(Bytes);

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
  static Value schema(std::string_view domain) {
    return number_schema("integer", bounded(domain, std::to_string(std::numeric_limits<T>::min()),
                                            std::to_string(std::numeric_limits<T>::max())));
  }
};

template <Enumeration T>
struct Text<T> {
  static std::vector<std::string> all() {
    std::vector<std::string> all;
    for (const std::string_view name : names(T{})) all.emplace_back(name);
    return all;
  }
  static std::string expected(std::string_view) {
    return (all().size() > 1 ? "one of " : "") + joined(all());
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
  static Value schema(std::string_view) { return names_schema(all()); }
};

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
  static Value schema(std::string_view domain) { return list_schema(Text<T>::schema(domain)); }
};

template <class T>
struct Text<std::optional<T>> {
  static std::string expected(std::string_view domain) { return Text<T>::expected(domain); }
  static bool read(const Value& value, std::optional<T>& field, std::string_view domain) {
    return Text<T>::read(value, field.emplace(), domain);
  }
  static Value write(const std::optional<T>& field) { return field ? Text<T>::write(*field) : Value{}; }
  static Value schema(std::string_view domain) { return Text<T>::schema(domain); }
};

template <class T>
struct Text<Required<T>> {
  static std::string expected(std::string_view domain) { return Text<T>::expected(domain); }
  static bool read(const Value& value, Required<T>& field, std::string_view domain) {
    T given{};
    if (!Text<T>::read(value, given, domain)) return false;
    field = std::move(given);
    return true;
  }
  static Value write(const Required<T>& field) { return field.given() ? Text<T>::write(*field) : Value{}; }
  static Value schema(std::string_view domain) { return Text<T>::schema(domain); }
};

// ---- Fields

class FieldVisitor;

/// What can be done with a field of some type.
struct FieldType {
  std::string (*expected)(std::string_view domain);  ///< These four as in Text ...
  bool (*read)(const Value& value, void* field, std::string_view domain);
  Value (*write)(const void* field);
  Value (*schema)(std::string_view domain);
  bool (*given)(const void* field);  ///< For a Required; null if there is a default.
  InputFile* (*file)(void* field);   ///< Of a file, null if none is named; for files only.
  /// Of a section within a section, which has no text, and of a field that has a kind: those inside.
  void (*fields)(void* field, FieldVisitor& visitor);

  bool is_section() const { return !read; }
};

template <class T>
concept HasFields = requires(T& value) {
  T::fields(value, [](auto&&...) {});
};
template <class T>
concept HasText = requires {
  &Text<T>::read;
};

template <class T>
constexpr FieldType field_type() {
  if constexpr (!HasText<T>) {
    return {nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, [](void* field, FieldVisitor& visitor) {
              T::fields(*static_cast<T*>(field), visitor);
            }};
  } else {
    FieldType type = {[](std::string_view domain) { return Text<T>::expected(domain); },
                      [](const Value& value, void* field, std::string_view domain) {
                        return Text<T>::read(value, *static_cast<T*>(field), domain);
                      },
                      [](const void* field) { return Text<T>::write(*static_cast<const T*>(field)); },
                      [](std::string_view domain) { return Text<T>::schema(domain); },
                      nullptr,
                      nullptr,
                      nullptr};
    if constexpr (requires(const T& field) { field.given(); }) {
      type.given = [](const void* field) { return static_cast<const T*>(field)->given(); };
    }
    if constexpr (std::same_as<T, Required<InputFile>>) {
      type.file = [](void* field) { return &**static_cast<T*>(field); };
    } else if constexpr (std::same_as<T, std::optional<InputFile>>) {
      type.file = [](void* field) {
        auto& file = *static_cast<T*>(field);
        return file ? &*file : nullptr;
      };
    }
    if constexpr (requires(T & field, FieldVisitor & visitor) { Text<T>::fields(field, visitor); }) {
      type.fields = [](void* field, FieldVisitor& visitor) {
        Text<T>::fields(*static_cast<T*>(field), visitor);
      };
    }
    return type;
  }
}

struct Field {
  std::string_view key;
  void* value;
  const FieldType& type;
  std::string_view domain, about;

  bool may_be_left_out() const { return !type.given || type.given(value); }
};

/// Goes through the fields of structs: `T::fields(value, visitor)`.
class FieldVisitor {
 public:
  template <class T>
  void operator()(std::string_view key, T& value, std::string_view domain, std::string_view about) {
    static constexpr FieldType type = field_type<T>();
    visit({key, &value, type, domain, about});
  }

 protected:
  ~FieldVisitor() = default;

 private:
  virtual void visit(const Field& field) = 0;
};

class Kinds;

/// Reads the fields of one map, strictly. Visit all fields, then finish().
class Reader final : public FieldVisitor {
 public:
  /// `section` is the name of the section, for errors. Throws BadInput where `map` is not a map.
  Reader(const Value& map, std::string section);

  /// The number of the kind that the section chooses by `key`, or of `preset` if it chooses none. Visit the
  /// kind's fields next.
  std::size_t kind(const Kinds& kinds, std::string_view preset = {}, std::string_view key = "kind");

  /// The key is known, and its value is read elsewhere.
  void allow(std::string_view key) { known_.emplace_back(key); }

  /// Throws BadInput for an unknown key, else for a field that is missing.
  void finish() const;

 private:
  void visit(const Field& field) override;
  [[noreturn]] void finish_with(const std::string& problem) const;

  const Value& map_;
  std::string section_;
  std::vector<std::string> known_;
  std::vector<std::string> missing_;
};

/// Writes all fields, the defaults included, as a map.
class Writer final : public FieldVisitor {
 public:
  explicit Writer(Value& map) : map_(map) { map_.kind = Value::Kind::map; }
  void add(std::string_view key, Value value) {
    map_.entries.push_back({std::string(key), {}, std::move(value)});
  }

 private:
  void visit(const Field& field) override;
  Value& map_;
};

/// Values on which it depends which fields there are; at first none.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> deciding{
    {{"", ""},
     {"dataset", "synthetic"},
     {"dataset", "synthetic_text"},
     {"model", "mlp"},
     {"kind", "piecewise"}}};

/// Finds all fields that there may be.
class Survey : public FieldVisitor {
 public:
  /// Calls visit() for each of the values in `deciding`: then the field of that key has it, if it takes it.
  void all(const auto& visit) {
    for (const auto& value : deciding) {
      set_ = value;
      visit();
    }
  }

 protected:
  /// Whether only some values of other fields bring those that are met now for the first time.
  bool is_conditional() const { return !set_.first.empty(); }

 private:
  void visit(const Field& field) final;
  /// A field, in each visit.
  virtual void meet(const Field& field) = 0;

  std::pair<std::string_view, std::string_view> set_;
};

/// One line of a listing.
struct FieldText {
  std::string key, initial, expected, about;
};

/// Lists fields with their defaults; a field that has to be given has an empty default. Those of a map in the
/// map are listed behind it: "loss", "loss.probability".
class Lister final : public Survey {
 public:
  explicit Lister(std::string path = {}) : path_(std::move(path)) {}
  std::vector<FieldText> lines;

 private:
  void meet(const Field& field) override;
  std::string path_;  // "loss."
};

template <HasFields T>
void read_section(const Value& map, const std::string& name, T& fields) {
  Reader reader(map, name);
  T::fields(fields, reader);
  reader.finish();
}

/// Takes a copy, as fields are visited as if they could change.
template <HasFields T>
void write_fields(T fields, Writer& writer) {
  T::fields(fields, writer);
}

template <HasFields T>
Value write_section(const T& fields) {
  Value value;
  Writer writer(value);
  write_fields(fields, writer);
  return value;
}

template <HasFields T>
std::vector<FieldText> list_fields(T fields) {
  Lister lister;
  lister.all([&] { T::fields(fields, lister); });
  return lister.lines;
}

}  // namespace gossamer
