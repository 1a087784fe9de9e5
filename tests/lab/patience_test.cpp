// Nodes that do not wait for all of their neighbours, and nodes that crash: what is computed, and when, as
// whole runs. Iterates with patience are checked in tests/golden.
#include <catch2/catch.hpp>

#include "tests/lab/support.hpp"

using namespace gossamer;
using namespace gossamer::testing;

namespace {

Run with(const Changes& changes, int threads = 1) {
  Run run(changes, threads);
  INFO(run.outcome.reason);
  REQUIRE(run.outcome.reason == "");
  return run;
}

/// Nodes of a ring of which the last one takes ten times as long, recorded after a second. A gradient takes
/// 10 ms, a message 1 ms.
Run one_straggler(const std::string& algorithm, const std::string& topology = "{ring: 5}") {
  const std::string factors = topology == "{path: 2}" ? "[1, 10]" : "[1, 1, 1, 1, 10]";
  return with({"topology=" + topology, "network={latency: 1 ms}",
               "compute={gradient: 10 ms, factors: " + factors + "}",
               "problem={kind: quadratic, dimension: 3}", "algorithm=" + algorithm,
               "stop={simulated_time: 1 s}", "record.every=1 s"});
}

/// Two nodes, one of which crashes after 25 ms and is back at 65 ms. A gradient takes 10 ms, a message 1 ms.
Changes two_nodes(const std::string& algorithm, const Changes& more = {}) {
  Changes changes = {"topology={path: 2}",        "network={latency: 1 ms}",
                     "compute={gradient: 10 ms}", "problem={kind: quadratic, targets: [[1, 0], [3, 2]]}",
                     "algorithm=" + algorithm,    "faults={crashes: {schedule: [1 25ms 40ms]}}"};
  changes.insert(changes.end(), more.begin(), more.end());
  return changes;
}

}  // namespace

TEST_CASE("To wait for all neighbours in time, or for as many as there are, is not to be impatient") {
  for (const std::string algorithm :
       {"kind: dgd, step_size: 0.1", "kind: dadam, step_size: 0.1",
        "kind: decentralized_amsgrad, step_size: 0.1", "kind: choco_sgd, step_size: 0.1, consensus_step: 0.5",
        "kind: gradient_push, step_size: 0.1"}) {
    for (const std::string topology : {"{ring: 5}", "{kind: one_peer_exponential, nodes: 8}"}) {
      if (algorithm.find("choco") != std::string::npos && topology != "{ring: 5}") continue;
      INFO(algorithm << " " << topology);
      const Changes changes = {"topology=" + topology, "problem={kind: quadratic, dimension: 3}"};
      const auto run = [&](const std::string& patience) {
        Changes all = changes;
        all.push_back("algorithm={" + algorithm + patience + "}");
        return with(all);
      };
      const Run plain = run("");
      for (const std::string patience : {", wait_for: 1, wait_at_most: 1 s", ", wait_at_most: 1 s"}) {
        const bool for_one = patience.find("wait_for") != std::string::npos;
        if (for_one && topology == "{ring: 5}") continue;  // There it has two.
        const Run patient = run(patience);
        for (const std::string metric : {"loss", "grad_norm", "consensus", "gradients", "time"}) {
          INFO(metric);
          CHECK(same(patient[metric], plain[metric]));
        }
      }
    }
  }
}

