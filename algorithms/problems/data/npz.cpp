#include "algorithms/problems/data/npz.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <map>

#include "algorithms/problems/data/table_text.hpp"
#include "algorithms/problems/data/zip.hpp"

namespace gossamer {
namespace {

/// One array: what its header says, and its bytes.
class Array {
 public:
  /// `content` is that of a file NAME.npy: the magic number, two bytes of a version, the length of the
  /// header, the header, a literal of Python, and the entries.
  Array(std::string_view content, std::string name) : name_(std::move(name)) {
    if (content.size() < 12 || !content.starts_with("\x93NUMPY")) fail("is no array");
    const std::size_t size_of_length = content[6] == 1 ? 2 : 4;
    std::size_t length = 0;
    for (std::size_t k = size_of_length; k-- > 0;) {
      length = length << 8 | static_cast<unsigned char>(content[8 + k]);
    }
    const std::size_t start = 8 + size_of_length;
    if (length > content.size() - start) fail("its header is truncated");
    read_header(content.substr(start, length));
    data_ = content.substr(start + length);
    // Counted down from the bytes that are there, so that no product overflows.
    std::size_t room = data_.size() / size_;
    for (const std::size_t axis : shape_) room = axis == 0 ? 0 : room / axis;
    const bool is_empty = std::ranges::count(shape_, 0U) > 0;
    if (room == 0 && !is_empty) fail("has fewer bytes than its shape says");
    if (entries() * size_ != data_.size()) fail("has more bytes than its shape says");
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw DataFileError(fmt::format("{}: {}", name_, what));
  }

  const std::vector<std::size_t>& shape() const { return shape_; }
  bool is_text() const { return kind_ == 'U' || kind_ == 'S'; }
  bool is_bytes() const { return kind_ == 'u' && size_ == 1; }
  bool has_largest_byte() const { return is_bytes() && data_.find('\xff') != std::string_view::npos; }

  std::size_t row_size() const {
    std::size_t size = 1;
    for (std::size_t k = 1; k < shape_.size(); ++k) size *= shape_[k];
    return size;
  }

  /// Entry (row, column) of the rows laid out flat.
  std::size_t place(std::size_t row, std::size_t column) const {
    if (!is_fortran_) return row * row_size() + column;
    // The first axis runs fastest; the flat column has the last axis running fastest.
    std::size_t place = 0;
    for (std::size_t k = shape_.size(); k-- > 1;) {
      std::size_t stride = 1;
      for (std::size_t below = 0; below < k; ++below) stride *= shape_[below];
      place += column % shape_[k] * stride;
      column /= shape_[k];
    }
    return place + row;
  }

  double number(std::size_t place) const {
    switch (kind_) {
      case 'f':
        return size_ == 4 ? static_cast<double>(at<float>(place)) : at<double>(place);
      case 'i':
        return size_ == 1   ? at<std::int8_t>(place)
               : size_ == 2 ? at<std::int16_t>(place)
               : size_ == 4 ? at<std::int32_t>(place)
                            : static_cast<double>(at<std::int64_t>(place));
      default:  // u, b
        return size_ == 1   ? at<std::uint8_t>(place)
               : size_ == 2 ? at<std::uint16_t>(place)
               : size_ == 4 ? at<std::uint32_t>(place)
                            : static_cast<double>(at<std::uint64_t>(place));
    }
  }
  std::uint8_t byte(std::size_t place) const { return static_cast<std::uint8_t>(data_[place]); }

  /// A string, in UTF-8, without the zeros that fill it up, or a number.
  std::string text(std::size_t place) const {
    if (size_ == 8 && kind_ == 'i') return std::to_string(at<std::int64_t>(place));
    if (size_ == 8 && kind_ == 'u') return std::to_string(at<std::uint64_t>(place));
    if (!is_text()) return fmt::format("{}", number(place));
    std::string text;
    if (kind_ == 'S') {
      text = data_.substr(place * size_, size_);
    } else {
      for (std::size_t k = 0; k < size_ / 4; ++k) append(at<std::uint32_t>(place * (size_ / 4) + k), text);
    }
    return text.substr(0, text.find('\0'));
  }

