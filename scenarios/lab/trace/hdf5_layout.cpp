#include "scenarios/lab/trace/hdf5_layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <stdexcept>

#include "scenarios/lab/trace/hdf5_handle.hpp"

namespace gossamer {
namespace {

/// More links and attributes than any object has: they all lie in its header, where few take least time and
/// room.
constexpr unsigned most_in_header = 65535;

/// As numbers lie in memory.
hid_t hdf5_type(NumberType type) {
  switch (type) {
    case NumberType::float64:
      return H5T_NATIVE_DOUBLE;
    case NumberType::int32:
      return H5T_NATIVE_INT32;
    case NumberType::int64:
      return H5T_NATIVE_INT64;
    case NumberType::uint8:
      return H5T_NATIVE_UINT8;
    case NumberType::uint64:
      return H5T_NATIVE_UINT64;
  }
  throw std::logic_error("a number of no type");
}

/// Access to files in memory, where what is written lies without gaps.
Handle in_memory() {
  Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  require(H5Pset_fapl_core(access, 1 << 16, false));
  require(H5Pset_meta_block_size(access, 0));
  require(H5Pset_small_data_block_size(access, 0));
  return access;
}

/// From now on objects are stored as HDF5 1.8 does it: all but the root, whose mark of an open file stays
/// where check_seal() looks for it.
void store_as_1_8(hid_t file) {
  require(H5Fset_libver_bounds(file, H5F_LIBVER_V18, H5F_LIBVER_V18));
}

std::vector<std::byte> bytes_of(hid_t file) {
  require(H5Fflush(file, H5F_SCOPE_GLOBAL));
  const ssize_t size = H5Fget_file_image(file, nullptr, 0);
  if (size < 0) throw std::runtime_error("HDF5 refuses to give the trace's bytes");
  std::vector<std::byte> bytes(static_cast<std::size_t>(size));
  if (H5Fget_file_image(file, bytes.data(), bytes.size()) != size) {
    throw std::runtime_error("HDF5 refuses to give the trace's bytes");
  }
  return bytes;
}

/// Texts of variable length: the others end at 64 kB, and h5py gives them as bytes.
Handle text_type() {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  require(H5Tset_size(type, H5T_VARIABLE));
  require(H5Tset_cset(type, H5T_CSET_UTF8));
  return type;
}

/// A unit's name in UDUNITS, where B is the bel.
std::string udunits(const std::string& unit) {
  return unit == "B" ? "byte" : unit;
}

/// Writes attributes of single values.
class Attributes {
 public:
  void write(hid_t object, const std::string& name, const std::string& text) const {
    const char* const start = text.c_str();
    write(object, name, text_, &start);
  }
  /// To the objects of `file` that they name.
  void write(hid_t file, const std::vector<Hdf5Layout::Attribute>& attributes) const {
    for (const Hdf5Layout::Attribute& attribute : attributes) {
      const Handle object(H5Oopen(file, attribute.object.c_str(), H5P_DEFAULT), H5Oclose);
      std::visit([&](const auto& value) { write(object, attribute.name, value); }, attribute.value);
    }
  }
  template <class T>
  void write(hid_t object, const std::string& name, T number) const {
    write(object, name, hdf5_type(number_type<T>()), &number);
  }
  hid_t text() const { return text_; }

 private:
  void write(hid_t object, const std::string& name, hid_t type, const void* value) const {
    const Handle attribute(H5Acreate2(object, name.c_str(), type, single_, H5P_DEFAULT, H5P_DEFAULT),
                           H5Aclose);
    require(H5Awrite(attribute, type, value));
  }