TEST_CASE("Who waits for the first of two neighbours does not wait for a straggler") {
  // Four nodes make an iteration every 10 ms, the straggler one every 100 ms, in one second.
  CHECK(one_straggler("{kind: dgd, step_size: 0.1, wait_for: 1}")["gradients"].back() == 4 * 100 + 10);
  CHECK(one_straggler("{kind: dadam, step_size: 0.1, wait_for: 1}")["gradients"].back() == 4 * 100 + 10);
  // These send after they have computed: an iteration takes 11 ms.
  CHECK(one_straggler("{kind: gradient_push, step_size: 0.1, wait_for: 1}")["gradients"].back() >=
        4 * 90 + 9);
  // DGD: nodes 0 and 3 hear the straggler's x at the beginning of an iteration, 100 ms apart, and are at most
  // one iteration ahead; 1 and 2 one more.
  const double gradients = one_straggler("{kind: dgd, step_size: 0.1}")["gradients"].back();
  CHECK(gradients >= 5 * 10);
  CHECK(gradients <= 10 + 2 * 11 + 2 * 12);
}

TEST_CASE("Who waits for a time waits for no longer, and a straggler comes in where it is heard") {
  // Node 0 hears node 1 in iterations 1, 8, 15, ...: these take 10 ms, the six between 10 + 5 ms. So it makes
  // seven in 100 ms. Node 1 makes one, and skips those of node 0 between.
  const Run run = one_straggler("{kind: dgd, step_size: 0.1, wait_at_most: 5 ms}", "{path: 2}");
  CHECK(run["gradients"].back() == 70 + 10);
}

TEST_CASE("Push-sum keeps its sums, however late a message comes") {
  // After a first step of all nodes to their a_i, which weigh alike, the step is 0. The sums of x and w are
  // kept, so all z come to the mean of the a_i, where the gradient of f is zero.
  const Run run = with({"topology={ring: 5}", "network={latency: 3 ms}",
                        "compute={kind: lognormal, sigma: 1.5, gradient: 5 ms}",
                        "problem={kind: quadratic, dimension: 3}",
                        "algorithm={kind: gradient_push, wait_for: 1, wire: float64}",
                        "algorithm.step_size={kind: piecewise, value: 0.001, factor: 0, at: [1]}",
                        "stop.iterations=400", "record.every=400"});
  CHECK(run["consensus"].back() < 1e-20);
}

TEST_CASE("A node that crashes comes back with a neighbour's x, and what was on its way to it is lost") {
  // Node 0 waits for 5 ms at most. Its iterations end at 10, 20, 30 ms (node 1 has sent its x_3 at 20 ms),
  // 45, 60 and 75 ms alone. Node 1 is back at 65 ms and hears at 76 ms of iteration 7, which node 0 has begun
  // at 75 ms; it joins iteration 8, and sends at once. Node 0, which sees at 77 ms that there is nothing more
  // of iteration 7, ends it at 85 ms, and iteration 8 at 95 ms. Node 1 has ended 1 and 2, and 8 at 86 ms.
  const Run run = with(two_nodes("{kind: dgd, step_size: 0.1, wait_at_most: 5 ms, wire: float64}",
                                 {"stop={simulated_time: 95 ms}", "record.every=1 ms"}));
  REQUIRE(run["time"].back() == Approx(0.095).epsilon(1e-12));
  CHECK(run["gradients"].back() == 8 + 3);
  CHECK(run["gradients"][60] == 5 + 2);
  const auto sent = [&](double count) { return 2 * 64 * count; };
  CHECK(run["bits"][70] == sent(6 + 3));  // Its own of iteration 6 the last, sent at 60 ms.
  CHECK(run["messages_lost"][30] == 0);
  CHECK(run["messages_lost"].back() == 3);  // Those of node 0 sent at 30, 45 and 60 ms.
  CHECK(run["consensus"][75] > 1e-3);
  CHECK(run["consensus"][76] == run["consensus"][77]);
  CHECK(run["consensus"][76] == Approx(0).margin(1e-30));  // Both hold what node 0 sent.
}

