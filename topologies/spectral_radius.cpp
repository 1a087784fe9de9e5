#include "topologies/spectral_radius.hpp"

#include <Spectra/SymEigsSolver.h>

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace gossamer {
namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

Eigen::MatrixXd deflated(const MixingMatrix& mixing) {
  const double n = mixing.rows();
  return Eigen::MatrixXd(mixing.sparse()).array() - 1 / n;
}

/// x -> (W - (1/n) 1 1^T) x, as Spectra wants it.
class Deflated {
 public:
  using Scalar = double;
  explicit Deflated(const MixingMatrix& mixing) : weights_(mixing.sparse()) {}
  Eigen::Index rows() const { return weights_.rows(); }
  Eigen::Index cols() const { return weights_.cols(); }
  void perform_op(const double* in, double* out) const {
    const Eigen::Map<const Eigen::VectorXd> x(in, rows());
    Eigen::Map<Eigen::VectorXd> y(out, rows());
    y.noalias() = weights_ * x;
    y.array() -= x.mean();
  }

 private:
  const MixingMatrix::Sparse& weights_;
};

/// Eigenvectors of norm 1, where each pair of conjugate ones, v and its conjugate, is replaced by sqrt(2) Re
/// v and sqrt(2) Im v: the same up to a unitary factor, so that norms, also of the inverse, are those of the
/// eigenvectors.
Eigen::MatrixXd unit_eigenvectors(const Eigen::EigenSolver<Eigen::MatrixXd>& solver) {
  Eigen::MatrixXd vectors = solver.pseudoEigenvectors();
  for (Eigen::Index k = 0; k < vectors.cols(); ++k) {
    if (solver.eigenvalues()[k].imag() == 0) {
      vectors.col(k).normalize();
    } else {
      auto pair = vectors.middleCols(k++, 2);
      pair *= std::sqrt(2.) / pair.norm();
    }
  }
  return vectors;
}

}  // namespace

SpectralRadius dense_symmetric(const MixingMatrix& mixing) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(deflated(mixing), Eigen::EigenvaluesOnly);
  return {solver.eigenvalues().cwiseAbs().maxCoeff(), mixing.rows() * epsilon};
}

SpectralRadius dense_general(const MixingMatrix& mixing, double deviation) {
  const Eigen::EigenSolver<Eigen::MatrixXd> solver(deflated(mixing));
  const Eigen::MatrixXd vectors = unit_eigenvectors(solver);
  const double condition = vectors.norm() * vectors.inverse().norm();
  return {solver.eigenvalues().cwiseAbs().maxCoeff(), condition * (mixing.rows() * epsilon + deviation)};
}

std::optional<SpectralRadius> lanczos(const MixingMatrix& mixing) {
  constexpr std::int64_t affordable = 20'000'000'000, basis = 32;
  const std::int64_t product = mixing.sparse().nonZeros() + 6 * basis * mixing.rows();
  const std::int64_t restarts = affordable / std::max<std::int64_t>(basis / 2 * product, 1);
  Deflated matrix(mixing);
  Spectra::SymEigsSolver<Deflated> solver(matrix, 1, basis);
  solver.init();
  solver.compute(Spectra::SortRule::LargestMagn, std::max<std::int64_t>(restarts, 1), 1e-9);
  if (solver.info() != Spectra::CompInfo::Successful) return std::nullopt;

  const double value = solver.eigenvalues()[0];
  const Eigen::VectorXd vector = solver.eigenvectors().col(0).normalized();
  Eigen::VectorXd residual(vector.size());
  matrix.perform_op(vector.data(), residual.data());
  residual -= value * vector;
  return SpectralRadius{std::abs(value), residual.norm() + 8 * epsilon};
}

}  // namespace gossamer
