#include "topologies/matrix_market.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>

#include "sim/text_file.hpp"

namespace gossamer {
namespace {

constexpr std::string_view banner = "%%matrixmarket";

std::string first_line(const InputFile& file) {
  const auto content = text_of(file);
  std::string_view text = without_mark(*content);
  return in_lower_case(take_line(text).substr(0, 200));
}

}  // namespace

bool is_matrix_market(const InputFile& file) {
  return first_line(file).starts_with(banner);
}

CoordinateMatrix read_matrix_market(const InputFile& file) {
  TextFile text(file, " \t\r", '%');
  std::string first, object, format, field, symmetry;
  std::istringstream(first_line(file)) >> first >> object >> format >> field >> symmetry;
  CoordinateMatrix matrix;
  matrix.symmetric = symmetry == "symmetric";
  const bool pattern = field == "pattern";
  if (object != "matrix" || format != "coordinate" || !(pattern || field == "real" || field == "integer") ||
      !(matrix.symmetric || symmetry == "general")) {
    text.fail_at(
        1, fmt::format(
               "Matrix Market '{} {} {} {}' is not read; allowed: matrix coordinate, of real, "
               "integer or pattern, general or symmetric{}",
               object, format, field, symmetry,
               format == "array" ? ", as scipy.io.mmwrite(path, scipy.sparse.coo_matrix(A)) writes it" : ""));
  }
  const auto index = [&](std::string_view word, int last) {
    const auto number = parse_number<int>(word);
    if (number && 1 <= *number && *number <= last) return *number - 1;
    text.fail(word, fmt::format("'{}' is no index; allowed: whole numbers from 1 to {}", word, last));
  };
  const auto size = [&](std::string_view word) {
    const auto number = parse_number<int>(word);
    if (!number || *number < 0) text.fail(word, fmt::format("'{}' is no size", word));
    return *number;
  };
  const auto require_words = [&](std::size_t count, const char* allowed) {
    if (text.words().size() == count) return;
    text.fail(text.words().front(),
              fmt::format("{} words in this line; allowed: {}", text.words().size(), allowed));
  };

  if (!text.next()) text.fail("the matrix has no size; allowed: rows columns entries");
  require_words(3, "rows columns entries");
  matrix.rows = size(text.words()[0]);
  matrix.columns = size(text.words()[1]);
  const int entries = size(text.words()[2]);
  int count = 0;
  for (; text.next(); ++count) {
    const auto& words = text.words();
    if (count == entries)
      text.fail(words.front(), fmt::format("one entry too many; {} were said to follow", entries));
    require_words(pattern ? 2 : 3, pattern ? "row column" : "row column value");
    const int i = index(words[0], matrix.rows), j = index(words[1], matrix.columns);
    const auto value = pattern ? 1.0 : parse_number<double>(words[2]);
    if (!value || !std::isfinite(*value)) text.fail(words[2], fmt::format("'{}' is no number", words[2]));
    matrix.entries.push_back({i, j, *value, text.line()});
    if (matrix.symmetric && i != j) matrix.entries.push_back({j, i, *value, text.line()});
  }
  if (count < entries) text.fail(fmt::format("the matrix ends after {} of {} entries", count, entries));
  return matrix;
}

}  // namespace gossamer
