// What every algorithm of the catalogue has to do, with every compressor that it takes: an algorithm joins by
// its line in the catalogue.
#include <catch2/catch.hpp>
#include <chrono>

#include "scenarios/lab/scenario/compressors.hpp"
#include "sim/random.hpp"
#include "tests/lab/support.hpp"

using namespace gossamer;
using namespace gossamer::testing;

namespace {

struct Candidate {
  std::string name;
  Changes changes;
  bool has_server, shares_rounds;
  int neighbors = 0;            ///< How many it may wait for, if it takes patience.
  bool is_ring_or_star = true;  ///< Or has such edges besides others.
  bool needs_deadline = false;  ///< As its graph changes.
};

bool can_run(const Changes& changes) {
  try {
    Setup(read_scenario(small_scenario(changes)), DataPath());
  } catch (const BadInput& refused) {
    // Only for what it needs of a compressor, not by mistake.
    REQUIRE_THAT(refused.what(), Catch::Contains("compressor: there is no pi < 1"));
    return false;
  }
  return true;
}

/// Every algorithm alone, and with every compressor it may have; on mini-batches of five rows.
std::vector<Candidate> candidates(int nodes) {
  std::vector<Candidate> all;
  for (const std::string& algorithm : algorithms().names()) {
    const auto kind = algorithms().preset(algorithm);
    const bool server = kind->has_server(), rounds = kind->shares_rounds();
    const Changes changes = {small_logistic, "algorithm=" + section_of(algorithms(), algorithm),
                             "topology={kind: " + std::string(server ? "star" : "ring") +
                                 ", nodes: " + std::to_string(nodes) + "}"};
    const auto fields = algorithms().list(place_of(algorithms(), algorithm));
    const bool takes_patience =
        std::ranges::any_of(fields, [](const FieldText& field) { return field.key == "wait_for"; });
    const int neighbors = !takes_patience ? 0 : server ? nodes : std::min(2, nodes - 1);
    all.push_back({algorithm, changes, server, rounds, neighbors});
    if (std::ranges::any_of(fields, [](const FieldText& field) { return field.key == "average"; })) {
      Changes around = changes;
      around.insert(around.end(), {"algorithm.average=ring_all_reduce", "topology.kind=ring"});
      all.push_back({algorithm + " around a ring", around, false, rounds});
    }
    const auto add_on = [&](const std::string& where, const Changes& more, bool has_ring, bool is_fixed) {
      Changes there = changes;
      there.insert(there.end(), more.begin(), more.end());
      all.push_back(
          {algorithm + " on " + where, there, false, rounds, std::min(1, neighbors), has_ring, !is_fixed});
    };
    if (kind->mixes() && kind->takes_changing_weights()) {
      add_on("graphs in turn", {"topology.kind=one_peer_exponential"}, true, false);
      add_on("matchings", {"topology.kind=random_matchings"}, false, false);
    }
    if (kind->mixes() && !kind->needs_doubly_stochastic()) {
      add_on("a path", {"topology.kind=path", "mixing=column_stochastic"}, false, true);
    }
    if (std::ranges::none_of(fields, [](const FieldText& field) { return field.key == "compressor"; }))
      continue;
    for (const std::string& compressor : compressors().names()) {
      for (const std::string feedback : {"true", "false"}) {
        if (feedback == "false" && std::ranges::none_of(fields, [](const FieldText& field) {
              return field.key == "error_feedback";
            })) {
          continue;
        }
        Changes with = changes;
        with.push_back("algorithm.compressor=" + section_of(compressors(), compressor));
        if (compressor == "top_k" || compressor == "random_k" || compressor.starts_with("sparsify")) {
          with.push_back("algorithm.compressor.k=2");
        }
        if (feedback == "false") with.push_back("algorithm.error_feedback=false");
        if (can_run(with))
          all.push_back(
              {algorithm + " with " + compressor + " " + feedback, with, server, rounds, neighbors});
      }
    }
  }
  return all;
}

/// What of a column is not NaN.
bool has_numbers(const Column& column) {
  return std::ranges::any_of(column.values, [](double number) { return !std::isnan(number); });
}

/// Whether it draws patience, where the candidate takes some, and what it sets.
std::pair<bool, Changes> random_patience(Rng& rng, const Candidate& candidate) {
  if (candidate.neighbors == 0 || rng.below(4) == 0) return {false, {}};
  const std::uint64_t which = rng.below(3);  // The first few, for some time, or both.
  Changes changes;
  const auto most = static_cast<std::uint64_t>(candidate.neighbors);
  if (which != 1) changes.push_back("algorithm.wait_for=" + std::to_string(1 + rng.below(most)));
  if (which != 0 || candidate.needs_deadline)
    changes.push_back("algorithm.wait_at_most=" + std::to_string(1 + rng.below(20)) + " ms");
  return {true, changes};
}

std::vector<std::byte> bytes_of(Changes changes, int threads) {
  return to_hdf5(Run(changes, threads).trace);
}

/// Times at which nodes, or the edges of a ring or star, do not work: drawn, listed, or in a file.
std::string random_times(Rng& rng, const std::string& kind, bool star, const TemporaryFolder& folder,
                         bool may_list = true) {
  const auto ms = [&](std::uint64_t most) { return std::to_string(1 + rng.below(most)) + "ms"; };
  const std::uint64_t form = may_list ? rng.below(3) : 0;
  if (form == 0) return kind + ": {every: " + ms(20) + ", lasting: " + ms(10) + "}";
  std::string text;
  for (std::uint64_t k = 0; k < 5; ++k) {
    const std::uint64_t i = rng.below(4), begin = rng.below(60);
    std::string who = std::to_string(i);
    const char* const space = form == 1 ? " " : ", ";
    if (kind == "outages") who += space + std::to_string(star ? 4 : (i + 1) % 4);
    if (form == 1) {
      text += (k > 0 ? ", " : "") + who + " " + std::to_string(begin) + "ms " + ms(10);
    } else {
      text +=
          who + ", " + std::to_string(begin) + "ms, " + std::to_string(begin + 1 + rng.below(10)) + "ms\n";
    }
  }
  if (form == 1) return kind + ": {schedule: [" + text + "]}";
  return kind + ": {path: " + folder.write(kind + ".csv", text) + "}";
}

/// Some faults, drawn: each kind is there every other time. Messages are sent again, unless they may be lost.
std::string random_faults(Rng& rng, bool may_lose, const Candidate& candidate, const TemporaryFolder& folder,
                          bool may_crash = false) {
  const bool star = candidate.has_server;
  const auto either = [&] { return rng.below(2) == 0; };
  const auto ms = [&](std::uint64_t most) { return std::to_string(1 + rng.below(most)) + " ms"; };
  std::string text = "faults={" + random_times(rng, "pauses", star, folder);
  if (either()) text += ", " + random_times(rng, "outages", star, folder, candidate.is_ring_or_star);
  if (may_crash && either()) text += ", " + random_times(rng, "crashes", star, folder);
  if (either()) text += ", jitter: {kind: lognormal, sigma: 2, mean: " + ms(5) + "}";
  if (either()) {
    text += ", loss: {probability: 0." + std::to_string(1 + rng.below(4));
    if (!may_lose || either()) text += ", retransmit_after: " + ms(30);
    text += "}";
  }
  return text + "}";
}

}  // namespace

