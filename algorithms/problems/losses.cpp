#include "algorithms/problems/losses.hpp"

#include <algorithm>
#include <cmath>

namespace gossamer {
namespace {

/// The first `size` doubles, and up to three more, as whole packets.
auto packets(double* values, std::size_t size) {
  return Eigen::Map<Vector, Eigen::Aligned32>(values, static_cast<Index>((size + 3) / 4 * 4));
}

void flip_negatives(std::span<const std::int32_t> labels, double* z) {
  for (std::size_t r = 0; r < labels.size(); ++r) z[r] = labels[r] == 1 ? z[r] : -z[r];
}

}  // namespace

int LogisticLoss::differentiate(std::span<const std::int32_t> labels, double* z, double* losses) const {
  int right = 0;
  if (losses) {
    for (std::size_t r = 0; r < labels.size(); ++r) right += (z[r] >= 0) == (labels[r] == 1);
  }
  flip_negatives(labels, z);
  auto margins = packets(z, labels.size());
  // log(1 + exp(-m)) overflows for m << 0 and loses all digits for m >> 0; this form does neither.
  if (losses) packets(losses, labels.size()) = (-margins.abs()).exp().log1p() + (-margins).max(0.0);
  margins = -1 / (1 + margins.exp());
  flip_negatives(labels, z);
  return right;
}

int SoftmaxLoss::differentiate(std::span<const std::int32_t> labels, double* z, double* losses) const {
  int right = 0;
  for (std::size_t r = 0; r < labels.size(); ++r) {
    double* const z_r = z + static_cast<Index>(r) * classes;
    const double* const largest = std::max_element(z_r, z_r + classes);
    const double shift = *largest;
    if (losses) {
      right += largest - z_r == labels[r];
      losses[r] = shift - z_r[labels[r]];
    }
    // exp(z - max) does not overflow, and the sum is at least 1.
    for (int c = 0; c < classes; ++c) z_r[c] -= shift;
  }
  auto exponentials = packets(z, labels.size() * static_cast<std::size_t>(classes));
  exponentials = exponentials.exp();
  for (std::size_t r = 0; r < labels.size(); ++r) {
    double* const z_r = z + static_cast<Index>(r) * classes;
    double sum = 0;
    for (int c = 0; c < classes; ++c) sum += z_r[c];
    if (losses) losses[r] += std::log(sum);
    for (int c = 0; c < classes; ++c) z_r[c] /= sum;
    z_r[labels[r]] -= 1;
  }
  return right;
}

}  // namespace gossamer
