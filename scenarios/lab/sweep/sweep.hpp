// Sweep: one scenario, many runs: the product of lists of values for some of its keys.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/lab/yaml/document.hpp"

namespace gossamer {

/// The runs of a scenario's section
///
///   sweep:
///     network.bandwidth: [1 Mbit/s, 10 Mbit/s]      # one run for each value
///     algorithm:                                    # for each variant, which has a name
///       CD-Adam: {kind: cd_adam, step_size: 0.001}
///       AMSGrad: {kind: amsgrad, step_size: 0.003}
///     zip: {topology.nodes: [4, 16], seed: [1, 2]}  # together: the first of each, the second of each
///     exclude:                                      # leaves out these
///       - {algorithm: AMSGrad, network.bandwidth: 1 Mbit/s}
///     also:                                         # sets further keys of some runs
///       - {where: {topology.nodes: 16}, set: {stop.iterations: 400}}
///
/// in the order of the product, the last list running fastest. A value has a label: its name if it has one,
/// else its text; for a block the kind, if that is enough to tell it from the others. A null takes the key
/// away. Blocks are set before single keys in them. What `also` sets is not part of the labels; of two
/// entries that set the same key, the later wins.
class Sweep {
 public:
  /// Throws BadInput if the document has no sweep, or a sweep with a mistake. The runs' scenarios
  /// are not read.
  explicit Sweep(const Value& document);

  std::size_t size() const { return runs_.size(); }

  Location at() const { return at_; }
  /// The path or the section it lies in, if every run gets a value for it.
  std::optional<std::string> swept_at_or_above(std::string path) const;

  /// The scenario of a run.
  Value document(std::size_t run) const;
  /// {path: label, ...}.
  Value labels(std::size_t run) const;
  /// "bandwidth=1_Mbit_s,algorithm=CD-Adam", fit for a file. It depends on the paths and the run's own
  /// labels, and not on what else is swept over, unless two labels would read the same.
  std::string name(std::size_t run) const;

 private:
  /// A path with its values, each with its label and the label as it stands in names.
  struct Path {
    std::string path;
    Location at;
    std::vector<Value> values;
    std::vector<std::string> labels, words;
    std::string key;  ///< What stands for the path in names.
  };
  /// Paths that change together.
  using Axis = std::vector<Path>;
  using Choice = std::vector<std::size_t>;  ///< [axis]: which of its values.
  /// What the runs with some labels have besides.
  struct Addition {
    Value where, set;
  };

  static Path read_path(const Value::Entry& entry);
  static Axis read_zip(const Value& zip);
  void add(Axis axis);
  std::vector<Choice> product() const;
  void exclude(const Value& rules);
  void read_additions(const Value& rules);
  bool is_swept(const std::string& path) const;
  /// `where`, which `what` gives: a map of swept paths to labels, or to lists of them.
  void require_swept(const Value& where, std::string_view what) const;
  bool matches(const Choice& choice, const Value& where) const;
  void name_paths();
  template <class Visit>
  void for_each(std::size_t run, Visit visit) const;

  Value base_;
  Location at_;
  std::vector<Axis> axes_;
  std::vector<Choice> runs_;
  std::vector<Addition> additions_;
};

}  // namespace gossamer
