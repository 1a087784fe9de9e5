#include "algorithms/problems/data/synthetic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "algorithms/vectors/lanes.hpp"
#include "sim/random.hpp"

namespace gossamer {
namespace {

/// The label itself, or, with probability `noise`, one of the other classes.
int noisy_label(int label, int classes, double noise, Rng& rng) {
  if (rng.uniform() >= noise) return label;
  const auto step = 1 + rng.below(static_cast<std::uint64_t>(classes) - 1);
  return static_cast<int>((static_cast<std::uint64_t>(label) + step) % classes);
}

/// A data set of parts that draw(rows, rng) gives. Neither part depends on the number of rows of the other.
template <class Draw>
DataSet draw_parts(const std::string& name, int samples, int test_samples, std::vector<double> label_values,
                   std::uint64_t seed, Draw draw) {
  if (samples < std::ssize(label_values)) {
    throw DataError(fmt::format("{}: {} samples of {} classes; at least one of each is needed", name, samples,
                                label_values.size()));
  }
  DataSet data{name, draw(samples, named_stream(seed, -1, name + " training rows")), {}, label_values};
  if (test_samples > 0) data.test = draw(test_samples, named_stream(seed, -1, name + " test rows"));
  return data;
}

// ---- Clusters

Eigen::ArrayXXd cluster_means(const Synthetic& synthetic, Rng rng) {
  const double deviation = 2 / std::sqrt(static_cast<double>(synthetic.features));
  Eigen::ArrayXXd means(synthetic.features, synthetic.classes);
  for (Index c = 0; c < means.cols(); ++c) {
    for (Index j = 0; j < means.rows(); ++j) means(j, c) = deviation * rng.normal();
  }
  return means;
}

/// How many features are zero before the next one that is kept: geometric, by inversion.
std::int64_t zeros_before_next(double density, Rng& rng) {
  if (density >= 1) return 0;
  return static_cast<std::int64_t>(std::min(std::log1p(-rng.uniform()) / std::log1p(-density), 4e18));
}

Samples draw_clusters(const Synthetic& synthetic, int rows, const Eigen::ArrayXXd& means, Rng rng) {
  std::vector<Index> offsets{0};
  std::vector<std::int32_t> columns, labels;
  std::vector<double> values;
  for (int r = 0; r < rows; ++r) {
    const int cluster = r % synthetic.classes;
    for (std::int64_t j = zeros_before_next(synthetic.density, rng); j < synthetic.features;
         j += 1 + zeros_before_next(synthetic.density, rng)) {
      columns.push_back(static_cast<std::int32_t>(j));
      values.push_back(means(j, cluster) + rng.normal());
    }
    offsets.push_back(std::ssize(columns));
    labels.push_back(noisy_label(cluster, synthetic.classes, synthetic.noise, rng));
  }
  if (synthetic.density >= 1) {
    return {DenseRows<double>(synthetic.features, std::move(values)), std::move(labels)};
  }
  return {SparseRows(synthetic.features, std::move(offsets), std::move(columns), std::move(values)),
          std::move(labels)};
}

// ---- Text

/// Rows and words of a collection. rcv1 has 677,399 test rows, which would take 0.6 GB: they are fewer here.
/// news20 comes in one part, and the 4,000 rows are those of Xu et al. 2022.
struct Sizes {
  int samples, test_samples, features, words;
};
constexpr Sizes sizes_of(SyntheticText::Like like) {
  switch (like) {
    case SyntheticText::Like::rcv1:
      return {20242, 20000, 47236, 74};
    case SyntheticText::Like::news20:
      return {15996, 4000, 1355191, 455};
  }
  return {};
}

double log_of(double x) {
  return kernels::log_of(kernels::broadcast<kernels::Lanes>(x)).value[0];
}
double exp_of_negative(double x) {
  return kernels::exp_of_negative(kernels::broadcast<kernels::Lanes>(x)).value[0];
}

/// q_k = min(1, c / k^exponent) for k = 1, ..., features, with the sum `words`.
std::vector<double> word_probabilities(int features, int words, double exponent) {
  std::vector<double> q(static_cast<std::size_t>(features)), sum_from(q.size() + 1);
  for (std::size_t k = 0; k < q.size(); ++k) {
    q[k] = exp_of_negative(-exponent * log_of(static_cast<double>(k + 1)));
  }
  for (std::size_t k = q.size(); k > 0; --k) sum_from[k - 1] = sum_from[k] + q[k - 1];
  // The first words are in every row, as many as it takes for c to leave the others below 1.
  std::size_t common = 0;
  const auto c = [&] { return (words - static_cast<double>(common)) / sum_from[common]; };
  while (common < q.size() && c() * q[common] >= 1) q[common++] = 1;
  const double scale = common < q.size() ? c() : 0;
  for (std::size_t k = common; k < q.size(); ++k) q[k] *= scale;
  return q;
}

/// A word that leans to a class is in its rows with 1 + lean times the probability of others of its rank, in
/// other rows with 1 - lean times.
constexpr double lean = 0.8;

struct Word {
  std::int32_t feature;
  double probability;  ///< Of a row having the word, among rows of the class that it leans to.
  double weight;       ///< 1 - log q_k.
  double skip;         ///< 1 / log(1 - probability).
};

/// Words, the most frequent first.
struct Vocabulary {
  std::vector<Word> neutral;
  std::array<std::vector<Word>, 2> leaning;  ///< To either class.
};

Vocabulary draw_words(int features, int words, double exponent, double informative, Rng rng) {
  std::vector<std::int32_t> feature(static_cast<std::size_t>(features));
  std::iota(feature.begin(), feature.end(), 0);
  shuffle(feature, rng);
  Vocabulary vocabulary;
  const std::vector<double> q = word_probabilities(features, words, exponent);
  for (std::size_t k = 0; k < q.size(); ++k) {
    const double leaning = (1 + lean) * q[k];
    const bool leans = rng.uniform() < informative && leaning <= 1;
    const double probability = leans ? leaning : q[k];
    (leans ? vocabulary.leaning[rng.below(2)] : vocabulary.neutral)
        .push_back({feature[k], probability, 1 - log_of(q[k]), 1 / log_of(1 - probability)});
  }
  return vocabulary;
}

struct Entry {
  std::int32_t feature;
  double value;
};

/// Draws one text after the other.
class Writer {
 public:
  Writer(const Vocabulary& vocabulary, Rng rng) : vocabulary_(vocabulary), rng_(rng) {
    for (std::size_t n = 1; n <= of_counts_.size(); ++n)
      of_counts_[n - 1] = 1 + log_of(static_cast<double>(n));
  }

