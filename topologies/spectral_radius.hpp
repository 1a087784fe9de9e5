// The spectral radius of W - (1/n) 1 1^T: by how much a round x <- W x shrinks the disagreement.
#pragma once

#include <optional>
#include <span>

#include "topologies/mixing.hpp"

namespace gossamer {

/// The greatest modulus of an eigenvalue, and a bound on its error.
struct SpectralRadius {
  double value;
  double error;
};

/// From all eigenvalues of a W = W^T of moderate size: n^3 operations, error n epsilon.
SpectralRadius dense_symmetric(const MixingMatrix& mixing);

/// The same for any W. The error is that of the theorem of Bauer and Fike: the condition number of the
/// eigenvectors times what the matrix is uncertain by, `deviation` and the backward error of the solver.
SpectralRadius dense_general(const MixingMatrix& mixing, double deviation);

/// The same of W_P ... W_1, to the power 1/P: the mean contraction of a round. `deviation` is the sum of the
/// matrices' own. The error takes it that what was rounded away shrinks as the product does.
SpectralRadius dense_product(std::span<const MixingMatrix> sequence, double deviation);

/// For a W = W^T of any size; the error is the residual |Wv - lambda v|. Nothing where it does not converge
/// within a few seconds' work, counted in operations, not by the clock.
std::optional<SpectralRadius> lanczos(const MixingMatrix& mixing);

}  // namespace gossamer
