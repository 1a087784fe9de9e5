#include "algorithms/compressors/bits.hpp"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "algorithms/compressors/magnitudes.hpp"

namespace gossamer {
namespace {

static_assert(std::endian::native == std::endian::little, "the wire is little endian");

/// Reals are converted in blocks through a local array: the bytes of a message hold no objects, so
/// they are copied.
constexpr std::size_t block_size = 256;

/// Calls body(block, converted) for successive blocks of `coordinates`, with room for as many reals.
template <class Real, class Span, class Body>
void in_blocks(Span coordinates, Body body) {
  std::array<Real, block_size> reals;
  while (!coordinates.empty()) {
    const std::size_t count = std::min(block_size, coordinates.size());
    body(coordinates.first(count), std::span(reals).first(count));
    coordinates = coordinates.subspan(count);
  }
}

template <class Real>
bool all_finite(std::span<const Real> reals) {
  return std::isfinite(largest_magnitude(reals));
}

template <class Real>
void put_all(std::span<const double> x, Wire wire, BitWriter& out) {
  in_blocks<Real>(x, [&](std::span<const double> block, std::span<Real> reals) {
    std::ranges::transform(block, reals.begin(), [](double x_j) { return static_cast<Real>(x_j); });
    if (!all_finite<Real>(reals)) {
      const auto bad = std::ranges::find_if_not(reals, [](Real real) { return std::isfinite(real); });
      const double& x_j = block[static_cast<std::size_t>(bad - reals.begin())];
      throw not_on_wire("coordinate " + std::to_string(&x_j - x.data()), x_j, wire);
    }
    out.put_bytes(std::as_bytes(reals));
  });
}

template <class Real>
void add_all(BitReader& in, double weight, std::span<double> sum) {
  in_blocks<Real>(sum, [&](std::span<double> block, std::span<Real> reals) {
    in.get_bytes(std::as_writable_bytes(reals));
    if (!all_finite<Real>(reals)) throw CorruptMessage("a real number in the message is not finite");
    for (std::size_t k = 0; k < block.size(); ++k) block[k] += weight * static_cast<double>(reals[k]);
  });
}

/// Appends x and says whether the wire can carry it.
bool put_real(double x, Wire wire, BitWriter& out) {
  if (wire == Wire::float64) {
    out.put(std::bit_cast<std::uint64_t>(x), 64);
    return std::isfinite(x);
  }
  const auto real = static_cast<float>(x);
  out.put(std::bit_cast<std::uint32_t>(real), 32);
  return std::isfinite(real);
}

}  // namespace

void BitWriter::reserve(Bits more) {
  bytes_.resize(std::max(bytes_.size(), static_cast<std::size_t>((size() + more).bytes())));
}

void BitWriter::put_bytes(std::span<const std::byte> bytes) {
  if (used_ % 8 == 0) {
    flush();
    std::ranges::copy(bytes, extend(bytes.size()));
    return;
  }
  for (; !bytes.empty(); bytes = bytes.subspan(std::min(bytes.size(), sizeof word_))) {
    std::uint64_t word = 0;
    const std::size_t count = std::min(bytes.size(), sizeof word);
    std::memcpy(&word, bytes.data(), count);
    put(word, static_cast<int>(8 * count));
  }
}

Encoded BitWriter::finish() {
  const Bits bits = size();
  flush();
  bytes_.resize(end_);
  Encoded message{std::move(bytes_), bits, {bits.count + more_on_paper_}};
  *this = {};
  return message;
}

BitReader::BitReader(const Encoded& message) : bytes_(message.bytes), end_(message.bits.count) {
  if (message.bits < Bits{} || std::ssize(message.bytes) != message.bits.bytes()) {
    throw CorruptMessage(
        fmt::format("a message of {} bits has {} bytes", message.bits.count, message.bytes.size()));
  }
}

void BitReader::get_bytes(std::span<std::byte> bytes) {
  if (at_ % 8 == 0) {
    const auto first = static_cast<std::size_t>(at_ / 8);
    advance(8 * std::ssize(bytes));
    std::ranges::copy(bytes_.subspan(first, bytes.size()), bytes.begin());
    return;
  }
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(get(8));
}

void BitReader::finish() const {
  if (at_ < end_) throw CorruptMessage(fmt::format("the message has {} bits too many", end_ - at_));
}

void BitReader::too_short(std::int64_t bits) const {
  throw CorruptMessage(
      fmt::format("the message ends after {} bits, where {} more are read from bit {} on", end_, bits, at_));
}

double rounded_up(double x, Wire wire) {
  if (wire == Wire::float64) return x;
  const auto nearest = static_cast<float>(x);
  return static_cast<double>(nearest) < x
             ? static_cast<double>(std::nextafter(nearest, std::numeric_limits<float>::infinity()))
             : static_cast<double>(nearest);
}

void put_coordinates(std::span<const double> x, Wire wire, BitWriter& out) {
  wire == Wire::float32 ? put_all<float>(x, wire, out) : put_all<double>(x, wire, out);
}

void put_coordinate(Index j, double x_j, Wire wire, BitWriter& out) {
  if (!put_real(x_j, wire, out)) throw not_on_wire("coordinate " + std::to_string(j), x_j, wire);
}

void put_scale(double scale, Wire wire, BitWriter& out) {
  if (!put_real(scale, wire, out)) throw not_on_wire("the scale", scale, wire);
}

void add_coordinates(BitReader& in, Wire wire, double weight, std::span<double> sum) {
  wire == Wire::float32 ? add_all<float>(in, weight, sum) : add_all<double>(in, weight, sum);
}

double get_real(BitReader& in, Wire wire) {
  const std::uint64_t word = in.get(width(wire));
  const double real = wire == Wire::float64
                          ? std::bit_cast<double>(word)
                          : static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(word)));
  if (!std::isfinite(real)) throw CorruptMessage("a real number in the message is not finite");
  return real;
}

}  // namespace gossamer
