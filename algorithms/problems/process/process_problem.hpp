// The problem whose model is a program of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "algorithms/problems/batches.hpp"
#include "algorithms/problems/data/partition.hpp"
#include "algorithms/problems/problem.hpp"
#include "algorithms/problems/process/model.hpp"
#include "sim/required.hpp"

namespace gossamer {

/// A JSON object, as text.
struct JsonObject {
  std::string text = "{}";
};

/// How nodes use a model that is a program: the keys that all kinds of such problems share.
struct ModelUse {
  Precision precision = Precision::float32;
  PartitionScheme partition = Contiguous{};
  std::optional<NodeWeights> weights = std::nullopt;  ///< Nothing: equal.
  BatchSize batch_size = {};
  double l2 = 0;
  int validation = 0;         ///< Training rows that are kept apart; 0: no rows.
  int measured_rows = 0;      ///< Training rows that f is measured over; 0: all.
  int evaluation_rows = 500;  ///< In one call.
  Duration timeout = std::chrono::minutes(10);
  int verify_gradients = 0;  ///< Every so many gradients one is asked for twice; 0: none.
  int differences = 0;       ///< Along so many directions gradients are compared with them; 0: none.

  static void fields(auto& self, auto&& visit) {
    visit("precision", self.precision, "", "of x and gradients on their way to the program and back");
    visit("partition", self.partition, "", "which training rows each node holds");
    visit("weights", self.weights, "",
          "how nodes count in f: equal, each alike; or rows, by their rows; if none, equal");
    visit("batch_size", self.batch_size, "", "number of rows that a gradient averages over");
    visit("l2", self.l2, "[0, inf)", "weight of the regularizer ||x||^2 / 2");
    visit("validation", self.validation, "[0, inf)",
          "training rows that no node holds, drawn at random, for validation_accuracy");
    visit("measured_rows", self.measured_rows, "[0, inf)",
          "measure loss, grad_norm and train_accuracy over so many training rows, drawn at random; 0: all");
    visit("evaluation_rows", self.evaluation_rows, "[1, inf)", "rows that a call evaluates at most");
    visit("timeout", self.timeout, "(0, inf)", "how long a call may take, by the clock on the wall");
    visit("verify_gradients", self.verify_gradients, "[0, inf)",
          "ask again for one of so many gradients, and compare; 0: for none");
    visit("differences", self.differences, "[0, inf)",
          "compare the gradient at the start with differences of the loss in so many directions");
  }

  /// Starts the program. `start_seed` is that of its initial point; nothing: `seed`. Throws DataError where
  /// keys do not fit what it offers, ProcessError where it fails.
  std::unique_ptr<Problem> make(const ModelSource& source, int holdout, int nodes, std::uint64_t seed,
                                Models& models, std::optional<std::uint64_t> start_seed = {}) const;
};

/// f_i(x) = mean over node i's rows of the model's loss + (l2 / 2) ||x||^2, as a scenario names it. The
/// program offers rows, classes, the dimension and an initial point, and computes gradients and losses.
struct ProcessModel {
  Required<CommandLine> program;
  JsonObject options;
  int holdout = 0;  ///< Rows that become the test part, as hold_out() draws them; 0: no rows.
  ModelUse use;

  static void fields(auto& self, auto&& visit) {
    visit("command", self.program, "", "the program and its arguments");
    visit("options", self.options, "", "what the program is given besides, a map");
    visit("holdout", self.holdout, "[0, inf)",
          "if there is no test part: training rows to test on, drawn at random");
    ModelUse::fields(self.use, visit);
  }

  const CommandLine& command() const { return *program; }
  void require() const { command().require_program(); }
  /// As ModelUse::make().
  std::unique_ptr<Problem> make(int nodes, std::uint64_t seed, Models& models,
                                std::optional<std::uint64_t> start_seed = {}) const {
    return use.make({command(), options.text, use.precision, use.timeout}, holdout, nodes, seed, models,
                    start_seed);
  }
};

}  // namespace gossamer
