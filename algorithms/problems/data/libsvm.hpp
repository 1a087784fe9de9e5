// Reading LIBSVM text: one row a line, `label index:value index:value ...`, absent indices zero.
#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/problems/data/data_set.hpp"
#include "algorithms/problems/data/table_text.hpp"

namespace gossamer {

/// One file, as scikit-learn's load_svmlight_file reads it. Indices increase strictly within a line; values
/// are finite decimal numbers, labels too, or words; fields are separated by blanks or tabs. A line may be a
/// label alone; `qid:N` after the label is passed over, and so is what follows a '#', and a blank line.
///
/// Whether indices count from 1 or from 0 shows only when all parts of a data set are there: rows().
class LibsvmPart {
 public:
  /// Reads to the end of `in`. Safe on any bytes. Throws DataError, its message beginning with `name:line:`,
  /// where a line is anything else, and where there are no rows.
  LibsvmPart(std::istream& in, std::string_view name);

  std::int64_t largest_index() const { return largest_index_; }  ///< -1: no row has an entry.

  /// The rows of the parts of one data set. Their indices count from 0 if one of them is 0, else from 1. The
  /// number of columns is `dimension`, or what the largest index of any part needs where that is 0.
  /// Throws DataError, its message beginning with `name:line:`, where an index is above `dimension`.
  static std::vector<LabelledRows> rows(std::vector<LibsvmPart> parts, Index dimension = 0);

 private:
  void read_line(TextLines& lines, std::string_view line);

  std::string name_;
  Labels labels_;
  std::vector<Index> offsets_{0};
  std::vector<std::int32_t> indices_;
  std::vector<double> values_;
  bool has_index_0_ = false;
  std::int64_t largest_index_ = -1;
  std::int64_t line_of_largest_ = 0;
};

/// The rows of a single part.
LabelledRows read_libsvm(std::istream& in, std::string_view name, Index dimension = 0);

}  // namespace gossamer
