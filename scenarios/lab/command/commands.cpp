#include "scenarios/lab/command/commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <stdexcept>
#include <system_error>

#include "algorithms/problems/data/known_data_sets.hpp"
#include "scenarios/lab/command/download.hpp"
#include "scenarios/lab/command/progress_bar.hpp"
#include "scenarios/lab/run/run.hpp"
#include "scenarios/lab/sweep/sweep_plan.hpp"
#include "scenarios/lab/trace/metrics.hpp"
#include "scenarios/lab/trace/publisher.hpp"

namespace gossamer {
namespace {

void print_summary(const Trace& trace, const std::string& path, double wall_seconds) {
  const std::string reason = trace.end ? fmt::format(", ended by {},", to_string(*trace.end)) : "";
  fmt::print("{}: {}{} after {} iterations in {:.3g} s\n", path, to_string(trace.status), reason,
             trace.metrics[0].values.back(), wall_seconds);
  for (std::size_t k = 1; k < trace.metrics.size(); ++k) {
    const double last = trace.metrics[k].values.back();
    if (!std::isnan(last)) fmt::print("  {:<16} {:.6g}\n", trace.metrics[k].name, last);
  }
}

void print_fields(const std::vector<FieldText>& fields) {
  for (const FieldText& field : fields) {
    fmt::print("      {:<13} {:<14} {}; {}\n", field.key,
               field.initial.empty() ? "(required)" : field.initial, field.about, field.expected);
  }
}

template <class V>
void print_kinds(const Catalogue<V>& catalogue, const std::vector<FieldText>& common = {}) {
  for (const auto& entry : catalogue.entries) {
    fmt::print("  {}: {}\n", entry.name, entry.about);
    auto fields = std::visit([](const auto& prototype) { return list_fields(prototype); }, entry.prototype);
    fields.insert(fields.end(), common.begin(), common.end());
    print_fields(fields);
  }
}

int print_datasets(const DataPath& path) {
  for (const KnownDataSet& known : known_data_sets()) {
    const auto found = path.find(std::string(known.name));
    const bool checked = !known.files.front().sha256.empty();
    fmt::print("  {:<14} {:>6} + {:>6} rows, {:>7} features, {:>2} classes: {}{}\n  {:<14} {}\n", known.name,
               known.train_rows, known.test_rows, known.features, known.classes, known.description,
               checked ? "" : "; no checksum is documented", "",
               found ? found->string() : "missing; " + how_to_get(known.name));
  }
  return 0;
}

const KnownDataSet& known_data_set(const std::string& name, const char* command) {
  std::vector<std::string> names_known;
  for (const KnownDataSet& known : known_data_sets()) {
    if (known.name == name) return known;
    names_known.emplace_back(known.name);
  }
  throw BadInput(fmt::format("{}: unknown data set '{}';{}", command, name, suggestion(name, names_known)));
}

void print(const FileCheck& check) {
  fmt::print("{}: {}{}{}\n", check.file, names(check.status)[static_cast<std::size_t>(check.status)],
             check.detail.empty() ? "" : ": ", check.detail);
}

bool is_published_content(const FileCheck& check) {
  return check.status == FileStatus::ok || check.status == FileStatus::unverified;
}

/// DIR/NAME as --data says, else where the data set is found already, else in the cache.
std::filesystem::path folder_to_fetch_into(const std::string& name, const std::optional<std::string>& data) {
  if (data) return std::filesystem::path(*data) / name;
  if (const auto found = DataPath(default_directories()).find(name)) return *found;
  if (const auto cache = cache_directory()) return *cache / name;
  throw BadInput("gossamer datasets fetch: there is no $HOME; say with --data where to put data sets");
}

FileCheck fetch(const KnownDataSet::File& file, std::string_view url, const std::filesystem::path& folder) {
  const std::string compression = compression_of(file.published);
  const std::filesystem::path path = folder / fmt::format("{}{}", file.stem, compression);
  const std::string from = fmt::format("{}{}{}", url, url.ends_with('/') ? "" : "/", file.published);
  FileCheck result;
  ProgressBar bar(false);
  const auto watch = [&](std::int64_t done, std::optional<std::int64_t> total) {
    if (!bar.due()) return;
    bar.draw(total ? static_cast<double>(done) / static_cast<double>(*total) : 0,
             fmt::format("{} | {:.1f} MB", file.published, static_cast<double>(done) / 1e6));
  };
  download(from, path, watch, [&](const std::filesystem::path& part) {
    bar.draw(0, "checking " + path.string());
    result = check(file, part, compression);
    if (!is_published_content(result)) {
      throw std::runtime_error(
          fmt::format("{}: this is not the published file, and is not kept: {}", from, result.detail));
    }
    result.file = path.string();
  });
  return result;
}

/// ", 406 to 407 rows a node", or nothing where there are no data.
std::string rows_of_nodes(const Problem& problem) {
  Index least = problem.samples(0), most = least;
  for (int i = 1; i < problem.nodes(); ++i) {
    least = std::min(least, problem.samples(i));
    most = std::max(most, problem.samples(i));
  }
  if (most == 1) return "";
  return least == most ? fmt::format(", {} rows a node", most)
                       : fmt::format(", {} to {} rows a node", least, most);
}

}  // namespace

Value document_with(const std::string& path, const std::vector<std::string>& assignments) {
  Value document = read_document(path);
  for (const std::string& assignment : assignments) set(document, assignment);
  return document;
}

DataPath data_path(const std::optional<std::string>& data) {
  if (data && !std::filesystem::is_directory(*data)) {
    throw BadInput("--data " + *data + ": there is no such directory");
  }
  return DataPath(default_directories(data));
}

void complain(std::string text) {
  const auto is_control = [](unsigned char c) { return c < ' ' || c == 0x7f; };
  std::ranges::replace_if(text, is_control, ' ');
  fmt::print(stderr, "{}\n", text);
}

int run_command(const RunCommand& command, const std::optional<std::string>& data) {
  const Value document = document_with(command.scenario, command.assignments);
  const Setup setup(read_scenario(document), data_path(data));
  const std::string output =
      command.output.value_or(std::filesystem::path(command.scenario).stem().string() + ".h5");
  if (output.empty()) throw BadInput("--output '': it takes the path of a file");
  try {
    require_writable(output);
  } catch (const std::runtime_error& error) {
    throw BadInput(error.what());
  }

  Publisher publisher(output);
  const auto begin = std::chrono::steady_clock::now();
  const Outcome outcome = [&] {
    ProgressBar bar(command.quiet);  // Wiped away before anything else is said.
    return run(setup,
               {.threads = command.threads, .watch = [&](const Progress& progress, const Trace& trace) {
                  bar.show(progress);
                  publisher.publish(trace);
                }});
  }();
  replace_file(output, to_hdf5(outcome.trace));
  if (!outcome.reason.empty()) {
    complain(command.scenario + ": " + to_string(outcome.trace.status) + ": " + outcome.reason);
  }
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (!command.quiet) print_summary(outcome.trace, output, wall);
  return outcome.trace.status == Trace::Status::failed ? 1 : 0;
}

int check_command(const std::vector<std::string>& scenarios, const std::vector<std::string>& assignments,
                  const std::optional<std::string>& data) {
  const Problems problems(data_path(data), 1);
  int code = 0;
  for (const std::string& path : scenarios) {
    try {
      const Value document = document_with(path, assignments);
      if (document.find("sweep")) {
        const SweepPlan plan(document, assignments);
        std::multimap<std::size_t, std::size_t> by_problem;  // Then each is made once.
        for (std::size_t run = 0; run < plan.runs.size(); ++run)
          by_problem.emplace(plan.runs[run].problem, run);
        for (const auto& [problem, run] : by_problem) Setup(plan.scenario(run), problems);
        fmt::print("{}: ok: a sweep of {} runs\n", path, plan.runs.size());
        continue;
      }
      const Setup setup(read_scenario(document), problems);
      fmt::print("{}: ok: {} on {} {}, {} nodes, d = {}{}\n", path, setup.scenario.algorithm.kind,
                 setup.scenario.problem.kind, setup.scenario.topology.kind, setup.nodes(),
                 setup.problem->dimension(), rows_of_nodes(*setup.problem));
    } catch (const std::exception& error) {
      complain(error.what());
      code = 2;
    }
  }
  return code;
}

int list_command(const std::string& what) {
  const std::vector<FieldText> wire = {
      {"wire", "float32", Text<Wire>::expected(""), "precision of what travels"}};
  const std::vector<FieldText> problem = {
      {"x0", "zeros", Text<InitialPoint>::expected(""), "the initial point"},
      {"optimal_value", "none", Text<double>::expected(""), "f*, for suboptimality, where it is known"}};
  const std::vector<std::pair<std::string, std::function<void()>>> lists = {
      {"algorithms", [&] { print_kinds(algorithms(), wire); }},
      {"topologies", [] { print_kinds(topologies()); }},
      {"mixings", [] { print_kinds(mixings()); }},
      {"compressors", [] { print_kinds(compressors()); }},
      {"networks", [] { print_kinds(networks()); }},
      {"network_graphs", [] { print_kinds(network_graphs()); }},
      {"problems", [&] { print_kinds(problems(), problem); }},
      {"partitions", [] { print_kinds(partitions()); }},
      {"compute", [] { print_fields(list_fields(Compute{})); }},
      {"stop", [] { print_fields(list_fields(Stop{})); }},
      {"record", [] { print_fields(list_fields(Record{})); }},
      {"synthetic", [] { print_fields(list_fields(Synthetic{})); }},
      {"synthetic_text", [] { print_fields(list_fields(SyntheticText{})); }},
      {"datasets", [] { print_datasets(data_path(std::nullopt)); }},
      {"metrics", [] {
         for (const Metric& metric : metrics) fmt::print("  {:<15} {}\n", metric.name, metric.about);
       }}};
  std::vector<std::string> names;
  for (const auto& [name, print] : lists) names.push_back(name);
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

int topology_command(const std::string& path, const std::vector<std::string>& assignments) {
  const Scenario scenario = read_topology(document_with(path, assignments));
  const Graphs graphs(scenario);
  const Graph& graph = graphs.topology.graph;
  const int n = node_count(graph);
  int least = degree(graph, 0), most = least;
  for (int i = 1; i < n; ++i) {
    least = std::min(least, degree(graph, i));
    most = std::max(most, degree(graph, i));
  }
  const Diameter span = diameter(graphs.topology);
  fmt::print("topology            {}, {} nodes, {} edges\n", scenario.topology.kind, n, edge_count(graph));
  fmt::print("degree              {}\n", least == most ? std::to_string(least)
                                                       : fmt::format("{} to {}, {:.4g} on average", least,
                                                                     most, 2.0 * edge_count(graph) / n));
  fmt::print("diameter            {}{}\n", span.exact ? "" : "at least ", span.value);
  if (!graphs.certificate) {
    fmt::print("mixing              none: {} has a server\n", scenario.algorithm.kind);
    return 0;
  }
  const Certificate& certificate = *graphs.certificate;
  fmt::print("mixing              {}: doubly stochastic within 1e-12, non-negative, support on the edges{}\n",
             scenario.mixing->kind, certificate.symmetric ? ", symmetric" : ", not symmetric");
  if (!certificate.spectral_gap) {
    fmt::print("spectral gap        not certified: {}\n", certificate.reason);
    return 0;
  }
  const double gap = *certificate.spectral_gap;
  fmt::print("lambda              {:.15g}\n", 1 - gap);
  fmt::print("spectral gap        {:.15g} ({}{})\n", gap, to_string(certificate.method),
             certificate.error > 0 ? fmt::format(", within {:.1e}", certificate.error) : "");
  const double rounds = consensus_rounds(gap, 1e-3);
  fmt::print("predicted consensus {}\n",
             std::isfinite(rounds) ? fmt::format("{:.6g} rounds until the disagreement is 1/1000", rounds)
                                   : std::string("never: the gap is 0"));
  return 0;
}

int datasets_list_command(const std::optional<std::string>& data) {
  return print_datasets(data_path(data));
}

int datasets_verify_command(const std::vector<std::string>& chosen, const std::optional<std::string>& data) {
  const DataPath path = data_path(data);
  for (const std::string& name : chosen) known_data_set(name, "gossamer datasets verify");
  int code = 0;
  for (const KnownDataSet& known : known_data_sets()) {
    if (!chosen.empty() && std::ranges::count(chosen, known.name) == 0) continue;
    if (!path.find(std::string(known.name))) {
      fmt::print("{}: missing\n", known.name);
      if (!chosen.empty()) code = 1;
      continue;
    }
    for (const FileCheck& check : verify(known, path)) {
      print(check);
      if (!is_published_content(check)) code = 1;
    }
  }
  return code;
}

int datasets_fetch_command(const std::string& name, const std::optional<std::string>& url,
                           const std::optional<std::string>& data) {
  const KnownDataSet& known = known_data_set(name, "gossamer datasets fetch");
  if (url && !url->starts_with("http://") && !url->starts_with("https://")) {
    throw BadInput(fmt::format("--from '{}': it takes a URL, https://... or http://...", *url));
  }
  const std::filesystem::path folder = folder_to_fetch_into(name, data);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw std::system_error(error, folder.string() + ": cannot be created");
  // Backwards, as a data set counts as found once its training part, which is listed first, is there.
  for (auto next = known.files.rbegin(); next != known.files.rend(); ++next) {
    const KnownDataSet::File& file = *next;
    const auto there = existing_file(folder, file.stem);
    if (!there) {
      print(fetch(file, url ? *url : known.url, folder));
      continue;
    }
    if (!file.sha256.empty()) {
      const FileCheck found = check(file, *there, compression_of(*there));
      if (!is_published_content(found)) {
        throw std::runtime_error(fmt::format("{}: this is not the published file; remove it to fetch it: {}",
                                             there->string(), found.detail));
      }
    }
    fmt::print("{}: there already\n", there->string());
  }
  return 0;
}

}  // namespace gossamer
