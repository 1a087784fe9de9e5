#include "sim/speed_profile.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "sim/text_file.hpp"

namespace gossamer {
namespace {

constexpr std::int64_t full = 1 << 20;
__extension__ using Wide = __int128;

[[noreturn]] void refuse(const std::string& piece, const char* what) {
  throw std::invalid_argument(
      "'" + piece + "': " + what +
      "; it takes `10s 0.25`: from when on, and which share of the full speed, up to 1000");
}

}  // namespace

SpeedProfile::SpeedProfile(std::span<const std::string> pieces) {
  if (!pieces.empty()) pieces_.push_back({Instant{}, full});
  for (const std::string& piece : pieces) {
    const auto words = words_of(piece);
    if (words.size() != 2) refuse(piece, "is no piece");
    const auto begin = parse_duration(words[0]);
    const auto share = parse_number<double>(words[1]);
    if (!begin || !share) refuse(piece, "is no piece");
    if (!(*share >= 0 && *share <= 1000)) refuse(piece, "no such share");
    const Piece next{Instant{*begin}, std::llround(*share * full)};
    if (next.begin < pieces_.back().begin || (pieces_.size() > 1 && next.begin == pieces_.back().begin)) {
      refuse(piece, "comes before the piece above");
    }
    if (next.begin == Instant{}) pieces_.clear();
    pieces_.push_back(next);
  }
  if (!pieces.empty() && pieces_.back().share == 0) refuse(pieces.back(), "the last share cannot be 0");
}

Instant SpeedProfile::end_of(Instant begin, Duration work) const {
  if (pieces_.empty()) return later(begin, work);
  auto piece = std::ranges::upper_bound(pieces_, begin, {}, &Piece::begin) - 1;
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
