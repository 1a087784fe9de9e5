#include "scenarios/lab/sweep/sweep.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <set>

#include "scenarios/lab/sweep/sweep_folder.hpp"
#include "tests/lab/support.hpp"

namespace gossamer::testing {
namespace {

Value with_sweep(const std::string& sweep) {
  Value document = small_scenario();
  set(document, "sweep", *parse_document("sweep:\n" + sweep, "sweep.yaml").find("sweep"));
  return document;
}

/// The labels of every run.
std::vector<std::string> runs_of(const std::string& sweep) {
  const Sweep runs(with_sweep(sweep));
  std::vector<std::string> labels;
  for (std::size_t run = 0; run < runs.size(); ++run) labels.push_back(to_flow_yaml(runs.labels(run)));
  return labels;
}

std::string complaint_of(const std::string& sweep) {
  return complaint([&] { Sweep{with_sweep(sweep)}; });
}

using Labels = std::vector<std::string>;

TEST_CASE("A sweep is a product, the last list running fastest", "[sweep]") {
  CHECK(runs_of("  seed: [1, 2]\n  network.bandwidth: [1 Mbit/s, 10 Mbit/s]\n") ==
        Labels{"{seed: 1, network.bandwidth: 1 Mbit/s}", "{seed: 1, network.bandwidth: 10 Mbit/s}",
               "{seed: 2, network.bandwidth: 1 Mbit/s}", "{seed: 2, network.bandwidth: 10 Mbit/s}"});
  const Sweep runs(with_sweep("  seed: [1, 2]\n  network.bandwidth: [1 Mbit/s, 10 Mbit/s]\n"));
  CHECK(runs.name(1) == "seed=1,bandwidth=10_Mbit_s");
  const Value document = runs.document(2);
  CHECK(document.find("seed")->scalar == "2");
  CHECK(document.find("network")->find("bandwidth")->scalar == "1 Mbit/s");
  CHECK(document.find("network")->find("latency")->scalar == "1 ms");
  CHECK(document.find("sweep") == nullptr);
  CHECK(read_scenario(document).seed == 2);
}

TEST_CASE("Lists of a zip go together", "[sweep]") {
  CHECK(runs_of("  zip: {topology.nodes: [3, 5], seed: [7, 8]}\n  stop.iterations: [1, 2]\n") ==
        Labels{"{topology.nodes: 3, seed: 7, stop.iterations: 1}",
               "{topology.nodes: 3, seed: 7, stop.iterations: 2}",
               "{topology.nodes: 5, seed: 8, stop.iterations: 1}",
               "{topology.nodes: 5, seed: 8, stop.iterations: 2}"});
  CHECK(
      runs_of("  zip: [{topology.nodes: [3, 5], seed: [7, 8]}, {stop.iterations: [1], record.every: [2]}]\n")
          .size() == 2);
  // They may have values in common.
  const Sweep runs(with_sweep("  zip: {topology.nodes: [3, 5, 5], seed: [7, 7, 8]}\n"));
  CHECK(runs.size() == 3);
  CHECK(runs.name(1) == "nodes=5,seed=7");
}

TEST_CASE("Variants have names, blocks are called by their kinds where these differ", "[sweep]") {
  CHECK(runs_of("  algorithm: {fast: {kind: dgd, step_size: 1}, slow: {kind: dgd, step_size: 0.1}}\n") ==
        Labels{"{algorithm: fast}", "{algorithm: slow}"});
  CHECK(runs_of("  algorithm: [{kind: dgd, step_size: 1}, {kind: dadam, step_size: 1}]\n") ==
        Labels{"{algorithm: dgd}", "{algorithm: dadam}"});
  CHECK(runs_of("  algorithm: [{kind: dgd, step_size: 1}, {kind: dgd, step_size: 2}]\n") ==
        Labels{"{algorithm: \"{kind: dgd, step_size: 1}\"}", "{algorithm: \"{kind: dgd, step_size: 2}\"}"});
}

TEST_CASE("Blocks are set before what is in them, and a null takes a key away", "[sweep]") {
  const Sweep runs(
      with_sweep("  algorithm.step_size: [0.5]\n  algorithm: {A: {kind: dgd, step_size: 1}}\n"
                 "  mixing: [lazy, ~]\n"));
  REQUIRE(runs.size() == 2);
  CHECK(runs.document(0).find("algorithm")->find("step_size")->scalar == "0.5");
  CHECK(runs.document(0).find("mixing")->scalar == "lazy");
  CHECK(runs.document(1).find("mixing") == nullptr);
  CHECK(runs.name(1) == "step_size=0.5,algorithm=A,mixing=none");
}

TEST_CASE("Runs can be excluded", "[sweep]") {
  CHECK(runs_of("  seed: [1, 2, 3]\n  stop.iterations: [5, 6]\n"
                "  exclude: [{seed: [1, 3], stop.iterations: 5}, {seed: 2}]\n") ==
        Labels{"{seed: 1, stop.iterations: 6}", "{seed: 3, stop.iterations: 6}"});
}

TEST_CASE("Some runs have other settings besides, which are no labels", "[sweep]") {
  const Sweep runs(with_sweep(
      "  algorithm: {A: {kind: dgd, step_size: 1}, B: {kind: dgd, step_size: 2}}\n  seed: [1, 2]\n"
      "  also:\n"
      "    - {where: {algorithm: [A, B], seed: 2}, set: {algorithm.step_size: 3, stop.iterations: 9}}\n"
      "    - {where: {algorithm: B}, set: {algorithm.step_size: 4}}\n"));
  const auto step = [&](std::size_t run) {
    return runs.document(run).find("algorithm")->find("step_size")->scalar;
  };
  REQUIRE(runs.size() == 4);
  CHECK(step(0) == "1");
  CHECK(step(1) == "3");
  CHECK(step(2) == "4");
  CHECK(step(3) == "4");  // The later one.
  CHECK(runs.document(3).find("stop")->find("iterations")->scalar == "9");
  CHECK(runs.name(3) == "algorithm=B,seed=2");
  CHECK(runs_of("  seed: [1, 2]\n  exclude: [{seed: 2}]\n"
                "  also: [{where: {seed: 2}, set: {stop.iterations: 9}}]\n") == Labels{"{seed: 1}"});
}

TEST_CASE("Runs have names of their own, fit for files", "[sweep]") {
  const Sweep runs(with_sweep("  name: ['a b', 'a/b', 'ab', '" + std::string(300, 'x') + "', '" +
                              std::string(299, 'x') +
                              "y', ä]\n  topology.kind: [ring]\n  problem.kind: [quadratic]\n"));
  std::set<std::string> names;
  for (std::size_t run = 0; run < runs.size(); ++run) {
    const std::string name = runs.name(run);
    names.insert(name);
    CHECK(name.size() < 240);
    CHECK(name.find_first_of(" /") == std::string::npos);
  }
  CHECK(names.size() == 6);
  CHECK(runs.name(2) == "name=ab,topology.kind=ring,problem.kind=quadratic");
  CHECK(runs.name(5) == "name=ä,topology.kind=ring,problem.kind=quadratic");
}

TEST_CASE("Mistakes in a sweep", "[sweep]") {
  const std::string at = "sweep.yaml:2:";
  CHECK(complaint([] { Sweep{small_scenario()}; }) ==
        "small.yaml:1:1: missing section 'sweep'; it takes paths with lists of values, {seed: [1, 2]}");
  CHECK(complaint_of("  []\n") ==
        at + "3: sweep: found an empty list; it takes a map of paths to lists of values");
  CHECK(complaint_of("  {}\n") == at + "3: sweep: it takes at least one path with a list of values");
  CHECK(complaint_of("  seed: 1\n") ==
        at + "9: seed: '1' is not allowed; it takes a list of values, or a map of names to values");
  CHECK(complaint_of("  seed: []\n") ==
        at + "9: seed: an empty list is not allowed; it takes a list of values, or a map of names to values");
  CHECK(complaint_of("  seed: [1, 2, 1]\n") == at + "16: seed: '1' is there twice");
  CHECK(complaint_of("  zip: {seed: [1, 2, 1], topology.nodes: [3, 3, 3]}\n") ==
        at + "22: seed: '1' is there twice, together with the same");
  CHECK(complaint_of("  zip: {seed: [1, 2], topology.nodes: [3]}\n") ==
        at + "23: zip: topology.nodes has 1 values; it takes 2, as seed has");
  CHECK(complaint_of("  zip: [1]\n") == at + "9: zip: '1' is not allowed; it takes a map of paths to lists "
                                             "of equal lengths, or a list of such maps");
  CHECK(complaint_of("  zip: {seed: [1, 2]}\n  seed: [1]\n") == "sweep.yaml:3:3: sweep: seed is there twice");
  CHECK(complaint_of("  sweep.seed: [1]\n") == at + "3: sweep: a sweep does not sweep over itself");
  CHECK(complaint_of("  seed: [1]\n  exclude: [{sead: 1}]\n") ==
        "sweep.yaml:3:14: exclude: 'sead' is not swept over; did you mean 'seed'? there are: seed");
  CHECK(complaint_of("  seed: [1]\n  exclude: [{seed: 2}]\n") ==
        "sweep.yaml:3:13: exclude: {seed: 2} excludes nothing; it takes values that runs have");
  CHECK(complaint_of("  seed: [1]\n  exclude: [{seed: 1}]\n") == at + "3: sweep: every run is excluded");
  CHECK(complaint_of("  seed: [1]\n  exclude: {seed: 1}\n") ==
        "sweep.yaml:3:12: exclude: a map is not allowed; it takes a list of maps, [{path: value, ...}, ...]");
  CHECK(complaint_of("  seed: [1]\n  also: {seed: 1}\n") ==
        "sweep.yaml:3:9: also: a map is not allowed; it takes a list of maps, "
        "[{where: {path: value}, set: {path: value}}, ...]");
  CHECK(complaint_of("  seed: [1]\n  also: [{where: {seed: 1}}]\n") ==
        "sweep.yaml:3:10: also: a map is not allowed; it takes {where: {path: value}, set: {path: value}}");
  CHECK(complaint_of("  seed: [1]\n  also: [{where: {seed: 2}, set: {name: a}}]\n") ==
        "sweep.yaml:3:18: also: there is no run with {seed: 2}");
  CHECK(complaint_of("  seed: [1]\n  also: [{where: {seed: 1}, set: {seed: 2}}]\n") ==
        "sweep.yaml:3:35: also: seed is swept over");
  CHECK(complaint_of("  seed: [1]\n  also: [{where: {name: a}, set: {name: b}}]\n") ==
        "sweep.yaml:3:19: where: 'name' is not swept over; there are: seed");
  CHECK(complaint_of("  seed: [1]\n  also: [{where: {seed: 1}, set: {sweep.seed: [2]}}]\n") ==
        "sweep.yaml:3:35: sweep: a sweep does not sweep over itself");
  std::string long_list = "[0";
  for (int k = 1; k < 400; ++k) long_list += ", " + std::to_string(k);
  CHECK(complaint_of("  seed: " + long_list + "]\n  stop.iterations: " + long_list + "]\n") ==
        at + "3: sweep: it takes up to 100000 runs");
  // The same with the place of the value, when its scenario is read.
  const Sweep runs(with_sweep("  algorithm.step_size: [0.1, fast]\n"));
  CHECK(complaint([&] {
          (void)read_scenario(runs.document(1));
        }).starts_with(at + "30: step_size: 'fast' is not"));
  CHECK(complaint([] { (void)read_scenario(with_sweep("  seed: [1]\n")); }) ==
        at + "3: sweep: these are many runs; use gossamer sweep, or --set 'sweep=~' for a single run");
}

}  // namespace
/// All that a summary says.
std::string text_of(const TraceSummary& summary) {
  std::string text = summary.scenario + summary.identity + summary.sweep + to_string(summary.status);
  for (const auto& [key, size] : summary.sizes) text += key + std::to_string(size);
  for (const auto& [name, value] : summary.last_row) text += name + gossamer::text_of(value);
  return text;
}

std::string index_of(SweepFolder& folder) {
  folder.write_index({{"a", {}}});
  std::ifstream file(folder.index(), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_CASE("A summary says the same in memory and from the file", "[sweep]") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.h5";
  for (const Changes& changes :
       {Changes{}, Changes{small_logistic}, Changes{"algorithm.step_size=1e200", "stop.iterations=3"}}) {
    const Run run(changes);
    replace_file(path, to_hdf5(run.trace));
    CHECK(text_of(summary_of(run.trace)) == text_of(read_summary(path)));
    CHECK(summary_of(run.trace).last_row.size() == run.trace.metrics.size());
  }
}

TEST_CASE("An index is the same whether traces are noted or read, and a trace that has changed is read",
          "[sweep]") {
  const TemporaryFolder place;
  const Run first, second({"stop.iterations=20"});
  SweepFolder folder(place.path()), stranger(place.path());
  folder.open();
  stranger.open();
  replace_file(folder.trace("a"), to_hdf5(first.trace));
  folder.note("a", summary_of(first.trace));
  const std::string before = index_of(folder);
  CHECK(index_of(stranger) == before);
  replace_file(folder.trace("a"), to_hdf5(second.trace));
  const std::string after = index_of(folder);
  CHECK(after != before);
  CHECK(index_of(stranger) == after);
}

}  // namespace gossamer::testing
