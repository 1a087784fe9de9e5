#include "algorithms/problems/data/libsvm.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace gossamer {
namespace {

bool parse(std::string_view text, std::int64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

/// Takes the next field off a line; empty at its end.
std::string_view next_field(std::string_view& rest) {
  // Most of the time of reading goes by here: find_first_of() takes three times as long.
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  const auto begin = std::ranges::find_if_not(rest, is_blank);
  const auto end = std::find_if(begin, rest.end(), is_blank);
  rest.remove_prefix(static_cast<std::size_t>(end - rest.begin()));
  return {begin, end};
}

}  // namespace

LibsvmPart::LibsvmPart(std::istream& in, std::string_view name) : name_(name) {
  TextLines lines(in, name);
  while (lines.next()) read_line(lines, lines.text().substr(0, lines.text().find('#')));
  if (labels_.size() == 0) lines.refuse(1, "the file has no rows; at least one is needed");
}

void LibsvmPart::read_line(TextLines& lines, std::string_view line) {
  const std::string_view label = next_field(line);
  if (label.empty()) return;
  if (label.find(':') != std::string_view::npos) {
    lines.refuse(fmt::format("no label before {}; a line is 'label index:value ...'", in_quotes(label)));
  }
  if (const std::string wrong = labels_.add(label); !wrong.empty()) lines.refuse(wrong);
  std::string_view field = next_field(line);
  std::int64_t index = 0;
  if (field.starts_with("qid:")) {
    if (!parse(field.substr(4), index)) {
      lines.refuse(fmt::format("{} is no query; 'qid:' with an integer is allowed", in_quotes(field)));
    }
    field = next_field(line);
  }
  for (std::int64_t previous = -1; !field.empty(); field = next_field(line), previous = index) {
    const std::size_t colon = field.find(':');
    if (colon == std::string_view::npos) {
      lines.refuse(fmt::format("{} has no colon; 'index:value' is allowed", in_quotes(field)));
    }
    const std::string_view index_text = field.substr(0, colon), value_text = field.substr(colon + 1);
    if (!parse(index_text, index) || index < 0 || index > largest_dimension) {
      lines.refuse(fmt::format("index {}; 0 to {} are allowed", in_quotes(index_text), largest_dimension));
    }
    if (index <= previous) {
      lines.refuse(fmt::format("index {} after {}; indices must increase within a line", index, previous));
    }
    double value = 0;
    if (!parse_finite(value_text, value)) {
      lines.refuse(fmt::format("value {} of index {} is no number; a finite number is allowed",
                               in_quotes(value_text), index));
    }
    has_index_0_ = has_index_0_ || index == 0;
    if (index > largest_index_) {
      largest_index_ = index;
      line_of_largest_ = lines.number();
    }
    if (value == 0) continue;
    indices_.push_back(static_cast<std::int32_t>(index));
    values_.push_back(value);
  }
  offsets_.push_back(std::ssize(indices_));
}

std::vector<LabelledRows> LibsvmPart::rows(std::vector<LibsvmPart> parts, Index dimension) {
  const bool from_0 = std::ranges::any_of(parts, &LibsvmPart::has_index_0_);
  const std::int64_t first = from_0 ? 0 : 1;
  const LibsvmPart& widest = *std::ranges::max_element(parts, {}, &LibsvmPart::largest_index_);
  const std::int64_t last_allowed = (dimension > 0 ? dimension : largest_dimension) - 1 + first;
  if (widest.largest_index_ > last_allowed) {
    throw DataFileError(fmt::format("{}:{}: index {}; {} to {} are allowed{}{}", widest.name_,
                                    widest.line_of_largest_, widest.largest_index_, first, last_allowed,
                                    dimension > 0 ? " with this dimension" : "",
                                    from_0 ? ", as indices count from 0" : ""));
  }
  const std::int64_t needed = widest.largest_index_ + 1 - first;
  // One slip of the pen, and every vector would have gigabytes.
  constexpr std::int64_t largest_likely = 100'000'000;
  if (dimension == 0 && needed > largest_likely) {
    throw DataFileError(
        fmt::format("{}:{}: has an index {}; above {} the problem has to say so: dimension: {}", widest.name_,
                    widest.line_of_largest_, widest.largest_index_, largest_likely, needed));
  }
  const Index width = dimension > 0 ? dimension : std::max<Index>(needed, 1);
  std::vector<LabelledRows> all;
  for (LibsvmPart& part : parts) {
    if (!from_0) {
      for (std::int32_t& index : part.indices_) --index;
    }
    all.push_back(
        {SparseRows(width, std::move(part.offsets_), std::move(part.indices_), std::move(part.values_)),
         std::move(part.labels_.numbers), std::move(part.labels_.words)});
  }
  return all;
}

LabelledRows read_libsvm(std::istream& in, std::string_view name, Index dimension) {
  std::vector<LibsvmPart> parts;
  parts.emplace_back(in, name);
  return std::move(LibsvmPart::rows(std::move(parts), dimension).front());
}

}  // namespace gossamer
