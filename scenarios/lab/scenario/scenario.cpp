#include "scenarios/lab/scenario/scenario.hpp"

#include <algorithm>

#include "algorithms/problems/process/child.hpp"
#include "scenarios/lab/scenario/texts.hpp"
#include "scenarios/lab/trace/metrics.hpp"

namespace gossamer {
namespace {

const Value& required_section(const Value& document, const std::string& key) {
  if (const Value* value = document.find(key)) return *value;
  throw BadInput(document.at,
                 "missing section '" + key + "'; topology, problem, algorithm and stop have to be given");
}

/// Which of the keys that all kinds have this one has, and with which defaults.
void suit(OwnSeed&, const auto&) {}
void suit(Start& start, const ProblemSettings& problem) {
  start.x0.of_model = problem.is_program();
}
void suit(Transmission& transmission, const Algorithm& algorithm) {
  transmission.compresses = algorithm.compresses();
}

/// Reads one section that is of some kind, with the keys that all kinds have.
template <class I, class... Common>
void read_kind(const Value& section, const Catalogue<I>& catalogue, Chosen<I>& chosen, std::string_view key,
               Common&... common) {
  const Value map = spelled_out(catalogue, section, key);
  Reader reader(map, catalogue.what());
  catalogue.read(reader, chosen, key);
  (suit(common, *chosen.value), ...);
  (Common::fields(common, reader), ...);
  reader.finish();
}

/// The keys that read_kind() reads beside a kind's own.
template <class... Common, class I>
CommonFields common_of(const Catalogue<I>& catalogue) {
  return [&catalogue](std::size_t kind, FieldVisitor& visitor) {
    const auto visit = [&]<class Keys>(Keys keys) {
      suit(keys, *catalogue.all()[kind].prototype);
      Keys::fields(keys, visitor);
    };
    (visit(Common{}), ...);
  };
}

/// Of the texts in a list up to so many: long lists hold numbers.
void add_places(const Value& value, const std::string& path, std::map<std::string, Location>& places) {
  constexpr std::size_t most = 1000;
  places[path] = value.at;
  for (const Value::Entry& entry : value.entries) add_places(entry.value, path + "." + entry.key, places);
  for (std::size_t k = 0; k < std::min(value.items.size(), most); ++k) {
    if (value.items[k].kind == Value::Kind::scalar) {
      places[path + "." + std::to_string(k)] = value.items[k].at;
    }
  }
}

/// Refuses metrics that no run can have. Only a model of the user's own may have scores, which it names
/// itself.
void require_known_metrics(const Value& document, const Scenario& scenario) {
  const CommandLine* const command = scenario.problem->command();
  const bool may_have_scores = command && !command->is_ours;
  const auto require = [&](const std::string& name, const Location& at) {
    if (find_metric(name) || (may_have_scores && may_be_score(name))) return;
    throw BadInput(at, "unknown metric '" + name + "';" + suggestion(name, metric_names()));
  };
  const auto in = [&](const char* section, const char* key) {
    const Value* const map = document.find(section);
    return map ? map->find(key) : nullptr;
  };
  if (const Value* const target = in("stop", "target")) {
    for (const Value::Entry& entry : target->entries) require(entry.key, entry.at);
  }
  if (const Value* const chosen = in("record", "metrics")) {
    for (const Value& item : chosen->items) require(item.scalar, item.at);
  }
}

}  // namespace

Location Scenario::at(std::string path) const {
  for (;; path = section_above(path)) {
    if (const auto found = places.find(path); found != places.end()) return found->second;
  }
}

std::optional<std::int64_t> Scenario::rows_if_known() const {
  const auto* const every = std::get_if<std::int64_t>(&record.every);
  if (!every || !stop.iterations) return std::nullopt;
  return *stop.iterations / *every + 1;
}

bool Scenario::wants(std::string_view metric) const {
  const auto& chosen = record.metrics.chosen;
  const Metric* const known = find_metric(metric);  // Null: a model's score.
  if (chosen ? std::ranges::count(*chosen, metric) > 0
             : !known || known->evaluated != Metric::Evaluated::by_name) {
    return true;
  }
  return stop.target &&
         std::ranges::any_of(stop.target->values, [&](const auto& value) { return value.first == metric; });
}

namespace {

/// The name of a metric, or of a score of a model, which names it itself.
Value metric_schema() {
  return union_schema({names_schema(metric_names()), pattern_schema("^(train|test)_")});
}

}  // namespace

std::string Text<InitialPoint>::expected(std::string_view) {
  return "zeros, random, model, or a list of numbers";
}
bool Text<InitialPoint>::read(const Value& value, InitialPoint& field, std::string_view) {
  field = {};
  if (value.kind == Value::Kind::sequence) {
    return Text<std::vector<double>>::read(value, field.list, "") && !field.list.empty();
  }
  field.random = value.scalar == "random";
  field.of_model = value.scalar == "model";
  return field.random || field.of_model || value.scalar == "zeros";
}
Value Text<InitialPoint>::write(const InitialPoint& field) {
  if (!field.list.empty()) return Text<std::vector<double>>::write(field.list);
  return scalar_value(field.random ? "random" : field.of_model ? "model" : "zeros");
}
Value Text<InitialPoint>::schema(std::string_view) {
  Value list = Text<std::vector<double>>::schema("");
  list.entries.push_back({"minItems", {}, scalar_value("1")});
  return union_schema({names_schema({"zeros", "random", "model"}), std::move(list)});
}

std::string Text<Target>::expected(std::string_view) {
  return "metrics with the values to reach: {grad_norm: 1e-4}";
}
bool Text<Target>::read(const Value& value, Target& field, std::string_view) {
  if (value.kind != Value::Kind::map || value.entries.empty()) return false;
  for (const Value::Entry& entry : value.entries) {
    double number = 0;
    if (!Text<double>::read(entry.value, number, "")) refuse(entry.value, "a number", entry.key);
    field.values.emplace_back(entry.key, number);
  }
  return true;
}
Value Text<Target>::write(const Target& field) {
  Value map;
  Writer writer(map);
  for (const auto& [metric, value] : field.values) writer.add(metric, number_value(value));
  return map;
}
Value Text<Target>::schema(std::string_view) {
  return json_object({{"type", scalar_value("object")},
                      {"propertyNames", metric_schema()},
                      {"additionalProperties", Text<double>::schema("")},
                      {"minProperties", scalar_value("1")}});
}

std::string Text<SentBits>::expected(std::string_view) {
  return "a number of bits, 1e9, or a size with its unit (B, kB, ..., TB, bit, ..., Tbit), '1 Gbit', above 0";
}
bool Text<SentBits>::read(const Value& value, SentBits& field, std::string_view) {
  if (Text<std::int64_t>::read(value, field.count, "[1, inf)")) return true;
  Bits size;
  if (!Text<Bits>::read(value, size, "") || size <= Bits{}) return false;
  field.count = size.count;
  return true;
}
Value Text<SentBits>::write(const SentBits& field) {
  return Text<std::int64_t>::write(field.count);
}
Value Text<SentBits>::schema(std::string_view) {
  return union_schema({Text<std::int64_t>::schema("[1, inf)"), Text<Bits>::schema("")});
}

std::string Text<Every>::expected(std::string_view) {
  return "a number of iterations, 10, or a simulated time with its unit, '1 s', above 0";
}
bool Text<Every>::read(const Value& value, Every& field, std::string_view) {
  std::int64_t iterations = 0;
  Duration time{};
  if (Text<std::int64_t>::read(value, iterations, "[1, inf)")) {
    field = iterations;
  } else if (Text<Duration>::read(value, time, "") && time > Duration::zero()) {
    field = time;
  } else {
    return false;
  }
  return true;
}
Value Text<Every>::write(const Every& field) {
  return std::visit([]<class T>(const T& every) { return Text<T>::write(every); }, field);
}
Value Text<Every>::schema(std::string_view) {
  return union_schema({Text<std::int64_t>::schema("[1, inf)"), Text<Duration>::schema("")});
}

std::string Text<MetricChoice>::expected(std::string_view) {
  std::vector<std::string> names;
  for (const Metric& metric : metrics()) {
    if (metric.evaluated != Metric::Evaluated::never) names.emplace_back(metric.name);
  }
  return "a list of " + joined(names) + " (the others come with every row)";
}
bool Text<MetricChoice>::read(const Value& value, MetricChoice& field, std::string_view) {
  if (!Text<std::vector<std::string>>::read(value, field.chosen.emplace(), "")) return false;
  for (std::size_t k = 0; k < value.items.size(); ++k) {
    const Value& item = value.items[k];
    const auto before = field.chosen->begin() + static_cast<std::ptrdiff_t>(k);
    if (std::find(field.chosen->begin(), before, item.scalar) != before) {
      throw BadInput(item.at, "metrics: '" + item.scalar + "' is there twice");
    }
  }
  return true;
}
Value Text<MetricChoice>::write(const MetricChoice& field) {
  return Text<decltype(field.chosen)>::write(field.chosen);
}
Value Text<MetricChoice>::schema(std::string_view) {
  Value list = list_schema(metric_schema());
  list.entries.push_back({"uniqueItems", {}, scalar_value("true")});
  return list;
}

Scenario read_graphs(const Value& document) {
  if (document.kind != Value::Kind::map) {
    throw BadInput(document.at,
                   "found " + std::string(document.what()) + "; a scenario is a map, {topology: ...}");
  }
  Scenario scenario;
  scenario.places[""] = document.at;
  for (const Value::Entry& entry : document.entries) {
    add_places(entry.value, entry.key, scenario.places);
    scenario.places[entry.key] = entry.at;
  }

  Reader reader(document, "the scenario");
  reader("name", scenario.name, "", "");
  reader("seed", scenario.seed, "[0, inf)", "");
  for (const auto* section : {"topology", "mixing", "network", "compute", "coding", "faults", "problem",
                              "algorithm", "stop", "record", "sweep"}) {
    reader.allow(section);
  }
  reader.finish();
  if (scenario.name.empty()) {
    scenario.name =
        document.at.source ? std::filesystem::path(*document.at.source).stem().string() : "scenario";
    if (!is_utf8(scenario.name)) scenario.name = "scenario";  // A file's name may be any bytes.
  }
  read_kind(required_section(document, "topology"), topologies(), scenario.topology, "kind",
            scenario.of_topology);
  if (const Value* algorithm = document.find("algorithm")) {
    read_kind(*algorithm, algorithms(), scenario.algorithm, "kind", scenario.transmission,
              scenario.of_algorithm);
  }
  const Value* mixing = document.find("mixing");
  if (scenario.mixes()) {
    scenario.mixing = mixings().preset(scenario.topology->directed() ? "column_stochastic" : "metropolis");
    if (mixing) {
      scenario.mixing->kind.clear();  // Then it has to be given.
      read_kind(*mixing, mixings(), *scenario.mixing, "kind");
    }
    return scenario;
  }
  const std::string& who = scenario.algorithm.kind;
  const bool server = scenario.has_server();
  if (mixing) {
    throw BadInput(scenario.at("mixing"),
                   "mixing: " + who + (server ? " has a server and" : "") + " mixes nothing; leave it out");
  }
  if (server && !scenario.topology->may_have_server()) {
    throw BadInput(
        scenario.at("topology"),
        "topology: " + who + " has a server; it takes {kind: star, nodes: n}, or a file with a star");
  }
  return scenario;
}

Scenario read_scenario(const Value& document) {
  Scenario scenario = read_graphs(document);
  if (document.find("sweep")) {
    throw BadInput(scenario.at("sweep"),
                   "sweep: these are many runs; use gossamer sweep, or --set 'sweep=~' for a single run");
  }
  if (const Value* network = document.find("network")) {
    read_kind(*network, networks(), scenario.network, "model");
  }
  if (const Value* compute = document.find("compute")) {
    read_kind(*compute, compute_times(), scenario.compute, "kind");
  }
  if (const Value* coding = document.find("coding")) {
    read_section(*coding, "coding", scenario.coding.emplace());
    if (!scenario.coding->take_time()) {
      throw BadInput(coding->at,
                     "coding: has no effect; it takes a speed for encode, for decode, or for both");
    }
  }
  if (const Value* faults = document.find("faults")) {
    read_section(*faults, "faults", scenario.faults.emplace());
  }
  const Value& problem = required_section(document, "problem");
  read_kind(problem, problems(), scenario.problem, "kind", scenario.start, scenario.of_problem);
  if (scenario.start.x0.of_model && !scenario.problem->is_program()) {
    throw BadInput(scenario.at("problem.x0"),
                   "x0: only a process has a model's own; it takes zeros, random, "
                   "or a list of numbers");
  }
  (void)required_section(document, "algorithm");
  const Value& stop = required_section(document, "stop");
  read_section(stop, "stop", scenario.stop);
  if (stop.entries.empty()) {
    throw BadInput(stop.at, "stop: it takes at least one of iterations, simulated_time, bits, target");
  }
  if (const Value* record = document.find("record")) read_section(*record, "record", scenario.record);
  require_known_metrics(document, scenario);
  return scenario;
}

Value resolved(const Scenario& scenario) {
  Value document;
  Writer top(document);
  const auto section = [&](std::string_view key, const auto& write) {
    Value map;
    Writer writer(map);
    write(writer);
    top.add(key, std::move(map));
  };
  std::string name = scenario.name;
  std::uint64_t seed = scenario.seed;
  top("name", name, "", "");
  top("seed", seed, "", "");
  section("topology", [&](Writer& out) {
    topologies().write(out, scenario.topology);
    write_fields(scenario.of_topology, out);
  });
  if (scenario.mixing) section("mixing", [&](Writer& out) { mixings().write(out, *scenario.mixing); });
  section("network", [&](Writer& out) { networks().write(out, scenario.network, "model"); });
  section("compute", [&](Writer& out) { compute_times().write(out, scenario.compute); });
  if (scenario.coding) top.add("coding", write_section(*scenario.coding));
  if (scenario.faults) top.add("faults", write_section(*scenario.faults));
  section("problem", [&](Writer& out) {
    problems().write(out, scenario.problem);
    write_fields(scenario.start, out);
    write_fields(scenario.of_problem, out);
  });
  section("algorithm", [&](Writer& out) {
    algorithms().write(out, scenario.algorithm);
    write_fields(scenario.transmission, out);
    write_fields(scenario.of_algorithm, out);
  });
  top.add("stop", write_section(scenario.stop));
  top.add("record", write_section(scenario.record));
  return document;
}

CommonFields common_of_topologies() {
  return common_of<OwnSeed>(topologies());
}
CommonFields common_of_problems() {
  return common_of<Start, OwnSeed>(problems());
}
CommonFields common_of_algorithms() {
  return common_of<Transmission, OwnSeed>(algorithms());
}

}  // namespace gossamer