  Handle text_ = text_type(), single_{H5Screate(H5S_SCALAR), H5Sclose};
};

/// An attribute with `count` values.
void write_list(hid_t object, const char* name, hid_t type, const void* values, hsize_t count) {
  const Handle space(H5Screate_simple(1, &count, nullptr), H5Sclose);
  const Handle attribute(H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  require(H5Awrite(attribute, type, values));
}

/// A text of fixed length, with the NUL, as HDF5's specification of scales wants it.
void write_fixed(hid_t object, const char* name, const std::string& text) {
  const Handle type(H5Tcopy(H5T_C_S1), H5Tclose), space(H5Screate(H5S_SCALAR), H5Sclose);
  require(H5Tset_size(type, text.size() + 1));
  const Handle attribute(H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  require(H5Awrite(attribute, type, text.c_str()));
}

hobj_ref_t reference_to(hid_t set) {
  hobj_ref_t reference = 0;
  require(H5Rcreate(&reference, set, ".", H5R_OBJECT, -1));
  return reference;
}

/// The file of a layout while it is made.
class FileBuilder {
 public:
  FileBuilder(const Hdf5Layout& layout, Hdf5Numbers numbers);
  /// The first `set_count` data sets hold the layout's numbers.
  Hdf5File finish(std::size_t set_count) const;

 private:
  /// One data set that has a scale, and for which of its dimensions; as in the file, the padding as well.
  struct Use {
    hobj_ref_t set;
    std::int32_t dimension;
    std::int32_t padding;
  };
  struct Scale {
    Dimension dimension;
    const Handle* set;
    bool has_numbers;
    std::vector<Use> uses;
  };

  const Handle& create(const std::string& path, hid_t type, const std::vector<Dimension>& dimensions);
  void describe(hid_t set, const Meaning& meaning) const;
  void attach(const std::string& path, const Handle& set, const std::vector<Dimension>& dimensions);
  Scale& scale_of(const Dimension& dimension);
  void finish(const Scale& scale) const;

  Attributes attributes_;
  Handle groups_{H5Pcreate(H5P_GROUP_CREATE), H5Pclose};
  Handle sets_{H5Pcreate(H5P_DATASET_CREATE), H5Pclose};
  Handle references_{H5Tvlen_create(H5T_STD_REF_OBJ), H5Tclose};
  Handle use_{H5Tcreate(H5T_COMPOUND, sizeof(Use)), H5Tclose};
  Handle file_{H5Fcreate("trace", H5F_ACC_TRUNC, H5P_DEFAULT, in_memory()), H5Fclose};
  std::deque<Handle> made_;  ///< Data sets: those of the layout first, in its order.
  std::vector<Scale> scales_;
};

FileBuilder::FileBuilder(const Hdf5Layout& layout, Hdf5Numbers numbers) {
  store_as_1_8(file_);
  for (const hid_t list : {hid_t{groups_}, hid_t{sets_}}) {
    require(H5Pset_obj_track_times(list, false));
    require(H5Pset_attr_phase_change(list, most_in_header, 0));
  }
  require(H5Pset_link_phase_change(groups_, most_in_header, 0));
  require(H5Tinsert(use_, "dataset", offsetof(Use, set), H5T_STD_REF_OBJ));
  require(H5Tinsert(use_, "dimension", offsetof(Use, dimension), H5T_NATIVE_INT32));

  for (const std::string& path : layout.groups) {
    const Handle group(H5Gcreate2(file_, path.c_str(), H5P_DEFAULT, groups_, H5P_DEFAULT), H5Gclose);
  }
  // Numbers first: where memory ends with them, HDF5 can still close the file.
  for (std::size_t k = 0; k < layout.sets.size(); ++k) {
    const hid_t type = hdf5_type(layout.sets[k].type);
    const Handle& set = create(layout.sets[k].path, type, layout.sets[k].dimensions);
    require(H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers[k].data()));
  }
  for (const Hdf5Layout::Texts& texts : layout.texts) {
    const Handle& set = create(texts.path, attributes_.text(), {texts.dimension});
    std::vector<const char*> starts;
    for (const std::string& text : texts.values) starts.push_back(text.c_str());
    require(H5Dwrite(set, attributes_.text(), H5S_ALL, H5S_ALL, H5P_DEFAULT, starts.data()));
  }
  std::size_t k = 0;
  for (const Hdf5Layout::Set& set : layout.sets) {
    describe(made_[k], set.meaning);
    attach(set.path, made_[k++], set.dimensions);
  }
  for (const Hdf5Layout::Texts& texts : layout.texts) attach(texts.path, made_[k++], {texts.dimension});
  for (const auto& [name, target] : layout.second_names) {
    require(H5Lcreate_hard(file_, target.c_str(), file_, name.c_str(), H5P_DEFAULT, H5P_DEFAULT));
  }
  attributes_.write(file_, layout.attributes);
  for (const Scale& scale : scales_) finish(scale);
}

const Handle& FileBuilder::create(const std::string& path, hid_t type,
                                  const std::vector<Dimension>& dimensions) {
  std::vector<hsize_t> shape;
  for (const Dimension& dimension : dimensions) shape.push_back(dimension.size);
  const Handle space(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr), H5Sclose);
  return made_.emplace_back(H5Dcreate2(file_, path.c_str(), type, space, H5P_DEFAULT, sets_, H5P_DEFAULT),
                            H5Dclose);
}

void FileBuilder::describe(hid_t set, const Meaning& meaning) const {
  if (!meaning.unit.empty()) {
    attributes_.write(set, "unit", meaning.unit);
    attributes_.write(set, "units", udunits(meaning.unit));
  }
  if (!meaning.better.empty()) attributes_.write(set, "better", meaning.better);
}

void FileBuilder::attach(const std::string& path, const Handle& set,
                         const std::vector<Dimension>& dimensions) {
  // A scale has none itself.
  if (dimensions.size() == 1 && dimensions.front().name == path.substr(path.rfind('/') + 1)) {
    scales_.push_back({dimensions.front(), &set, true, {}});
    return;
  }
  std::vector<hobj_ref_t> scales(dimensions.size());
  std::vector<hvl_t> lists;
  for (std::size_t k = 0; k < dimensions.size(); ++k) {
    Scale& scale = scale_of(dimensions[k]);
    scale.uses.push_back({reference_to(set), static_cast<std::int32_t>(k), 0});
    scales[k] = reference_to(*scale.set);
    lists.push_back({1, &scales[k]});
  }
  write_list(set, "DIMENSION_LIST", references_, lists.data(), lists.size());
}

FileBuilder::Scale& FileBuilder::scale_of(const Dimension& dimension) {
  const auto scale =
      std::ranges::find(scales_, dimension.name, [](const Scale& s) { return s.dimension.name; });
  if (scale == scales_.end()) {
    const Handle& set = create(dimension.name, H5T_IEEE_F32BE, {dimension});
    return scales_.emplace_back(Scale{dimension, &set, false, {}});
  }
  if (scale->dimension != dimension) {
    throw std::logic_error("the dimension " + dimension.name + " has two sizes");
  }
  return *scale;
}

void FileBuilder::finish(const Scale& scale) const {
  const auto& [name, size] = scale.dimension;
  write_fixed(*scale.set, "CLASS", "DIMENSION_SCALE");
  // The words by which netCDF knows that there are no numbers.
  constexpr const char* without = "This is a netCDF dimension but not a netCDF variable. {:9}";
  write_fixed(*scale.set, "NAME", scale.has_numbers ? name : fmt::format(without, size));
  if (scale.uses.empty()) return;
  write_list(*scale.set, "REFERENCE_LIST", use_, scale.uses.data(), scale.uses.size());
}

Hdf5File FileBuilder::finish(std::size_t set_count) const {
  Hdf5File file{bytes_of(file_), {}};
  for (std::size_t k = 0; k < set_count; ++k) file.offsets.push_back(H5Dget_offset(made_[k]));
  return file;
}

}  // namespace

Hdf5File file_of(const Hdf5Layout& layout, Hdf5Numbers numbers) {
  return FileBuilder(layout, numbers).finish(layout.sets.size());
}

std::vector<std::byte> with_attributes(std::vector<std::byte> bytes,
                                       const std::vector<Hdf5Layout::Attribute>& attributes) {
  const Handle access = in_memory();
  require(H5Pset_file_image(access, bytes.data(), bytes.size()));
  const Handle file(H5Fopen("trace", H5F_ACC_RDWR, access), H5Fclose);
  store_as_1_8(file);
  Attributes().write(file, attributes);
  return bytes_of(file);
}

}  // namespace gossamer
