#include "scenarios/lab/trace/trace.hpp"

#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "scenarios/lab/trace/hdf5_writer.hpp"
#include "scenarios/lab/trace/metrics.hpp"
#include "scenarios/lab/trace/output_file.hpp"
#include "scenarios/lab/trace/read_trace.hpp"
#include "scenarios/lab/trace/revision.hpp"
#include "topologies/mixing.hpp"

namespace gossamer {
namespace {

/// Where a server has a number, too, it is one more.
Dimension nodes_of(const Trace& trace, std::size_t size) {
  return {size == static_cast<std::size_t>(trace.node_count) ? "node" : "node_and_server", size};
}

/// /metrics, and /nodes and /vectors with the same rows.
void write_tables(Hdf5Writer& file, const Trace& trace) {
  const Dimension rows{"iteration", trace.rows()};
  file.group("metrics");
  for (const Column& column : trace.metrics) {
    const Metric* const metric = find_metric(column.name);
    const Meaning meaning = metric ? Meaning{std::string(metric->unit), std::string(text_of(metric->better))}
                                   : Meaning{.better = trace.scores.at(column.name)};
    file.write("metrics/" + column.name, column.values, {rows}, meaning);
    // netCDF looks for scales in the group of the data and above it.
    if (column.name == rows.name) file.name_again("metrics/" + rows.name, rows.name);
  }
  for (const auto& [part, count] : trace.measured_rows) file.attribute("metrics", part, count);
  if (!trace.nodes.empty()) {
    file.group("nodes");
    for (const Column& column : trace.nodes) {
      file.write("nodes/" + column.name, column.values,
                 {rows, nodes_of(trace, static_cast<std::size_t>(trace.node_count))},
                 {std::string(unit_of_node_column(column.name))});
    }
  }
  if (!trace.vectors.empty()) {
    file.group("vectors");
    const std::uint64_t d = trace.dimension;
    for (const Column& column : trace.vectors) {
      const std::uint64_t holders = rows.size > 0 ? column.values.size() / (rows.size * d) : 0;
      const bool is_of_all = column.name == "full_gradient";
      file.write(
          "vectors/" + column.name, column.values,
          {rows, is_of_all ? Dimension{"point", holders} : nodes_of(trace, holders), {"coordinate", d}});
    }
  }
  if (!trace.layers.empty()) {
    file.write("layers", trace.layers, {{"layer", trace.layers.size()}});
  }
}

void write_links(Hdf5Writer& file, const Trace& trace) {
  if (trace.links.empty()) return;
  file.group("links");
  for (const Column& column : trace.links) {
    file.write("links/" + column.name, column.values, {{"link", column.values.size()}},
               {std::string(unit_of_link_column(column.name))});
  }
}

/// W_1, ..., W_P below each other: P n rows.
void write_mixing(Hdf5Writer& file, const Trace& trace) {
  const std::string mixing = "topology/mixing_matrix";
  file.group(mixing);
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
  const Dimension entries{"entry", data.size()}, boundaries{"boundary", indptr.size()};
  file.write(mixing + "/data", std::move(data), {entries});
  file.write(mixing + "/indices", std::move(indices), {entries});
  file.write(mixing + "/indptr", std::move(indptr), {boundaries});
  if (trace.mixing.size() > 1) {
    file.attribute(mixing, "period", static_cast<std::int64_t>(trace.mixing.size()));
  }
  // Where the gap is not certified there is no number to give.
  if (trace.spectral_gap) {
    file.attribute(mixing, "lambda", 1 - *trace.spectral_gap);
    file.attribute(mixing, "spectral_gap", *trace.spectral_gap);
  }
  if (trace.lambda_bound) file.attribute(mixing, "lambda_bound", *trace.lambda_bound);
  if (const auto& change = trace.mixing.front().facts().change) {
    file.attribute(mixing, "normalized_by", *change);
  }
}

void write_topology(Hdf5Writer& file, const Trace& trace) {
  file.group("topology");
  std::vector<std::int32_t> ends;
  for (const auto& [u, v] : trace.edges) ends.insert(ends.end(), {u, v});
  file.write("topology/edges", std::move(ends), {{"edge", trace.edges.size()}, {"end", 2}});
  if (trace.directed) file.attribute("topology", "directed", std::uint8_t{1});
  if (!trace.names.empty()) {
    file.write("topology/names", trace.names, nodes_of(trace, trace.names.size()).name);
  }
  if (!trace.mixing.empty()) write_mixing(file, trace);
}

void write_parameters(Hdf5Writer& file, const Trace& trace) {
  if (trace.parameters.empty()) return;
  file.group("parameters");
  const auto nodes = static_cast<std::uint64_t>(trace.node_count);
  const std::uint64_t d = trace.parameters.size() / nodes;
  file.write("parameters/final", trace.parameters, {nodes_of(trace, nodes), {"coordinate", d}});
  if (trace.server_parameters.empty()) return;
  file.write("parameters/server", trace.server_parameters, {{"coordinate", d}});
}

/// What the files held that the scenario names, and the sizes that it leaves to them or to data.
void write_inputs(Hdf5Writer& file, const Trace& trace) {
  file.group("inputs");
  for (const Trace::File& input : trace.files) {
    const std::string path = "inputs/" + input.key;
    const std::span bytes(reinterpret_cast<const std::uint8_t*>(input.content->data()),
                          input.content->size());
    file.write(path, bytes, {{input.key, bytes.size()}});
    file.attribute(path, "name", input.name);
  }
  for (const auto& [key, size] : trace.sizes) file.attribute("inputs", key, size);
}

std::vector<std::byte> written(const Trace& trace) {
  Hdf5Writer file;  // In memory: replace_file writes the file on disk, whole or not at all.
  const std::string root = "/";
  file.attribute(root, "format", std::string("gossamer-trace"));
  file.attribute(root, "format_version", std::int64_t{2});
  file.attribute(root, "scenario", trace.scenario);
  file.attribute(root, "inputs", trace.inputs);
  file.attribute(root, "numerics", std::int64_t{numerics});
  file.attribute(root, "identity", trace.identity);
  if (!trace.sweep.empty()) file.attribute(root, "sweep", trace.sweep);
  file.attribute(root, "version", std::string(version));
  file.attribute(root, "git_revision", std::string(git_revision));
  file.attribute(root, "seed", trace.seed);
  file.attribute(root, "fingerprint", trace.fingerprint);
  file.attribute(root, "status", to_string(trace.status));
  if (trace.diverged_at) file.attribute(root, "diverged_at", *trace.diverged_at);
  if (trace.end) file.attribute(root, "ended_by", to_string(*trace.end));

  write_tables(file, trace);
  write_links(file, trace);
  write_topology(file, trace);
  write_inputs(file, trace);
  write_parameters(file, trace);
  std::vector<std::byte> bytes = file.bytes();
  add_seal(bytes);
  return bytes;
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
  try {
    return written(trace);
  } catch (
      const std::runtime_error& error) {  // HDF5 does not say why; of all that can be written, it is room.
    throw std::runtime_error(
        std::string(error.what()) +
        ", which may be too large for memory; record less often (record.every), or less (record.vectors)");
  }
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
