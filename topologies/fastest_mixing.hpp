// The fastest symmetric averaging on a graph, with a proof that none is faster.
#pragma once

#include <Eigen/Core>
#include <array>

#include "topologies/graph.hpp"

namespace gossamer {

struct FastestMixing {
  Eigen::MatrixXd weights;  ///< W off its diagonal, n x n, symmetric, in multiples of 2^-50; 0 on it.
  double lambda_bound = 0;  ///< No symmetric non-negative W on the graph has a lambda below this.
};

/// Minimizes lambda, the spectral radius of W - (1/n) 1 1^T, over the symmetric non-negative W on the graph
/// whose rows sum to 1: the fastest mixing Markov chain [Boyd, Diaconis, Xiao 2004], a convex problem.
/// Without W >= 0 it is that of Xiao and Boyd [2004]. The W found is proved optimal up to 1e-6 of its
/// spectral gap: lambda - lambda_bound <= 1e-6 (1 - lambda). Throws TopologyError for more than 400 nodes or
/// 3000 edges, for a graph that is not connected, and where rounding hides the optimum, as it may where the
/// spectral gap is below 1e-4.
FastestMixing fastest_mixing(const Graph& graph);

/// A number that lambda of no symmetric non-negative W on the graph is below, rounding included. Any
/// multipliers give one, those of the optimum the greatest: P_1 and P_2, n x n, symmetric and positive
/// semidefinite, of W - (1/n) 1 1^T <= lambda I and of >= -lambda I, and v, n values, of W_ii >= 0.
double lambda_bound(const Graph& graph, const std::array<Eigen::MatrixXd, 2>& P, const Eigen::VectorXd& v);

}  // namespace gossamer
