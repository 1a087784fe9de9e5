// JSON schemas (draft 7) of sections, for editors: made from the fields themselves, by one more visitor.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/lab/yaml/fields.hpp"
#include "scenarios/lab/yaml/kinds.hpp"

namespace gossamer {

/// Describes the fields of a map as properties of an object; other keys are refused. What one visit has met
/// stays.
class SchemaWriter final : public Survey {
 public:
  void add(std::string_view key, Value schema, bool required);
  Value schema() const;

 private:
  void meet(const Field& field) override;

  Value properties_;
  Value required_;
};

/// Of a section that is of some kind: a map for each, and the short forms that spelled_out() takes. The key
/// of the kind may be left out where there is a `preset`.
Value schema_of(const Kinds& kinds, std::string_view key = "kind", std::string_view preset = {},
                const CommonFields& common = {});

template <HasFields T>
Value schema_of(T fields) {
  SchemaWriter writer;
  writer.all([&] { T::fields(fields, writer); });
  return writer.schema();
}

/// The same where every key may be left out.
Value without_required(Value schema);

}  // namespace gossamer
