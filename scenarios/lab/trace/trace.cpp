#include "scenarios/lab/trace/trace.hpp"

#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "scenarios/lab/trace/hdf5_handle.hpp"
#include "scenarios/lab/trace/metrics.hpp"
#include "scenarios/lab/trace/output_file.hpp"
#include "scenarios/lab/trace/read_trace.hpp"
#include "scenarios/lab/trace/revision.hpp"
#include "topologies/mixing.hpp"

namespace gossamer {
namespace {

/// Texts of variable length: the others end at 64 kB, and h5py gives them as bytes.
class TextType {
 public:
  TextType() : type_(H5Tcopy(H5T_C_S1), H5Tclose) {
    require(H5Tset_size(type_, H5T_VARIABLE));
    require(H5Tset_cset(type_, H5T_CSET_UTF8));
  }
  operator hid_t() const { return type_; }  // NOLINT: it stands for it.

 private:
  Handle type_;
};

void write_attribute(hid_t object, const char* name, const std::string& text) {
  const TextType type;
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
hid_t hdf5_type<std::uint8_t>() {
  return H5T_NATIVE_UINT8;
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
    require(H5Pset_fapl_core(access_, 1 << 16, false));
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
  void write(hid_t parent, const std::string& name, const std::vector<std::string>& texts) const {
    const TextType type;
    const hsize_t shape = texts.size();
    const Handle space(H5Screate_simple(1, &shape, nullptr), H5Sclose);
    const Handle set(H5Dcreate2(parent, name.c_str(), type, space, H5P_DEFAULT, dataset_, H5P_DEFAULT),
                     H5Dclose);
    std::vector<const char*> starts;
    for (const std::string& text : texts) starts.push_back(text.c_str());
    require(H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, starts.data()));
  }

 private:
  Handle access_, group_, dataset_;
};

void write_tables(const File& file, hid_t root, const Trace& trace) {
  const auto rows = static_cast<hsize_t>(trace.rows());
  const Handle metrics = file.group(root, "metrics");
  for (const Column& column : trace.metrics) {
    const Metric* const metric = find_metric(column.name);
    const Meaning meaning = metric ? Meaning{metric->unit, text_of(metric->better)}
                                   : Meaning{.better = trace.scores.at(column.name)};
    file.write(metrics, column.name, column.values.data(), {rows}, meaning);
  }
  for (const auto& [part, count] : trace.measured_rows) write_attribute(metrics, part.c_str(), count);
  if (!trace.nodes.empty()) {
    const Handle nodes = file.group(root, "nodes");
    for (const Column& column : trace.nodes) {
      file.write(nodes, column.name, column.values.data(), {rows, static_cast<hsize_t>(trace.node_count)},
                 {unit_of_node_column(column.name)});
    }
  }
  if (!trace.vectors.empty()) {
    const Handle vectors = file.group(root, "vectors");
    const hsize_t d = trace.dimension;
    for (const Column& column : trace.vectors) {
      const hsize_t nodes = rows > 0 ? column.values.size() / (rows * d) : 0;
      file.write(vectors, column.name, column.values.data(), {rows, nodes, d});
    }
  }
  if (!trace.layers.empty()) file.write(root, "layers", trace.layers.data(), {trace.layers.size()});
  if (!trace.links.empty()) {
    const Handle links = file.group(root, "links");
    for (const Column& column : trace.links) {
      file.write(links, column.name, column.values.data(), {column.values.size()},
                 {unit_of_link_column(column.name)});
    }
  }
}

/// W_1, ..., W_P below each other: P n rows.
void write_mixing(const File& file, hid_t topology, const Trace& trace) {
  const Handle mixing = file.group(topology, "mixing_matrix");
  std::vector<double> data;
  std::vector<std::int32_t> indices, indptr{0};
  for (const MixingMatrix& w : trace.mixing) {
    for (int i = 0; i < w.rows(); ++i) {
      const auto [columns, weights] = w.row(i);
      data.insert(data.end(), weights.begin(), weights.end());
      indices.insert(indices.end(), columns.begin(), columns.end());
      indptr.push_back(static_cast<std::int32_t>(data.size()));
    }
  }
  file.write(mixing, "data", data.data(), {data.size()});
  file.write(mixing, "indices", indices.data(), {indices.size()});
  file.write(mixing, "indptr", indptr.data(), {indptr.size()});
  if (trace.mixing.size() > 1) {
    write_attribute(mixing, "period", static_cast<std::int64_t>(trace.mixing.size()));
  }
  // Where the gap is not certified there is no number to give.
  if (trace.spectral_gap) {
    write_attribute(mixing, "lambda", 1 - *trace.spectral_gap);
    write_attribute(mixing, "spectral_gap", *trace.spectral_gap);
  }
  if (trace.lambda_bound) write_attribute(mixing, "lambda_bound", *trace.lambda_bound);
  if (const auto& change = trace.mixing.front().facts().change) {
    write_attribute(mixing, "normalized_by", *change);
  }
}

void write_topology(const File& file, hid_t root, const Trace& trace) {
  const Handle topology = file.group(root, "topology");
  std::vector<std::int32_t> ends;
  for (const auto& [u, v] : trace.edges) ends.insert(ends.end(), {u, v});
  file.write(topology, "edges", ends.data(), {trace.edges.size(), 2});
  if (trace.directed) write_attribute(topology, "directed", std::uint8_t{1});
  if (!trace.names.empty()) file.write(topology, "names", trace.names);
  if (!trace.mixing.empty()) write_mixing(file, topology, trace);
}

/// What the files held that the scenario names, and the sizes that it leaves to them.
void write_inputs(const File& file, hid_t root, const Trace& trace) {
  const Handle inputs = file.group(root, "inputs");
  for (const Trace::File& input : trace.files) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(input.content->data());
    file.write(inputs, input.key, bytes, {input.content->size()});
    const Handle set(H5Dopen2(inputs, input.key.c_str(), H5P_DEFAULT), H5Dclose);
    write_attribute(set, "name", input.name);
  }
  for (const auto& [key, size] : trace.sizes) write_attribute(inputs, key.c_str(), size);
}

/// Where `path` leads, through links that may point to nothing yet.
std::filesystem::path followed(std::filesystem::path path) {
  constexpr int most_links = 40;  // The same limit as Linux.
  for (int links = 0; std::filesystem::is_symlink(path) && links < most_links; ++links) {
    path = path.parent_path() / std::filesystem::read_symlink(path);
  }
  return path;
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
  write_attribute(root, "format_version", std::int64_t{2});
  write_attribute(root, "scenario", trace.scenario);
  write_attribute(root, "inputs", trace.inputs);
  write_attribute(root, "numerics", std::int64_t{numerics});
  write_attribute(root, "identity", trace.identity);
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
  write_inputs(file, root, trace);
  if (!trace.parameters.empty()) {
    const Handle parameters = file.group(root, "parameters");
    const auto nodes = static_cast<hsize_t>(trace.node_count);
    file.write(parameters, "final", trace.parameters.data(), {nodes, trace.parameters.size() / nodes});
    if (!trace.server_parameters.empty()) {
      file.write(parameters, "server", trace.server_parameters.data(), {trace.server_parameters.size()});
    }
  }

  require(H5Fflush(root, H5F_SCOPE_GLOBAL));
  const ssize_t size = H5Fget_file_image(root, nullptr, 0);
  if (size < 0) throw std::runtime_error("HDF5 refuses to give the trace's bytes");
  std::vector<std::byte> bytes(static_cast<std::size_t>(size));
  if (H5Fget_file_image(root, bytes.data(), bytes.size()) != size) {
    throw std::runtime_error("HDF5 refuses to give the trace's bytes");
  }
  add_seal(bytes);
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
    } catch (const TraceError& error) {
      if (error.cause == TraceError::Cause::unreadable) throw;
      if (error.cause == TraceError::Cause::foreign) {
        throw std::runtime_error(
            given.string() +
            ": cannot be written: it is there already, and not a trace; choose another place");
      }
    }
  }
  const std::filesystem::path temporary = temporary_for(path);
  const OutputFile file(temporary, OutputFile::Content::discard, path);
  ::unlink(temporary.c_str());
}

}  // namespace gossamer
