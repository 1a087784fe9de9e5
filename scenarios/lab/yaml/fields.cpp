#include "scenarios/lab/yaml/fields.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace gossamer {
namespace {

/// Levenshtein's distance.
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

bool is_scalar(const Value& value) {
  return value.kind == Value::Kind::scalar;
}

}  // namespace

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string suggestion(std::string_view name, const std::vector<std::string>& names) {
  const auto nearest = std::min_element(names.begin(), names.end(), [&](const auto& a, const auto& b) {
    return edits(name, a) < edits(name, b);
  });
  std::string text;
  if (nearest != names.end() && edits(name, *nearest) <= std::max<std::size_t>(2, name.size() / 3)) {
    text = " did you mean '" + *nearest + "'?";
  }
  return text + " there are: " + joined(names);
}

bool in_domain(double number, std::string_view interval) {
  if (!std::isfinite(number)) return false;
  if (interval.empty()) return true;
  const auto end = [](std::string_view text) {
    if (text == "inf") return std::numeric_limits<double>::infinity();
    if (text == "-inf") return -std::numeric_limits<double>::infinity();
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
  };
  const std::size_t comma = interval.find(',');
  const double low = end(interval.substr(1, comma - 1));
  const double high = end(interval.substr(comma + 2, interval.size() - comma - 3));
  return (interval.front() == '[' ? number >= low : number > low) &&
         (interval.back() == ']' ? number <= high : number < high);
}

std::string bounded(std::string_view interval, const std::string& least, const std::string& greatest) {
  if (interval.empty()) return "[" + least + ", " + greatest + "]";
  std::string text(interval);
  if (text.starts_with("(-inf")) text.replace(0, 5, "[" + least);
  if (text.ends_with("inf)")) text.replace(text.size() - 4, 4, greatest + "]");
  return text;
}

std::string text_of(double number) {
  std::array<char, 32> buffer;
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
  return {buffer.data(), result.ptr};
}

void refuse(const Value& given, const std::string& expected, std::string_view key) {
  const std::string what = is_scalar(given) ? "'" + given.scalar + "'" : std::string(given.what());
  throw BadInput(given.at, std::string(key) + (key.empty() ? "" : ": ") + what +
                               " is not allowed; it takes " + expected);
}

Value scalar_value(std::string text) {
  Value value;
  value.kind = Value::Kind::scalar;
  value.scalar = std::move(text);
  return value;
}

std::string Text<double>::expected(std::string_view domain) {
  return "a number" + (domain.empty() ? "" : " in " + std::string(domain));
}
bool Text<double>::read(const Value& value, double& number, std::string_view domain) {
  if (!is_scalar(value)) return false;
  std::string_view text = value.scalar;
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  return result.ec == std::errc() && result.ptr == text.data() + text.size() && in_domain(number, domain);
}
Value Text<double>::write(double number) {
  return scalar_value(text_of(number));
}

std::string Text<bool>::expected(std::string_view) {
  return "true or false";
}
bool Text<bool>::read(const Value& value, bool& field, std::string_view) {
  if (!is_scalar(value) || (value.scalar != "true" && value.scalar != "false")) return false;
  field = value.scalar == "true";
  return true;
}
Value Text<bool>::write(const bool& field) {
  return scalar_value(field ? "true" : "false");
}

std::string Text<std::string>::expected(std::string_view) {
  return "a text";
}
bool Text<std::string>::read(const Value& value, std::string& field, std::string_view) {
  if (!is_scalar(value) || value.scalar.empty()) return false;
  field = value.scalar;
  return true;
}
Value Text<std::string>::write(const std::string& field) {
  return field.empty() ? Value{} : scalar_value(field);
}

std::string Text<std::filesystem::path>::expected(std::string_view) {
  return "the path of a file";
}
bool Text<std::filesystem::path>::read(const Value& value, std::filesystem::path& field, std::string_view) {
  if (!is_scalar(value) || value.scalar.empty()) return false;
  field = value.scalar;
  // In a file, paths are relative to it; on the command line, to where the command is run.
  if (value.at.line > 0)
    field = (std::filesystem::path(*value.at.source).parent_path() / field).lexically_normal();
  return true;
}
Value Text<std::filesystem::path>::write(const std::filesystem::path& field) {
  return field.empty() ? Value{} : scalar_value(std::filesystem::absolute(field).string());
}

