// Families: the named topologies. Each is a struct of its parameters. Random ones are in random_families.hpp,
// observed ones in social_graphs.hpp.
//
// build(seed) is a function of the fields and the seed alone; only random families use the seed. It throws
// TopologyError if the fields give no graph, or one that is not connected. fields(self, visit) calls
// visit(key, field, domain, description) for each parameter.
#pragma once

#include <cstdint>
#include <string>

#include "sim/required.hpp"
#include "topologies/topology.hpp"

namespace gossamer {

/// What the families have in common whose only parameter is their size.
struct Sized {
  Required<int> nodes;
  static void fields(auto& self, auto&& visit) { visit("nodes", self.nodes, "[1, inf)", "number of nodes"); }
};

/// 0 - 1 - ... - (n - 1) - 0.
struct Ring : Sized {
  Topology build(std::uint64_t seed) const;
};

/// 0 - 1 - ... - (n - 1).
struct Path : Sized {
  Topology build(std::uint64_t seed) const;
};

/// The most square r x c = n with r <= c, numbered row by row; every row and every column is a ring. A side
/// of 2 gives single edges, a side of 1 none: for a prime n it is the ring.
struct Torus : Sized {
  Topology build(std::uint64_t seed) const;
};

/// Like the torus, with paths in place of rings.
struct Grid : Sized {
  Topology build(std::uint64_t seed) const;
};

/// Every node with every other.
struct Complete : Sized {
  Topology build(std::uint64_t seed) const;
};

/// Two cliques, on the first n/2 nodes and on the others, joined by one edge: the last node of the one with
/// the first node of the other. Of an odd number the first clique has one node more.
struct TwoCliques : Sized {
  Topology build(std::uint64_t seed) const;
};

/// Nodes whose binary numbers differ in one digit.
struct Hypercube {
  Required<int> nodes;
  static void fields(auto& self, auto&& visit) {
    visit("nodes", self.nodes, "[1, inf)", "number of nodes, a power of 2");
  }
  Topology build(std::uint64_t seed) const;
};

/// The workers 0, ..., n - 1, each with the server, node n.
struct Star {
  static constexpr bool counts_workers = true;  ///< And not the last node, which is a server or can be.
  static constexpr bool may_have_server = true;
  Required<int> nodes;
  static void fields(auto& self, auto&& visit) {
    visit("nodes", self.nodes, "[1, inf)", "number of workers; the server is one more node, numbered last");
  }
  Topology build(std::uint64_t seed) const;
};

/// Filled level by level, as a heap is: the parent of i is (i - 1) / branching.
struct Tree {
  Required<int> nodes;
  int branching = 2;
  static void fields(auto& self, auto&& visit) {
    visit("nodes", self.nodes, "[1, inf)", "number of nodes");
    visit("branching", self.branching, "[1, inf)", "children of each node");
  }
  Topology build(std::uint64_t seed) const;
};

/// The static exponential graph, undirected: i with i +- 2^k mod n, for every 2^k < n [Ying et al. 2021].
struct Exponential : Sized {
  Topology build(std::uint64_t seed) const;
};

}  // namespace gossamer
