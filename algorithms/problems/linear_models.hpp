// The problems that train a linear model on data, as a scenario names them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "algorithms/problems/batches.hpp"
#include "algorithms/problems/data/data_path.hpp"
#include "algorithms/problems/data/partition.hpp"
#include "algorithms/problems/data/synthetic.hpp"
#include "algorithms/problems/problem.hpp"
#include "sim/required.hpp"

namespace gossamer {

/// The keys that these problems share: which data, and how the nodes hold and use them.
struct Data {
  Required<DataName> dataset;      ///< On the data path, a file, "synthetic" or "synthetic_text".
  std::optional<DataName> test{};  ///< The file with the test part, where `dataset` is a file.
  std::string label{};             ///< The column of the labels, where `dataset` is a table.
  int dimension = 0;               ///< Features; 0: as many as the data have.
  int holdout = 0;                 ///< Rows that become the test part, as hold_out() draws them; 0: no rows.
  PartitionScheme partition = Contiguous{};
  std::optional<NodeWeights> weights{};  ///< Nothing: equal.
  BatchSize batch_size = {};
  Synthetic synthetic = {};
  SyntheticText synthetic_text = {};

  static void fields(auto& self, auto&& visit) {
    visit("dataset", self.dataset, "",
          "name of the data set, or path of a file of your own, or synthetic, or synthetic_text");
    visit("partition", self.partition, "", "which training rows each node holds");
    visit("weights", self.weights, "",
          "how nodes count in f: equal, each alike; or rows, by their rows; if none, equal");
    visit("batch_size", self.batch_size, "", "number of rows that a gradient averages over");
    const std::string name = self.dataset.given() ? self.dataset->name : "";
    if (name == "synthetic") {
      visit("synthetic", self.synthetic, "", "what to draw");
    } else if (name == "synthetic_text") {
      visit("synthetic_text", self.synthetic_text, "", "what to draw");
    } else {
      visit("test", self.test, "", "path of the test part, if the data set is a file of your own");
      visit("label", self.label, "",
            "of a table, the column of the labels: a name, a number from 1, first or last; if none, that "
            "called "
            "label, class, target or y, else the last");
      visit("dimension", self.dimension, "[0, inf)", "number of features; 0: that of the data");
      visit("holdout", self.holdout, "[0, inf)",
            "if there is no test part: training rows to test on, drawn at random");
    }
  }

  /// Whether the data are read, not drawn.
  bool is_read() const { return dataset->name != "synthetic" && dataset->name != "synthetic_text"; }
  /// What is read.
  DataRequest request() const {
    return {.set = *dataset, .test = test, .label = label, .dimension = dimension};
  }
  /// Throws DataError where the data cannot be found or read, or keys contradict each other.
  std::shared_ptr<const DataSet> load(std::uint64_t seed, const DataSets& sets) const;
};

/// The fields of a model with `data` and the regularizer (l2 / 2) ||x||^2.
void fields_with_l2(auto& model, auto&& visit) {
  Data::fields(model.data, visit);
  visit("l2", model.l2, "[0, inf)", "weight of the regularizer ||x||^2 / 2");
}

/// Mean over the local rows of log(1 + exp(-y a^T x)) + (l2 / 2) ||x||^2, where y = -1 for the smaller label
/// and y = +1 for the larger.
struct Logistic {
  Data data;
  double l2 = 0;

  static void fields(auto& self, auto&& visit) { fields_with_l2(self, visit); }
  std::unique_ptr<Problem> make(int nodes, std::uint64_t seed, const DataSets& sets) const;
};

/// Mean over the local rows of log(1 + exp(-y a^T x)) + lambda sum_j x_j^2 / (1 + x_j^2).
struct LogisticNonconvex {
  Data data;
  double lambda = 0.1;

  static void fields(auto& self, auto&& visit) {
    Data::fields(self.data, visit);
    visit("lambda", self.lambda, "[0, inf)", "weight of the regularizer sum_j x_j^2 / (1 + x_j^2)");
  }
  std::unique_ptr<Problem> make(int nodes, std::uint64_t seed, const DataSets& sets) const;
};

/// Mean over the local rows of max(0, 1 - y a^T x) + (l2 / 2) ||x||^2, y as for Logistic: a support vector
/// machine without a bias. Where y a^T x = 1 the subgradient is 0.
struct Hinge {
  Data data;
  double l2 = 0;

  static void fields(auto& self, auto&& visit) { fields_with_l2(self, visit); }
  std::unique_ptr<Problem> make(int nodes, std::uint64_t seed, const DataSets& sets) const;
};

/// Mean over the local rows of (a^T x - b)^2 / 2 + (l2 / 2) ||x||^2, b being the label as the file has it:
/// any number.
struct LeastSquares {
  Data data;
  double l2 = 0;

  static void fields(auto& self, auto&& visit) { fields_with_l2(self, visit); }
  std::unique_ptr<Problem> make(int nodes, std::uint64_t seed, const DataSets& sets) const;
};

/// Mean over the local rows of -log softmax(W^T a + b)_label + (l2 / 2) ||x||^2, x = (W, b) as EmpiricalRisk
/// lays it out: d = features x classes (+ classes with a bias).
struct Softmax {
  Data data{.dataset = DataName("fashion-mnist")};
  double l2 = 0;
  bool bias = false;

  static void fields(auto& self, auto&& visit) {
    fields_with_l2(self, visit);
    visit("bias", self.bias, "", "whether each class has a bias b, regularized like the weights");
  }
  std::unique_ptr<Problem> make(int nodes, std::uint64_t seed, const DataSets& sets) const;
};

}  // namespace gossamer