TEST_CASE("Algorithms run to the end, on one node as on several, and count what they do", "[conformance]") {
  for (const int nodes : {1, 4}) {
    for (const Candidate& candidate : candidates(nodes)) {
      INFO(candidate.name << ", " << nodes << " nodes");
      const Run run(candidate.changes);
      REQUIRE(run.outcome.reason == "");
      REQUIRE(run.trace.status == Trace::Status::complete);
      CHECK(run["iteration"].back() == 10);
      if (candidate.shares_rounds) {
        CHECK(run["gradients"].back() == 10 * nodes);
      } else if (candidate.has_server) {
        // Each of the ten updates has used one, and no worker begins another before it is answered.
        CHECK(run["updates"].back() == 10);
        CHECK(run["gradients"].back() >= 10);
        CHECK(run["gradients"].back() < 10 + nodes);
      } else {
        CHECK(run["updates"].back() == 10);
        CHECK(run["gradients"].back() == 10 * nodes);
      }
      CHECK((run["bits"].back() > 0) == (candidate.has_server || nodes > 1));
      CHECK(run["loss"].back() != run["loss"].front());
      if (candidate.has_server) CHECK(run["bits_up"].back() + run["bits_down"].back() == run["bits"].back());
    }
  }
}

TEST_CASE("Algorithms give the same trace, byte for byte, run by run and for any number of threads",
          "[conformance]") {
  for (const Candidate& candidate : candidates(4)) {
    INFO(candidate.name);
    const auto once = bytes_of(candidate.changes, 1);
    CHECK(bytes_of(candidate.changes, 1) == once);
    CHECK(bytes_of(candidate.changes, 3) == once);
  }
}

