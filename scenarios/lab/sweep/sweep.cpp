#include "scenarios/lab/sweep/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "algorithms/problems/data/known_data_sets.hpp"
#include "scenarios/lab/scenario/short_forms.hpp"
#include "scenarios/lab/yaml/fields.hpp"
#include "sim/utf8.hpp"

namespace gossamer {
namespace {

constexpr std::size_t most_runs = 100'000;
constexpr std::size_t longest_name = 200;  // A file's name has up to 255 bytes.

std::string hash(const std::string& text) {
  return sha256(text).substr(0, 8);
}

/// Letters that mean something to a shell, a file system or a terminal become '_'.
std::string word(const std::string& text) {
  std::string result = printable(text);
  const auto is_odd = [](unsigned char c) {
    return c < 0x80 && !std::isalnum(c) &&
           std::string_view("._+-").find(static_cast<char>(c)) == std::string_view::npos;
  };
  std::ranges::replace_if(result, is_odd, '_');
  return result;
}

const Value* kind_of(const Value& value) {
  const Value* kind = value.find("kind");
  return kind && kind->kind == Value::Kind::scalar ? kind : nullptr;
}

/// What a value without a name is called.
std::string label_of(const Value& value, const std::vector<Value>& all) {
  if (value.kind == Value::Kind::scalar) return value.scalar;
  if (value.kind == Value::Kind::null) return "none";
  if (const Value* kind = kind_of(value)) {
    const auto alike = std::ranges::count_if(
        all, [&](const Value& other) { return kind_of(other) && kind_of(other)->scalar == kind->scalar; });
    if (alike <= 1) return kind->scalar;
  }
  return to_flow_yaml(value);
}

void require_other_than_sweep(const std::string& path, const Location& at) {
  if (path == "sweep" || path.starts_with("sweep.")) {
    throw BadInput(at, "sweep: a sweep does not sweep over itself");
  }
}

int depth(const std::string& path) {
  return static_cast<int>(std::ranges::count(path, '.'));
}

}  // namespace

Sweep::Sweep(const Value& document) : base_(document) {
  const Value* found = document.find("sweep");
  if (!found) {
    throw BadInput(document.at,
                   "missing section 'sweep'; it takes paths with lists of values, {seed: [1, 2]}");
  }
  const Value sweep = *found;
  at_ = sweep.at;
  remove(base_, "sweep");
  if (sweep.kind != Value::Kind::map) {
    throw BadInput(sweep.at,
                   fmt::format("sweep: found {}; it takes a map of paths to lists of values", sweep.what()));
  }
  for (const Value::Entry& entry : sweep.entries) {
    if (entry.key == "exclude" || entry.key == "also") continue;
    if (entry.key != "zip") {
      add({read_path(entry)});
    } else if (entry.value.kind == Value::Kind::sequence) {
      for (const Value& zip : entry.value.items) add(read_zip(zip));
    } else {
      add(read_zip(entry.value));
    }
  }
  if (axes_.empty()) throw BadInput(sweep.at, "sweep: it takes at least one path with a list of values");
  std::size_t count = 1;
  for (const Axis& axis : axes_) {
    count *= axis.front().values.size();
    if (count > most_runs) throw BadInput(sweep.at, fmt::format("sweep: it takes up to {} runs", most_runs));
  }
  runs_ = product();
  if (const Value* rules = sweep.find("exclude")) exclude(*rules);
  if (runs_.empty()) throw BadInput(sweep.at, "sweep: every run is excluded");
  if (const Value* rules = sweep.find("also")) read_additions(*rules);
  name_paths();
}

Sweep::Path Sweep::read_path(const Value::Entry& entry) {
  Path path{entry.key, entry.at, {}, {}, {}, {}};
  const Value& values = entry.value;
  if (values.kind == Value::Kind::sequence) path.values = values.items;
  for (const Value& value : path.values) path.labels.push_back(label_of(value, path.values));
  if (values.kind == Value::Kind::map) {
    for (const Value::Entry& variant : values.entries) {
      path.values.push_back(variant.value);
      path.labels.push_back(variant.key);
    }
  }
  if (path.values.empty()) refuse(values, "a list of values, or a map of names to values", entry.key);
  return path;
}

Sweep::Axis Sweep::read_zip(const Value& zip) {
  if (zip.kind != Value::Kind::map || zip.entries.empty()) {
    refuse(zip, "a map of paths to lists of equal lengths, or a list of such maps", "zip");
  }
  Axis axis;
  for (const Value::Entry& entry : zip.entries) {
    axis.push_back(read_path(entry));
    if (axis.back().values.size() != axis.front().values.size()) {
      throw BadInput(entry.at,
                     fmt::format("zip: {} has {} values; it takes {}, as {} has", entry.key,
                                 axis.back().values.size(), axis.front().values.size(), axis.front().path));
    }
  }
  return axis;
}

void Sweep::add(Axis axis) {
  for (const Path& path : axis) {
    if (is_swept(path.path)) throw BadInput(path.at, "sweep: " + path.path + " is there twice");
    require_other_than_sweep(path.path, path.at);
  }
  // What goes together may have single values in common.
  std::set<std::vector<std::string>> known;
  for (std::size_t k = 0; k < axis.front().labels.size(); ++k) {
    std::vector<std::string> labels;
    for (const Path& path : axis) labels.push_back(path.labels[k]);
    if (known.insert(labels).second) continue;
    throw BadInput(axis.front().values[k].at,
                   fmt::format("{}: '{}' is there twice{}", axis.front().path, labels.front(),
                               axis.size() > 1 ? ", together with the same" : ""));
  }
  axes_.push_back(std::move(axis));
}

std::optional<std::string> Sweep::swept_at_or_above(std::string path) const {
  for (; !path.empty(); path = section_above(path)) {
    if (is_swept(path)) return path;
  }
  return std::nullopt;
}

bool Sweep::is_swept(const std::string& path) const {
  return std::ranges::any_of(
      axes_, [&](const Axis& axis) { return std::ranges::count(axis, path, &Path::path) > 0; });
}

std::vector<Sweep::Choice> Sweep::product() const {
  std::vector<Choice> choices{{}};
  for (const Axis& axis : axes_) {
    std::vector<Choice> longer;
    for (const Choice& choice : choices) {
      for (std::size_t k = 0; k < axis.front().values.size(); ++k) {
        longer.push_back(choice);
        longer.back().push_back(k);
      }
    }
    choices = std::move(longer);
  }
  return choices;
}

void Sweep::exclude(const Value& rules) {
  if (rules.kind != Value::Kind::sequence) {
    refuse(rules, "a list of maps, [{path: value, ...}, ...]", "exclude");
  }
  for (const Value& rule : rules.items) {
    require_swept(rule, "exclude");
    if (std::erase_if(runs_, [&](const Choice& choice) { return matches(choice, rule); }) == 0) {
      throw BadInput(rule.at,
                     "exclude: " + to_flow_yaml(rule) + " excludes nothing; it takes values that runs have");
    }
  }
}

void Sweep::read_additions(const Value& rules) {
  const std::string rule_like = "{where: {path: value}, set: {path: value}}";
  if (rules.kind != Value::Kind::sequence) refuse(rules, "a list of maps, [" + rule_like + ", ...]", "also");
  const std::vector<Choice> all = product();  // Who excludes runs can leave the rules for them as they are.
  for (const Value& rule : rules.items) {
    const Value* where = rule.find("where");
    const Value* set = rule.find("set");
    if (!where || !set || rule.entries.size() > 2) refuse(rule, rule_like, "also");
    if (set->kind != Value::Kind::map || set->entries.empty())
      refuse(*set, "a map of paths to values", "set");
    require_swept(*where, "where");
    if (std::ranges::none_of(all, [&](const Choice& choice) { return matches(choice, *where); })) {
      throw BadInput(where->at, "also: there is no run with " + to_flow_yaml(*where));
    }
    for (const Value::Entry& entry : set->entries) {
      require_other_than_sweep(entry.key, entry.at);
      if (is_swept(entry.key)) throw BadInput(entry.at, "also: " + entry.key + " is swept over");
    }
    additions_.push_back({*where, *set});
  }
}

bool Sweep::matches(const Choice& choice, const Value& where) const {
  return std::ranges::all_of(where.entries, [&](const Value::Entry& entry) {
    for (std::size_t a = 0; a < axes_.size(); ++a) {
      for (const Path& path : axes_[a]) {
        if (path.path != entry.key) continue;
        const std::string& label = path.labels[choice[a]];
        if (entry.value.kind != Value::Kind::sequence) return label == label_of(entry.value, {});
        return std::ranges::any_of(entry.value.items,
                                   [&](const Value& item) { return label == label_of(item, {}); });
      }
    }
    return false;
  });
}

void Sweep::require_swept(const Value& where, std::string_view what) const {
  if (where.kind != Value::Kind::map || where.entries.empty()) {
    refuse(where, "a map of swept paths to values", what);
  }
  std::vector<std::string> paths;
  for (const Axis& axis : axes_) {
    for (const Path& path : axis) paths.push_back(path.path);
  }
  for (const Value::Entry& entry : where.entries) {
    if (std::ranges::count(paths, entry.key) > 0) continue;
    throw BadInput(entry.at, fmt::format("{}: '{}' is not swept over;{}", what, entry.key,
                                         suggestion(entry.key, paths)));
  }
}

void Sweep::name_paths() {
  std::map<std::string, int> last_keys;
  const auto last_key = [](const Path& path) { return path.path.substr(path.path.rfind('.') + 1); };
  for (const Axis& axis : axes_) {
    for (const Path& path : axis) ++last_keys[last_key(path)];
  }
  for (Axis& axis : axes_) {
    for (Path& path : axis) {
      path.key = word(last_keys[last_key(path)] == 1 ? last_key(path) : path.path);
      std::map<std::string, std::set<std::string>> labels_of;
      for (const std::string& label : path.labels) labels_of[word(label)].insert(label);
      for (const std::string& label : path.labels) {
        const std::string plain = word(label);
        path.words.push_back(labels_of[plain].size() == 1 ? plain : plain + "-" + hash(label));
      }
    }
  }
}

template <class Visit>
void Sweep::for_each(std::size_t run, Visit visit) const {
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    for (const Path& path : axes_[a]) visit(path, runs_[run][a]);
  }
}

