// SpeedProfile: how fast things are over time, as a share of their full speed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/units.hpp"

namespace gossamer {

/// A piecewise constant speed, from 0 on: 1 until the first piece, and the last one's for ever. Exact in
/// integers: shares are multiples of 2^-20.
class SpeedProfile {
 public:
  SpeedProfile() = default;  ///< 1 for ever.
  /// Pieces "10s 0.25": from 10 s on a quarter of the full speed. Throws SettingError, with the number of the
  /// piece, for what is no such piece, for times that do not ascend, for shares outside [0, 1000], and for a
  /// last share of 0.
  explicit SpeedProfile(std::span<const std::string> pieces);
  /// Adds one piece, "10s" and "0.25". Throws std::invalid_argument for the same, but for the last share,
  /// which the next may follow.
  void add(std::string_view when, std::string_view share);
  /// Whether it is not for ever 0.
  bool goes_on() const { return pieces_.empty() || pieces_.back().share > 0; }

  /// When work ends that is begun at `begin` and takes `work` at full speed; rounded up to a nanosecond.
  /// Throws std::overflow_error where the clock cannot hold it.
  Instant end_of(Instant begin, Duration work) const;
  /// The share at t, in units of 1 / full.
  static constexpr std::int64_t full = 1 << 20;
  std::int64_t share_at(Instant t) const;
  /// When the piece ends that holds t; nothing if it is the last.
  std::optional<Instant> next_change(Instant t) const;

 private:
  struct Piece {
    Instant begin;
    std::int64_t share;  // In units of 1 / full.
  };
  /// Precondition: there are pieces.
  std::vector<Piece>::const_iterator piece_at(Instant t) const;
  std::vector<Piece> pieces_;  // Ascending; the first one begins at 0.
};

}  // namespace gossamer
