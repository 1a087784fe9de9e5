// Simulated time, message sizes and link speeds as distinct types; their text forms.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gossamer {

/// The simulated clock: 64-bit integer nanoseconds from the start of the run (292 years), so that the order
/// of events never depends on rounding.
struct SimClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<SimClock>;
  static constexpr bool is_steady = true;
};
using Duration = SimClock::duration;
using Instant = SimClock::time_point;

/// A size in bits, the unit in which papers count communication.
struct Bits {
  std::int64_t count = 0;
  friend constexpr auto operator<=>(Bits, Bits) = default;  // NOLINT(modernize-use-nullptr): there is none.
  friend constexpr Bits operator+(Bits a, Bits b) { return {a.count + b.count}; }
  friend constexpr Bits operator*(std::int64_t n, Bits b) { return {n * b.count}; }
  constexpr Bits& operator+=(Bits b) { return *this = *this + b; }
  /// Whole bytes that hold these bits.
  constexpr std::int64_t bytes() const { return (count >> 3) + ((count & 7) != 0); }
};

/// A size in whole bytes.
struct Bytes {
  std::int64_t count = 0;
  friend constexpr auto operator<=>(Bytes, Bytes) = default;
};

/// A link speed in bits per second, at least 1; `Bandwidth::unlimited()` transmits in no time.
struct Bandwidth {
  std::int64_t bits_per_second = 0;
  static constexpr Bandwidth unlimited() { return {0}; }
  constexpr bool is_unlimited() const { return bits_per_second == 0; }
  friend constexpr auto operator<=>(Bandwidth, Bandwidth) = default;
};

/// Seconds of a duration, or since the start of the run.
constexpr double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}
constexpr double seconds(Instant instant) {
  return seconds(instant.time_since_epoch());
}

[[noreturn]] void throw_clock_overflow();

/// when + duration. Throws std::overflow_error where the clock cannot hold the result.
inline Instant later(Instant when, Duration duration) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(when.time_since_epoch().count(), duration.count(), &sum)) throw_clock_overflow();
  return Instant{Duration{sum}};
}

/// ceil(bytes * 8 * 10^9 / bandwidth), the time a link needs to push `bytes` out.
/// Throws std::overflow_error where the clock cannot hold it.
Duration transmission_time(std::int64_t bytes, Bandwidth bandwidth);
/// The same of `size`: ceil(bits * 10^9 / bandwidth).
Duration transmission_time(Bits size, Bandwidth bandwidth);

/// Text of a time for people: "2.080500 ms".
std::string to_string(Duration duration);
std::string to_string(Instant instant);

/// Reading and writing quantities with their units: "10 ms", "100 Mbit/s", "unlimited", "40 B", "1 Gbit".
/// Units are ns us ms s min h; bit/s kbit/s Mbit/s Gbit/s Tbit/s (powers of 1000); B kB MB GB TB; bit kbit
/// Mbit Gbit Tbit. Numbers may have an exponent, "1e3 bit". Reading is exact in decimals. Times and
/// bandwidths are rounded to the nearest ns and bit/s, halves up; sizes, which count bits, are whole. It
/// gives nothing if the text is not such a quantity, is negative, does not fit, or is above 0 and would be
/// rounded to 0. `text_of` gives a text that reads back as the same value.
std::optional<Duration> parse_duration(std::string_view text);
std::optional<Bandwidth> parse_bandwidth(std::string_view text);
std::optional<Bits> parse_size(std::string_view text);
std::string text_of(Duration duration);
std::string text_of(Bandwidth bandwidth);
std::string text_of(Bits size);

}  // namespace gossamer
