#include "scenarios/lab/scenario/short_forms.hpp"

#include <algorithm>

#include "algorithms/compressors/quantizers.hpp"
#include "scenarios/lab/scenario/compressors.hpp"
#include "scenarios/lab/scenario/partitions.hpp"
#include "scenarios/lab/scenario/scenario.hpp"

namespace gossamer {
namespace {

struct Section {
  std::string_view name;
  const Kinds& kinds;
  std::string_view key = "kind";
};

/// What is of some kind, by its key, wherever it stands.
const std::vector<Section>& sections_with_kinds() {
  static const std::vector<Section> all = {
      {"topology", topologies()},   {"mixing", mixings()},         {"network", networks(), "model"},
      {"compute", compute_times()}, {"problem", problems()},       {"algorithm", algorithms()},
      {"partition", partitions()},  {"compressor", compressors()}, {"quantizer", quantizers()},
      {"graph", network_graphs()},  {"jitter", jitters()}};
  return all;
}

}  // namespace

void spell_out(Value& document, std::string_view path) {
  if (path.starts_with("sweep.")) return;  // What a sweep varies is named by whole paths.
  Value* node = &document;
  for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
    const std::string_view key = path.substr(0, dot);
    path.remove_prefix(dot + 1);
    const auto entry = std::ranges::find(node->entries, key, &Value::Entry::key);
    if (entry == node->entries.end()) return;
    node = &entry->value;
    const auto section = std::ranges::find(sections_with_kinds(), key, &Section::name);
    if (section == sections_with_kinds().end() || node->find(path.substr(0, path.find('.')))) continue;
    const std::vector<std::string> names = section->kinds.names();
    if (node->kind == Value::Kind::scalar && std::ranges::count(names, node->scalar) == 0) continue;
    *node = spelled_out(section->kinds, *node, section->key);
  }
}

void set_spelled_out(Value& document, const std::string& assignment) {
  spell_out(document, std::string_view(assignment).substr(0, assignment.find('=')));
  set(document, assignment);
}

}  // namespace gossamer
