#include "algorithms/problems/data/data_set.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

#include "sim/random.hpp"

namespace gossamer {

template <class Entry>
DenseRows<Entry>::DenseRows(Index columns, std::vector<Entry> entries)
    : columns_(columns), entries_(std::move(entries)) {
  if (columns < 1 || entries_.size() % static_cast<std::size_t>(columns) != 0) {
    throw std::invalid_argument("dense rows: the number of entries is no multiple of the number of columns");
  }
}
template class DenseRows<double>;
template class DenseRows<float>;
template class DenseRows<std::uint8_t>;

SparseRows::SparseRows(Index columns, std::vector<Index> offsets, std::vector<std::int32_t> entry_columns,
                       std::vector<double> values)
    : columns_(columns),
      offsets_(std::move(offsets)),
      entry_columns_(std::move(entry_columns)),
      values_(std::move(values)) {
  const auto require = [](bool condition) {
    if (!condition) throw std::invalid_argument("sparse rows: not a matrix by compressed rows");
  };
  require(!offsets_.empty() && offsets_.front() == 0 && std::ranges::is_sorted(offsets_) &&
          offsets_.back() == std::ssize(entry_columns_) && entry_columns_.size() == values_.size());
  for (Index r = 0; r < rows(); ++r) {
    std::int64_t previous = -1;
    for (Index k = offsets_[r]; k < offsets_[r + 1]; ++k) {
      require(previous < entry_columns_[k] && entry_columns_[k] < columns_);
      previous = entry_columns_[k];
    }
  }
  if (!values_.empty() && std::ranges::count(values_, values_.front()) == std::ssize(values_)) {
    scale_ = values_.front();
    values_ = {};
  }
}

Index rows(const Features& features) {
  return std::visit([](const auto& matrix) { return matrix.rows(); }, features);
}
Index columns(const Features& features) {
  return std::visit([](const auto& matrix) { return matrix.columns(); }, features);
}
Index entries(const Features& features) {
  return std::visit([](const auto& matrix) { return matrix.entries(); }, features);
}

namespace {

template <class Entry>
Vector expand(const DenseRows<Entry>& matrix, Index r) {
  Vector row(matrix.columns());
  for (Index j = 0; j < row.size(); ++j) row[j] = matrix.scale * matrix.row(r)[j];
  return row;
}

Vector expand(const SparseRows& matrix, Index r) {
  Vector row = Vector::Zero(matrix.columns());
  const SparseRows::Row entries = matrix.row(r);
  for (Index k = 0; k < entries.size; ++k) {
    row[entries.columns[k]] = matrix.scale() * (entries.values ? entries.values[k] : 1);
  }
  return row;
}

template <class Entry>
DenseRows<Entry> select(const DenseRows<Entry>& matrix, std::span<const std::int32_t> rows) {
  std::vector<Entry> entries;
  entries.reserve(rows.size() * static_cast<std::size_t>(matrix.columns()));
  for (const std::int32_t r : rows) {
    entries.insert(entries.end(), matrix.row(r), matrix.row(r) + matrix.columns());
  }
  return DenseRows<Entry>(matrix.columns(), std::move(entries));
}

SparseRows select(const SparseRows& matrix, std::span<const std::int32_t> rows) {
  std::vector<Index> offsets{0};
  for (const std::int32_t r : rows) offsets.push_back(offsets.back() + matrix.row(r).size);
  std::vector<std::int32_t> columns;
  std::vector<double> values;
  columns.reserve(static_cast<std::size_t>(offsets.back()));
  values.reserve(columns.capacity());
  for (const std::int32_t r : rows) {
    const SparseRows::Row row = matrix.row(r);
    columns.insert(columns.end(), row.columns, row.columns + row.size);
    for (Index k = 0; k < row.size; ++k) values.push_back(row.values ? row.values[k] : matrix.scale());
  }
  return SparseRows(matrix.columns(), std::move(offsets), std::move(columns), std::move(values));
}

Samples select(const Samples& samples, std::span<const std::int32_t> rows) {
  std::vector<std::int32_t> labels;
  for (const std::int32_t r : rows) labels.push_back(samples.labels[r]);
  return {std::visit([&](const auto& matrix) -> Features { return select(matrix, rows); }, samples.features),
          std::move(labels)};
}

template <class T>
std::vector<T> sorted_without_repeats(std::vector<T> values) {
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

/// As floats, where that changes no entry.
Features narrowed(Features features) {
  const auto* const doubles = std::get_if<DenseRows<double>>(&features);
  if (!doubles) return features;
  const std::span entries(doubles->row(0), static_cast<std::size_t>(doubles->entries()));
  const auto is_float = [](double x) {
    return std::abs(x) <= std::numeric_limits<float>::max() && static_cast<float>(x) == x;
  };
  if (!std::ranges::all_of(entries, is_float)) return features;
  std::vector<float> floats(entries.size());
  std::ranges::transform(entries, floats.begin(), [](double x) { return static_cast<float>(x); });
  return DenseRows<float>(doubles->columns(), std::move(floats));
}

/// The rows with each label replaced by its position in `values`, which is sorted and has them all.
Samples number_labels(LabelledRows rows, const std::vector<double>& values) {
  Samples samples{narrowed(std::move(rows.features)), {}};
  samples.labels.reserve(rows.labels.size());
  for (const double label : rows.labels) {
    samples.labels.push_back(
        static_cast<std::int32_t>(std::ranges::lower_bound(values, label) - values.begin()));
  }
  return samples;
}

/// Why the labels are no classes, in words. `values` are those of both parts; both lists are sorted and
/// without repeats.
std::string why_no_classes(const std::vector<double>& of_training, const std::vector<double>& values,
                           const std::vector<std::string>& words) {
  if (!std::ranges::all_of(values, [](double value) { return value == std::trunc(value); })) {
    return fmt::format("the labels are real numbers ({} different values)", values.size());
  }
  const auto [unseen, end] = std::ranges::mismatch(values, of_training);
  if (unseen == values.end()) return "";
  const auto number = static_cast<std::size_t>(unseen - values.begin());
  return fmt::format("the test part has the label {}, which no training row has",
                     words.empty() ? fmt::format("{}", *unseen) : words[number]);
}

/// Puts numbers, 0 for the first in the alphabet, in the place of words. Gives the words.
std::vector<std::string> replace_words(const std::string& name, LabelledRows& train,
                                       std::optional<LabelledRows>& test) {
  const bool are_words = !train.words.empty();
  if (test && test->words.empty() == are_words) {
    throw DataError(
        fmt::format("data set '{}': the labels of one part are words, of the other numbers; both "
                    "must be of one kind",
                    name));
  }
  if (!are_words) return {};
  std::vector<std::string> words = train.words;
  if (test) words.insert(words.end(), test->words.begin(), test->words.end());
  words = sorted_without_repeats(std::move(words));
  const auto replace = [&](LabelledRows& rows) {
    for (const std::string& word : rows.words) {
      rows.labels.push_back(static_cast<double>(std::ranges::lower_bound(words, word) - words.begin()));
    }
    rows.words = {};
  };
  replace(train);
  if (test) replace(*test);
  return words;
}

void check_part(const std::string& name, const char* part, const LabelledRows& rows) {
  const Index count = gossamer::rows(rows.features);
  if (count == 0) throw DataError(fmt::format("data set '{}': the {} part has no rows", name, part));
  if (count > largest_dimension) {
    throw DataError(fmt::format("data set '{}': the {} part has {} rows; at most {} are allowed", name, part,
                                count, largest_dimension));
  }
  if (count != std::ssize(rows.labels)) {
    throw DataError(
        fmt::format("data set '{}': the {} part has {} rows but {} labels; one label a row is "
                    "allowed",
                    name, part, count, rows.labels.size()));
  }
}

}  // namespace

Vector expanded_row(const Features& features, Index r) {
  return std::visit([r](const auto& matrix) { return expand(matrix, r); }, features);
}

DataSet make_data_set(std::string name, LabelledRows train, std::optional<LabelledRows> test) {
  std::vector<std::string> words = replace_words(name, train, test);
  check_part(name, "training", train);
  const std::vector<double> of_training = sorted_without_repeats(train.labels);
  std::vector<double> values = of_training;
  std::optional<Samples> test_samples;
  if (test) {
    check_part(name, "test", *test);
    if (columns(test->features) != columns(train.features)) {
      throw DataError(
          fmt::format("data set '{}': training rows have {} features, test rows {}; both must agree", name,
                      columns(train.features), columns(test->features)));
    }
    values.insert(values.end(), test->labels.begin(), test->labels.end());
    values = sorted_without_repeats(std::move(values));
    test_samples = number_labels(std::move(*test), values);
  }
  Samples train_samples = number_labels(std::move(train), values);
  std::string no_classes = why_no_classes(of_training, values, words);
  return {std::move(name),   std::move(train_samples), std::move(test_samples),
          std::move(values), std::move(no_classes),    std::move(words)};
}

std::pair<std::vector<std::int32_t>, std::vector<std::int32_t>> split_rows(Index rows, Index count,
                                                                           std::uint64_t seed,
                                                                           const std::string& what,
                                                                           const std::string& key) {
  if (count >= rows) {
    throw DataError(fmt::format("{}: {} of {} rows held out leave none to train on; at most {} are allowed",
                                what, count, rows, rows - 1),
                    key);
  }
  std::vector<std::int32_t> order(static_cast<std::size_t>(rows));
  std::iota(order.begin(), order.end(), 0);
  Rng rng = named_stream(seed, -1, "holdout");
  shuffle(order, rng);
  std::sort(order.begin(), order.begin() + count);
  std::sort(order.begin() + count, order.end());
  return {{order.begin() + count, order.end()}, {order.begin(), order.begin() + count}};
}

DataSet hold_out(const DataSet& data, Index count, std::uint64_t seed) {
  const std::string what = fmt::format("data set '{}'", data.name);
  if (data.test) {
    throw DataError(what + " has a test part; only if there is none can rows be held out", "holdout");
  }
  const auto [train, test] = split_rows(data.train.rows(), count, seed, what);
  return {data.name,         select(data.train, train), select(data.train, test),
          data.label_values, data.no_classes,           data.label_words,
          data.notes};
}

}  // namespace gossamer
