// HDF5 as traces are written: in memory, without time stamps, and with a name for every dimension.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "scenarios/lab/trace/hdf5_handle.hpp"

namespace gossamer {

template <class T>
hid_t hdf5_type() {
  if constexpr (std::is_same_v<T, double>) return H5T_NATIVE_DOUBLE;
  if constexpr (std::is_same_v<T, std::int32_t>) return H5T_NATIVE_INT32;
  if constexpr (std::is_same_v<T, std::int64_t>) return H5T_NATIVE_INT64;
  if constexpr (std::is_same_v<T, std::uint8_t>) return H5T_NATIVE_UINT8;
  if constexpr (std::is_same_v<T, std::uint64_t>) return H5T_NATIVE_UINT64;
}

/// What a column's numbers are: their unit, and whether "lower" or "higher" is better; empty where there is
/// none.
struct Meaning {
  std::string_view unit{}, better{};
};

/// One dimension of a data set. Its scale is the column of that name, [name], which has to be written first,
/// or else one without numbers, which is made in the root. Equal names have equal sizes.
struct Dimension {
  std::string name;
  hsize_t size;
};

/// Equal calls give equal bytes. Objects are stored as HDF5 1.8 does it: their headers have checksums, and
/// are smaller and sooner written than those of before. Dimension scales follow HDF5's specification (The HDF
/// Group, "HDF5 Dimension Scale Specification", 2005), and, in that each lies in the group of its data or
/// above it, netCDF-4's. HDF5's own library for them leaves padding as it was in memory, and writes a scale's
/// list anew for each data set.
class Hdf5Writer {
 public:
  Hdf5Writer();
  hid_t root() const { return root_; }

  Handle group(hid_t parent, const std::string& name) const;

  void attribute(hid_t object, const char* name, const std::string& text) const;
  template <class T>
  void attribute(hid_t object, const char* name, T number) const {
    attribute(object, name, hdf5_type<T>(), &number);
  }

  template <class T>
  void write(hid_t group, const std::string& name, const T* data, const std::vector<Dimension>& dimensions,
             const Meaning& meaning = {}) {
    const Handle set = create(group, name, hdf5_type<T>(), dimensions);
    require(H5Dwrite(set, hdf5_type<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    describe(set, meaning);
    attach(name, set, dimensions);
  }
  void write(hid_t group, const std::string& name, const std::vector<std::string>& texts,
             const std::string& dimension);

  /// The file. Nothing can be written after it.
  std::vector<std::byte> bytes();

 private:
  /// One data set that has a scale, and for which of its dimensions; as in the file, the padding as well.
  struct Use {
    hobj_ref_t set;
    std::int32_t dimension;
    std::int32_t padding;
  };
  struct Scale {
    std::string name;
    hobj_ref_t set;
    bool has_numbers;
    hsize_t size;
    std::vector<Use> uses;
  };

  /// A single value.
  void attribute(hid_t object, const char* name, hid_t type, const void* value) const;
  Handle create(hid_t group, const std::string& name, hid_t type,
                const std::vector<Dimension>& dimensions) const;
  void describe(hid_t set, const Meaning& meaning) const;
  void attach(const std::string& name, hid_t set, const std::vector<Dimension>& dimensions);
  Scale& scale_of(const Dimension& dimension);
  void finish(const Scale& scale) const;

  Handle access_, groups_, sets_;  // Properties of what is made.
  Handle text_, references_, use_, single_;
  Handle root_;
  std::vector<Scale> scales_;
};

}  // namespace gossamer
