#include "sim/text_file.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace gossamer {
namespace {

InputFile file_of(const std::string& text) {
  InputFile file("f");
  file.content = std::make_shared<const std::string>(text);
  return file;
}

std::string refusal(const std::string& bytes) {
  try {
    (void)text_of(file_of(bytes));
  } catch (const InputFileError& error) {
    return error.what();
  }
  return "no error";
}

TEST_CASE("lines end in LF, CR LF or CR", "[text_file]") {
  std::string_view text = "a\r\n\rb\n\nc\r";
  std::vector<std::string> lines;
  while (!text.empty()) lines.emplace_back(take_line(text));
  CHECK(lines == std::vector<std::string>{"a", "", "b", "", "c"});

  TextFile file(
      file_of("\xef\xbb\xbf"
              "1 2\r# none\r\r3\r"));
  REQUIRE(file.next());
  CHECK(file.words() == std::vector<std::string_view>{"1", "2"});
  REQUIRE(file.next());
  CHECK(file.words() == std::vector<std::string_view>{"3"});
  CHECK(file.line() == 4);
  CHECK_FALSE(file.next());
}

TEST_CASE("a text is UTF-8 without control characters", "[text_file]") {
  CHECK(refusal("Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x98\x80\t\r\n") == "no error");
  CHECK(refusal("a\nZ\xfcrich") == "f:2:2: is not UTF-8; save it in UTF-8");
  // Cut off, longer than need be, a half of a pair of UTF-16, beyond the last character.
  for (const char* const wrong :
       {"\xc3", "\xe2\x82", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff"}) {
    CHECK(refusal(std::string("a") + wrong) == "f:1:2: is not UTF-8; save it in UTF-8");
  }
  CHECK(refusal(std::string("0 1\n1 \0 2", 9)) ==
        "f:2:3: is binary, with a byte 0x00; allowed: text in UTF-8");
  CHECK(refusal("\xff\n\x01") == "f:2:1: is binary, with a byte 0x01; allowed: text in UTF-8");
  CHECK(refusal("0 \x1b[1m") == "f:1:3: is binary, with a byte 0x1b; allowed: text in UTF-8");
}

TEST_CASE("files that are no text are called by their names, with a way to a text", "[text_file]") {
  using namespace std::string_literals;
  const std::string zip = "PK\x03\x04\x14\0"s;
  const std::pair<std::string, const char*> files[] = {
      {"\x93NUMPY\x01\0v\0{'descr'"s,
       "NumPy's .npy, which is not read; allowed: text (with numpy as np: np.savetxt('FILE.txt', "
       "np.load(path)))"},
      {zip + "arr_0.npy", "NumPy's .npz"},
      {zip + "xl/workbook.xml", "a spreadsheet's own file (zip)"},
      {zip + "data.txt", "a zip archive, which is not read; allowed: text (unpack it: unzip)"},
      {"\x80\x04\x95\x1f\0"s, "a pickle of Python"},
      {"\x1f\x8b\x08\0"s, "compressed by gzip, which is not read; allowed: text (unpack it: gunzip)"},
      {"\xff\xfe"
       "0\0"s,
       "in UTF-16, which is not read; allowed: text (save it in UTF-8)"},
      {"\x89HDF\r\n\x1a\n", "HDF5"}};
  for (const auto& [bytes, name] : files) {
    CHECK_THAT(refusal(bytes), Catch::StartsWith(std::string("f:1:1: is ") + name));
  }
  CHECK(refusal("MATLAB Python\nBZh a\n") == "no error");  // Names of nodes.
}

}  // namespace
}  // namespace gossamer
