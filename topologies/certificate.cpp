#include "topologies/certificate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "topologies/spectral_radius.hpp"
#include "topologies/sum.hpp"

namespace gossamer {
namespace {

using Method = Certificate::Method;

[[noreturn]] void refuse(const std::string& what) {
  throw TopologyError("mixing matrix: " + what);
}

/// How far `sum` is from 1. Refuses it beyond 1e-12.
double require_one(double sum, const char* line, int number) {
  const double deviation = std::abs(sum - 1);
  if (deviation <= 1e-12) return deviation;
  refuse(fmt::format("{} {} sums to {:.15g}, not to 1 (within 1e-12)", line, number, sum));
}

/// The largest |row sum - 1| or |column sum - 1|. Refuses what is not doubly stochastic, or not on the graph.
double require_doubly_stochastic(const MixingMatrix& mixing, const Graph& graph) {
  const int nodes = node_count(graph);
  if (mixing.rows() != nodes)
    refuse(fmt::format("it has {} rows; the graph has {} nodes", mixing.rows(), nodes));
  double deviation = 0;
  std::vector<Sum> columns(nodes);
  for (int i = 0; i < nodes; ++i) {
    const auto [row_columns, weights] = mixing.row(i);
    const auto around = neighbors(graph, i);
    auto neighbor = around.begin();
    Sum row;
    for (std::size_t k = 0; k < weights.size(); ++k) {
      const int j = row_columns[k];
      if (!(weights[k] >= 0))
        refuse(fmt::format("entry ({}, {}) is {:.6g}; allowed: at least 0", i, j, weights[k]));
      while (neighbor != around.end() && *neighbor < j) ++neighbor;
      const bool linked = i == j || (neighbor != around.end() && *neighbor == j);
      if (!linked && weights[k] != 0) {
        refuse(fmt::format("entry ({}, {}) is {:.6g}, but nodes {} and {} are not linked; allowed: 0", i, j,
                           weights[k], i, j));
      }
      row.add(weights[k]);
      columns[j].add(weights[k]);
    }
    deviation = std::max(deviation, require_one(row.value(), "row", i));
  }
  for (int j = 0; j < nodes; ++j)
    deviation = std::max(deviation, require_one(columns[j].value(), "column", j));
  return deviation;
}

bool is_symmetric(const MixingMatrix& mixing) {
  const MixingMatrix::Sparse& weights = mixing.sparse();
  const MixingMatrix::Sparse transposed = weights.transpose();
  return MixingMatrix::Sparse(weights - transposed).norm() == 0;
}

/// w where W = I - w L up to its diagonal: every edge has the weight w.
std::optional<double> common_weight(const MixingMatrix& mixing, const Graph& graph) {
  std::optional<double> common;
  std::int64_t entries = 0;
  for (int i = 0; i < mixing.rows(); ++i) {
    const auto [columns, weights] = mixing.row(i);
    for (std::size_t k = 0; k < weights.size(); ++k) {
      if (columns[k] == i || weights[k] == 0) continue;
      if (weights[k] != common.value_or(weights[k])) return std::nullopt;
      common = weights[k];
      ++entries;
    }
  }
  return entries == 2 * std::int64_t{edge_count(graph)} ? common : std::nullopt;
}

}  // namespace

std::string_view to_string(Method method) {
  switch (method) {
    case Method::closed_form:
      return "closed form";
    case Method::dense:
      return "dense eigenvalues";
    case Method::lanczos:
      return "Lanczos";
    case Method::not_certified:
      break;
  }
  return "not certified";
}

Certificate certify(const MixingMatrix& mixing, const Topology& topology) {
  constexpr int dense_limit = 1000;
  const double deviation = require_doubly_stochastic(mixing, topology.graph);
  Certificate certificate;
  certificate.symmetric = is_symmetric(mixing);
  certificate.lambda_bound = mixing.lambda_bound();
  const auto conclude = [&](Method method, double gap, double error) {
    certificate.method = method;
    certificate.spectral_gap = std::clamp(gap, 0.0, 1.0);
    certificate.error = error + deviation;
    return certificate;
  };

  if (mixing.rows() == 1) return conclude(Method::closed_form, 1, 0);
  const std::optional<double> weight = common_weight(mixing, topology.graph);
  if (topology.laplacian && weight) {
    // lambda = max(|1 - w mu|) over the extreme mu; the gap itself, so that it keeps its digits where
    // it is tiny.
    const auto [smallest, largest] = *topology.laplacian;
    return conclude(Method::closed_form, std::min(*weight * smallest, 2 - *weight * largest),
                    4 * std::numeric_limits<double>::epsilon());
  }
  if (mixing.rows() <= dense_limit) {
    const auto [value, error] =
        certificate.symmetric ? dense_symmetric(mixing) : dense_general(mixing, deviation);
    if (error <= 1e-6) return conclude(Method::dense, 1 - value, error);
    certificate.reason =
        "W is so far from having orthogonal eigenvectors that rounding decides its eigenvalues";
  } else if (!certificate.symmetric) {
    certificate.reason = fmt::format("W is neither symmetric nor of at most {} rows", dense_limit);
  } else if (const auto radius = lanczos(mixing)) {
    const double gap = std::max(1 - radius->value, 0.0);
    if (radius->error <= std::max(gap / 10, 1e-12)) return conclude(Method::lanczos, gap, radius->error);
    certificate.reason = fmt::format("the spectral gap, at most {:.1e}, is too small for Lanczos", gap);
  } else {
    certificate.reason = "Lanczos did not converge within the work that one certificate may cost";
  }
  return certificate;
}

double consensus_rounds(double spectral_gap, double factor) {
  if (spectral_gap == 0) return std::numeric_limits<double>::infinity();
  return std::max(1.0, std::ceil(std::log(factor) / std::log1p(-spectral_gap)));
}

}  // namespace gossamer
