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

constexpr int dense_limit = 1000;  // Rows.
constexpr auto ill_conditioned =
    "W is so far from having orthogonal eigenvectors that rounding decides its eigenvalues";

constexpr double grows = std::numeric_limits<double>::lowest();

/// What rounding can take a gap below: without negative weights lambda is at most 1.
double least_gap(const MixingMatrix& mixing) {
  return mixing.facts().may_be_negative ? grows : 0;
}

[[noreturn]] void refuse(const std::string& what) {
  throw TopologyError("mixing matrix: " + what);
}

/// Refuses entries that are negative, or where j may not send to i.
void require_support(const MixingMatrix& mixing, const Topology& topology) {
  const Graph senders = topology.directed ? reversed(topology.graph) : Graph();
  const auto node = [&](int i) { return text_of_node(topology.names, i); };
  for (int i = 0; i < mixing.rows(); ++i) {
    const auto [columns, weights] = mixing.row(i);
    const auto around = neighbors(topology.directed ? senders : topology.graph, i);
    auto neighbor = around.begin();
    for (std::size_t k = 0; k < weights.size(); ++k) {
      const int j = columns[k];
      const bool has_sign = weights[k] >= 0 || mixing.facts().may_be_negative;
      if (!has_sign || !std::isfinite(weights[k])) {
        refuse(fmt::format("entry ({}, {}) is {:.6g}; allowed: {}", i, j, weights[k],
                           std::isfinite(weights[k]) ? "at least 0 (or, of a file, negative_weights: true)"
                                                     : "finite numbers"));
      }
      while (neighbor != around.end() && *neighbor < j) ++neighbor;
      const bool linked = i == j || (neighbor != around.end() && *neighbor == j);
      if (linked || weights[k] == 0) continue;
      refuse(fmt::format("entry ({}, {}) is {:.6g}, but ", i, j, weights[k]) +
             (topology.directed
                  ? fmt::format("node {} does not send to node {}; allowed: 0", node(j), node(i))
                  : fmt::format("nodes {} and {} are not linked; allowed: 0", node(i), node(j))));
    }
  }
}

/// The sums of the rows, or of the columns.
struct Sums {
  Sums(const char* what, const std::vector<Sum>& sums) {
    for (std::size_t k = 0; k < sums.size(); ++k) {
      const double sum = sums[k].value();
      deviation = std::max(deviation, std::abs(sum - 1));
      if (std::abs(sum - 1) <= 1e-12 || !wrong.empty()) continue;
      wrong = fmt::format("{} {} sums to {:.15g}, not to 1 (within 1e-12){}", what, k, sum,
                          std::abs(sum - 1) <= MixingFile::normalizable
                              ? "; of a file with few digits, normalize: true makes it 1"
                              : "");
    }
  }
  double deviation = 0;  // The largest from 1.
  std::string wrong;     // The first that is not 1.
};