TEST_CASE("A trace counts the messages that are lost for ever") {
  const auto lossy = [](const std::string& loss) {
    return with({"topology={path: 2}", "network={latency: 1 ms}", "compute={gradient: 10 ms}",
                 "problem={kind: quadratic, dimension: 3}", "faults={loss: {probability: 0.25" + loss + "}}",
                 "algorithm={kind: dgd, step_size: 0.1, wait_at_most: 5 ms, wire: float64}",
                 "stop.iterations=1000", "record.every=1000"});
  };
  const Run run = lossy("");
  const double sent = run["bits"].back() / (3 * 64), deviation = std::sqrt(sent * 0.25 * 0.75);
  CHECK(sent >= 2 * 1000);
  CHECK(std::abs(run["messages_lost"].back() - 0.25 * sent) < 5 * deviation);  // 6e-7.
  const Run sent_again = lossy(", retransmit_after: 1 ms");
  CHECK(std::ranges::count(sent_again.trace.metrics, "messages_lost", &Column::name) == 0);
}

TEST_CASE("A worker that crashes goes on with what the server sends next") {
  // The server makes an update every 10 ms, from both workers at 10 and 20 ms. Until 65 ms worker 0 is alone;
  // at 70 ms worker 1 is sent x again.
  const Run run = with(two_nodes(
      "{kind: sgd, step_size: 0.1, wait_for: 1}",
      {"topology={star: 2}", "network=ideal", "stop={simulated_time: 80 ms}", "record.every=1 ms"}));
  CHECK(run["updates"].back() == 8);
  CHECK(run["gradients"].back() == 8 + 3);
  const Run local = with(two_nodes(
      "{kind: local_sgd, step_size: 0.1, local_steps: 2, wait_at_most: 25 ms}",
      {"topology={star: 2}", "network=ideal", "stop={simulated_time: 95 ms}", "record.every=5 ms"}));
  CHECK(local["updates"].back() == 4);  // At 20, 45, 70 ms, as worker 1 was lost, and 90 ms.
  CHECK(local["gradients"].back() == 4 * 2 + 2 * 2);
}

TEST_CASE("A worker of asynchronous SGD asks for x when it is back") {
  // Gradients arrive at 10 and 20 ms, then at 75, 85 and 95 ms.
  const Run run = with(two_nodes("{kind: async_sgd, step_size: 0.1}",
                                 {"topology={star: 1}", "problem.targets=[[1, 0]]", "network=ideal",
                                  "faults={crashes: {schedule: [0 25ms 40ms]}}", "stop.iterations=5"}));
  CHECK(run["time"] == Numbers{0, 0.01, 0.02, 0.075, 0.085, 0.095});
}

TEST_CASE("Whoever starves after a crash is named, though nodes could crash for ever") {
  // All wait for all, so nobody sends what the node that is back waits for.
  const std::string all = "{kind: dgd, step_size: 0.1, wait_for: 2}";
  for (const std::string crashes : {"{schedule: [1 15ms 10ms]}", "{every: 15 ms, lasting: 1 ms}"}) {
    const Run run({"algorithm=" + all, "compute.gradient=10 ms", "faults={crashes: " + crashes + "}"});
    CHECK(run.trace.status == Trace::Status::failed);
    CHECK_THAT(run.outcome.reason, Catch::Contains("waits for") && Catch::Contains(" since ") &&
                                       Catch::Contains("no message is under way (deadlock"));
  }
}

TEST_CASE("Whoever starves is named, though there is always a node that is down") {
  for (const std::string lasting : {"100 ms", "1 h"}) {
    const Run run({"topology={ring: 8}", "problem={kind: quadratic, dimension: 2}", "compute.gradient=1 ms",
                   "algorithm={kind: dgd, step_size: 0.1, wait_at_most: 3 ms}",
                   "faults={crashes: {every: 1 ms, lasting: " + lasting + "}}", "stop.iterations=1000"});
    CHECK(run.trace.status == Trace::Status::failed);
    CHECK_THAT(run.outcome.reason, Catch::Contains("waits for") && Catch::Contains(" since "));
  }
}

