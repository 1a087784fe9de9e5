// SpeedProfile: how fast things are over time, as a share of their full speed.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/units.hpp"

namespace gossamer {

/// A piecewise constant speed, from 0 on: 1 until the first piece, and the last one's for ever. Exact in
/// integers: shares are multiples of 2^-20.
class SpeedProfile {
 public:
  SpeedProfile() = default;  ///< 1 for ever.
  /// Pieces "10s 0.25": from 10 s on a quarter of the full speed. Throws std::invalid_argument for what is no
  /// such piece, for times that do not ascend, for shares outside [0, 1000], and for a last share of 0.
  explicit SpeedProfile(std::span<const std::string> pieces);

  bool is_constant() const { return pieces_.empty(); }
  /// When work ends that is begun at `begin` and takes `work` at full speed; rounded up to a nanosecond.
  /// Throws std::overflow_error where the clock cannot hold it.
  Instant end_of(Instant begin, Duration work) const;

 private:
  struct Piece {
    Instant begin;
    std::int64_t share;  // Of 2^20.
  };
  std::vector<Piece> pieces_;  // Ascending; the first one begins at 0.
};

}  // namespace gossamer
