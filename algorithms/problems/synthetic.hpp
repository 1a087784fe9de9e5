// Data drawn at random: classification problems of any size, the same on every machine for the same seed.
#pragma once

#include <cstdint>

#include "algorithms/problems/data_set.hpp"

namespace gossamer {

/// Gaussian clusters. Class c has a mean m_c with entries N(0, 4 / features), so that two means are about 2.8
/// apart whatever the number of features. Row r is of class r mod C and has features N(m_c, I), each kept
/// with probability `density`, else zero; its label is replaced by one of the others with probability
/// `noise`. The test part is drawn likewise, with the same means.
struct Synthetic {
  int samples = 1000;
  int features = 20;
  int classes = 2;
  double density = 1;
  double noise = 0.05;
  int test_samples = 200;

  static void fields(auto& self, auto&& visit) {
    visit("samples", self.samples, "[1, inf)", "training rows");
    visit("features", self.features, "[1, inf)", "features a row");
    visit("classes", self.classes, "[2, inf)", "clusters, one for each label");
    visit("density", self.density, "(0, 1]",
          "fraction of features that are not zero; below 1: stored sparsely");
    visit("noise", self.noise, "[0, 1]", "fraction of labels that are wrong");
    visit("test_samples", self.test_samples, "[0, inf)", "test rows");
  }
  friend bool operator==(const Synthetic&, const Synthetic&) = default;

  /// Needs samples >= classes; throws DataError otherwise.
  DataSet make(std::uint64_t seed) const;
};

}  // namespace gossamer
