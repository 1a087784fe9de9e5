// Trace: what a run leaves behind, one HDF5 file.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gossamer {

class MixingMatrix;

/// The most rows of a trace.
constexpr std::int64_t most_rows = 10'000'000;
/// What to say of a run where memory ends.
inline constexpr const char* out_of_memory =
    "out of memory for the run; fewer nodes or features, or fewer rows (record.every), need less";

/// A named column of a table. Two-dimensional ones are stored row by row.
struct Column {
  std::string name;
  std::vector<double> values;
};

/// In memory, what the file holds. The layout is described in scenarios/README.md.
struct Trace {
  enum class Status { partial, complete, diverged, failed };
  enum class End { iterations, simulated_time, bits, target };

  /// A file that the scenario names, with what it held.
  struct File {
    std::string key;   ///< "topology.path".
    std::string name;  ///< As the scenario has it.
    std::shared_ptr<const std::string> content;
  };

  std::string scenario;  ///< Resolved, as YAML.
  std::string identity;  ///< Says of which run this is the trace: identity_of() in inputs.hpp.
  std::string inputs;    ///< The hashes of files and data sets: Inputs::hashes.
  std::vector<File> files;
  std::map<std::string, std::int64_t>
      sizes;  ///< What the scenario leaves to its files and data, by dotted path.
  /// How many rows of data the metrics are measured on: {"train_rows": 60000, "test_rows": 10000}.
  std::map<std::string, std::int64_t> measured_rows;
  std::vector<std::int64_t> layers;  ///< Sizes of the layers of x, if it has any.
  std::string sweep;  ///< {path: label, ...}, as YAML, if the run is one of a sweep; else empty.
  std::uint64_t seed = 0;
  std::uint64_t fingerprint = 0;
  Status status = Status::partial;
  std::optional<std::int64_t> diverged_at;  ///< The iteration that was not finite.
  std::optional<End> end;                   ///< Which part of `stop` came true first.

  std::vector<Column> metrics;                ///< Equal lengths.
  std::map<std::string, std::string> scores;  ///< Those of them that are a model's: "lower" or "higher".
  int node_count = 0;
  std::vector<Column> nodes;               ///< [row, node]
  std::vector<Column> vectors;             ///< [row, node, d], a server last, or [row, 1, d]: record.vectors
  std::size_t dimension = 0;               ///< d, if there are vectors.
  std::vector<Column> links;               ///< [link]
  std::vector<std::pair<int, int>> edges;  ///< Each once.
  bool directed = false;                   ///< Whether they are arcs (tail, head).
  std::vector<std::string> names;          ///< [node], as its file calls them; empty: by their numbers.
  /// Those of the iterations of a period, or of all; empty: none. They outlive the trace.
  std::span<const MixingMatrix> mixing;
  std::optional<double> spectral_gap;
  std::optional<double> lambda_bound;
  std::vector<double> parameters;         ///< The workers' x: [worker, d], or empty.
  std::vector<double> server_parameters;  ///< The server's x, if it holds one: [d], or empty.

  /// The value of a metric in the last row; NaN if there is none.
  double last(std::string_view metric) const;
  std::size_t rows() const { return metrics.empty() ? 0 : metrics.front().values.size(); }
};

constexpr std::array<std::string_view, 4> names(Trace::Status) {
  return {"partial", "complete", "diverged", "failed"};
}
constexpr std::array<std::string_view, 4> names(Trace::End) {
  return {"iterations", "simulated_time", "bits", "target"};
}
std::string to_string(Trace::Status status);
std::string to_string(Trace::End end);

/// The trace as the bytes of an HDF5 file. Equal traces give equal bytes.
std::vector<std::byte> to_hdf5(const Trace& trace);

/// Puts `bytes` in place of `path` so that at any moment there is either the old file or the whole new one:
/// writes beside it, flushes to disk, renames. A link stays, and what it points to is replaced. Throws
/// std::system_error where that fails; nothing is left then.
void replace_file(const std::filesystem::path& path, const std::vector<std::byte>& bytes);

/// Throws std::runtime_error where replace_file(path, ...) could not even begin, or should not: it replaces
/// traces, damaged ones too, and no other file.
void require_writable(const std::filesystem::path& path);

}  // namespace gossamer
