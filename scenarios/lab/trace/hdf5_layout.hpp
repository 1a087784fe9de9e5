// What an HDF5 file holds beside its numbers, and the file made of both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace gossamer {

enum class NumberType { float64, int32, int64, uint8, uint64 };

template <class T>
constexpr NumberType number_type() {
  if constexpr (std::is_same_v<T, double>) return NumberType::float64;
  if constexpr (std::is_same_v<T, std::int32_t>) return NumberType::int32;
  if constexpr (std::is_same_v<T, std::int64_t>) return NumberType::int64;
  if constexpr (std::is_same_v<T, std::uint8_t>) return NumberType::uint8;
  if constexpr (std::is_same_v<T, std::uint64_t>) return NumberType::uint64;
}

/// What a column's numbers are: their unit, and whether "lower" or "higher" is better; empty where there is
/// none.
struct Meaning {
  std::string unit{}, better{};

  bool operator==(const Meaning&) const = default;
};

/// One dimension of a data set. Its scale is the column of that name, [name], which has to be written first,
/// or else one without numbers, which is made in the root. Equal names have equal sizes.
struct Dimension {
  std::string name;
  std::uint64_t size;

  bool operator==(const Dimension&) const = default;
};

/// Paths are from the root, "/": "topology/edges". Groups stand before what is in them.
struct Hdf5Layout {
  using Value = std::variant<std::string, double, std::int64_t, std::uint64_t, std::uint8_t>;
  struct Attribute {
    std::string object, name;
    Value value;

    bool operator==(const Attribute&) const = default;
  };
  struct Set {
    std::string path;
    NumberType type;
    std::vector<Dimension> dimensions;
    Meaning meaning;

    bool operator==(const Set&) const = default;
  };
  struct Texts {
    std::string path;
    Dimension dimension;
    std::vector<std::string> values;

    bool operator==(const Texts&) const = default;
  };

  std::vector<std::string> groups;
  std::vector<Set> sets;
  std::vector<Texts> texts;
  std::vector<std::pair<std::string, std::string>> second_names;  ///< {"metrics/iteration", "iteration"}
  std::vector<Attribute> attributes;

  bool operator==(const Hdf5Layout&) const = default;
};

/// Of each of a layout's sets, as they lie in memory.
using Hdf5Numbers = std::span<const std::span<const std::byte>>;

/// The numbers of layout.sets[k] lie at bytes[offsets[k]], if there are any, in the order and the form that
/// they have in memory.
struct Hdf5File {
  std::vector<std::byte> bytes;
  std::vector<std::size_t> offsets;
};

/// numbers[k] are those of layout.sets[k]. Equal layouts and numbers give equal bytes, and equal layouts
/// equal offsets. Objects are stored as HDF5 1.8 does it: their headers have checksums, and are smaller and
/// sooner written than those of before. Dimension scales follow HDF5's specification (The HDF Group, "HDF5
/// Dimension Scale Specification", 2005), and, in that each lies in the group of its data or above it,
/// netCDF-4's. HDF5's own library for them leaves padding as it was in memory, and writes a scale's list anew
/// for each data set.
Hdf5File file_of(const Hdf5Layout& layout, Hdf5Numbers numbers);

/// The same file with more attributes.
std::vector<std::byte> with_attributes(std::vector<std::byte> file,
                                       const std::vector<Hdf5Layout::Attribute>& attributes);

}  // namespace gossamer
