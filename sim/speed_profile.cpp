#include "sim/speed_profile.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "sim/setting_error.hpp"
#include "sim/text_file.hpp"

namespace gossamer {
namespace {

[[noreturn]] void refuse(const std::string& piece, const char* what) {
  throw std::invalid_argument(
      "'" + piece + "' " + what +
      "; it takes `10s 0.25`: from when on, and which share of the full speed, up to 1000");
}

}  // namespace

SpeedProfile::SpeedProfile(std::span<const std::string> pieces) {
  for (std::size_t k = 0; k < pieces.size(); ++k) {
    try {
      const auto words = words_of(pieces[k]);
      if (words.size() != 2) refuse(pieces[k], "is no piece");
      add(words[0], words[1]);
      if (k + 1 == pieces.size() && !goes_on())
        refuse(pieces[k], "is the last piece, whose share cannot be 0");
    } catch (const std::invalid_argument& error) {
      throw SettingError(std::to_string(k), error.what());
    }
  }
}

void SpeedProfile::add(std::string_view when, std::string_view share) {
  const std::string piece = std::string(when) + (share.empty() ? "" : " ") + std::string(share);
  const auto begin = parse_duration(when);
  const auto number = parse_number<double>(share);
  if (!begin || !number) refuse(piece, "is no piece");
  if (!(*number >= 0 && *number <= 1000)) refuse(piece, "has no such share");
  if (!pieces_.empty() && Instant{*begin} <= pieces_.back().begin) {
    refuse(piece, "comes no later than the piece above");
  }
  if (pieces_.empty() && *begin > Duration::zero()) pieces_.push_back({Instant{}, full});
  pieces_.push_back({Instant{*begin}, std::llround(*number * full)});
}

std::vector<SpeedProfile::Piece>::const_iterator SpeedProfile::piece_at(Instant t) const {
  return std::ranges::upper_bound(pieces_, t, {}, &Piece::begin) - 1;
}

std::int64_t SpeedProfile::share_at(Instant t) const {
  return pieces_.empty() ? full : piece_at(t)->share;
}

std::optional<Instant> SpeedProfile::next_change(Instant t) const {
  if (pieces_.empty()) return std::nullopt;
  const auto next = piece_at(t) + 1;
  return next == pieces_.end() ? std::nullopt : std::optional(next->begin);
}

Instant SpeedProfile::end_of(Instant begin, Duration work) const {
  if (pieces_.empty()) return later(begin, work);
  __extension__ using Wide = __int128;
  auto piece = piece_at(begin);
  Wide left = static_cast<Wide>(work.count()) * full;
  Instant at = begin;
  for (; piece + 1 != pieces_.end(); ++piece) {
    const Wide done = static_cast<Wide>(((piece + 1)->begin - at).count()) * piece->share;
    if (done >= left) break;
    left -= done;
    at = (piece + 1)->begin;
  }
  if (left == 0) return at;
  const Wide time = (left + piece->share - 1) / piece->share;
  if (time > std::numeric_limits<std::int64_t>::max()) throw_clock_overflow();
  return later(at, Duration{static_cast<std::int64_t>(time)});
}

}  // namespace gossamer
