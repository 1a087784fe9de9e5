// The certificate that a mixing matrix has to earn: it is doubly stochastic on its graph, and has this
// spectral gap. So do those of a graph that changes.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "topologies/mixing.hpp"
#include "topologies/topology.hpp"

namespace gossamer {

/// What has to sum to 1: rows and columns, so that x <- W x leads to the mean of x and keeps it; or the
/// columns alone, so that it keeps the sum of x, which is what push-sum methods need.
enum class Stochastic { doubly, columns };

/// What is proved about a W that passed the checks. lambda = max(|lambda_2|, |lambda_n|), the spectral radius
/// of W - (1/n) 1 1^T: the disagreement of x <- W x shrinks by lambda a round; where W is not symmetric, in
/// the long run only. Where only columns sum to 1, it is the distance from the limit of W^t x that shrinks
/// so. Of W_1, ..., W_P, repeated in turn, lambda is the mean contraction of a round: the spectral radius of
/// W_P ... W_1 - (1/n) 1 1^T, to the power 1/P.
struct Certificate {
  enum class Method {
    closed_form,    ///< From the Laplacian's extremes, where W = I - w L.
    dense,          ///< All eigenvalues.
    lanczos,        ///< An eigenvalue lies within `error` of the value; see README.md on missed ones.
    not_certified,  ///< `reason` says why.
  };
  Method method = Method::not_certified;
  /// 1 - lambda, at most 1; 0: W does not reach consensus; below 0, which takes negative weights: the
  /// disagreement grows.
  std::optional<double> spectral_gap;
  double error = 0;                    ///< The spectral gap lies within this of the value.
  std::optional<double> lambda_bound;  ///< Where known: no symmetric non-negative W has a lambda below this.
  bool symmetric = false;              ///< W = W^T, to the last bit; so is each of several.
  bool doubly_stochastic = true;       ///< If not, only columns sum to 1, within 1e-12.
  int period = 1;                      ///< P.
  std::string reason;

  std::optional<double> lambda() const {
    return spectral_gap ? std::optional(1 - *spectral_gap) : std::nullopt;
  }
};

/// "closed form", "dense eigenvalues", "Lanczos", "not certified".
std::string_view to_string(Certificate::Method method);

/// Checks that W >= 0, unless negative weights are meant, that its rows and columns sum to 1 within 1e-12, or
/// its columns alone where no more is `required`, and that W_ij = 0 where i and j differ and j may not send
/// to i; then finds the spectral gap, with a bounded amount of work. Throws TopologyError that names the row,
/// column or entry: "mixing matrix: row 3 sums to 0.93, not to 1 (within 1e-12)".
Certificate certify(const MixingMatrix& mixing, const Topology& topology,
                    Stochastic required = Stochastic::doubly);

/// The same of W_1, ..., W_P on a topology of period P, each on the graph of its iteration; errors begin with
/// "iteration 2: ". For P = 1 it is the above.
Certificate certify(std::span<const MixingMatrix> sequence, const Topology& topology,
                    Stochastic required = Stochastic::doubly);

/// The least number of rounds t with lambda^t <= factor, lambda = 1 - spectral_gap; infinity for a gap of 0
/// or below. The gap is at most 1, factor in (0, 1).
double consensus_rounds(double spectral_gap, double factor);

}  // namespace gossamer
