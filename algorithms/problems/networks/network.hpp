// Network: gradients and losses of an architecture whose parameters lie in one flat vector.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "algorithms/problems/networks/shape.hpp"

namespace gossamer::networks {

/// Rows of images and their classes.
struct Images {
  const std::uint8_t* pixels = nullptr;  ///< [row, channel, y, x]
  const std::int32_t* labels = nullptr;  ///< [row], in {0, ..., classes - 1}
};

/// What is made of the bytes of a pixel: (byte / 255 - mean) / deviation, for each channel.
struct Normalization {
  std::vector<double> mean, deviation;
};
/// Those of all pixels of these rows.
Normalization normalization_of(Images images, std::int64_t rows, const Shape& shape);

/// How images change in training.
struct Augmentation {
  std::int64_t crop = 0;  ///< Moved by up to so many pixels each way; zeros come in.
  bool flip = false;      ///< Mirrored left to right, one of two.
};

/// The sum of the cross-entropies, and how many rows are classified right.
struct Sums {
  double loss = 0;
  std::int64_t right = 0;
};

/// Computes in Real, float or double, on one thread. Every call depends on its arguments alone. x and
/// gradients have dimension() numbers, states state_size(): the running means and variances of BatchNorm.
template <class Real>
class Network {
 public:
  /// Throws std::invalid_argument where the architecture is unknown or does not suit the images.
  Network(const Architecture& architecture, const Shape& shape, Normalization normalization,
          Augmentation augmentation);
  ~Network();

  std::int64_t dimension() const;   ///< d.
  std::int64_t state_size() const;  ///< s.
  /// How many numbers of x each weight and each bias has, in order.
  std::vector<std::int64_t> layers() const;

  void initial_point(std::uint64_t seed, Real* x, Real* state);

  /// The gradient of the mean cross-entropy of these rows at x. In training images are augmented by the seed,
  /// BatchNorm uses the batch's statistics, and state_out is the state after it; otherwise the state's, and
  /// state_out is state_in.
  void gradient(const Real* x, const Real* state_in, Images images, const std::int32_t* rows,
                std::int64_t count, std::uint64_t seed, bool training, Real* result, Real* state_out);

  /// With `batch_statistics` BatchNorm uses those of the rows in place of the state's.
  Sums evaluate(const Real* x, const Real* state, Images images, const std::int32_t* rows, std::int64_t count,
                bool batch_statistics);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace gossamer::networks
