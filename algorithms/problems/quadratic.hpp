// The simplest problem whose nodes disagree: each wants x at a point of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "algorithms/problems/data/data_path.hpp"
#include "algorithms/problems/problem.hpp"

namespace gossamer {

/// f_i(x) = ||x - a_i||^2 / 2, so grad f_i(x) = x - a_i and f is least at the mean of the a_i, where it is
/// (1/n) sum_i ||a_i - mean||^2 / 2.
struct Quadratic {
  std::vector<std::vector<double>> targets;  ///< a_i for each node, equally long.
  int dimension = 0;                         ///< Without targets: a_i is standard normal in R^dimension.

  static void fields(auto& self, auto&& visit) {
    visit("targets", self.targets, "", "the points a_i: a list for each node, all of one length");
    visit("dimension", self.dimension, "[0, inf)",
          "without targets: dimension of random ones, standard normal");
  }

  /// Throws DataError where targets and nodes differ in number, or neither key says how long x is.
  std::unique_ptr<Problem> make(int nodes, std::uint64_t seed, const DataSets&) const;
};

}  // namespace gossamer
