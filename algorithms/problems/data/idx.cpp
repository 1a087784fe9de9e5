#include "algorithms/problems/data/idx.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gossamer {
namespace {

/// Reads the next `size` bytes. A header may promise more than the file, or this machine, has; so memory
/// doubles with what has been read.
std::vector<std::uint8_t> read_bytes(std::istream& in, std::uint64_t size, std::string_view name) {
  std::vector<std::uint8_t> bytes;
  while (bytes.size() < size) {
    const std::size_t before = bytes.size(), step = std::max<std::size_t>(before, 1 << 16);
    bytes.resize(before + std::min<std::uint64_t>(step, size - before));
    in.read(reinterpret_cast<char*>(bytes.data() + before),
            static_cast<std::streamsize>(bytes.size() - before));
    if (static_cast<std::size_t>(in.gcount()) < bytes.size() - before) {
      throw DataFileError(fmt::format("{}: {} bytes where {} are announced; the file is truncated", name,
                                      before + static_cast<std::size_t>(in.gcount()), size));
    }
  }
  return bytes;
}

std::uint32_t read_integer(std::istream& in, std::string_view name, const char* what) {
  unsigned char bytes[4] = {};
  in.read(reinterpret_cast<char*>(bytes), 4);
  if (in.gcount() < 4) {
    throw DataFileError(fmt::format("{}: ends before its {}; the file is truncated", name, what));
  }
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 |
         bytes[3];
}

void check_magic(std::istream& in, std::string_view name, std::uint32_t expected, const char* content) {
  const std::uint32_t magic = read_integer(in, name, "magic number");
  if (magic == expected) return;
  throw DataFileError(
      fmt::format("{}: magic number {}; IDX {} begin with {}", name, magic, content, expected));
}

void check_end(std::istream& in, std::string_view name) {
  if (in.peek() != std::istream::traits_type::eof()) {
    throw DataFileError(
        fmt::format("{}: bytes follow the last of those announced; the file must end there", name));
  }
}

}  // namespace

DenseRows<std::uint8_t> read_idx_images(std::istream& in, std::string_view name) {
  check_magic(in, name, 2051, "images");
  const std::uint64_t count = read_integer(in, name, "number of images");
  const std::uint64_t height = read_integer(in, name, "number of rows");
  const std::uint64_t width = read_integer(in, name, "number of columns");
  constexpr std::uint64_t most = largest_dimension;
  if (count > most || height == 0 || width == 0 || height * width > most) {
    throw DataFileError(fmt::format("{}: {} images of {} x {} pixels; 1 to {} images and pixels are allowed",
                                    name, count, height, width, most));
  }
  std::vector<std::uint8_t> pixels = read_bytes(in, count * height * width, name);
  check_end(in, name);
  return {static_cast<Index>(height * width), std::move(pixels)};
}

std::vector<std::uint8_t> read_idx_labels(std::istream& in, std::string_view name) {
  check_magic(in, name, 2049, "labels");
  const std::uint64_t count = read_integer(in, name, "number of labels");
  std::vector<std::uint8_t> labels = read_bytes(in, count, name);
  check_end(in, name);
  return labels;
}

}  // namespace gossamer
