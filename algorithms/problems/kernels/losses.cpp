#include "algorithms/problems/kernels/losses.hpp"

#include <algorithm>
#include <cmath>

#include "algorithms/vectors/lanes.hpp"

namespace gossamer {
namespace {

using kernels::Lanes;

void flip_negatives(std::span<const std::int32_t> labels, double* z) {
  for (std::size_t r = 0; r < labels.size(); ++r) z[r] = labels[r] == 1 ? z[r] : -z[r];
}

}  // namespace

int LogisticLoss::differentiate(std::span<const std::int32_t> labels, double* z, double* losses) const {
  int right = 0;
  if (losses) {
    for (std::size_t r = 0; r < labels.size(); ++r) {
      const bool positive = zero_is_negative ? z[r] > 0 : z[r] >= 0;
      right += positive == (labels[r] == 1);
    }
  }
  flip_negatives(labels, z);
  for (std::size_t r = 0; r < labels.size(); r += Lanes::size) {
    // log(1 + exp(-m)) overflows for m << 0 and loses all digits for m >> 0; written with t it does neither.
    const Lanes::Register m = kernels::load<Lanes>(z + r).value, one{1, 1, 1, 1};
    const Lanes t = kernels::exp_of_negative({m < 0 ? m : -m});
    if (losses) kernels::store(losses + r, Lanes{kernels::log_of_1_plus(t).value + (m < 0 ? -m : 0 * one)});
    kernels::store(z + r, Lanes{(m < 0 ? one : t.value) / (-1 - t.value)});  // -1 / (1 + exp(m))
  }
  flip_negatives(labels, z);
  return right;
}

int HingeLoss::differentiate(std::span<const std::int32_t> labels, double* z, double* losses) const {
  int right = 0;
  for (std::size_t r = 0; r < labels.size(); ++r) {
    const double y = labels[r] == 1 ? 1 : -1, loss = 1 - y * z[r];
    const bool enough = loss <= 0;  // Not where z is no number, so that it shows.
    if (losses) {
      right += (z[r] >= 0) == (labels[r] == 1);
      losses[r] = enough ? 0 : loss;
    }
    z[r] = enough ? 0 : -y;
  }
  return right;
}

int SquaredLoss::differentiate(std::span<const std::int32_t> labels, double* z, double* losses) const {
  for (std::size_t r = 0; r < labels.size(); ++r) {
    z[r] -= values[static_cast<std::size_t>(labels[r])];
    if (losses) losses[r] = z[r] * z[r] / 2;
  }
  return 0;
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
  for (Index k = 0; k < std::ssize(labels) * classes; k += Lanes::size) {
    kernels::store(z + k, kernels::exp_of_negative(kernels::load<Lanes>(z + k)));
  }
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

int differentiate(const Loss& loss, std::span<const std::int32_t> labels, double* z, double* losses) {
  return std::visit([&](const auto& l) { return l.differentiate(labels, z, losses); }, loss);
}

}  // namespace gossamer