std::string Text<Duration>::expected(std::string_view) {
  return "a time with its unit (ns, us, ms, s, min, h): '10 ms'";
}
bool Text<Duration>::read(const Value& value, Duration& field, std::string_view) {
  const auto parsed = is_scalar(value) ? parse_duration(value.scalar) : std::nullopt;
  if (parsed) field = *parsed;
  return parsed.has_value();
}
Value Text<Duration>::write(const Duration& field) {
  return scalar_value(text_of(field));
}

std::string Text<Bandwidth>::expected(std::string_view) {
  return "a bandwidth with its unit (bit/s, kbit/s, Mbit/s, Gbit/s, Tbit/s): '100 Mbit/s', or 'unlimited'";
}
bool Text<Bandwidth>::read(const Value& value, Bandwidth& field, std::string_view) {
  const auto parsed = is_scalar(value) ? parse_bandwidth(value.scalar) : std::nullopt;
  if (parsed) field = *parsed;
  return parsed.has_value();
}
Value Text<Bandwidth>::write(const Bandwidth& field) {
  return scalar_value(text_of(field));
}

std::string Text<Bits>::expected(std::string_view) {
  return "a size with its unit (B, kB, ..., TB, bit, kbit, ..., Tbit): '40 B'";
}
bool Text<Bits>::read(const Value& value, Bits& field, std::string_view) {
  const auto parsed = is_scalar(value) ? parse_size(value.scalar) : std::nullopt;
  if (parsed) field = *parsed;
  return parsed.has_value();
}
Value Text<Bits>::write(const Bits& field) {
  return scalar_value(text_of(field));
}

std::string Text<BatchSize>::expected(std::string_view) {
  return "full, or a number of rows from 1";
}
bool Text<BatchSize>::read(const Value& value, BatchSize& field, std::string_view) {
  const auto parsed = is_scalar(value) ? parse_batch_size(value.scalar) : std::nullopt;
  if (parsed) field = *parsed;
  return parsed.has_value();
}
Value Text<BatchSize>::write(const BatchSize& field) {
  return scalar_value(text_of(field));
}

std::string Text<Schedule>::expected(std::string_view domain) {
  return Text<double>::expected(domain) +
         ", or a schedule: {kind: inverse_sqrt, value: 0.1}, {kind: piecewise, value: 0.1, factor: 0.1, at: "
         "[500, 750]}";
}
bool Text<Schedule>::read(const Value& value, Schedule& field, std::string_view domain) {
  field = Schedule();
  if (is_scalar(value)) return Text<double>::read(value, field.value, domain);
  if (value.kind != Value::Kind::map) return false;
  Reader reader(value, "schedule");
  reader("kind", field.kind, "required", "");
  Schedule::fields(field, reader);
  reader.finish();
  if (field.kind == Schedule::Kind::piecewise && field.at.empty()) {
    throw BadInput(value.at, "at: it takes the iterations after which the step size changes, [500, 750]");
  }
  if (!std::is_sorted(field.at.begin(), field.at.end())) {
    throw BadInput(value.find("at")->at, "at: the iterations have to be in ascending order");
  }
  return true;
}
Value Text<Schedule>::write(const Schedule& field) {
  if (field.kind == Schedule::Kind::constant) return Text<double>::write(field.value);
  Value map;
  Writer writer(map);
  writer("kind", field.kind, "", "");
  Schedule::fields(field, writer);
  return map;
}

std::string in_one_line(const Value& kind_of_section) {
  std::string text;
  for (const Value::Entry& entry : kind_of_section.entries) {
    if (entry.value.kind == Value::Kind::scalar) {
      text += (text.empty() ? "" : ", ") + entry.key + ": " + entry.value.scalar;
    }
  }
  return kind_of_section.entries.size() > 1 ? "{" + text + "}" : kind_of_section.find("kind")->scalar;
}

Reader::Reader(const Value& map, std::string section) : map_(map), section_(std::move(section)) {
  if (map.kind == Value::Kind::map) return;
  throw BadInput(map.at,
                 section_ + ": found " + std::string(map.what()) + "; it takes a map, {key: value, ...}");
}

void Reader::finish() const {
  for (const Value::Entry& entry : map_.entries) {
    if (std::find(known_.begin(), known_.end(), entry.key) != known_.end()) continue;
    throw BadInput(entry.at,
                   "unknown key '" + entry.key + "' in " + section_ + ";" + suggestion(entry.key, known_));
  }
  if (!missing_.empty()) throw BadInput(map_.at, section_ + ": " + missing_.front());
}

void Reader::finish_with(const std::string& problem) const {
  throw BadInput(map_.at, section_ + ": " + problem);
}

}  // namespace gossamer