TEST_CASE("What synchronous algorithms compute and send does not depend on the network", "[conformance]") {
  for (const Candidate& candidate : candidates(4)) {
    INFO(candidate.name);
    if (!candidate.shares_rounds) continue;
    const auto with = [&](const std::string& network, const std::string& compute,
                          const std::string& coding = "{encode: 1 Gbit/s}") {
      Changes changes = candidate.changes;
      changes.insert(changes.end(), {"network=" + network, "compute=" + compute, "coding=" + coding});
      return Run(changes);
    };
    const Run ideal = with("ideal", "{}");
    const Run others[] = {
        with("{latency: 50 ms, bandwidth: 1 kbit/s}", "{gradient: 2 ms}"),
        with("{latency: 1 ms, graph: switch}", "{gradient: 2 ms, factors: [1, 10, 1, 0]}"),
        with("{model: max_min_fair, bandwidth: 1 kbit/s}", "{gradient: 2 ms, factors: [1, 10, 1, 0]}"),
        with("{latency: 1 ms}", "{gradient: 2 ms}", "{encode: 1 kbit/s, decode: 3 kbit/s}")};
    for (const Run& other : others) {
      for (const Column& column : ideal.trace.metrics) {
        INFO(column.name);
        if (column.name != "time") CHECK(same(other[column.name], column.values));
      }
      CHECK(other["time"].back() > 0);
      CHECK(other.trace.parameters == ideal.trace.parameters);
    }
  }
}

TEST_CASE("What synchronous algorithms compute and send does not depend on faults, as long as all arrives",
          "[conformance]") {
  Rng rng(1);
  for (const Candidate& candidate : candidates(4)) {
    INFO(candidate.name);
    if (!candidate.shares_rounds) continue;
    const Run plain(candidate.changes);
    Changes changes = candidate.changes;
    const TemporaryFolder folder;
    changes.push_back(random_faults(rng, false, candidate, folder));
    INFO(changes.back());
    const Run disturbed(changes);
    for (const Column& column : plain.trace.metrics) {
      INFO(column.name);
      if (column.name != "time") CHECK(same(disturbed[column.name], column.values));
    }
    CHECK(disturbed["time"].back() >= plain["time"].back());
    CHECK(disturbed.trace.parameters == plain.trace.parameters);
  }
}

TEST_CASE("Where a message is lost for ever synchronous algorithms halt, and all rows up to there are right",
          "[conformance]") {
  int halted = 0, all = 0;
  for (const Candidate& candidate : candidates(4)) {
    INFO(candidate.name);
    if (!candidate.shares_rounds) continue;
    const Run plain(candidate.changes);
    Changes changes = candidate.changes;
    changes.push_back("faults={loss: {probability: 0.03}, jitter: {kind: exponential, mean: 2 ms}}");
    changes.push_back("record.parameters=none");
    const Run lossy(changes);
    for (const Column& column : lossy.trace.metrics) {
      INFO(column.name);
      if (column.name == "messages_lost") continue;
      Numbers before = plain[column.name];
      REQUIRE(column.values.size() <= before.size());
      before.resize(column.values.size());
      if (column.name != "time") CHECK(same(column.values, before));
    }
    ++all;
    if (lossy.trace.status == Trace::Status::complete) continue;
    CHECK_THAT(lossy.outcome.reason, Catch::Contains("waits for ") && Catch::Contains(" since ") &&
                                         Catch::Contains("; messages were lost for ever"));
    ++halted;
  }
  CHECK(halted > all / 2);
}

