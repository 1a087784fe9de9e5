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
    visit("like", self.like, "", "collection whose sizes are taken where none are given");
    visit("samples", self.samples, "[2, inf)", "training rows; of rcv1 20242, of news20 15996");
    visit("test_samples", self.test_samples, "[0, inf)", "test rows; of rcv1 20000, of news20 4000");
    visit("features", self.features, "[1, inf)", "words that there are; of rcv1 47236, of news20 1355191");
    visit("words", self.words, "[1, inf)", "different words a row has on average; of rcv1 74, of news20 455");
    visit("exponent", self.exponent, "[0, inf)",
          "s: the word of rank k is in a share of rows that falls as 1 / k^s");
    visit("informative", self.informative, "[0, 1]", "fraction of words that lean to a class");
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
