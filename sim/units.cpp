#include "sim/units.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <span>
#include <stdexcept>

namespace gossamer {
namespace {

constexpr std::int64_t greatest = std::numeric_limits<std::int64_t>::max();

struct Unit {
  std::string_view name;
  std::int64_t size;  // In the smallest unit of its kind.
};

constexpr std::array durations{
    Unit{"h", 3'600'000'000'000}, Unit{"min", 60'000'000'000}, Unit{"s", 1'000'000'000},
    Unit{"ms", 1'000'000},        Unit{"us", 1'000},           Unit{"ns", 1}};
constexpr std::array bandwidths{Unit{"Tbit/s", 1'000'000'000'000}, Unit{"Gbit/s", 1'000'000'000},
                                Unit{"Mbit/s", 1'000'000}, Unit{"kbit/s", 1'000}, Unit{"bit/s", 1}};
constexpr std::array sizes{Unit{"TB", 8'000'000'000'000},
                           Unit{"GB", 8'000'000'000},
                           Unit{"MB", 8'000'000},
                           Unit{"kB", 8'000},
                           Unit{"B", 8},
                           Unit{"Tbit", 1'000'000'000'000},
                           Unit{"Gbit", 1'000'000'000},
                           Unit{"Mbit", 1'000'000},
                           Unit{"kbit", 1'000},
                           Unit{"bit", 1}};

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// The exponent of ten at text[i], "e-3", which it passes over; 0 where there is none.
int parse_exponent(std::string_view text, std::size_t& i) {
  std::size_t at = i + 1;
  if (i >= text.size() || (text[i] != 'e' && text[i] != 'E')) return 0;
  const bool negative = at < text.size() && text[at] == '-';
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
  int exponent = 0;
  const std::size_t digits = at;
  for (; at < text.size() && is_digit(text[at]) && exponent < 100; ++at)
    exponent = 10 * exponent + (text[at] - '0');
  if (at == digits) return 0;
  i = at;
  return negative ? -exponent : exponent;
}

enum class Fractions { rounded, refused };

/// The whole number of smallest units in "12.5 unit" or "1e3 unit", or nothing. Fractions of the smallest
/// unit are rounded to the nearest whole number, halves up, or refused; nothing but 0 is rounded to 0.
std::optional<std::int64_t> parse(std::string_view text, std::span<const Unit> units, Fractions fractions) {
  __extension__ using Wide = __int128;
  constexpr Wide most = 100 * Wide{greatest};  // Of the mantissa. With any unit and scale Wide has room.
  Wide mantissa = 0;
  int power = 0;  // Of ten, by which the mantissa is multiplied.
  std::size_t i = 0;
  bool digits = false, point = false,
       full = false;  // Digits behind the point that find no room are left out.
  for (; i < text.size() && (is_digit(text[i]) || (text[i] == '.' && !point)); ++i) {
    if (text[i] == '.') {
      point = true;
      continue;
    }
    digits = true;
    const Wide longer = 10 * mantissa + (text[i] - '0');
    full = full || longer > most;
    if (full && !point) return std::nullopt;
    if (full) continue;
    mantissa = longer;
    power -= point;
  }
  if (!digits) return std::nullopt;
  power += parse_exponent(text, i);
  while (i < text.size() && text[i] == ' ') ++i;
  const auto unit = std::ranges::find(units, text.substr(i), &Unit::name);
  if (unit == units.end()) return std::nullopt;
  if (mantissa == 0) return 0;

  for (; power > 0; --power) {
    if ((mantissa *= 10) > most) return std::nullopt;
  }
  constexpr int least = -36;  // A power of ten beyond which nothing is left.
  if (power < least) return std::nullopt;
  Wide scale = 1;
  for (; power < 0; ++power) scale *= 10;
  const Wide value = mantissa * unit->size;
  if (fractions == Fractions::refused && (value % scale != 0 || full)) return std::nullopt;
  const Wide count = (value + scale / 2) / scale;
  if (count == 0 || count > greatest) return std::nullopt;
  return static_cast<std::int64_t>(count);
}

/// The largest unit of which `count` is a whole multiple.
std::string text(std::int64_t count, std::span<const Unit> units) {
  for (const Unit& unit : units) {
    if (count % unit.size == 0 && (count != 0 || unit.size == units.back().size)) {
      return std::to_string(count / unit.size) + " " + std::string(unit.name);
    }
  }
  return {};  // Unreachable: the smallest unit divides everything.
}

}  // namespace

void throw_clock_overflow() {
  throw std::overflow_error("the simulated clock overflows 292 years");
}

namespace {

/// The time of `count` times so many billionths of a bit, of which the error's text says what they are.
Duration transmission_time(std::int64_t count, std::uint64_t billionths, const char* what,
                           Bandwidth bandwidth) {
  if (bandwidth.is_unlimited()) return Duration::zero();
  __extension__ using Wide = unsigned __int128;
  const Wide ticks = static_cast<Wide>(count) * billionths;
  const auto speed = static_cast<std::uint64_t>(bandwidth.bits_per_second);
  // The 64-bit division is several times faster, and enough for messages below 2 GB.
  const Wide time = ticks + speed <= std::numeric_limits<std::uint64_t>::max()
                        ? (static_cast<std::uint64_t>(ticks) + speed - 1) / speed
                        : (ticks + speed - 1) / speed;
  if (time > static_cast<Wide>(greatest)) {
    throw std::overflow_error("a transmission of " + std::to_string(count) + what + " at " +
                              text_of(bandwidth) + " outlasts the simulated clock (292 years)");
  }
  return Duration{static_cast<std::int64_t>(time)};
}

}  // namespace

Duration transmission_time(std::int64_t bytes, Bandwidth bandwidth) {
  return transmission_time(bytes, 8'000'000'000, " bytes", bandwidth);
}

Duration transmission_time(Bits size, Bandwidth bandwidth) {
  return transmission_time(size.count, 1'000'000'000, " bits", bandwidth);
}

std::string to_string(Duration duration) {
  std::array<char, 48> buffer{};
  const std::int64_t ns = duration.count();
  std::snprintf(buffer.data(), buffer.size(), "%lld.%06lld ms", static_cast<long long>(ns / 1'000'000),
                static_cast<long long>(ns % 1'000'000));
  return buffer.data();
}

std::string to_string(Instant instant) {
  return to_string(instant.time_since_epoch());
}

std::optional<Duration> parse_duration(std::string_view text) {
  const auto count = parse(text, durations, Fractions::rounded);
  return count ? std::optional(Duration{*count}) : std::nullopt;
}

std::optional<Bandwidth> parse_bandwidth(std::string_view text) {
  if (text == "unlimited") return Bandwidth::unlimited();
  const auto count = parse(text, bandwidths, Fractions::rounded);
  if (!count || *count <= 0) return std::nullopt;
  // Of little, a part of a bit would be much.
  if (*count < 1000 && !parse(text, bandwidths, Fractions::refused)) return std::nullopt;
  return Bandwidth{*count};
}

std::optional<Bits> parse_size(std::string_view text) {
  const auto count = parse(text, sizes, Fractions::refused);
  return count ? std::optional(Bits{*count}) : std::nullopt;
}

std::string text_of(Duration duration) {
  return text(duration.count(), durations);
}
std::string text_of(Bandwidth bandwidth) {
  return bandwidth.is_unlimited() ? "unlimited" : text(bandwidth.bits_per_second, bandwidths);
}
std::string text_of(Bits size) {
  return text(size.count, sizes);
}

}  // namespace gossamer
