// Families of random graphs.
//
// Each is a function of its fields and the seed, the same on every platform. A graph that is not connected is
// refused, not drawn again: redrawing would change the distribution unnoticed.
#pragma once

#include <cstdint>

#include "sim/required.hpp"
#include "topologies/topology.hpp"

namespace gossamer {

/// G(n, p) [Gilbert 1959].
struct ErdosRenyi {
  Required<int> nodes;
  Required<double> p;
  static void fields(auto& self, auto&& visit) {
    visit("nodes", self.nodes, "[1, inf)", "number of nodes");
    visit("p", self.p, "(0, 1]", "probability of each edge");
  }
  Topology build(std::uint64_t seed) const;
};

/// A random graph in which every node has the same degree: the pairing model [Bollobas 1980], whose loops and
/// repeated edges are then switched away at random; asymptotically uniform for a fixed degree. From
/// degree 3 on it is rarely not connected, with a probability of order n^-2 or less.
struct RandomRegular {
  Required<int> nodes;
  Required<int> degree;
  static void fields(auto& self, auto&& visit) {
    visit("nodes", self.nodes, "[2, inf)", "number of nodes");
    visit("degree", self.degree, "[1, inf)", "neighbours of each node, below nodes; nodes * degree is even");
  }
  Topology build(std::uint64_t seed) const;
};

/// A small world [Watts, Strogatz 1998]: a ring in which each node is joined to its k nearest, and each edge
/// is rewired with probability p. In k/2 laps, nearest neighbours first, node u and its edge {u, u + s} are
/// considered in turn; rewiring puts in its place {u, w}, with w uniform among the nodes that u is not joined
/// to. A node that is joined to all others keeps its edge. There are nk/2 edges, and every node has at least
/// k/2.
struct WattsStrogatz {
  Required<int> nodes;
  Required<int> k;
  Required<double> p;
  static void fields(auto& self, auto&& visit) {
    visit("nodes", self.nodes, "[3, inf)", "number of nodes");
    visit("k", self.k, "[2, inf)", "neighbours of each node in the ring, an even number below nodes");
    visit("p", self.p, "[0, 1]", "probability that an edge is rewired");
  }
  Topology build(std::uint64_t seed) const;
};

/// Growth with preferential attachment [Barabasi, Albert 1999]. Node m is joined to the nodes 0, ..., m - 1;
/// each later node to m different earlier ones, drawn one after the other with probabilities proportional to
/// the degrees that they had before it came. There are m (n - m) edges, and the graph is always connected.
struct BarabasiAlbert {
  Required<int> nodes;
  Required<int> m;
  static void fields(auto& self, auto&& visit) {
    visit("nodes", self.nodes, "[2, inf)", "number of nodes");
    visit("m", self.m, "[1, inf)", "edges that each new node brings, below nodes");
  }
  Topology build(std::uint64_t seed) const;
};

/// A random geometric graph [Gilbert 1961]: points that are uniform in the unit square, joined where their
/// distance is at most the radius. Node i is the i-th point, x drawn before y.
struct Geometric {
  Required<int> nodes;
  Required<double> radius;
  static void fields(auto& self, auto&& visit) {
    visit("nodes", self.nodes, "[1, inf)", "number of nodes");
    visit("radius", self.radius, "(0, inf)",
          "greatest distance of nodes that are joined; the square has side 1");
  }
  Topology build(std::uint64_t seed) const;
};

}  // namespace gossamer