TEST_CASE("Nothing is counted twice or forgotten, whatever fails: a thousand schedules", "[conformance]") {
  Rng rng(2);
  const std::vector<Candidate> all = candidates(4);
  int patient = 0, crashing = 0;
  for (int trial = 0; trial < 1'000; ++trial) {
    const Candidate& candidate = all[static_cast<std::size_t>(trial) % all.size()];
    Changes changes = candidate.changes;
    const TemporaryFolder folder;
    const auto [is_patient, patience] = random_patience(rng, candidate);
    changes.insert(changes.end(), patience.begin(), patience.end());
    const auto algorithm = read_scenario(small_scenario(changes)).algorithm;
    patient += is_patient;
    crashing += algorithm->survives_crashes();
    changes.push_back(random_faults(rng, algorithm->after_loss().empty(), candidate, folder,
                                    algorithm->survives_crashes()));
    changes.push_back("seed=" + std::to_string(trial));
    INFO(candidate.name << ": " << joined(changes));
    const Setup setup(read_scenario(small_scenario(changes)), DataPath());
    Pool pool(1);
    Programs programs(setup, pool, nullptr);
    programs.spawn();
    Simulation& simulation = programs.simulation;
    const auto& network = dynamic_cast<const FaultyNetwork&>(simulation.model());
    const auto require_balance = [&] {
      FaultyNetwork::Underway all_underway = network.underway();
      for (NodeId i = 0; i < setup.nodes(); ++i) {
        const NodeCounters& of = simulation.counters(i);
        all_underway.messages += of.messages_received + of.messages_lost - of.messages_sent;
        all_underway.bits += of.bits_received + of.bits_lost - of.bits_sent;
      }
      REQUIRE(all_underway.messages == 0);
      REQUIRE(all_underway.bits == 0);
    };
    try {
      simulation.run_until(Instant{std::chrono::milliseconds(rng.below(60))});
      require_balance();
      // Nodes that share no rounds and have no server go on until a recorder stops them.
      const bool ends = algorithm->shares_rounds() || candidate.has_server;
      simulation.run_until(Instant{ends ? std::chrono::hours(1) : std::chrono::milliseconds(500)});
    } catch (const SimulationError& starved) {
      const Faults& faults = *setup.scenario.faults;
      REQUIRE((faults.crashes.any() || !faults.loss.retransmit_after));
      REQUIRE_THAT(starved.what(), Catch::Contains("waits for") && Catch::Contains(" since "));
    }
    require_balance();
  }
  CHECK(patient > 150);
  CHECK(crashing > 150);
}

TEST_CASE("Another seed gives another run", "[conformance]") {
  for (const Candidate& candidate : candidates(4)) {
    INFO(candidate.name);
    Changes changes = candidate.changes;
    changes.push_back("seed=2");
    CHECK(Run(changes)["loss"].back() != Run(candidate.changes)["loss"].back());
  }
}

TEST_CASE("Every vector that an algorithm lists can be recorded, and changes nothing", "[conformance]") {
  for (const Candidate& candidate : candidates(4)) {
    INFO(candidate.name);
    const Run plain(candidate.changes);
    std::vector<std::string> names{"x", "gradient", "full_gradient"};
    for (const std::string_view name : plain.setup.scenario.algorithm->vectors()) names.emplace_back(name);
    Changes changes = candidate.changes;
    changes.push_back("record.vectors=[" + joined(names) + "]");
    if (!candidate.shares_rounds) {
      CHECK_THAT(complaint([&] { Run{changes}; }), Catch::Contains("vectors: takes rows by iteration"));
      continue;
    }
    const Run run(changes);
    CHECK(run.trace.fingerprint == plain.trace.fingerprint);
    REQUIRE(run.trace.vectors.size() == names.size());
    for (const Column& column : run.trace.vectors) {
      INFO(column.name);
      CHECK((has_numbers(column) || (candidate.name == "prox_gd" && column.name == "H")));  // There H is 1.
    }
  }
}
