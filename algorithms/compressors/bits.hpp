// Messages as streams of bits. Bit i of a message is bit i mod 8 of byte i / 8, the least significant first,
// and a number's least significant bit goes first: words that start at a byte are little endian.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>

#include "algorithms/compressors/encoded.hpp"

namespace gossamer {

/// A message that no encoder writes: too short or too long, or with a number that is out of its range.
class CorruptMessage : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class BitWriter {
 public:
  /// Makes room for more bits, which saves growing step by step.
  void reserve(Bits more);

  /// Appends a number of `bits` bits, 0 to 64; value < 2^bits.
  void put(std::uint64_t value, int bits) {
    assert(bits == 64 || value >> bits == 0);
    word_ |= value << used_;
    if (used_ + bits < 64) {
      used_ += bits;
      return;
    }
    const int fitted = 64 - used_;
    used_ = 64;
    flush();
    word_ = fitted < 64 ? value >> fitted : 0;
    used_ = bits - fitted;
  }

  /// Appends whole bytes.
  void put_bytes(std::span<const std::byte> bytes);

  /// What has been written up to now.
  Bits size() const { return {8 * static_cast<std::int64_t>(end_) + used_}; }

  /// The paper counts what was written since the size was `since` as `paper` bits.
  void recount(Bits since, Bits paper) { more_on_paper_ += paper.count - (size().count - since.count); }

  /// The message; the writer is empty again.
  Encoded finish();

 private:
  /// Where `count` more bytes are to be written.
  std::byte* extend(std::size_t count) {
    if (bytes_.size() < end_ + count) bytes_.resize(std::max(end_ + count, 2 * bytes_.size()));
    end_ += count;
    return bytes_.data() + (end_ - count);
  }

  /// Moves the bytes of word_ that are in use to bytes_; used_ is a multiple of 8, or this is the end.
  void flush() {
    if (used_ == 0) return;
    const std::size_t count = static_cast<std::size_t>(used_ + 7) / 8;
    std::memcpy(extend(count), &word_, count);
    word_ = 0;
    used_ = 0;
  }

  std::vector<std::byte> bytes_;  ///< With room at the end.
  std::size_t end_ = 0;           ///< Bytes written.
  std::uint64_t word_ = 0;        ///< The bits after these bytes, not yet in bytes_.
  int used_ = 0;                  ///< How many bits of word_ are in use, less than 64.
  std::int64_t more_on_paper_ = 0;
};

/// Reads a message, which must outlive it. Every read that would pass the end throws CorruptMessage instead.
class BitReader {
 public:
  explicit BitReader(const Encoded& message);

  /// The next number of `bits` bits, 0 to 64.
  std::uint64_t get(int bits) {
    advance(bits);
    const std::int64_t begin = at_ - bits;
    const auto first = static_cast<std::size_t>(begin / 8);
    const int shift = static_cast<int>(begin % 8);
    // The number may touch nine bytes, and the last bytes of the message fewer than that.
    const std::byte* from = bytes_.data() + first;
    std::array<std::byte, 9> last{};
    if (bytes_.size() - first < last.size()) {
      std::copy(from, bytes_.data() + bytes_.size(), last.data());
      from = last.data();
    }
    std::uint64_t value;
    std::memcpy(&value, from, sizeof value);
    value >>= shift;
    if (shift + bits > 64) value |= static_cast<std::uint64_t>(from[8]) << (64 - shift);
    return bits < 64 ? value & ((std::uint64_t{1} << bits) - 1) : value;
  }

  /// Reads whole bytes.
  void get_bytes(std::span<std::byte> bytes);

  void skip(Bits bits) { advance(bits.count); }
  Bits left() const { return {end_ - at_}; }

  /// Throws CorruptMessage where bits are left over.
  void finish() const;

 private:
  void advance(std::int64_t bits) {
    if (bits > end_ - at_) too_short(bits);
    at_ += bits;
  }
  [[noreturn]] void too_short(std::int64_t bits) const;

  std::span<const std::byte> bytes_;
  std::int64_t at_ = 0;  ///< In bits.
  std::int64_t end_;
};

// ---- Real numbers, w bits each

/// The smallest number of the wire that is not below x >= 0; infinite where there is none.
double rounded_up(double x, Wire wire);

/// Appends the coordinates of a vector, each rounded to the nearest number of the wire.
/// Throws WireError naming the first that the wire cannot carry.
void put_coordinates(std::span<const double> x, Wire wire, BitWriter& out);

/// The same for the value of coordinate j alone.
void put_coordinate(Index j, double x_j, Wire wire, BitWriter& out);

/// The same for the factor that the symbols of a message share.
void put_scale(double scale, Wire wire, BitWriter& out);

/// sum <- sum + weight * v, with v the vector that is read next. Throws CorruptMessage where it
/// is not finite.
void add_coordinates(BitReader& in, Wire wire, double weight, std::span<double> sum);

/// The next real number. Throws CorruptMessage where it is not finite.
double get_real(BitReader& in, Wire wire);

}  // namespace gossamer
