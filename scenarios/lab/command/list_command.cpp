#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "algorithms/compressors/quantizers.hpp"
#include "algorithms/problems/data/synthetic.hpp"
#include "scenarios/lab/command/commands.hpp"
#include "scenarios/lab/scenario/compressors.hpp"
#include "scenarios/lab/scenario/partitions.hpp"
#include "scenarios/lab/scenario/scenario.hpp"
#include "scenarios/lab/scenario/schema.hpp"
#include "scenarios/lab/scenario/texts.hpp"
#include "scenarios/lab/trace/metrics.hpp"

namespace gossamer {
namespace {

void print_fields(const std::vector<FieldText>& fields) {
  std::size_t width = 16;
  for (const FieldText& field : fields) width = std::max(width, field.key.size());
  for (const FieldText& field : fields) {
    fmt::print("      {:<{}} {:<14} {}; {}\n", field.key, width,
               field.initial.empty() ? "(required)" : field.initial, field.about, field.expected);
  }
}

void print_kinds(const Kinds& kinds, const CommonFields& common = {}) {
  const std::vector<std::string> names = kinds.names();
  for (std::size_t k = 0; k < names.size(); ++k) {
    fmt::print("  {}: {}\n", names[k], kinds.about(k));
    print_fields(kinds.list(k, common));
  }
}

using Lists = std::vector<std::pair<std::string, std::function<void()>>>;

Lists all_lists() {
  return {{"algorithms", [] { print_kinds(algorithms(), common_of_algorithms()); }},
          {"topologies", [] { print_kinds(topologies(), common_of_topologies()); }},
          {"mixings", [] { print_kinds(mixings()); }},
          {"compressors", [] { print_kinds(compressors()); }},
          {"quantizers", [] { print_kinds(quantizers()); }},
          {"schedules", [] { print_fields(list_fields(ScheduleMap{})); }},
          {"networks", [] { print_kinds(networks()); }},
          {"network_graphs", [] { print_kinds(network_graphs()); }},
          {"problems", [] { print_kinds(problems(), common_of_problems()); }},
          {"partitions", [] { print_kinds(partitions()); }},
          {"compute", [] { print_kinds(compute_times()); }},
          {"coding", [] { print_fields(list_fields(Coding{})); }},
          {"faults", [] { print_fields(list_fields(Faults{})); }},
          {"interruptions", [] { print_fields(list_fields(Interruptions{})); }},
          {"jitters", [] { print_kinds(jitters()); }},
          {"stop", [] { print_fields(list_fields(Stop{})); }},
          {"record", [] { print_fields(list_fields(Record{})); }},
          {"synthetic", [] { print_fields(list_fields(Synthetic{})); }},
          {"synthetic_text", [] { print_fields(list_fields(SyntheticText{})); }},
          {"datasets", [] { datasets_list_command(std::nullopt); }},
          {"metrics", [] {
             for (const Metric& metric : metrics()) {
               fmt::print("  {:<17} {}{}\n", metric.name, metric.about,
                          metric.unit.empty() ? "" : fmt::format(" ({})", metric.unit));
             }
           }}};
}

}  // namespace

std::vector<std::string> list_names() {
  std::vector<std::string> names;
  for (const auto& [name, print] : all_lists()) names.push_back(name);
  return names;
}

int list_command(const std::string& what) {
  const Lists lists = all_lists();
  const std::vector<std::string> names = list_names();
  if (!what.empty() && std::find(names.begin(), names.end(), what) == names.end()) {
    throw BadInput("gossamer list: unknown list '" + what + "';" + suggestion(what, names));
  }
  for (const auto& [name, print] : lists) {
    if (!what.empty() && name != what) continue;
    fmt::print("{}\n", name);
    print();
  }
  return 0;
}

int schema_command() {
  fmt::print("{}\n", to_json(scenario_schema()));
  return 0;
}

}  // namespace gossamer
