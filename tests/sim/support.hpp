// What the tests of the engine share: small graphs, packets, a node that computes, and a world to
// put them in.
#pragma once

#include <cmath>
#include <functional>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "sim/networks/store_and_forward.hpp"
#include "sim/node.hpp"

namespace gossamer {

using namespace std::chrono_literals;

constexpr Bits byte_count(std::int64_t count) {
  return count * Bits{8};
}
constexpr Bandwidth mbit_per_second(std::int64_t count) {
  return {count * 1'000'000};
}
/// The instant that lies this long after the start.
constexpr Instant at(Duration duration) {
  return Instant{duration};
}
/// The links of the closed forms in sim/networks/README.md: S/B is 80 us for 1 kB, 80 ms for 1 MB.
constexpr LinkParameters reference_link{1ms, mbit_per_second(100)};

using Edges = std::vector<std::pair<NodeId, NodeId>>;

inline Adjacency ring(NodeId nodes) {
  Edges edges;
  for (NodeId i = 0; i < nodes; ++i) edges.emplace_back(i, (i + 1) % nodes);
  return {nodes, edges};
}
inline Adjacency path(NodeId nodes) {
  Edges edges;
  for (NodeId i = 1; i < nodes; ++i) edges.emplace_back(i - 1, i);
  return {nodes, edges};
}
/// The hub is the last node.
inline Adjacency star(NodeId leaves) {
  Edges edges;
  for (NodeId i = 0; i < leaves; ++i) edges.emplace_back(i, leaves);
  return {leaves + 1, edges};
}

/// Every arc a link of its own, all alike.
inline std::unique_ptr<NetworkModel> uniform(const Adjacency& graph, LinkParameters link = reference_link,
                                             std::int64_t header_bytes = 0) {
  return std::make_unique<StoreAndForward>(OwnEdges{}.make({graph}, link), Bytes{header_bytes});
}
/// Links with these parameters, of which arc a travels routes[first[a]], ..., routes[first[a + 1] - 1].
inline Links links_with_routes(std::vector<LinkParameters> parameters, std::vector<std::size_t> first,
                               std::vector<LinkId> routes) {
  Links links;
  links.parameters = std::move(parameters);
  links.first = std::move(first);
  links.routes = std::move(routes);
  return links;
}
/// Store and forward over such links.
inline std::unique_ptr<NetworkModel> routed(std::vector<LinkParameters> parameters,
                                            std::vector<std::size_t> first, std::vector<LinkId> routes) {
  return std::make_unique<StoreAndForward>(
      links_with_routes(std::move(parameters), std::move(first), std::move(routes)), Bytes{0});
}
/// The links of a star whose workers share their server's: link 0 leads up to it, link 1 down.
inline Links shared_access(NodeId workers) {
  std::vector<std::size_t> first(2 * static_cast<std::size_t>(workers) + 1);
  std::iota(first.begin(), first.end(), 0);
  std::vector<LinkId> routes(static_cast<std::size_t>(workers), 0);
  routes.resize(2 * static_cast<std::size_t>(workers), 1);
  return links_with_routes(std::vector(2, reference_link), std::move(first), std::move(routes));
}

/// A message that is nothing but its size and a number.
struct Packet {
  Bits size = byte_count(1);
  int number = 0;
};
inline Bits wire_bits(const Packet& packet) {
  return packet.size;
}

/// A message of 1 kB whose life can be watched.
struct Parcel {
  std::shared_ptr<int> token;
};
inline Bits wire_bits(const Parcel&) {
  return byte_count(1'000);
}

/// A node that can compute, as algorithms' agents can.
class Worker : public Node {
 public:
  using Node::Node;

  class SquareRoot final : public Computation {
   public:
    SquareRoot(Simulation& simulation, NodeId id, double x, Duration duration)
        : Computation(simulation, id, duration), x_(x) {}
    ~SquareRoot() { abandon(); }
    double await_resume() {
      wait();
      return root_;
    }

   private:
    void run() override {
      if (x_ < 0) throw std::domain_error("no square root");
      root_ = std::sqrt(x_);
    }
    double x_;
    double root_ = 0;
  };

  /// `co_await self.square_root(x, d)`: after time d, or the error of an x < 0.
  [[nodiscard]] SquareRoot square_root(double x, Duration duration) const {
    return {simulation(), id(), x, duration};
  }

  /// `co_await self.gather_from(node)`: a gather of one neighbour's messages alone.
  [[nodiscard]] Gather<Packet> gather_from(NodeId node) {
    return gather_by<Packet>(Entries(std::vector{entry_from(node)}), {});
  }
};

/// A worker of a star computes for 1 ms, sends to the hub, and waits; the hub answers when all have sent.
inline Process work_in_star(Worker self, NodeId hub, Bits size, int rounds) {
  for (int t = 0; t < rounds; ++t) {
    co_await self.sleep(1ms);
    self.send(hub, Packet{size});
    co_await self.receive<Packet>(hub);
  }
}
inline Process serve_star(Worker self, Bits size, int rounds) {
  for (int t = 0; t < rounds; ++t) {
    co_await self.gather<Packet>();
    self.broadcast(Packet{size});
  }
}

/// Synchronous gossip: compute, send to all, wait for all. ends[t]: when the last node finished round t.
inline Process gossip(Worker self, Bits size, Duration (*compute)(NodeId, int), std::vector<Instant>& ends) {
  for (int t = 0; t < std::ssize(ends); ++t) {
    co_await self.sleep(compute(self.id(), t));
    self.broadcast(Packet{size, t});
    co_await self.gather<Packet>();
    ends[t] = std::max(ends[t], self.now());
  }
}
/// Irregular computation times, so that few events coincide: for node i in round t, both from 0,
///   1 ms (1 + ((7919 i + 104729 t) mod 1000) / 1000).
/// The ends of rounds that follow from them are in sim/networks/README.md.
inline Duration jittered(NodeId i, int t) {
  return 1us * (1'000 + (7919 * i + 104729 * t) % 1'000);
}

/// A simulation with its pool, in which programs are started in one line: program(Worker, arguments...).
class World {
 public:
  World(Adjacency graph, std::unique_ptr<NetworkModel> model, int threads = 1)
      : pool_(threads), simulation_(std::move(graph), std::move(model), pool_) {}
  explicit World(const Adjacency& graph, LinkParameters link = reference_link, std::int64_t header_bytes = 0)
      : World(graph, uniform(graph, link, header_bytes)) {}

  Simulation* operator->() { return &simulation_; }

  template <class Program, class... Arguments>
  void spawn(NodeId node, Program program, Arguments&&... arguments) {
    simulation_.spawn(node, program(Worker(simulation_, node), std::forward<Arguments>(arguments)...));
  }
  /// The same of a program that serves the others and need not end.
  template <class Program, class... Arguments>
  void spawn_in_background(NodeId node, Program program, Arguments&&... arguments) {
    simulation_.spawn(node, program(Worker(simulation_, node), std::forward<Arguments>(arguments)...),
                      Role::background);
  }
  template <class Program, class... Arguments>
  void spawn_everywhere(Program program, Arguments&&... arguments) {
    for (NodeId i = 0; i < simulation_.adjacency().nodes(); ++i) spawn(i, program, arguments...);
  }
  LinkCounters link(LinkId id) const { return simulation_.model().counters(id); }

 private:
  Pool pool_;
  Simulation simulation_;
};

/// An event that calls a function.
struct Call final : Event {
  explicit Call(std::function<void()> f) : function(std::move(f)) {}
  void happen() override { function(); }
  std::function<void()> function;
};

/// The text of the Error that `call` throws; "no error" where it throws none.
template <class Error, class Function>
std::string error_of(Function call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace gossamer

namespace Catch {
template <>
struct StringMaker<gossamer::Instant> {
  static std::string convert(gossamer::Instant instant) { return gossamer::to_string(instant); }
};
}  // namespace Catch
