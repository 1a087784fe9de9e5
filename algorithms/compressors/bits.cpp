#include "algorithms/compressors/bits.hpp"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <utility>

#include "algorithms/compressors/magnitudes.hpp"
#include "algorithms/compressors/reals.hpp"

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

/// The bits of a Real.
template <class Real>
using Word = std::make_unsigned_t<MagnitudePattern<Real>>;

template <class Real>
bool all_finite(std::span<const Real> reals) {
  return std::isfinite(as_double(largest_magnitude(reals)));
}

template <class Real>
void put_all(std::span<const double> x, Wire wire, BitWriter& out) {
  in_blocks<Real>(x, [&](std::span<const double> block, std::span<Real> reals) {
    std::ranges::transform(block, reals.begin(), [](double x_j) { return nearest<Real>(x_j); });
    if (!all_finite<Real>(reals)) {
      const auto bad =
          std::ranges::find_if_not(reals, [](Real real) { return std::isfinite(as_double(real)); });
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
    for (std::size_t k = 0; k < block.size(); ++k) block[k] += weight * as_double(reals[k]);
  });
}

/// Appends x and says whether the wire can carry it.
bool put_real(double x, Wire wire, BitWriter& out) {
  return with_real(wire, [&]<class Real>(std::type_identity<Real>) {
    const Real real = nearest<Real>(x);
    out.put(std::bit_cast<Word<Real>>(real), width(wire));
    return std::isfinite(as_double(real));
  });
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
  return with_real(wire, [&]<class Real>(std::type_identity<Real>) {
    const Real real = nearest<Real>(x);
    if (!(as_double(real) < x)) return as_double(real);
    const auto next = static_cast<Word<Real>>(std::bit_cast<Word<Real>>(real) + 1);
    return as_double(std::bit_cast<Real>(next));
  });
}

void put_coordinates(std::span<const double> x, Wire wire, BitWriter& out) {
  with_real(wire, [&]<class Real>(std::type_identity<Real>) { put_all<Real>(x, wire, out); });
}

void put_coordinate(Index j, double x_j, Wire wire, BitWriter& out) {
  if (!put_real(x_j, wire, out)) throw not_on_wire("coordinate " + std::to_string(j), x_j, wire);
}

void put_scale(double scale, Wire wire, BitWriter& out) {
  if (!put_real(scale, wire, out)) throw not_on_wire("the scale", scale, wire);
}

void add_coordinates(BitReader& in, Wire wire, double weight, std::span<double> sum) {
  with_real(wire, [&]<class Real>(std::type_identity<Real>) { add_all<Real>(in, weight, sum); });
}

double get_real(BitReader& in, Wire wire) {
  const double real = with_real(wire, [&]<class Real>(std::type_identity<Real>) {
    return as_double(std::bit_cast<Real>(static_cast<Word<Real>>(in.get(width(wire)))));
  });
  if (!std::isfinite(real)) throw CorruptMessage("a real number in the message is not finite");
  return real;
}

}  // namespace gossamer