  /// The entries of a row of this class in the order of their features, until the next call.
  const std::vector<Entry>& write(int label) {
    row_.clear();
    add(vocabulary_.neutral, 1);
    for (const int side : {0, 1}) add(vocabulary_.leaning[side], side == label ? 1 : (1 - lean) / (1 + lean));
    std::ranges::sort(row_, {}, &Entry::feature);
    double squares = 0;
    for (const Entry& entry : row_) squares += entry.value * entry.value;
    const double length = std::sqrt(squares);
    for (Entry& entry : row_) entry.value /= length;
    return row_;
  }

  Rng& rng() { return rng_; }

 private:
  /// Adds each word with `share` of its probability.
  void add(const std::vector<Word>& words, double share) {
    for (std::size_t k = 0; k < words.size(); ++k) {
      // Jumps as if all words that follow were as frequent as this one; they are less, so some are left out.
      const double bound = words[k].probability, skipped = next_log_uniform() * words[k].skip;
      if (!(skipped < static_cast<double>(words.size() - k))) break;
      k += static_cast<std::size_t>(skipped);
      if (rng_.uniform() * bound >= share * words[k].probability) continue;
      row_.push_back({words[k].feature, of_counts_[std::countr_zero(rng_.next())] * words[k].weight});
    }
  }

  /// log u, u uniform in (0, 1]; computed by fours.
  double next_log_uniform() {
    if (used_ == logs_.size()) {
      for (double& u : logs_) u = 1 - rng_.uniform();
      kernels::store(logs_.data(), kernels::log_of(kernels::load<kernels::Lanes>(logs_.data())));
      used_ = 0;
    }
    return logs_[used_++];
  }

  const Vocabulary& vocabulary_;
  Rng rng_;
  std::array<double, kernels::Lanes::size> logs_{};
  std::size_t used_ = logs_.size();
  std::array<double, 65> of_counts_{};  ///< 1 + log n for n = 1, 2, ...
  std::vector<Entry> row_;
};

Samples draw_texts(const SyntheticText& text, const Sizes& sizes, const Vocabulary& vocabulary, int rows,
                   Rng rng) {
  Writer writer(vocabulary, rng);
  std::vector<Index> offsets{0};
  std::vector<std::int32_t> columns, labels;
  std::vector<double> values;
  for (int r = 0; r < rows; ++r) {
    for (const auto& [feature, value] : writer.write(r % 2)) {
      columns.push_back(feature);
      values.push_back(value);
    }
    offsets.push_back(std::ssize(columns));
    labels.push_back(noisy_label(r % 2, 2, text.noise, writer.rng()));
  }
  return {SparseRows(sizes.features, std::move(offsets), std::move(columns), std::move(values)),
          std::move(labels)};
}

}  // namespace

DataSet Synthetic::make(std::uint64_t seed) const {
  std::vector<double> label_values(static_cast<std::size_t>(classes));
  std::iota(label_values.begin(), label_values.end(), 0.0);
  const Eigen::ArrayXXd means = cluster_means(*this, named_stream(seed, -1, "synthetic means"));
  return draw_parts("synthetic", samples, test_samples, label_values, seed,
                    [&](int rows, Rng rng) { return draw_clusters(*this, rows, means, rng); });
}

DataSet SyntheticText::make(std::uint64_t seed) const {
  const Sizes typical = sizes_of(like);
  const Sizes sizes{samples.value_or(typical.samples), test_samples.value_or(typical.test_samples),
                    features.value_or(typical.features), words.value_or(typical.words)};
  if (sizes.words > sizes.features) {
    throw DataError(fmt::format("synthetic_text: {} words a row of {} features; at most {} are allowed",
                                sizes.words, sizes.features, sizes.features));
  }
  const Vocabulary vocabulary = draw_words(sizes.features, sizes.words, exponent, informative,
                                           named_stream(seed, -1, "synthetic_text words"));
  return draw_parts("synthetic_text", sizes.samples, sizes.test_samples, {-1, 1}, seed,
                    [&](int rows, Rng rng) { return draw_texts(*this, sizes, vocabulary, rows, rng); });
}

}  // namespace gossamer
