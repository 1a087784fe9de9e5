// Compute time: how long nodes compute, on the simulated clock.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/input_file.hpp"
#include "sim/laws.hpp"
#include "sim/message.hpp"
#include "sim/required.hpp"
#include "sim/units.hpp"

namespace gossamer {

/// Called on the scheduler's thread, for each node in the order in which its computations begin. So a model
/// may draw from a random stream of the node.
class ComputeTime {
 public:
  virtual ~ComputeTime() = default;
  /// How long a gradient takes that `node` begins now, at `begin`, over `rows` rows of its data. Throws
  /// std::overflow_error where the clock cannot hold it.
  virtual Duration gradient(NodeId node, std::int64_t rows, Instant begin) = 0;
  /// Whether a gradient could take any time.
  virtual bool passes() const = 0;
};

// What a scenario names. make() gives a new model for a run of `nodes` nodes that compute. It throws
// std::invalid_argument for settings that do not suit so many nodes, or would have no effect. Random models
// draw from the stream "compute time" of each node: its k-th gradient is as fast or slow in every algorithm.

/// A gradient of node i over r rows takes (gradient + r per_row) factors[i], to the nearest nanosecond.
struct ConstantComputeTime {
  Duration gradient{};            ///< Whatever the number of rows.
  Duration per_row{};             ///< For each row that it is over.
  std::vector<double> factors{};  ///< [nodes], or empty: all 1.

  static void fields(auto& self, auto&& visit) {
    visit("gradient", self.gradient, "", "what one gradient takes");
    visit("per_row", self.per_row, "", "what it takes in addition for each row of data that it is over");
    visit("factors", self.factors, "[0, inf)", "for each node: how many times as long a gradient takes");
  }
  std::unique_ptr<ComputeTime> make(NodeId nodes, std::uint64_t seed) const;
};

/// A gradient takes X times what it takes in ConstantComputeTime, which is its mean; X has the Law, anew and
/// independently for each gradient.
template <class Law>
struct RandomComputeTime : ConstantComputeTime, Law {
  static void fields(auto& self, auto&& visit) {
    visit("gradient", self.gradient, "", "what one gradient takes in the mean");
    visit("per_row", self.per_row, "", "what it takes in addition for each row of data that it is over");
    visit("factors", self.factors, "[0, inf)", "for each node: how many times as long a gradient takes");
    Law::fields(self, visit);
  }
  std::unique_ptr<ComputeTime> make(NodeId nodes, std::uint64_t seed) const;
};

/// Durations from a text file, "12.5ms", one gradient per line: either one word, for all nodes, or one for
/// each node. A node takes them line by line, and begins anew after the last. '#' starts a comment. make()
/// throws InputFileError.
struct RecordedComputeTime {
  Required<InputFile> path;
  static void fields(auto& self, auto&& visit) {
    visit("path", self.path, "", "durations: one gradient per line, one `12.5ms` for all nodes or for each");
  }
  std::unique_ptr<ComputeTime> make(NodeId nodes, std::uint64_t seed) const;
};

}  // namespace gossamer