 private:
  void read_header(std::string_view header) {
    const std::string_view type = value(header, "'descr':");
    if (type.size() < 4 || type.front() != '\'')
      fail("has fields, or no type; an array of numbers is allowed");
    swaps_ = type[1] == '>';
    kind_ = type[2];
    const std::string_view digits = type.substr(3, type.find('\'', 3) - 3);
    (void)std::from_chars(digits.data(), digits.data() + digits.size(), size_);
    const bool is_number = (kind_ == 'f' && (size_ == 4 || size_ == 8)) || (kind_ == 'b' && size_ == 1) ||
                           ((kind_ == 'i' || kind_ == 'u') && size_ <= 8 && std::has_single_bit(size_));
    if (kind_ == 'U') size_ *= 4;
    if (!is_number && !(is_text() && size_ > 0 && size_ <= 1 << 16)) {
      fail(fmt::format(
          "has the type {}; floats of 4 or 8 bytes, integers, booleans and, as labels, strings are "
          "allowed{}",
          in_quotes(type.substr(1, type.find('\'', 1) - 1)),
          kind_ == 'O' ? "; of objects, X.astype(float) makes numbers, y.astype(str) strings" : ""));
    }
    is_fortran_ = value(header, "'fortran_order':").starts_with("True");
    std::string_view axes = value(header, "'shape':");
    axes = axes.substr(0, axes.find(')'));
    for (std::size_t k = axes.find_first_of("0123456789"); k != std::string_view::npos;) {
      axes.remove_prefix(k);
      std::size_t axis = 0;
      const auto [end, error] = std::from_chars(axes.data(), axes.data() + axes.size(), axis);
      if (error != std::errc{}) fail("its shape is too large");
      shape_.push_back(axis);
      axes.remove_prefix(static_cast<std::size_t>(end - axes.data()));
      k = axes.find_first_of("0123456789");
    }
  }

  /// What follows a key of the header.
  std::string_view value(std::string_view header, std::string_view key) const {
    const std::size_t at = header.find(key);
    if (at == std::string_view::npos) fail("its header is broken");
    std::string_view rest = header.substr(at + key.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    return rest;
  }

  std::size_t entries() const {
    std::size_t count = 1;
    for (const std::size_t axis : shape_) count *= axis;
    return count;
  }

  template <class T>
  T at(std::size_t place) const {
    std::array<char, sizeof(T)> bytes;
    std::memcpy(bytes.data(), data_.data() + place * sizeof(T), sizeof(T));
    if (swaps_) std::ranges::reverse(bytes);
    return std::bit_cast<T>(bytes);
  }

  static void append(std::uint32_t c, std::string& text) {
    const auto low = [&](int shift) { text += static_cast<char>(0x80 | (c >> shift & 0x3f)); };
    if (c < 0x80) {
      text += static_cast<char>(c);
    } else if (c < 0x800) {
      text += static_cast<char>(0xc0 | c >> 6), low(0);
    } else if (c < 0x10000) {
      text += static_cast<char>(0xe0 | c >> 12), low(6), low(0);
    } else {
      text += static_cast<char>(0xf0 | (c >> 18 & 7)), low(12), low(6), low(0);
    }
  }

  std::string name_;
  bool swaps_ = false, is_fortran_ = false;
  char kind_ = ' ';
  std::size_t size_ = 0;  ///< Bytes of an entry.
  std::vector<std::size_t> shape_;
  std::string_view data_;
};

template <class Entry, class Read>
DenseRows<Entry> dense_rows(const Array& array, Read read) {
  const std::size_t rows = array.shape().front(), columns = array.row_size();
  if (rows == 0 || columns == 0) array.fail("is empty");
  if (rows > largest_dimension || columns > largest_dimension)
    array.fail("has over 2147483647 rows or columns");
  std::vector<Entry> entries;
  entries.reserve(rows * columns);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t j = 0; j < columns; ++j) entries.push_back(read(r, j));
  }
  return DenseRows<Entry>(static_cast<Index>(columns), std::move(entries));
}

Features features_of(const Array& array) {
  if (array.shape().size() < 2 || array.is_text()) array.fail("has to hold numbers, of shape [row, feature]");
  if (array.is_bytes() && array.shape().size() > 2) {
    return dense_rows<std::uint8_t>(
        array, [&](std::size_t r, std::size_t j) { return array.byte(array.place(r, j)); });
  }
  return dense_rows<double>(array, [&](std::size_t r, std::size_t j) {
    const double number = array.number(array.place(r, j));
    if (!std::isfinite(number)) {
      array.fail(fmt::format("entry [{}, {}] is {}; finite numbers are allowed", r, j, number));
    }
    return number;
  });
}

Labels labels_of(const Array& array) {
  if (array.shape().empty() || array.row_size() != 1) {
    array.fail(
        "has to hold a label for each row, of shape [row]; labels as columns of zeros and ones are not "
        "taken");
  }
  Labels labels;
  for (std::size_t r = 0; r < array.shape().front(); ++r) {
    if (const std::string wrong = labels.add(array.text(r)); !wrong.empty()) {
      array.fail(fmt::format("entry {}: {}", r, wrong));
    }
  }
  return labels;
}

/// The archive's arrays.
class Arrays {
 public:
  Arrays(std::string_view content, std::string_view name) : name_(name), files_(read_zip(content, name)) {}

