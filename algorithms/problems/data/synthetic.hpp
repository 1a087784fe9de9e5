// Data drawn at random: classification problems of any size, the same on every machine for the same seed.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "algorithms/problems/data/data_set.hpp"

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
    visit("features", self.features, "[1, inf)", "features per row");
    visit("classes", self.classes, "[2, inf)", "clusters, one for each label");
    visit("density", self.density, "(0, 1]",
          "fraction of features that are not zero; rows are stored sparsely if below 1");
    visit("noise", self.noise, "[0, 1]", "fraction of labels that are wrong");
    visit("test_samples", self.test_samples, "[0, inf)", "test rows");
  }
  friend bool operator==(const Synthetic&, const Synthetic&) = default;

  /// Needs samples >= classes; throws DataError otherwise.
  DataSet make(std::uint64_t seed) const;
};

/// Text as bags of words, as sparse as a real collection and as wide, with labels -1 and +1.
///
/// Words: that of rank k = 1, 2, ... is in a row with probability q_k = min(1, c / k^exponent), independently
/// of others, c being such that rows have `words` words on average. Ranks are dealt to features at random.
/// Labels: rows of either class alternate. A fraction `informative` of the words leans to one of the classes,
/// which one at random: its rows have the word with probability 1.8 q_k, other rows with 0.2 q_k. (Words with
/// 1.8 q_k > 1 never lean.) So the log odds of the classes are linear in the words that a row has, and most
/// weights are zero. A label is wrong with probability `noise`.
/// Features: (1 + log n) (1 - log q_k) for a word that occurs n times, P(n) = 2^-n, as tf-idf weighs them;
/// then a row is scaled to unit length, unless it has no words.
///
/// Square roots and divisions apart, which are the same everywhere, only own functions are used (lanes.hpp):
/// a seed gives the same bits on every machine.
struct SyntheticText {
  enum class Like { rcv1, news20 };

  Like like = Like::rcv1;  ///< The collection whose sizes are used, unless they are given.
  std::optional<int> samples = {}, test_samples = {}, features = {}, words = {};
  double exponent = 1;
  double informative = 0.15;
  double noise = 0.03;

  static void fields(auto& self, auto&& visit) {
    visit("like", self.like, "", "collection whose sizes are the defaults below");
    visit("samples", self.samples, "[2, inf)", "training rows; if none, 20242 (rcv1) or 15996 (news20)");
    visit("test_samples", self.test_samples, "[0, inf)", "test rows; if none, 20000 (rcv1) or 4000 (news20)");
    visit("features", self.features, "[1, inf)",
          "size of the vocabulary; if none, 47236 (rcv1) or 1355191 (news20)");
    visit("words", self.words, "[1, inf)",
          "different words per row, on average; if none, 74 (rcv1) or 455 (news20)");
    visit("exponent", self.exponent, "[0, inf)",
          "s: the share of rows that contain the word of rank k falls as 1 / k^s");
    visit("informative", self.informative, "[0, 1]", "fraction of words that are more frequent in one class");
    visit("noise", self.noise, "[0, 1]", "fraction of labels that are wrong");
  }
  friend bool operator==(const SyntheticText&, const SyntheticText&) = default;

  /// Needs words <= features; throws DataError otherwise.
  DataSet make(std::uint64_t seed) const;
};
constexpr std::array<std::string_view, 2> names(SyntheticText::Like) {
  return {"rcv1", "news20"};
}

}  // namespace gossamer
