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

/// From all eigenvalues of a matrix that is known within `uncertainty`: the theorem of Bauer and Fike.
SpectralRadius bauer_fike(const Eigen::MatrixXd& matrix, double uncertainty) {
  const Eigen::EigenSolver<Eigen::MatrixXd> solver(matrix);
  const Eigen::MatrixXd vectors = unit_eigenvectors(solver);
  const double condition = vectors.norm() * vectors.inverse().norm();
  return {solver.eigenvalues().cwiseAbs().maxCoeff(), condition * uncertainty};
}

/// The same, to first order, where one eigenvalue is the greatest: the uncertainty over |y'x|, x and y being
/// its right and left eigenvectors of norm 1. The others, whose eigenvectors may be all but parallel, do not
/// matter.
SpectralRadius greatest_alone(const Eigen::MatrixXd& matrix, double uncertainty) {
  const Eigen::EigenSolver<Eigen::MatrixXd> right(matrix), left(matrix.transpose());
  Eigen::Index k = 0, l = 0;
  const double value = right.eigenvalues().cwiseAbs().maxCoeff(&k);
  (left.eigenvalues().array() - right.eigenvalues()[k]).abs().minCoeff(&l);
  const Eigen::VectorXcd x = right.eigenvectors().col(k), y = left.eigenvectors().col(l);
  return {value, uncertainty * x.norm() * y.norm() / std::abs((x.array() * y.array()).sum())};
}

}  // namespace

SpectralRadius dense_symmetric(const MixingMatrix& mixing) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(deflated(mixing), Eigen::EigenvaluesOnly);
  return {solver.eigenvalues().cwiseAbs().maxCoeff(), mixing.rows() * epsilon};
}

SpectralRadius dense_general(const MixingMatrix& mixing, double deviation) {
  return bauer_fike(deflated(mixing), mixing.rows() * epsilon + deviation);
}

SpectralRadius dense_product(std::span<const MixingMatrix> sequence, double deviation) {
  // M = W_P ... W_1 (I - (1/n) 1 1^T), whose columns sum to 0. It is scaled by powers of 2, which is exact,
  // so that no product is too long.
  const int n = sequence.front().rows();
  Eigen::MatrixXd M = Eigen::MatrixXd::Identity(n, n).array() - 1.0 / n;
  double exponent = 0;
  for (const MixingMatrix& W : sequence) {
    M = W.sparse() * M;
    M.rowwise() -= M.colwise().mean().eval();
    const double largest = M.cwiseAbs().maxCoeff();
    if (largest == 0) return {0, 0};  // They average exactly.
    M *= std::ldexp(1.0, -std::ilogb(largest));
    exponent += std::ilogb(largest);
  }
  const double P = static_cast<double>(sequence.size());
  const double uncertainty = M.norm() * (P * n * epsilon + deviation);
  SpectralRadius radius = bauer_fike(M, uncertainty);
  if (!(radius.error <= 1e-6))
    radius = greatest_alone(M, uncertainty);  // Long products are almost of rank 1.
  const auto [value, error] = radius;
  const auto mean = [&](double of_all) { return std::exp2(exponent / P) * std::pow(of_all, 1 / P); };
  const double least = mean(std::max(value - error, 0.0)), most = mean(value + error);
  return {mean(value), std::max(most - mean(value), mean(value) - least)};
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