  /// A part whose arrays have one of these names each; nothing where neither is there.
  std::optional<LabelledRows> part(std::initializer_list<const char*> features,
                                   std::initializer_list<const char*> labels,
                                   std::vector<std::string>& notes) const {
    const std::string x = present(features), y = present(labels);
    if (x.empty() && y.empty()) return std::nullopt;
    if (x.empty() || y.empty()) fail(x.empty() ? *features.begin() : *labels.begin());
    const Array of_x = array(x);
    Labels of_y = labels_of(array(y));
    LabelledRows rows{features_of(of_x), std::move(of_y.numbers), std::move(of_y.words)};
    if (std::holds_alternative<DenseRows<std::uint8_t>>(rows.features)) {
      notes.push_back(fmt::format("{}: {} holds images of bytes; a feature is byte / 255", name_, x));
    } else if (of_x.has_largest_byte()) {
      notes.push_back(fmt::format(
          "{}: {} holds bytes up to 255, which are taken as they are; only with three axes or more, as of "
          "images, a feature is byte / 255",
          name_, x));
    }
    return rows;
  }

  [[noreturn]] void fail(const std::string& missing) const {
    std::string there;
    for (const auto& [file, content] : files_) there += (there.empty() ? "" : ", ") + in_quotes(file);
    throw DataFileError(
        fmt::format("{}: has no array {}; it takes X and y, or X_train and y_train, and for a "
                    "test part X_test and y_test; there are: {}",
                    name_, missing, there.empty() ? "none" : there));
  }

 private:
  /// The one of these arrays that is there; empty if there is none.
  std::string present(std::initializer_list<const char*> names) const {
    std::string found;
    for (const char* const name : names) {
      if (!files_.contains(std::string(name) + ".npy")) continue;
      if (!found.empty()) {
        throw DataFileError(fmt::format(
            "{}: has {} and {}, which may be the same part; one of them is allowed", name_, found, name));
      }
      found = name;
    }
    return found;
  }
  Array array(const std::string& name) const {
    return {files_.at(name + ".npy"), fmt::format("{}: {}", name_, name)};
  }

  std::string_view name_;
  std::map<std::string, std::string> files_;
};

}  // namespace

Archive read_npz(std::string_view content, std::string_view name) {
  const Arrays arrays(content, name);
  std::vector<std::string> notes;
  std::optional<LabelledRows> train =
      arrays.part({"X", "x", "X_train", "x_train"}, {"y", "y_train", "Y", "Y_train"}, notes);
  std::optional<LabelledRows> test = arrays.part({"X_test", "x_test"}, {"y_test", "Y_test"}, notes);
  if (!train && !test) arrays.fail("X");
  return {std::move(train), std::move(test), std::move(notes)};
}

}  // namespace gossamer
