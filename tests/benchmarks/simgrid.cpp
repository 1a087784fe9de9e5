// The same programs here and in SimGrid 3.32: messages per CPU second of both, measured in turn. Built where
// Debian's libsimgrid-dev is there. SimGrid's network is CM02, fluid flows with max-min sharing, without its
// TCP factors; its mailboxes have receivers, so that a message travels from when it is sent, as here.
#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <simgrid/s4u.hpp>
#include <string>
#include <utility>
#include <vector>

#include "sim/networks/max_min_fair.hpp"
#include "sim/networks/store_and_forward.hpp"
#include "sim/node.hpp"
#include "tests/benchmarks/star.hpp"

namespace gossamer {
namespace {

namespace s4u = simgrid::s4u;

constexpr std::int64_t message_bytes = wire_bits(Block{}).count / 8;

struct Case {
  NodeId nodes;  ///< Of a star, its workers.
  int rounds;
  bool jitter;
};

// ---- A ring whose nodes compute, send to both neighbours, and wait for both; every link of its own.

Process gossip(Node self, Case of) {
  for (int t = 0; t < of.rounds; ++t) {
    co_await self.sleep(compute_time(self.id(), t, of.jitter));
    self.broadcast(Block{});
    co_await self.gather<Block>();
  }
}

double run_ring(const Case& of) {
  std::vector<std::pair<NodeId, NodeId>> edges;
  for (NodeId i = 0; i < of.nodes; ++i) edges.emplace_back(i, (i + 1) % of.nodes);
  Pool pool(1);
  Adjacency graph(of.nodes, edges);
  Links links = OwnEdges{}.make({graph}, benchmark_link);
  Simulation simulation(std::move(graph), std::make_unique<StoreAndForward>(std::move(links), Bytes{0}),
                        pool);
  const double begin = cpu_seconds();
  for (NodeId i = 0; i < of.nodes; ++i) simulation.spawn(i, gossip(Node(simulation, i), of));
  simulation.run();
  return cpu_seconds() - begin;
}

// ---- The same in SimGrid.

struct Platform {
  Platform() {
    char name[] = "simgrid", quiet[] = "--log=xbt_cfg.thresh:warning";
    char* argv[] = {name, quiet, nullptr};
    int argc = 2;
    engine = std::make_unique<s4u::Engine>(&argc, argv);
    for (const char* setting : {"network/model:CM02", "network/crosstraffic:0", "network/TCP-gamma:0",
                                "contexts/factory:raw", "contexts/stack-size:32"}) {
      s4u::Engine::set_config(setting);
    }
    zone = s4u::create_full_zone("net");
  }
  s4u::Host* host(int i) { return zone->create_host("host" + std::to_string(i), 1e9)->seal(); }
  s4u::Link* new_link(const std::string& name) {
    return zone->create_link(name, static_cast<double>(benchmark_link.bandwidth.bits_per_second) / 8)
        ->set_latency(seconds(benchmark_link.latency))
        ->seal();
  }
  void route(s4u::Host* from, s4u::Host* to, s4u::Link* over) {
    zone->add_route(from->get_netpoint(), to->get_netpoint(), nullptr, nullptr, {s4u::LinkInRoute(over)},
                    false);
  }
  double run() {
    zone->seal();
    const double begin = cpu_seconds();
    engine->run();
    return cpu_seconds() - begin;
  }
  std::unique_ptr<s4u::Engine> engine;
  s4u::NetZone* zone = nullptr;
};

s4u::Mailbox* mailbox(int from, int to) {
  return s4u::Mailbox::by_name(std::to_string(from) + ">" + std::to_string(to));
}
void send(s4u::Mailbox* to) {
  static int payload = 0;
  to->put_init(&payload, message_bytes)->detach();
}

double run_simgrid_ring(const Case& of) {
  Platform platform;
  const int n = of.nodes;
  std::vector<s4u::Host*> hosts;
  for (int i = 0; i < n; ++i) hosts.push_back(platform.host(i));
  for (int i = 0; i < n; ++i) {
    for (const int j : {(i + 1) % n, (i + n - 1) % n}) {
      s4u::Link* const over = platform.new_link(std::to_string(i) + "-" + std::to_string(j));
      platform.route(hosts[static_cast<std::size_t>(i)], hosts[static_cast<std::size_t>(j)], over);
    }
  }
  for (int i = 0; i < n; ++i) {
    s4u::Actor::create("node", hosts[static_cast<std::size_t>(i)], [i, n, of] {
      s4u::Mailbox* out[] = {mailbox(i, (i + 1) % n), mailbox(i, (i + n - 1) % n)};
      s4u::Mailbox* in[] = {mailbox((i + 1) % n, i), mailbox((i + n - 1) % n, i)};
      for (s4u::Mailbox* from : in) from->set_receiver(s4u::Actor::self());
      for (int t = 0; t < of.rounds; ++t) {
        s4u::this_actor::sleep_for(seconds(compute_time(i, t, of.jitter)));
        for (s4u::Mailbox* to : out) send(to);
        for (s4u::Mailbox* from : in) (void)from->get<int>();
      }
    });
  }
  return platform.run();
}

double run_simgrid_star(const Case& of) {
  Platform platform;
  const int n = of.nodes;
  s4u::Host* const hub = platform.host(n);
  s4u::Link *const up = platform.new_link("up"), *const down = platform.new_link("down");
  for (int i = 0; i < n; ++i) {
    s4u::Host* const host = platform.host(i);
    platform.route(host, hub, up);
    platform.route(hub, host, down);
    s4u::Actor::create("worker", host, [i, n, of] {
      s4u::Mailbox *const out = mailbox(i, n), *const in = mailbox(n, i);
      in->set_receiver(s4u::Actor::self());
      for (int t = 0; t < of.rounds; ++t) {
        s4u::this_actor::sleep_for(seconds(compute_time(i, t, of.jitter)));
        send(out);
        (void)in->get<int>();
      }
    });
  }
  s4u::Actor::create("server", hub, [n, of] {
    std::vector<s4u::Mailbox*> in, out;
    for (int i = 0; i < n; ++i) {
      in.push_back(mailbox(i, n));
      in.back()->set_receiver(s4u::Actor::self());
      out.push_back(mailbox(n, i));
    }
    for (int t = 0; t < of.rounds; ++t) {
      for (s4u::Mailbox* from : in) (void)from->get<int>();
      for (s4u::Mailbox* to : out) send(to);
    }
  });
  return platform.run();
}

double run_fair_star(const Case& of) {
  return run_star<MaxMinFair>(of.nodes, of.rounds);
}

void compare(const char* what, const Case& ours, const Case& theirs, double (*run)(const Case&),
             double (*run_simgrid)(const Case&), int target) {
  std::fflush(stdout);  // Before the process forks.
  const auto rate = [](const Case& of, double (*program)(const Case&)) {
    return 2.0 * of.nodes * of.rounds / measure_apart([&] { return program(of); }).seconds;
  };
  const double here = rate(ours, run), there = rate(theirs, run_simgrid);
  fmt::print("{:<44} | {:>10.2f} {:>10.3f} {:>8.0f} {:>8}\n", what, 1e-6 * here, 1e-6 * there, here / there,
             target);
}

}  // namespace
}  // namespace gossamer

int main() {
  using namespace gossamer;
  fmt::print("Beside SimGrid: 1 kB messages, M messages per CPU second\n");
  fmt::print("{:<44} | {:>10} {:>10} {:>8} {:>8}\n", "", "Gossamer", "SimGrid", "ratio", "target");
  compare("ring of 1,000", {1000, 1000, false}, {1000, 200, false}, run_ring, run_simgrid_ring, 40);
  compare("ring of 1,000, jittered", {1000, 1000, true}, {1000, 100, true}, run_ring, run_simgrid_ring, 50);
  compare("star of 1,000 on one shared link, jittered", {1000, 500, true}, {1000, 30, true}, run_fair_star,
          run_simgrid_star, 100);
}
