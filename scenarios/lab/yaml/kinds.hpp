// Kinds: the sorts of a section, each with a name and fields of its own.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "scenarios/lab/yaml/fields.hpp"

namespace gossamer {

/// Visits the keys that a kind has beside its own fields.
using CommonFields = std::function<void(std::size_t kind, FieldVisitor& visitor)>;

/// The kinds of one section (algorithms, topologies, ...) as listings see them.
class Kinds {
 public:
  explicit Kinds(std::string what) : what_(std::move(what)) {}
  virtual ~Kinds() = default;

  const std::string& what() const { return what_; }  ///< "algorithm".
  virtual std::vector<std::string> names() const = 0;
  virtual const std::string& about(std::size_t kind) const = 0;
  /// Visits the fields of a kind, with their defaults.
  virtual void visit(std::size_t kind, FieldVisitor& visitor) const = 0;
  /// All fields that a kind may have, and those beside its own.
  std::vector<FieldText> list(std::size_t kind, const CommonFields& common = {}) const;
  /// The key of which {name: value, ...} gives the value: the only one, or the only one that has to be given.
  /// Empty if there is none such.
  std::string short_key(std::size_t kind) const;

 private:
  std::string what_;
};

/// A kind, whose values are objects behind an Interface.
template <class Interface>
struct Kind {
  std::string name, about;
  std::shared_ptr<const Interface> prototype;  ///< Has the defaults.
  /// An object of this kind: its fields start as those of `from`, which is one, too, and are then visited.
  std::function<std::shared_ptr<const Interface>(const Interface& from, FieldVisitor& visitor)> visited;
  std::function<bool(const Interface& object)> made;  ///< Whether an object is of this kind's type.
};

/// A kind that was chosen, with its fields. Several names may share one type.
template <class Interface>
struct Chosen {
  std::string kind;
  std::shared_ptr<const Interface> value;
  const Interface* operator->() const { return value.get(); }
};

template <class I>
class Catalogue final : public Kinds {
 public:
  using Interface = I;
  Catalogue(std::string what, std::vector<Kind<I>> entries)
      : Kinds(std::move(what)), all_(std::move(entries)) {}

  const std::vector<Kind<I>>& all() const { return all_; }
  const Kind<I>& at(std::string_view name) const {
    for (const Kind<I>& kind : all_) {
      if (kind.name == name) return kind;
    }
    throw std::out_of_range(what() + " '" + std::string(name) + "' is not in the catalogue");
  }
  /// The kind of an object, which has one.
  const Kind<I>& of(const I& object) const {
    return *std::ranges::find_if(all_, [&](const Kind<I>& kind) { return kind.made(object); });
  }
  /// With its defaults.
  Chosen<I> preset(const std::string& name) const { return {name, at(name).prototype}; }

  std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const Kind<I>& kind : all_) names.push_back(kind.name);
    return names;
  }
  const std::string& about(std::size_t kind) const override { return all_[kind].about; }
  void visit(std::size_t kind, FieldVisitor& visitor) const override {
    (void)all_[kind].visited(*all_[kind].prototype, visitor);
  }

  /// Reads which kind the section is, from `key`, and its fields. Without that key it stays `chosen.kind`.
  void read(Reader& reader, Chosen<I>& chosen, std::string_view key = "kind") const {
    const Kind<I>& kind = all_[reader.kind(*this, chosen.kind, key)];
    chosen = {kind.name, kind.visited(*kind.prototype, reader)};
  }
  void write(Writer& writer, const Chosen<I>& chosen, std::string_view key = "kind") const {
    writer.add(key, scalar_value(chosen.kind));
    (void)at(chosen.kind).visited(*chosen.value, writer);
  }

 private:
  std::vector<Kind<I>> all_;
};

/// A kind of values T, each in an Of<T>, which implements the section's interface.
template <template <class> class Of, class T>
auto kind(std::string name, T prototype, std::string about) {
  using Interface = typename Of<T>::Interface;
  return Kind<Interface>{
      std::move(name), std::move(about), std::make_shared<const Of<T>>(std::move(prototype)),
      [](const Interface& from, FieldVisitor& visitor) {
        T value = dynamic_cast<const Of<T>&>(from).value;
        T::fields(value, visitor);
        return std::make_shared<const Of<T>>(std::move(value));
      },
      [](const Interface& object) { return dynamic_cast<const Of<T>*>(&object) != nullptr; }};
}

/// A kind of values T, each one alternative of a std::variant.
template <class Variant, class T>
Kind<Variant> alternative(std::string name, T prototype, std::string about) {
  return {std::move(name), std::move(about), std::make_shared<const Variant>(std::move(prototype)),
          [](const Variant& from, FieldVisitor& visitor) {
            T value = std::get<T>(from);
            T::fields(value, visitor);
            return std::make_shared<const Variant>(std::move(value));
          },
          [](const Variant& object) { return std::holds_alternative<T>(object); }};
}

/// A kind with one field, or with one that has to be given, may be written {kind: value}, with other keys
/// beside it, and a kind without required fields as its name alone. Both stand for a map with the key `key`.
Value spelled_out(const Kinds& kinds, const Value& value, std::string_view key = "kind");

// A field of which there are several kinds, of the catalogue that is given, as Text wants it.

template <class I>
std::shared_ptr<const I> read_kind(const Catalogue<I>& catalogue, const Value& value) {
  const Value map = spelled_out(catalogue, value);
  Reader reader(map, catalogue.what());
  Chosen<I> chosen;
  catalogue.read(reader, chosen);
  reader.finish();
  return chosen.value;
}

template <class I>
Value write_kind(const Catalogue<I>& catalogue, const I& object) {
  Value map;
  const Kind<I>& kind = catalogue.of(object);
  Writer writer(map);
  writer.add("kind", scalar_value(kind.name));
  (void)kind.visited(object, writer);
  return map;
}

}  // namespace gossamer
