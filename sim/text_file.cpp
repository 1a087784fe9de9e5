#include "sim/text_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>

#include "sim/utf8.hpp"

namespace gossamer {

namespace {

/// What is known of files that are no text: how they begin, and how to make a text of them.
struct Foreign {
  std::string_view begins, name, advice;
  bool holds_arrays = false;
};
constexpr std::string_view of_pickle = "as networkx.write_graphml or numpy.savetxt write it";
constexpr std::array foreign{
    Foreign{"\x93NUMPY", "NumPy's .npy", "with numpy as np: np.savetxt('FILE.txt', np.load(path))", true},
    Foreign{"\x1f\x8b", "compressed by gzip", "unpack it: gunzip"},
    Foreign{"BZh", "compressed by bzip2", "unpack it: bunzip2"},
    Foreign{"\xfd\x37zXZ", "compressed by xz", "unpack it: unxz"},
    Foreign{"\x28\xb5\x2f\xfd", "compressed by zstd", "unpack it: unzstd"},
    Foreign{"\xff\xfe", "in UTF-16", "save it in UTF-8"},
    Foreign{"\xfe\xff", "in UTF-16", "save it in UTF-8"},
    Foreign{"\x89HDF", "HDF5", "as h5dump writes it", true},
    Foreign{"MATLAB ", "a MAT-file", "scipy.io.loadmat reads it, scipy.io.mmwrite writes matrices", true},
    Foreign{"\xd0\xcf\x11\xe0", "an Excel file", "save it as CSV in UTF-8"},
    Foreign{"PAR1", "Parquet", "pandas.read_parquet(path).to_csv('FILE.csv', index=False)"},
    Foreign{"\x80\x02", "a pickle of Python", of_pickle, true},
    Foreign{"\x80\x03", "a pickle of Python", of_pickle, true},
    Foreign{"\x80\x04", "a pickle of Python", of_pickle, true},
    Foreign{"\x80\x05", "a pickle of Python", of_pickle, true}};

/// An archive, by the names of its first and last files.
Foreign zip_kind(std::string_view bytes) {
  constexpr std::size_t some = 4096;
  const std::string_view first = bytes.substr(0, some),
                         last = bytes.substr(bytes.size() - std::min(some, bytes.size()));
  const auto names = [&](std::string_view part) {
    return first.find(part) != std::string_view::npos || last.find(part) != std::string_view::npos;
  };
  if (names(".npy")) {
    return {"", "NumPy's .npz",
            "with numpy as np: np.savetxt('FILE.txt', np.load(path)['NAME']); of SciPy's sparse matrices: "
            "scipy.io.mmwrite('FILE.mtx', scipy.sparse.load_npz(path))",
            true};
  }
  if (names("xl/") || names("opendocument.spreadsheet")) {
    return {"", "a spreadsheet's own file (zip)", "save it as CSV in UTF-8"};
  }
  return {"", "a zip archive", "unpack it: unzip"};
}

bool is_control(char c) {
  constexpr std::string_view allowed = "\t\n\r\f";
  return (c >= 0 && c < ' ' && allowed.find(c) == std::string_view::npos) || c == 0x7f;
}

/// Whether eight bytes are ' ' to '~' all, as nearly all of a text are.
bool are_plain(const char* bytes) {
  constexpr std::uint64_t each = 0x0101010101010101;
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return ((word | (word + each) | (word - ' ' * each)) & 0x80 * each) == 0;
}

/// The first byte that is none of a text in UTF-8; the size of the text if there is none.
std::size_t end_of_text(std::string_view bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    if (at + 8 <= bytes.size() && are_plain(bytes.data() + at)) {
      at += 8;
      continue;
    }
    const std::size_t size = is_control(bytes[at]) ? 0 : character_size(bytes.substr(at));
    if (size == 0) break;
    at += size;
  }
  return at;
}

void require_text(const InputFile& file, std::string_view text) {
  const auto wrong = why_no_text(text);
  if (!wrong) return;
  int number = 0;
  std::size_t begin = 0;
  for (std::string_view rest = text; text.size() - rest.size() <= wrong->at; ++number) {
    begin = text.size() - rest.size();
    (void)take_line(rest);
  }
  throw InputFileError(file.path.string() + ":" + std::to_string(number) + ":" +
                       std::to_string(wrong->at - begin + 1) + ": " + wrong->what + wrong->advice);
}

}  // namespace