TEST_CASE("Interruptions that would come after the end of the clock never do") {
  const Run plain(Changes{});
  for (const std::string kind : {"outages", "pauses"}) {
    const Run run({"faults={" + kind + ": {every: 2000000 h, lasting: 2000000 h}}"});
    CHECK(run.outcome.reason == "");
    CHECK(run["time"] == plain["time"]);
  }
}

TEST_CASE("Crashes and patience give the same trace for any number of threads") {
  for (const std::string algorithm : {"{kind: dgd, step_size: 0.1, wait_for: 1, wait_at_most: 3 ms}",
                                      "{kind: decentralized_amsgrad, step_size: 0.1, wait_for: 2, "
                                      "wait_at_most: 1 ms}",
                                      "{kind: local_sgd, step_size: 0.1, wait_for: 2, wait_at_most: 20 ms}",
                                      "{kind: async_sgd, step_size: 0.1}"}) {
    INFO(algorithm);
    const bool server =
        algorithm.find("local") != std::string::npos || algorithm.find("async") != std::string::npos;
    const Changes changes = {
        small_logistic,           server ? "topology={star: 4}" : "topology={complete: 4}",
        "algorithm=" + algorithm, "compute={kind: lognormal, gradient: 5 ms, sigma: 1}",
        "stop.iterations=50",     "faults={crashes: {every: 100 ms, lasting: 10 ms}}"};
    const Run once = with(changes);
    CHECK(to_hdf5(with(changes, 3).trace) == to_hdf5(once.trace));
    Changes calm = changes;
    calm.pop_back();
    CHECK(with(calm).trace.fingerprint != once.trace.fingerprint);
  }
}

TEST_CASE("Schedules from a file are those of the scenario") {
  const TemporaryFolder folder;
  const auto run = [&](const std::string& faults) {
    return with({"algorithm={kind: dgd, step_size: 0.1, wait_for: 1, wait_at_most: 3 ms}",
                 "faults={" + faults + "}", "stop.iterations=30"});
  };
  const std::string nodes =
      folder.write("nodes.csv", "node,start,end\n1, 3ms, 13ms\n2,10ms,20ms # again\n\n1,30ms,31ms\n");
  const std::string edges = folder.write("edges.csv", "from,to,start,end\n0,1,3ms,13ms\n2,1,10ms,20ms\n");
  const std::string of_nodes = "[1 3ms 10ms, 2 10ms 10ms, 1 30ms 1ms]",
                    of_edges = "[1 0 3ms 10ms, 1 2 10ms 10ms]";
  for (const std::string kind : {"crashes", "pauses", "outages"}) {
    INFO(kind);
    const bool edge = kind == "outages";
    const Run from_file = run(kind + ": {path: " + (edge ? edges : nodes) + "}");
    const Run from_text = run(kind + ": {schedule: " + (edge ? of_edges : of_nodes) + "}");
    CHECK(from_file.trace.fingerprint == from_text.trace.fingerprint);
    CHECK(from_file.trace.fingerprint != run("jitter: {kind: exponential, mean: 1 ns}").trace.fingerprint);
    CHECK_THAT(from_file.trace.inputs, Catch::Contains("faults." + kind + ".path"));
    REQUIRE(from_file.trace.files.size() == 1);
  }
  const auto refused = [&](const std::string& kind, const std::string& content) {
    return complaint([&] { run(kind + ": {path: " + folder.write("bad.csv", content) + "}"); });
  };
  const std::string of_node = "; it takes `3, 2s, 2500ms`: a node, when it begins and when it ends";
  CHECK_THAT(refused("pauses", "1,1s,2s\n3,1s,2s\n"),
             Catch::EndsWith("bad.csv:2: there is no node '3'" + of_node));
  CHECK_THAT(refused("pauses", "end,start,node\n2s,1s,1\n"),
             Catch::EndsWith("bad.csv:1: its columns stand in another order" + of_node));
  CHECK_THAT(refused("pauses", "\"node\";\"start\";\"end\"\n\"3\";1s;2s\n"),
             Catch::EndsWith("bad.csv:2: there is no node '3'" + of_node));
  CHECK_THAT(refused("crashes", "1,1s\n"), Catch::EndsWith("bad.csv:1: has 2 words" + of_node));
  CHECK_THAT(refused("crashes", "1,2s,1s\n"),
             Catch::EndsWith("bad.csv:1: it ends before it begins" + of_node));
  CHECK_THAT(refused("crashes", "node,start,end\n"), Catch::Contains("lists nothing"));
  CHECK_THAT(refused("outages", "0,1,1,2\n"),
             Catch::EndsWith(
                 "bad.csv:1: a time has no unit, or is none; it takes `0, 1, 2s, 2500ms`: two nodes, when "
                 "it begins and when it ends"));
  CHECK_THAT(complaint([&] { run("pauses: {path: " + nodes + ", schedule: [1 1s 1s]}"); }),
             Catch::Contains("pauses: one of every, schedule and path, not several"));
}

