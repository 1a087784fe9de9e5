// Data sets in memory: rows of features with labels, a training part and perhaps a test part.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "algorithms/vectors/vector.hpp"

namespace gossamer {

/// What is wrong with data, or with what is asked of it: one line for the person who will fix it,
/// `file:line: what is wrong; what is allowed` where a line of a file is to blame.
class DataError : public std::runtime_error {
 public:
  explicit DataError(const std::string& what, std::string key = "")
      : std::runtime_error(what), key_(std::move(key)) {}
  /// Which of the problem's parameters is to blame; "" where that is open.
  const std::string& key() const { return key_; }

 private:
  std::string key_;
};

/// The same, where the content of a file is to blame: the text begins with it, "file:line: " or "file: ".
class DataFileError : public DataError {
 public:
  using DataError::DataError;
};

/// Rows and columns of any part are numbered by std::int32_t.
inline constexpr std::int64_t largest_dimension = 2147483647;

/// A rows x columns matrix of features, every entry stored, row-major: feature = scale * entry.
template <class Entry>
class DenseRows {
 public:
  /// Pixels are kept as the bytes they are, an eighth of the memory traffic of doubles.
  static constexpr double scale = std::same_as<Entry, std::uint8_t> ? 1.0 / 255 : 1.0;

  /// `entries` has a multiple of `columns` >= 1 elements. Throws std::invalid_argument otherwise.
  DenseRows(Index columns, std::vector<Entry> entries);

  Index rows() const { return static_cast<Index>(entries_.size()) / columns_; }
  Index columns() const { return columns_; }
  Index entries() const { return static_cast<Index>(entries_.size()); }
  const Entry* row(Index r) const { return entries_.data() + r * columns_; }

 private:
  Index columns_;
  std::vector<Entry> entries_;
};

/// A rows x columns matrix of features by compressed rows: feature = scale() * value, absent ones are zero.
class SparseRows {
 public:
  /// The entries of row r.
  struct Row {
    const std::int32_t* columns;  ///< Strictly increasing.
    const double* values;         ///< Null: all are 1.
    Index size;
  };

  /// Row r has the entries offsets[r], ..., offsets[r + 1] - 1: their columns, strictly increasing and in
  /// {0, ..., columns - 1}, and their values. Throws std::invalid_argument where this does not hold.
  SparseRows(Index columns, std::vector<Index> offsets, std::vector<std::int32_t> entry_columns,
             std::vector<double> values);

  Index rows() const { return static_cast<Index>(offsets_.size()) - 1; }
  Index columns() const { return columns_; }
  Index entries() const { return offsets_.back(); }
  double scale() const { return scale_; }
  Row row(Index r) const {
    const Index begin = offsets_[r];
    return {entry_columns_.data() + begin, values_.empty() ? nullptr : values_.data() + begin,
            offsets_[r + 1] - begin};
  }

 private:
  Index columns_;
  std::vector<Index> offsets_;
  std::vector<std::int32_t> entry_columns_;
  // One-hot data have a single value: it becomes the scale, and the products neither load nor multiply.
  std::vector<double> values_;
  double scale_ = 1;
};

/// Dense entries are of the smallest type that has them exactly: a gradient takes about as long as reading
/// them.
using Features = std::variant<DenseRows<double>, DenseRows<float>, DenseRows<std::uint8_t>, SparseRows>;

Index rows(const Features& features);
Index columns(const Features& features);
Index entries(const Features& features);  ///< How many are stored.

/// Row r in full, in R^columns. For looking at data; the products of kernels.hpp never expand rows like this.
Vector expanded_row(const Features& features, Index r);

/// Features with the labels as a file has them.
struct LabelledRows {
  Features features;
  std::vector<double> labels;        ///< One for each row ...
  std::vector<std::string> words{};  ///< ... unless the labels are words, of which there is one then.
};

/// Features with the labels' numbers 0, ..., C - 1.
struct Samples {
  Features features;
  std::vector<std::int32_t> labels;  ///< One for each row.

  Index rows() const { return static_cast<Index>(labels.size()); }
};

/// Shared by everything that is made from it, and never changed: std::shared_ptr<const DataSet>.
struct DataSet {
  std::string name;
  Samples train;
  std::optional<Samples> test;
  std::vector<double> label_values;  ///< label_values[c] is the label number c as the file has it; ascending.
  std::string no_classes{};          ///< Why the labels are no classes, in words; empty where they are.
  /// Where the labels are words, these, sorted; label_values are then 0, ..., C - 1.
  std::vector<std::string> label_words{};
  std::vector<std::string> notes{};  ///< How files were taken, where that may surprise: a line each.

  Index columns() const { return gossamer::columns(train.features); }
  int classes() const { return static_cast<int>(label_values.size()); }  ///< C: how many labels differ.
};

/// Numbers the labels 0, ..., C - 1 in ascending order. They are classes if all are whole numbers, or words,
/// and every label of the test part occurs in the training part. Dense rows of doubles are kept as floats
/// where that changes no entry of the part.
/// Throws DataError where a part has no rows, labels and rows differ in number, or the parts differ in
/// columns, or one has words and the other numbers as labels.
DataSet make_data_set(std::string name, LabelledRows train, std::optional<LabelledRows> test = std::nullopt);

/// Draws `count` of the rows 0, ..., rows - 1 by the seed; gives those that stay and those drawn, each in
/// ascending order. Throws DataError, about `what` and at `key`, where `count` >= 0 leaves none.
std::pair<std::vector<std::int32_t>, std::vector<std::int32_t>> split_rows(
    Index rows, Index count, std::uint64_t seed, const std::string& what, const std::string& key = "holdout");

/// Splits a data set that has no test part: `count` rows, drawn at random by the seed, become one. Rows keep
/// their order in both parts, and labels their numbers.
/// Throws DataError where there is a test part, or `count`, in {0, ..., rows}, leaves no row to train on.
DataSet hold_out(const DataSet& data, Index count, std::uint64_t seed);

}  // namespace gossamer
