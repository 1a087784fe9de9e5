#include "algorithms/problems/data/zip.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/crc.hpp>
#include <boost/iostreams/device/array.hpp>
#include <boost/iostreams/filter/zlib.hpp>
#include <boost/iostreams/filtering_stream.hpp>
#include <cstdint>

#include "algorithms/problems/data/data_set.hpp"

namespace gossamer {
namespace {

namespace io = boost::iostreams;

/// The layout: PKWARE, APPNOTE.TXT, 4.3.7 (a file), 4.3.12 (the list of files), 4.3.16 (the end).
class Zip {
 public:
  Zip(std::string_view content, std::string_view name) : content_(content), name_(name) {}

  std::map<std::string, std::string> files() {
    constexpr std::size_t size_of_end = 22, size_of_entry = 46;
    const std::size_t end = content_.rfind("PK\5\6");
    if (end == std::string_view::npos || end + size_of_end > content_.size()) {
      fail("is no ZIP archive, or its end is missing");
    }
    const std::uint64_t count = number<2>(end + 10);
    std::uint64_t at = number<4>(end + 16);
    if (count == 0xffff || at == 0xffffffff) fail("is larger than 4 GiB, or has over 65534 arrays");
    std::map<std::string, std::string> files;
    for (std::uint64_t k = 0; k < count; ++k) {
      if (bytes(at, size_of_entry).substr(0, 4) != "PK\1\2") fail("its list of files is broken");
      const std::uint64_t length = number<2>(at + 28);
      const std::string file(bytes(at + size_of_entry, length));
      files[file] = unpacked(at, file);
      at += size_of_entry + length + number<2>(at + 30) + number<2>(at + 32);
    }
    return files;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw DataFileError(fmt::format("{}: {}; an archive that NumPy has written is allowed", name_, what));
  }

  std::string_view bytes(std::uint64_t at, std::uint64_t size) const {
    if (at > content_.size() || size > content_.size() - at) fail("is truncated");
    return content_.substr(at, size);
  }

  template <int size>
  std::uint64_t number(std::uint64_t at) const {
    std::uint64_t value = 0;
    const std::string_view text = bytes(at, size);
    for (int k = size; k-- > 0;) value = value << 8 | static_cast<unsigned char>(text[k]);
    return value;
  }

  /// The file that the entry at `entry` of the list describes.
  std::string unpacked(std::uint64_t entry, const std::string& file) const {
    const std::uint64_t method = number<2>(entry + 10), packed = number<4>(entry + 20),
                        size = number<4>(entry + 24), at = number<4>(entry + 42);
    if (number<2>(entry + 8) & 1) fail("is encrypted");
    if (packed == 0xffffffff || size == 0xffffffff || at == 0xffffffff) fail("is larger than 4 GiB");
    if (bytes(at, 4) != "PK\3\4") fail("the place of a file is wrong");
    const std::string_view data = bytes(at + 30 + number<2>(at + 26) + number<2>(at + 28), packed);
    std::string content;
    if (method == 0) {
      content = data;
    } else if (method == 8) {
      content = inflated(data, size);
    } else {
      fail("is compressed by another method than deflate");
    }
    boost::crc_32_type crc;
    crc.process_bytes(content.data(), content.size());
    if (content.size() != size || crc.checksum() != number<4>(entry + 16)) {
      fail(fmt::format("{} is corrupt", printable_name(file)));
    }
    return content;
  }

  /// No more than `size` bytes, and memory grows with what there is.
  std::string inflated(std::string_view data, std::uint64_t size) const {
    io::zlib_params raw;
    raw.noheader = true;
    io::filtering_istream in;
    in.push(io::zlib_decompressor(raw));
    in.push(io::array_source(data.data(), data.size()));
    in.exceptions(std::ios::badbit);
    std::string content, buffer(1 << 16, '\0');
    try {
      while (in && content.size() <= size) {
        in.read(buffer.data(), std::ssize(buffer));
        content.append(buffer, 0, static_cast<std::size_t>(in.gcount()));
      }
    } catch (const std::ios::failure&) {
      fail("cannot be decompressed: it is corrupt");
    }
    return content;
  }

  static std::string printable_name(std::string file) {
    std::ranges::replace_if(
        file, [](char c) { return c < ' ' || c > '~'; }, '?');
    return file;
  }

  std::string_view content_, name_;
};

}  // namespace

std::map<std::string, std::string> read_zip(std::string_view content, std::string_view name) {
  return Zip(content, name).files();
}

}  // namespace gossamer