TEST_CASE("Patience and crashes that cannot be meant are refused") {
  const auto refused = [](const Changes& changes) { return complaint([&] { Run{changes}; }); };
  CHECK_THAT(refused({"algorithm.wait_for=3"}),
             Catch::Contains("wait_for: no node has more than 2 neighbours; it takes at most so many"));
  CHECK_THAT(refused({"algorithm.wait_at_most=0 s"}),
             Catch::Contains("is not allowed; it takes a time") && Catch::EndsWith(": 1 ns to 2562047 h"));
  CHECK_THAT(refused({"algorithm={kind: gradient_tracking, step_size: 0.1, wait_for: 1}"}),
             Catch::Contains("unknown key 'wait_for' in algorithm"));
  CHECK_THAT(refused({"topology={kind: one_peer_exponential, nodes: 4}", "algorithm.wait_for=1"}),
             Catch::Contains("wait_for: on a graph that changes a node could wait for ever") &&
                 Catch::Contains("it takes wait_at_most, too"));
  const std::string crashes = "faults={crashes: {every: 1 s, lasting: 1 s}}";
  for (const std::string algorithm :
       {"{kind: dgd, step_size: 0.1}", "{kind: gradient_push, step_size: 0.1, wait_for: 1}",
        "{kind: ad_psgd, step_size: 0.1}"}) {
    CHECK_THAT(refused({"algorithm=" + algorithm, crashes}),
               Catch::Contains("cannot go on without the state of a node; async_sgd can, and with wait_for"));
  }
  CHECK_THAT(
      refused({"algorithm={kind: choco_sgd, step_size: 0.1, consensus_step: 0.5, wait_for: 1}",
               "faults={loss: {probability: 0.1}}"}),
      Catch::Contains("choco_sgd adds up what its neighbours send, and would miss for ever what is lost"));
  const std::string loss = "faults={loss: {probability: 0.1}}";
  CHECK_THAT(
      refused({"algorithm={kind: ad_psgd, step_size: 0.1}", loss}),
      Catch::EndsWith("loss: ad_psgd asks nobody else before the answer is there, and would average no "
                      "more; it takes retransmit_after, too"));
  CHECK_THAT(
      refused({"topology={star: 3}", "algorithm={kind: async_sgd, step_size: 0.1}", loss}),
      Catch::EndsWith("loss: async_sgd hears no more of a worker whose gradient is lost, or its answer; "
                      "it takes retransmit_after, too"));
  CHECK(refused({"algorithm={kind: choco_sgd, step_size: 0.1, consensus_step: 0.5}", loss}) == "nothing");
  CHECK_THAT(refused({"topology={star: 3}", "algorithm={kind: sgd, step_size: 0.1, wait_for: 1}",
                      "faults={crashes: {schedule: [3 1s 1s]}}"}),
             Catch::Contains("crashes: node 3 is the server, which does not crash; it takes workers"));
}
