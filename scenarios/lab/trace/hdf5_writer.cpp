#include "scenarios/lab/trace/hdf5_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace gossamer {
namespace {

/// More links and attributes than any object has: they all lie in its header, where few take least time and
/// room.
constexpr unsigned most_in_header = 65535;

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

/// A unit's name in UDUNITS, where B is the bel.
std::string udunits(std::string_view unit) {
  return unit == "B" ? "byte" : std::string(unit);
}

}  // namespace

Hdf5Writer::Hdf5Writer()
    : access_(H5Pcreate(H5P_FILE_ACCESS), H5Pclose),
      groups_(H5Pcreate(H5P_GROUP_CREATE), H5Pclose),
      sets_(H5Pcreate(H5P_DATASET_CREATE), H5Pclose),
      text_(H5Tcopy(H5T_C_S1), H5Tclose),
      references_(H5Tvlen_create(H5T_STD_REF_OBJ), H5Tclose),
      use_(H5Tcreate(H5T_COMPOUND, sizeof(Use)), H5Tclose),
      single_(H5Screate(H5S_SCALAR), H5Sclose),
      root_(
          [this] {
            require(H5Pset_fapl_core(access_, 1 << 16, false));
            for (const hid_t list : {hid_t{groups_}, hid_t{sets_}}) {
              require(H5Pset_obj_track_times(list, false));
              require(H5Pset_attr_phase_change(list, most_in_header, 0));
            }
            require(H5Pset_link_phase_change(groups_, most_in_header, 0));
            // Of variable length: the others end at 64 kB, and h5py gives them as bytes.
            require(H5Tset_size(text_, H5T_VARIABLE));
            require(H5Tset_cset(text_, H5T_CSET_UTF8));
            require(H5Tinsert(use_, "dataset", offsetof(Use, set), H5T_STD_REF_OBJ));
            require(H5Tinsert(use_, "dimension", offsetof(Use, dimension), H5T_NATIVE_INT32));
            return H5Fcreate("trace", H5F_ACC_TRUNC, H5P_DEFAULT, access_);
          }(),
          H5Fclose) {
  // All but the root, whose mark of an open file stays where check_seal() looks for it.
  require(H5Fset_libver_bounds(root_, H5F_LIBVER_V18, H5F_LIBVER_V18));
}

Handle Hdf5Writer::group(hid_t parent, const std::string& name) const {
  return {H5Gcreate2(parent, name.c_str(), H5P_DEFAULT, groups_, H5P_DEFAULT), H5Gclose};
}

void Hdf5Writer::attribute(hid_t object, const char* name, const std::string& text) const {
  const char* const start = text.c_str();
  attribute(object, name, text_, &start);
}

void Hdf5Writer::attribute(hid_t object, const char* name, hid_t type, const void* value) const {
  const Handle attribute(H5Acreate2(object, name, type, single_, H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  require(H5Awrite(attribute, type, value));
}

void Hdf5Writer::write(hid_t group, const std::string& name, const std::vector<std::string>& texts,
                       const std::string& dimension) {
  const std::vector<Dimension> dimensions{{dimension, texts.size()}};
  const Handle set = create(group, name, text_, dimensions);
  std::vector<const char*> starts;
  for (const std::string& text : texts) starts.push_back(text.c_str());
  require(H5Dwrite(set, text_, H5S_ALL, H5S_ALL, H5P_DEFAULT, starts.data()));
  attach(name, set, dimensions);
}

Handle Hdf5Writer::create(hid_t group, const std::string& name, hid_t type,
                          const std::vector<Dimension>& dimensions) const {
  std::vector<hsize_t> shape;
  for (const Dimension& dimension : dimensions) shape.push_back(dimension.size);
  const Handle space(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr), H5Sclose);
  return {H5Dcreate2(group, name.c_str(), type, space, H5P_DEFAULT, sets_, H5P_DEFAULT), H5Dclose};
}

void Hdf5Writer::describe(hid_t set, const Meaning& meaning) const {
  if (!meaning.unit.empty()) {
    attribute(set, "unit", std::string(meaning.unit));
    attribute(set, "units", udunits(meaning.unit));
  }
  if (!meaning.better.empty()) attribute(set, "better", std::string(meaning.better));
}

void Hdf5Writer::attach(const std::string& name, hid_t set, const std::vector<Dimension>& dimensions) {
  const hobj_ref_t reference = reference_to(set);
  // A scale has none itself.
  if (dimensions.size() == 1 && dimensions.front().name == name) {
    scales_.push_back({name, reference, true, dimensions.front().size, {}});
    return;
  }
  std::vector<hobj_ref_t> scales(dimensions.size());
  std::vector<hvl_t> lists;
  for (std::size_t k = 0; k < dimensions.size(); ++k) {
    Scale& scale = scale_of(dimensions[k]);
    scale.uses.push_back({reference, static_cast<std::int32_t>(k), 0});
    scales[k] = scale.set;
    lists.push_back({1, &scales[k]});
  }
  write_list(set, "DIMENSION_LIST", references_, lists.data(), lists.size());
}

Hdf5Writer::Scale& Hdf5Writer::scale_of(const Dimension& dimension) {
  const auto scale = std::ranges::find(scales_, dimension.name, &Scale::name);
  if (scale == scales_.end()) {
    const Handle set = create(root_, dimension.name, H5T_IEEE_F32BE, {dimension});
    scales_.push_back({dimension.name, reference_to(set), false, dimension.size, {}});
    return scales_.back();
  }
  if (scale->size != dimension.size) {
    throw std::logic_error("the dimension " + dimension.name + " has two sizes");
  }
  return *scale;
}

void Hdf5Writer::finish(const Scale& scale) const {
  const Handle set(H5Rdereference2(root_, H5P_DEFAULT, H5R_OBJECT, &scale.set), H5Dclose);
  write_fixed(set, "CLASS", "DIMENSION_SCALE");
  // The words by which netCDF knows that there are no numbers.
  constexpr const char* without = "This is a netCDF dimension but not a netCDF variable. {:9}";
  write_fixed(set, "NAME", scale.has_numbers ? scale.name : fmt::format(without, scale.size));
  if (!scale.uses.empty()) write_list(set, "REFERENCE_LIST", use_, scale.uses.data(), scale.uses.size());
}

std::vector<std::byte> Hdf5Writer::bytes() {
  for (const Scale& scale : scales_) finish(scale);
  scales_.clear();
  require(H5Fflush(root_, H5F_SCOPE_GLOBAL));
  const ssize_t size = H5Fget_file_image(root_, nullptr, 0);
  if (size < 0) throw std::runtime_error("HDF5 refuses to give the trace's bytes");
  std::vector<std::byte> bytes(static_cast<std::size_t>(size));
  if (H5Fget_file_image(root_, bytes.data(), bytes.size()) != size) {
    throw std::runtime_error("HDF5 refuses to give the trace's bytes");
  }
  return bytes;
}

}  // namespace gossamer