Value Sweep::document(std::size_t run) const {
  std::vector<std::pair<const std::string*, const Value*>> chosen;
  for_each(run, [&](const Path& path, std::size_t k) { chosen.emplace_back(&path.path, &path.values[k]); });
  for (const Addition& addition : additions_) {
    if (!matches(runs_[run], addition.where)) continue;
    for (const Value::Entry& entry : addition.set.entries) chosen.emplace_back(&entry.key, &entry.value);
  }
  std::ranges::stable_sort(chosen, {}, [](const auto& choice) { return depth(*choice.first); });
  Value document = base_;
  for (const auto& [path, value] : chosen) {
    if (value->kind == Value::Kind::null) {
      (void)remove(document, *path);
    } else {
      spell_out(document, *path);
      set(document, *path, *value);
    }
  }
  return document;
}

Value Sweep::labels(std::size_t run) const {
  Value map;
  map.kind = Value::Kind::map;
  for_each(run, [&](const Path& path, std::size_t k) {
    map.entries.push_back({path.path, path.at, scalar_value(path.labels[k])});
  });
  return map;
}

std::string Sweep::name(std::size_t run) const {
  std::string name;
  for_each(run, [&](const Path& path, std::size_t k) {
    name += (name.empty() ? "" : ",") + path.key + "=" + path.words[k];
  });
  if (name.size() <= longest_name) return name;
  std::size_t end = longest_name;
  while ((static_cast<unsigned char>(name[end]) & 0xc0) == 0x80) --end;  // Not within a character of UTF-8.
  return name.substr(0, end) + "-" + hash(name);
}

}  // namespace gossamer
