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

/// f_i(x) = mean over node i's rows of the model's loss + (l2 / 2) ||x||^2, as a scenario names it. The
/// program offers rows, classes, the dimension and an initial point, and computes gradients and losses.
struct ProcessModel {
  Required<CommandLine> command;
  JsonObject options;
  Precision precision = Precision::float32;
  int holdout = 0;  ///< Rows that become the test part, as hold_out() draws them; 0: no rows.
  PartitionScheme partition = Contiguous{};
  BatchSize batch_size = {};
  double l2 = 0;
  int evaluation_rows = 500;  ///< In one call.
  Duration timeout = std::chrono::minutes(10);
  int verify_gradients = 0;  ///< Every so many gradients one is asked for twice; 0: none.
  int differences = 0;       ///< Along so many directions gradients are compared with them; 0: none.

  static void fields(auto& self, auto&& visit) {
    visit("command", self.command, "", "what to run, in the scenario's folder");
    visit("options", self.options, "", "handed to the program as JSON");
    visit("precision", self.precision, "", "of x and gradients on their way to the program and back");
    visit("partition", self.partition, "", "which training rows each node holds");
    visit("batch_size", self.batch_size, "", "number of rows that a gradient averages over");
    visit("holdout", self.holdout, "[0, inf)",
          "if there is no test part: training rows to test on, drawn at random");
    visit("l2", self.l2, "[0, inf)", "weight of the regularizer ||x||^2 / 2");
    visit("evaluation_rows", self.evaluation_rows, "[1, inf)", "rows that a call evaluates at most");
    visit("timeout", self.timeout, "", "how long a call may take, by the clock on the wall");
    visit("verify_gradients", self.verify_gradients, "[0, inf)",
          "ask again for one of so many gradients, and compare; 0: for none");
    visit("differences", self.differences, "[0, inf)",
          "compare the gradient at the start with differences of the loss in so many directions");
  }

  /// Starts the program. Throws DataError where keys do not fit what it offers, ProcessError where it fails.
  std::unique_ptr<Problem> make(int nodes, std::uint64_t seed, Models& models) const;
};

}  // namespace gossamer