std::optional<NoText> why_no_text(std::string_view bytes) {
  const std::size_t at = end_of_text(bytes);
  if (at == bytes.size()) return std::nullopt;
  const auto is = [](const Foreign& kind) {
    return NoText{0, "is " + std::string(kind.name) + ", which is not read",
                  "; allowed: text (" + std::string(kind.advice) + ")", kind.holds_arrays};
  };
  for (const Foreign& kind : foreign) {
    if (bytes.starts_with(kind.begins)) return is(kind);
  }
  if (bytes.starts_with("PK\x03\x04")) return is(zip_kind(bytes));
  const auto control = std::find_if(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.end(), is_control);
  if (control == bytes.end()) return NoText{at, "is not UTF-8; save it in UTF-8"};
  constexpr std::string_view digits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(*control);
  return NoText{static_cast<std::size_t>(control - bytes.begin()),
                std::string("is binary, with a byte 0x") + digits[byte >> 4U] + digits[byte & 15U] +
                    "; allowed: text in UTF-8"};
}

std::shared_ptr<const std::string> bytes_of(const InputFile& file) {
  if (file.content) return file.content;
  const std::string path = file.path.string();
  std::error_code ignored;
  const auto status = std::filesystem::status(file.path, ignored);
  // A pipe that nobody writes to would be waited for, and a device may never end.
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    throw InputFileError(path + ": cannot be read: it is not a file");
  }
  std::ifstream stream(file.path, std::ios::binary);
  if (!stream) {
    throw InputFileError(path + ": cannot be opened: " + std::generic_category().message(errno));
  }
  auto bytes = std::make_shared<const std::string>(std::istreambuf_iterator<char>(stream),
                                                   std::istreambuf_iterator<char>());
  if (stream.bad()) throw InputFileError(path + ": cannot be read");
  return bytes;
}

std::shared_ptr<const std::string> text_of(const InputFile& file) {
  auto text = bytes_of(file);
  require_text(file, *text);
  return text;
}

namespace {

void split(std::string_view text, std::string_view separators, std::vector<std::string_view>& words) {
  while ((text = text.substr(std::min(text.find_first_not_of(separators), text.size()))) != "") {
    words.push_back(text.substr(0, text.find_first_of(separators)));
    text.remove_prefix(words.back().size());
  }
}

}  // namespace

std::vector<std::string_view> words_of(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> words;
  split(text, separators, words);
  return words;
}

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); });
  return lower;
}

std::string counted(std::size_t count, const std::string& one, const std::string& several) {
  return std::to_string(count) + " " + (count == 1 ? one : several);
}

bool TextFile::next() {
  words_.clear();
  while (words_.empty() && !rest_.empty()) {
    ++line_;
    const std::string_view line = take_line(rest_);
    begin_ = line.data();
    split(line.substr(0, line.find(comment_)), separators_, words_);
  }
  return !words_.empty();
}

void TextFile::fail(std::string_view word, const std::string& what) const {
  throw InputFileError(where() + ":" + std::to_string(word.data() - begin_ + 1) + ": " + what);
}

std::string TextFile::where(int line) const {
  return line == 0 ? path_ : path_ + ":" + std::to_string(line);
}

void TextFile::fail_at(int line, const std::string& what) const {
  throw InputFileError(where(line) + ": " + what);
}

std::optional<std::int32_t> find_named(std::string_view text, std::span<const std::string> names,
                                       std::int32_t count) {
  const auto found = std::ranges::find(names, text);
  if (found != names.end()) return static_cast<std::int32_t>(found - names.begin());
  const auto number = parse_number<std::int32_t>(text);
  if (!number || *number < 0 || *number >= count) return std::nullopt;
  const auto is_number = [](const std::string& name) { return parse_number<double>(name).has_value(); };
  if (std::ranges::any_of(names, is_number)) return std::nullopt;
  return number;
}

}  // namespace gossamer
