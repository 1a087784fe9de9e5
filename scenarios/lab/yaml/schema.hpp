// JSON schemas (draft 7) of sections, for editors: made from the fields themselves, by one more visitor.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/lab/yaml/fields.hpp"

namespace gossamer {

class Kinds;

/// Describes the fields of a map as properties of an object; other keys are refused. Fields that depend on
/// the values of others are found by visiting again with other values: what one visit has met stays.
class SchemaWriter final : public FieldVisitor {
 public:
  /// Before its next visit a field `key` is set to the text `value`, if it takes that.
  void set(std::string_view key, std::string_view value) { set_ = {key, value}; }
  void add(std::string_view key, Value schema, bool required);
  Value schema() const;

 private:
  void visit(const Field& field) override;

  Value properties_;
  Value required_;
  std::pair<std::string_view, std::string_view> set_;
};

/// Visits the keys that a kind has beside its own fields.
using CommonFields = std::function<void(std::size_t kind, FieldVisitor& visitor)>;

/// Of a section that is of some kind: a map for each, and the short forms that spelled_out() takes. The key
/// of the kind may be left out where there is a `preset`.
Value schema_of(const Kinds& kinds, std::string_view key = "kind", std::string_view preset = {},
                const CommonFields& common = {});

template <HasFields T>
Value schema_of(T fields) {
  SchemaWriter writer;
  T::fields(fields, writer);
  return writer.schema();
}

/// The same where every key may be left out.
Value without_required(Value schema);

}  // namespace gossamer
