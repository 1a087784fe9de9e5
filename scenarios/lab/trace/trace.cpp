#include "scenarios/lab/trace/trace.hpp"

#include <hdf5.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "scenarios/lab/trace/metrics.hpp"
#include "scenarios/lab/trace/output_file.hpp"
#include "scenarios/lab/trace/revision.hpp"
#include "topologies/mixing.hpp"

namespace gossamer {
namespace {

/// An HDF5 identifier that is closed when it goes out of scope.
class Handle {
 public:
  Handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {
    if (id < 0) throw std::runtime_error("HDF5 refuses a part of the trace");
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { close_(id_); }
  operator hid_t() const { return id_; }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

void require(herr_t status) {
  if (status < 0) throw std::runtime_error("HDF5 refuses a part of the trace");
}

/// A text of variable length: the others end at 64 kB, and h5py gives them as bytes.
void write_attribute(hid_t object, const char* name, const std::string& text) {
  const Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  require(H5Tset_size(type, H5T_VARIABLE));
  require(H5Tset_cset(type, H5T_CSET_UTF8));
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  const Handle attribute(H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  const char* const start = text.c_str();
  require(H5Awrite(attribute, type, &start));
}

template <class T>
hid_t hdf5_type();
template <>
hid_t hdf5_type<double>() {
  return H5T_NATIVE_DOUBLE;
}
template <>
hid_t hdf5_type<std::int32_t>() {
  return H5T_NATIVE_INT32;
}
template <>
hid_t hdf5_type<std::int64_t>() {
  return H5T_NATIVE_INT64;
}
template <>
hid_t hdf5_type<std::uint64_t>() {
  return H5T_NATIVE_UINT64;
}

template <class T>
void write_attribute(hid_t object, const char* name, T number) {
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  const Handle attribute(H5Acreate2(object, name, hdf5_type<T>(), space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  require(H5Awrite(attribute, hdf5_type<T>(), &number));
}

/// What a column's numbers are: their unit, and whether "lower" or "higher" is better; empty where
/// there is none.
struct Meaning {
  std::string_view unit{}, better{};
};

/// Objects without a time stamp, so that equal traces give equal bytes.
class File {
 public:
  File()
      : access_(H5Pcreate(H5P_FILE_ACCESS), H5Pclose),
        group_(H5Pcreate(H5P_GROUP_CREATE), H5Pclose),
        dataset_(H5Pcreate(H5P_DATASET_CREATE), H5Pclose) {
    require(H5Pset_fapl_core(access_, 1 << 20, false));
    require(H5Pset_obj_track_times(group_, false));
    require(H5Pset_obj_track_times(dataset_, false));
  }
  hid_t access() const { return access_; }
  Handle group(hid_t parent, const std::string& name) const {
    return {H5Gcreate2(parent, name.c_str(), H5P_DEFAULT, group_, H5P_DEFAULT), H5Gclose};
  }
  template <class T>
  void write(hid_t parent, const std::string& name, const T* data, std::vector<hsize_t> shape,
             const Meaning& meaning = {}) const {
    const Handle space(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr), H5Sclose);
    const Handle set(
        H5Dcreate2(parent, name.c_str(), hdf5_type<T>(), space, H5P_DEFAULT, dataset_, H5P_DEFAULT),
        H5Dclose);
    require(H5Dwrite(set, hdf5_type<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    if (!meaning.unit.empty()) write_attribute(set, "unit", std::string(meaning.unit));
    if (!meaning.better.empty()) write_attribute(set, "better", std::string(meaning.better));
  }

 private:
  Handle access_, group_, dataset_;
};

void write_tables(const File& file, hid_t root, const Trace& trace) {
  const auto rows = static_cast<hsize_t>(trace.rows());
  const Handle metrics = file.group(root, "metrics");
  for (const Column& column : trace.metrics) {
    const Metric& metric = *find_metric(column.name);
    file.write(metrics, column.name, column.values.data(), {rows}, {metric.unit, text_of(metric.better)});
  }
  if (!trace.nodes.empty()) {
    const Handle nodes = file.group(root, "nodes");
    for (const Column& column : trace.nodes) {
      file.write(nodes, column.name, column.values.data(), {rows, static_cast<hsize_t>(trace.node_count)},
                 {unit_of_node_column(column.name)});
    }
  }
  if (!trace.links.empty()) {
    const Handle links = file.group(root, "links");
    for (const Column& column : trace.links) {
      file.write(links, column.name, column.values.data(), {column.values.size()});
    }
  }
}

void write_topology(const File& file, hid_t root, const Trace& trace) {
  const Handle topology = file.group(root, "topology");
  std::vector<std::int32_t> ends;
  for (const auto& [u, v] : trace.edges) ends.insert(ends.end(), {u, v});
  file.write(topology, "edges", ends.data(), {trace.edges.size(), 2});
  if (!trace.mixing) return;
  const Handle mixing = file.group(topology, "mixing_matrix");
  const MixingMatrix::Sparse& w = trace.mixing->sparse();
  const auto entries = static_cast<hsize_t>(w.nonZeros());
  file.write(mixing, "data", w.valuePtr(), {entries});
  file.write(mixing, "indices", w.innerIndexPtr(), {entries});
  file.write(mixing, "indptr", w.outerIndexPtr(), {static_cast<hsize_t>(w.rows()) + 1});
  // Where the gap is not certified there is no number to give.
  if (trace.spectral_gap) {
    write_attribute(mixing, "lambda", 1 - *trace.spectral_gap);
    write_attribute(mixing, "spectral_gap", *trace.spectral_gap);
  }
}

/// Where `path` leads, through links that may point to nothing yet.
std::filesystem::path followed(std::filesystem::path path) {
  constexpr int most_links = 40;  // The same limit as Linux.
  for (int links = 0; std::filesystem::is_symlink(path) && links < most_links; ++links) {
    path = path.parent_path() / std::filesystem::read_symlink(path);
  }
  return path;
}

/// "" if there is no such attribute.
std::string read_attribute(hid_t object, const char* name) {
  if (H5Aexists(object, name) <= 0) return "";
  const Handle attribute(H5Aopen(object, name, H5P_DEFAULT), H5Aclose);
  const Handle type(H5Aget_type(attribute), H5Tclose);
  if (H5Tis_variable_str(type) <= 0) throw std::runtime_error(std::string(name) + " is not a text");
  char* text = nullptr;
  require(H5Aread(attribute, type, &text));
  const std::unique_ptr<char, herr_t (*)(void*)> owner(text, H5free_memory);
  return text ? text : "";
}

double read_last(hid_t metrics, const char* name) {
  const Handle set(H5Dopen2(metrics, name, H5P_DEFAULT), H5Dclose);
  const Handle space(H5Dget_space(set), H5Sclose);
  hsize_t rows = 0;
  if (H5Sget_simple_extent_ndims(space) != 1 || H5Sget_simple_extent_dims(space, &rows, nullptr) < 0 ||
      rows == 0) {
    throw std::runtime_error(std::string(name) + " is not a column");
  }
  const hsize_t start = rows - 1, count = 1;
  require(H5Sselect_hyperslab(space, H5S_SELECT_SET, &start, nullptr, &count, nullptr));
  const Handle one(H5Screate_simple(1, &count, nullptr), H5Sclose);
  double last = 0;
  require(H5Dread(set, H5T_NATIVE_DOUBLE, one, space, H5P_DEFAULT, &last));
  return last;
}

}  // namespace

double Trace::last(std::string_view metric) const {
  const auto column = std::ranges::find(metrics, metric, &Column::name);
  return column == metrics.end() || column->values.empty() ? Evaluation::none : column->values.back();
}

std::string to_string(Trace::Status status) {
  return std::string(names(status)[static_cast<std::size_t>(status)]);
}

std::string to_string(Trace::End end) {
  return std::string(names(end)[static_cast<std::size_t>(end)]);
}

std::vector<std::byte> to_hdf5(const Trace& trace) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);  // Errors come as exceptions, not on standard error.
  const File file;
  // In memory: the file on disk is then written by replace_file, whole or not at all.
  const Handle root(H5Fcreate("trace", H5F_ACC_TRUNC, H5P_DEFAULT, file.access()), H5Fclose);
  write_attribute(root, "format", std::string("gossamer-trace"));
  write_attribute(root, "format_version", std::int64_t{1});
  write_attribute(root, "scenario", trace.scenario);
  if (!trace.sweep.empty()) write_attribute(root, "sweep", trace.sweep);
  write_attribute(root, "version", std::string(version));
  write_attribute(root, "git_revision", std::string(git_revision));
  write_attribute(root, "seed", trace.seed);
  write_attribute(root, "fingerprint", trace.fingerprint);
  write_attribute(root, "status", to_string(trace.status));
  if (trace.diverged_at) write_attribute(root, "diverged_at", *trace.diverged_at);
  if (trace.end) write_attribute(root, "ended_by", to_string(*trace.end));

  write_tables(file, root, trace);
  write_topology(file, root, trace);
  if (!trace.parameters.empty()) {
    const Handle parameters = file.group(root, "parameters");
    const auto nodes = static_cast<hsize_t>(trace.node_count);
    file.write(parameters, "final", trace.parameters.data(), {nodes, trace.parameters.size() / nodes});
  }

  require(H5Fflush(root, H5F_SCOPE_GLOBAL));
  const ssize_t size = H5Fget_file_image(root, nullptr, 0);
  if (size < 0) throw std::runtime_error("HDF5 refuses to give the trace's bytes");
  std::vector<std::byte> bytes(static_cast<std::size_t>(size));
  if (H5Fget_file_image(root, bytes.data(), bytes.size()) != size) {
    throw std::runtime_error("HDF5 refuses to give the trace's bytes");
  }
  return bytes;
}

void replace_file(const std::filesystem::path& given, const std::vector<std::byte>& bytes) {
  const std::filesystem::path path = followed(given), temporary = temporary_for(path);
  try {
    OutputFile file(temporary, OutputFile::Content::discard, path);
    file.write(bytes);
    file.rename(path);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
}

TraceSummary read_summary(const std::filesystem::path& path) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  TraceSummary summary;
  try {
    const Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
    if (read_attribute(file, "format") != "gossamer-trace") throw std::runtime_error("it has another format");
    summary.scenario = read_attribute(file, "scenario");
    summary.sweep = read_attribute(file, "sweep");
    const std::string status = read_attribute(file, "status");
    const auto known = names(summary.status);
    const auto found = std::ranges::find(known, status);
    if (found == known.end()) throw std::runtime_error("unknown status '" + status + "'");
    summary.status = static_cast<Trace::Status>(found - known.begin());
    const Handle columns(H5Gopen2(file, "metrics", H5P_DEFAULT), H5Gclose);
    for (const Metric& metric : metrics()) {
      const std::string name(metric.name);
      if (H5Lexists(columns, name.c_str(), H5P_DEFAULT) > 0) {
        summary.last_row.emplace_back(metric.name, read_last(columns, name.c_str()));
      }
    }
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(path.string() + ": not a trace that can be read: " + error.what());
  }
  return summary;
}

void require_writable(const std::filesystem::path& given) {
  const std::filesystem::path path = followed(given);
  // A directory cannot be replaced. A device, a pipe or somebody's notes could be, but must not.
  const std::filesystem::file_status there = std::filesystem::status(path);
  if (std::filesystem::exists(there) && !std::filesystem::is_regular_file(there)) {
    throw std::runtime_error(given.string() + ": cannot be written: it is not a file");
  }
  if (std::filesystem::exists(there) && std::filesystem::file_size(path) > 0) {
    try {
      (void)read_summary(path);
    } catch (const std::runtime_error&) {
      throw std::runtime_error(given.string() +
                               ": cannot be written: it is there already, and not a trace; "
                               "remove it, or choose another place");
    }
  }
  const std::filesystem::path temporary = temporary_for(path);
  const OutputFile file(temporary, OutputFile::Content::discard, path);
  ::unlink(temporary.c_str());
}

}  // namespace gossamer