/// What rows and columns sum to: whether it is doubly stochastic, and by how much sums differ from 1 that
/// should not. Refuses what is not as it is required.
std::pair<bool, double> require_stochastic(const MixingMatrix& mixing, const Topology& topology,
                                           Stochastic required) {
  const int nodes = node_count(topology.graph);
  if (mixing.rows() != nodes)
    refuse(fmt::format("it has {} rows; the graph has {} nodes", mixing.rows(), nodes));
  require_support(mixing, topology);
  std::vector<Sum> of_rows(nodes), of_columns(nodes);
  for (int i = 0; i < nodes; ++i) {
    const auto [row_columns, weights] = mixing.row(i);
    for (std::size_t k = 0; k < weights.size(); ++k) {
      of_rows[i].add(weights[k]);
      of_columns[row_columns[k]].add(weights[k]);
    }
  }
  const Sums rows("row", of_rows), columns("column", of_columns);
  const bool doubly = rows.wrong.empty();
  if (!columns.wrong.empty()) refuse(doubly ? columns.wrong : rows.wrong);
  if (!doubly && required == Stochastic::doubly) {
    refuse(rows.wrong + "; all columns do, which is enough for push-sum methods only");
  }
  return {doubly, std::max(columns.deviation, doubly ? rows.deviation : 0)};
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

Certificate certify(const MixingMatrix& mixing, const Topology& topology, Stochastic required) {
  Certificate certificate;
  const auto [doubly, deviation] = require_stochastic(mixing, topology, required);
  certificate.doubly_stochastic = doubly;
  certificate.symmetric = is_symmetric(mixing);
  certificate.lambda_bound = mixing.facts().lambda_bound;
  const auto conclude = [&, deviation = deviation](Method method, double gap, double error) {
    certificate.method = method;
    certificate.spectral_gap = std::clamp(gap, least_gap(mixing), 1.0);
    certificate.error = error + deviation;
    return certificate;
  };

  if (mixing.rows() == 1) return conclude(Method::closed_form, 1, 0);
  const std::optional<double> weight = common_weight(mixing, topology.graph);
  if (topology.laplacian && weight) {
    // lambda = max(|1 - w mu|) over the extreme mu; the gap itself, so that it keeps its digits where
    // it is tiny.
    const auto [smallest, largest] = *topology.laplacian;
    return conclude(Method::closed_form,
                    std::min({*weight * smallest, *weight * largest, 2 - *weight * largest}),
                    4 * std::numeric_limits<double>::epsilon());
  }
  if (mixing.rows() <= dense_limit) {
    const auto [value, error] =
        certificate.symmetric ? dense_symmetric(mixing) : dense_general(mixing, deviation);
    if (error <= 1e-6) return conclude(Method::dense, 1 - value, error);
    certificate.reason = ill_conditioned;
  } else if (!certificate.symmetric) {
    certificate.reason = fmt::format("W is neither symmetric nor of at most {} rows", dense_limit);
  } else if (const auto radius = lanczos(mixing)) {
    const double gap = std::max(1 - radius->value, least_gap(mixing));
    if (radius->error <= std::max(std::abs(gap) / 10, 1e-12))
      return conclude(Method::lanczos, gap, radius->error);
    certificate.reason = fmt::format("the spectral gap, at most {:.1e}, is too small for Lanczos", gap);
  } else {
    certificate.reason = "Lanczos did not converge within the work that one certificate may cost";
  }
  return certificate;
}

namespace {

/// The certificate of several W in turn.
Certificate certify_product(std::span<const MixingMatrix> sequence, const Topology& topology,
                            Stochastic required) {
  Certificate certificate;
  certificate.period = period(topology);
  certificate.symmetric = true;
  double deviation = 0, products = 0;  // Multiplications for W_P ... W_1.
  for (std::size_t k = 0; k < sequence.size(); ++k) {
    try {
      const auto [doubly, its] = require_stochastic(sequence[k], topology.phases[k], required);
      certificate.doubly_stochastic = certificate.doubly_stochastic && doubly;
      deviation += its;
    } catch (const TopologyError& error) {
      throw TopologyError(fmt::format("iteration {}: {}", k + 1, error.what()));
    }
    certificate.symmetric = certificate.symmetric && is_symmetric(sequence[k]);
    products += static_cast<double>(sequence[k].sparse().nonZeros()) * sequence[k].rows();
  }
  constexpr double affordable = 5e9;
  if (sequence.front().rows() > dense_limit || products > affordable) {
    certificate.reason = fmt::format(
        "the product of {} matrices of {} rows takes too long; it is made of up to {} rows, and of {:g} "
        "multiplications in all",
        sequence.size(), sequence.front().rows(), dense_limit, affordable);
    return certificate;
  }
  const auto [value, error] = dense_product(sequence, deviation);
  if (!(error <= 1e-6)) {
    certificate.reason = ill_conditioned;
    return certificate;
  }
  certificate.method = Method::dense;
  const bool may_grow = std::ranges::any_of(sequence, [](const auto& w) { return least_gap(w) < 0; });
  certificate.spectral_gap = std::clamp(1 - value, may_grow ? grows : 0.0, 1.0);
  certificate.error = error;
  return certificate;
}

}  // namespace

Certificate certify(std::span<const MixingMatrix> sequence, const Topology& topology, Stochastic required) {
  if (std::ssize(sequence) != period(topology)) throw std::invalid_argument("a W for each iteration");
  return sequence.size() == 1 ? certify(sequence.front(), topology, required)
                              : certify_product(sequence, topology, required);
}

double consensus_rounds(double spectral_gap, double factor) {
  if (spectral_gap <= 0) return std::numeric_limits<double>::infinity();
  return std::max(1.0, std::ceil(std::log(factor) / std::log1p(-spectral_gap)));
}

}  // namespace gossamer
