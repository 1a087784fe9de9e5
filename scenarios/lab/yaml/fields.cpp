#include "scenarios/lab/yaml/fields.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <limits>
#include <numeric>

#include "scenarios/lab/yaml/kinds.hpp"

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

/// "{kind: top_k, fraction: 0.01}", or the kind alone where there is nothing else.
std::string in_one_line(const Value& kind_of_section) {
  std::string text;
  for (const Value::Entry& entry : kind_of_section.entries) {
    if (entry.value.kind == Value::Kind::scalar) {
      text += (text.empty() ? "" : ", ") + entry.key + ": " + entry.value.scalar;
    }
  }
  return kind_of_section.entries.size() > 1 ? "{" + text + "}" : kind_of_section.find("kind")->scalar;
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

std::pair<std::string_view, std::string_view> ends_of(std::string_view interval) {
  const std::size_t comma = interval.find(',');
  return {interval.substr(1, comma - 1), interval.substr(comma + 2, interval.size() - comma - 3)};
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
  const auto ends = ends_of(interval);
  const double low = end(ends.first), high = end(ends.second);
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

Value number_value(double number) {
  std::string text = text_of(number);
  const std::size_t exponent = text.find('e');
  if (exponent != std::string::npos && text.find('.') == std::string::npos) text.insert(exponent, ".0");
  return scalar_value(std::move(text));
}

std::string with_shortest_numbers(std::string text) {
  constexpr std::string_view zero = ".0e";
  for (std::size_t at = 0; (at = text.find(zero, at)) != std::string::npos; ++at) {
    const bool has_digit = at > 0 && std::isdigit(static_cast<unsigned char>(text[at - 1])) != 0;
    const char sign = at + zero.size() < text.size() ? text[at + zero.size()] : ' ';
    if (has_digit && (sign == '+' || sign == '-')) text.erase(at, 2);
  }
  return text;
}

void refuse(const Value& given, const std::string& expected, std::string_view key) {
  const std::string what = is_scalar(given) ? "'" + given.scalar + "'" : std::string(given.what());
  throw BadInput(given.at, std::string(key) + (key.empty() ? "" : ": ") + what +
                               " is not allowed; it takes " + expected);
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
Value Text<double>::write(const double& number) {
  return number_value(number);
}
Value Text<double>::schema(std::string_view domain) {
  return number_schema("number", domain);
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
Value Text<bool>::schema(std::string_view) {
  return json_object({{"type", scalar_value("boolean")}});
}

std::string Text<std::string>::expected(std::string_view) {
  return "a text that is not empty";
}
bool Text<std::string>::read(const Value& value, std::string& field, std::string_view) {
  if (!is_scalar(value) || value.scalar.empty()) return false;
  field = value.scalar;
  return true;
}
Value Text<std::string>::write(const std::string& field) {
  return field.empty() ? Value{} : scalar_value(field);
}
Value Text<std::string>::schema(std::string_view) {
  // To an editor, `name: 1` and `name: true` are no texts.
  Value types = json_array({scalar_value("string"), scalar_value("number"), scalar_value("boolean")});
  return json_object({{"type", std::move(types)}, {"minLength", scalar_value("1")}});
}

std::string Text<InputFile>::expected(std::string_view) {
  return "the path of a file";
}
bool Text<InputFile>::read(const Value& value, InputFile& field, std::string_view) {
  if (!is_scalar(value) || value.scalar.empty()) return false;
  field = std::filesystem::path(value.scalar);
  // In a file, paths are relative to it; on the command line, to where the command is run.
  field.named_in_file = value.at.line > 0;
  if (field.named_in_file) field.path = std::filesystem::path(*value.at.source).parent_path() / field.path;
  return true;
}
Value Text<InputFile>::write(const InputFile& field) {
  return field.name.empty() ? Value{} : scalar_value(field.name);
}
Value Text<InputFile>::schema(std::string_view) {
  return Text<std::string>::schema("");
}

std::string Text<Duration>::expected(std::string_view domain) {
  return std::string("a time with its unit (ns, us, ms, s, min, h), '10 ms': ") +
         (in_domain(0, domain) ? "0, or " : "") + "1 ns to 2562047 h";
}
bool Text<Duration>::read(const Value& value, Duration& field, std::string_view domain) {
  const auto parsed = is_scalar(value) ? parse_duration(value.scalar) : std::nullopt;
  if (!parsed || !in_domain(static_cast<double>(parsed->count()), domain)) return false;
  field = *parsed;
  return true;
}
Value Text<Duration>::write(const Duration& field) {
  return scalar_value(text_of(field));
}
Value Text<Duration>::schema(std::string_view) {
  return quantity_schema("ns|us|ms|s|min|h");
}

std::string Text<Bandwidth>::expected(std::string_view) {
  return "a bandwidth with its unit (bit/s, kbit/s, Mbit/s, Gbit/s, Tbit/s), '100 Mbit/s': 1 bit/s to "
         "9223372 "
         "Tbit/s, or 'unlimited'";
}
bool Text<Bandwidth>::read(const Value& value, Bandwidth& field, std::string_view) {
  const auto parsed = is_scalar(value) ? parse_bandwidth(value.scalar) : std::nullopt;
  if (parsed) field = *parsed;
  return parsed.has_value();
}
Value Text<Bandwidth>::write(const Bandwidth& field) {
  return scalar_value(text_of(field));
}
Value Text<Bandwidth>::schema(std::string_view) {
  return union_schema({quantity_schema("[kMGT]?bit/s"), names_schema({"unlimited"})});
}

std::string Text<Bits>::expected(std::string_view) {
  return "a size in whole bits with its unit (B, kB, ..., TB, bit, kbit, ..., Tbit), '40 B': 0 to 1152921 TB";
}
bool Text<Bits>::read(const Value& value, Bits& field, std::string_view) {
  const auto parsed = is_scalar(value) ? parse_size(value.scalar) : std::nullopt;
  if (parsed) field = *parsed;
  return parsed.has_value();
}
Value Text<Bits>::write(const Bits& field) {
  return scalar_value(text_of(field));
}
Value Text<Bits>::schema(std::string_view) {
  return quantity_schema("[kMGT]?(B|bit)");
}

std::string Text<Bytes>::expected(std::string_view domain) {
  const auto high = domain.empty() ? "inf" : ends_of(domain).second;
  return "a size in whole bytes with its unit (B, kB, ..., TB, bit, kbit, ..., Tbit), '40 B': " +
         std::string(in_domain(0, domain) ? "0" : "1 B") + " to " +
         (high == "inf" ? "1152921 TB" : std::string(high) + " B");
}
bool Text<Bytes>::read(const Value& value, Bytes& field, std::string_view domain) {
  Bits size;
  if (!Text<Bits>::read(value, size, "") || size.count % 8 != 0) return false;
  const std::int64_t bytes = size.count / 8;
  if (!in_domain(static_cast<double>(bytes), domain)) return false;
  field.count = bytes;
  return true;
}
Value Text<Bytes>::write(const Bytes& field) {
  return Text<Bits>::write({8 * field.count});
}
Value Text<Bytes>::schema(std::string_view) {
  return Text<Bits>::schema("");
}

Reader::Reader(const Value& map, std::string section) : map_(map), section_(std::move(section)) {
  if (map.kind == Value::Kind::map) return;
  throw BadInput(map.at,
                 section_ + ": found " + std::string(map.what()) + "; it takes a map, {key: value, ...}");
}

void Reader::visit(const Field& field) {
  known_.emplace_back(field.key);
  const Value* given = map_.find(field.key);
  if (given && field.type.is_section()) {
    Reader section(*given, std::string(field.key));
    field.type.fields(field.value, section);
    section.finish();
  } else if (given) {
    if (!field.type.read(*given, field.value, field.domain)) {
      refuse(*given, field.type.expected(field.domain), field.key);
    }
  } else if (!field.may_be_left_out()) {
    missing_.push_back("missing key '" + std::string(field.key) + "'; it takes " +
                       field.type.expected(field.domain));
  }
}

std::size_t Reader::kind(const Kinds& kinds, std::string_view preset, std::string_view key) {
  known_.emplace_back(key);
  const std::vector<std::string> names = kinds.names();
  const Value* given = map_.find(key);
  if (given && !is_scalar(*given)) refuse(*given, "one of " + joined(names), key);
  if (!given && preset.empty()) {
    finish_with("missing key '" + std::string(key) + "'; there are: " + joined(names));
  }
  const std::string name = given ? given->scalar : std::string(preset);
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  throw BadInput(given ? given->at : map_.at,
                 "unknown " + kinds.what() + " '" + name + "';" + suggestion(name, names));
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

void Writer::visit(const Field& field) {
  Value value;
  if (field.type.is_section()) {
    Writer section(value);
    field.type.fields(field.value, section);
  } else {
    value = field.type.write(field.value);
  }
  if (value.kind != Value::Kind::null) add(field.key, std::move(value));
}

void Survey::visit(const Field& field) {
  if (is_conditional() && field.key == set_.first && !field.type.is_section()) {
    (void)field.type.read(scalar_value(std::string(set_.second)), field.value, field.domain);
  }
  meet(field);
}

void Lister::meet(const Field& field) {
  const std::string key = path_ + std::string(field.key);
  if (std::ranges::count(lines, key, &FieldText::key) > 0) return;
  FieldText line{key, "none", "a map", std::string(field.about)};
  if (!field.type.is_section()) {
    const Value written = field.type.write(field.value);
    if (is_scalar(written)) line.initial = written.scalar;
    if (written.find("kind")) line.initial = in_one_line(written);
    if (!field.may_be_left_out()) line.initial.clear();
    line.expected = field.type.expected(field.domain);
  }
  lines.push_back(std::move(line));
  if (field.type.is_section()) {
    Lister inside(key + ".");
    field.type.fields(field.value, inside);
    lines.insert(lines.end(), inside.lines.begin(), inside.lines.end());
  }
}

std::vector<FieldText> Kinds::list(std::size_t kind, const CommonFields& common) const {
  Lister lister;
  lister.all([&] {
    visit(kind, lister);
    if (common) common(kind, lister);
  });
  return lister.lines;
}

std::string Kinds::short_key(std::size_t kind) const {
  std::vector<FieldText> fields = list(kind);
  if (fields.size() > 1) {
    std::erase_if(fields, [](const FieldText& field) { return !field.initial.empty(); });
  }
  return fields.size() == 1 ? fields.front().key : "";
}

Value spelled_out(const Kinds& kinds, const Value& value, std::string_view key) {
  Value map;
  map.at = value.at;
  map.kind = Value::Kind::map;
  if (is_scalar(value)) {
    map.entries.push_back({std::string(key), value.at, value});
    return map;
  }
  if (value.kind != Value::Kind::map || value.find(key)) return value;
  const std::vector<std::string> names = kinds.names();
  const auto entry = std::ranges::find_if(
      value.entries, [&](const Value::Entry& e) { return std::ranges::count(names, e.key) > 0; });
  if (entry == value.entries.end()) return value;
  const auto kind = static_cast<std::size_t>(std::ranges::find(names, entry->key) - names.begin());
  const std::string its_key = kinds.short_key(kind);
  const bool is_only_one = kinds.list(kind).size() == 1;
  if (its_key.empty() || value.find(its_key) || (!is_only_one && !is_scalar(entry->value))) return value;
  for (const Value::Entry& other : value.entries) {
    if (&other != &*entry) {
      map.entries.push_back(other);
      continue;
    }
    map.entries.push_back({std::string(key), entry->at, scalar_value(entry->key)});
    map.entries.push_back({its_key, entry->at, entry->value});
  }
  return map;
}

}  // namespace gossamer
