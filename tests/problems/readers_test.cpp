#include <catch2/catch.hpp>
#include <sstream>

#include "algorithms/problems/data/cifar.hpp"
#include "algorithms/problems/data/idx.hpp"
#include "algorithms/problems/data/libsvm.hpp"
#include "sim/random.hpp"

namespace gossamer {
namespace {

LabelledRows libsvm(const std::string& text, Index dimension = 0) {
  std::istringstream in(text);
  return read_libsvm(in, "f", dimension);
}

std::vector<double> row(const LabelledRows& rows, Index r) {
  const Vector x = expanded_row(rows.features, r);
  return {x.begin(), x.end()};
}

TEST_CASE("LIBSVM text") {
  const LabelledRows read = libsvm("+1 1:0.5 3:-2e-1 \r\n-1\n2.5\t2:+1   4:0\n");
  REQUIRE(read.labels == std::vector<double>{1, -1, 2.5});
  REQUIRE(columns(read.features) == 4);
  CHECK(row(read, 0) == std::vector<double>{0.5, 0, -0.2, 0});
  CHECK(row(read, 1) == std::vector<double>{0, 0, 0, 0});
  CHECK(row(read, 2) == std::vector<double>{0, 1, 0, 0});
  CHECK(entries(read.features) == 3);

  CHECK(rows(libsvm("1 1:1").features) == 1);  // Without a last line end.
  CHECK(columns(libsvm("1\n0\n").features) == 1);
  CHECK(columns(libsvm("1 2:1\n", 7).features) == 7);
}

TEST_CASE("one-hot data are stored without values") {
  const LabelledRows read = libsvm("1 1:0.25 3:0.25\n0 2:0.25\n");
  const auto& sparse = std::get<SparseRows>(read.features);
  CHECK(sparse.row(0).values == nullptr);
  CHECK(sparse.scale() == 0.25);
  CHECK(row(read, 0) == std::vector<double>{0.25, 0, 0.25});
}

TEST_CASE("broken LIBSVM lines are refused with their place") {
  const std::pair<const char*, const char*> cases[] = {
      {"", "f:1: the file is empty; at least one row is needed"},
      {"1 1:1\n\n", "f:2: no label; a line is 'label index:value ...'"},
      {"1 1:1\n \r\n", "f:2: no label; a line is 'label index:value ...'"},
      {"one 1:1", "f:1: label 'one' is no number; a finite number is allowed"},
      {"1,2 1:1", "f:1: label '1,2' is no number; a finite number is allowed"},
      {"nan 1:1", "f:1: label 'nan' is no number; a finite number is allowed"},
      {"+-1 1:1", "f:1: label '+-1' is no number; a finite number is allowed"},
      {"1 1", "f:1: '1' has no colon; 'index:value' is allowed"},
      {"1 1 : 1", "f:1: '1' has no colon; 'index:value' is allowed"},
      {"1 0:1", "f:1: index '0'; 1 to 2147483647 are allowed"},
      {"1 -3:1", "f:1: index '-3'; 1 to 2147483647 are allowed"},
      {"1 2147483648:1", "f:1: index '2147483648'; 1 to 2147483647 are allowed"},
      {"1 99999999999999999999:1", "f:1: index '99999999999999999999'; 1 to 2147483647 are allowed"},
      {"1 x:1", "f:1: index 'x'; 1 to 2147483647 are allowed"},
      {"1 :1", "f:1: index ''; 1 to 2147483647 are allowed"},
      {"1 1.0:1", "f:1: index '1.0'; 1 to 2147483647 are allowed"},
      {"1 2:1 2:1", "f:1: index 2 after 2; indices must increase within a line"},
      {"1 1:1\n1 5:1 3:1", "f:2: index 3 after 5; indices must increase within a line"},
      {"1 1:", "f:1: value '' of index 1 is no number; a finite number is allowed"},
      {"1 1:x", "f:1: value 'x' of index 1 is no number; a finite number is allowed"},
      {"1 1:inf", "f:1: value 'inf' of index 1 is no number; a finite number is allowed"},
      {"1 1:1e999", "f:1: value '1e999' of index 1 is no number; a finite number is allowed"},
      {"1 1:1:1", "f:1: value '1:1' of index 1 is no number; a finite number is allowed"},
      {"1 1:1 # comment", "f:1: '#' has no colon; 'index:value' is allowed"},
      {"\x01\xff\x1b[31m", "f:1: label '???[31m' is no number; a finite number is allowed"},
  };
  for (const auto& [text, message] : cases) CHECK_THROWS_WITH(libsvm(text), message);
  CHECK_THROWS_WITH(libsvm("1 8:1\n", 7), "f:1: index '8'; 1 to 7 are allowed with this dimension");
  CHECK_THROWS_WITH(libsvm(std::string(100, 'x')),
                    "f:1: label '" + std::string(32, 'x') + "...' is no number; a finite number is allowed");
  CHECK_THROWS_AS(libsvm(std::string("1 1:1\0 2:2", 10)), DataError);
}

TEST_CASE("any bytes are read or refused") {
  const std::string alphabet = "01 12:.-+e\n\r\t:\0x\xff";
  Rng rng(1);
  for (int k = 0; k < 5000; ++k) {
    std::string text(rng.below(40), ' ');
    for (char& c : text) c = alphabet[rng.below(alphabet.size())];
    try {
      const LabelledRows read = libsvm(text);
      CHECK(rows(read.features) == std::ssize(read.labels));
    } catch (const DataError&) {
    }
    for (int images = 0; images < 2; ++images) {
      std::istringstream in(std::string("\0\0\x08", 3) + (images ? '\x03' : '\x01') + text);
      try {
        if (images)
          read_idx_images(in, "f");
        else
          read_idx_labels(in, "f");
      } catch (const DataError&) {
      }
    }
  }
}

std::string big_endian(std::initializer_list<std::uint32_t> integers) {
  std::string bytes;
  for (const std::uint32_t integer : integers) {
    for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(integer >> shift & 255);
  }
  return bytes;
}

TEST_CASE("IDX images and labels") {
  std::istringstream images(big_endian({2051, 2, 1, 3}) + std::string("\x00\x33\xff\x01\x02\x03", 6));
  const DenseRows<std::uint8_t> read = read_idx_images(images, "f");
  CHECK(read.rows() == 2);
  CHECK(read.columns() == 3);
  CHECK(expanded_row(read, 0)[1] == Approx(0.2));
  CHECK(expanded_row(read, 0)[2] == 1);
  CHECK(read.row(1)[2] == 3);

  std::istringstream labels(big_endian({2049, 2}) + "\x07\x01");
  CHECK(read_idx_labels(labels, "f") == std::vector<std::uint8_t>{7, 1});
}

TEST_CASE("broken IDX files are refused") {
  const auto images = [](const std::string& bytes) {
    std::istringstream in(bytes);
    read_idx_images(in, "f");
  };
  const auto labels = [](const std::string& bytes) {
    std::istringstream in(bytes);
    read_idx_labels(in, "f");
  };
  CHECK_THROWS_WITH(images(""), "f: ends before its magic number; the file is truncated");
  CHECK_THROWS_WITH(images(big_endian({2049, 1, 1, 1}) + "x"),
                    "f: magic number 2049; IDX images begin with 2051");
  CHECK_THROWS_WITH(images(big_endian({2051, 1, 1})),
                    "f: ends before its number of columns; the file is truncated");
  CHECK_THROWS_WITH(images(big_endian({2051, 2, 1, 2}) + "abc"),
                    "f: 3 bytes where 4 are announced; the file is truncated");
  CHECK_THROWS_WITH(images(big_endian({2051, 1, 1, 2}) + "abc"),
                    "f: bytes follow the last of those announced; the file must end there");
  CHECK_THROWS_WITH(images(big_endian({2051, 1, 0, 2})), Catch::StartsWith("f: 1 images of 0 x 2 pixels"));
  CHECK_THROWS_WITH(images(big_endian({2051, 0xffffffff, 0xffffffff, 0xffffffff})),
                    Catch::StartsWith("f: 4294967295"));
  CHECK_THROWS_WITH(images(big_endian({2051, 0x7fffffff, 1, 0x7fffffff}) + "abc"),
                    "f: 3 bytes where 4611686014132420609 are announced; the file is truncated");
  CHECK_THROWS_WITH(labels(big_endian({2051, 1}) + "x"), "f: magic number 2051; IDX labels begin with 2049");
  CHECK_THROWS_WITH(labels(big_endian({2049, 3}) + "x"),
                    "f: 1 bytes where 3 are announced; the file is truncated");
}

TEST_CASE("CIFAR batches") {
  const std::string image(CifarRecords::pixels, '\x07');
  const auto read = [](const std::string& bytes) {
    std::istringstream in(bytes);
    CifarRecords records;
    read_cifar_batch(in, "f", records);
    return records;
  };
  const CifarRecords records = read('\x03' + image + '\x09' + image);
  CHECK(records.labels == std::vector<double>{3, 9});
  CHECK(records.images == std::vector<std::uint8_t>(2 * CifarRecords::pixels, 7));
  CHECK_THROWS_WITH(read("\x0a" + image), "f: the label of record 0 is 10; 0 to 9 are allowed");
  CHECK_THROWS_WITH(read('\x03' + image + "\x03"),
                    "f: record 1 has 1 bytes; each has 3073: a label and 3072 pixels");
  CHECK_THROWS_WITH(read(""), Catch::StartsWith("f: record 0 has 0 bytes"));
}

TEST_CASE("labels are numbered in ascending order; whole numbers are classes") {
  const auto rows = [](std::vector<double> labels) {
    std::vector<double> entries(labels.size(), 1);
    return LabelledRows{DenseRows<double>(1, std::move(entries)), std::move(labels)};
  };
  const DataSet data = make_data_set("d", rows({2, -1, 2, 1}), rows({1, -1}));
  CHECK(data.label_values == std::vector<double>{-1, 1, 2});
  CHECK(data.train.labels == std::vector<std::int32_t>{2, 0, 2, 1});
  CHECK(data.test->labels == std::vector<std::int32_t>{1, 0});
  CHECK(data.no_classes.empty());

  // A label that is no whole number makes all of them numbers, of which the test part may have its own.
  const DataSet real = make_data_set("d", rows({2, -1, 2, 0.5}), rows({7, -1}));
  CHECK(real.label_values == std::vector<double>{-1, 0.5, 2, 7});
  CHECK(real.train.labels == std::vector<std::int32_t>{2, 0, 2, 1});
  CHECK(real.test->labels == std::vector<std::int32_t>{3, 0});
  CHECK(real.no_classes == "the labels are real numbers (4 different values)");
  CHECK(make_data_set("d", rows({1, 2}), rows({1, 2.5})).no_classes ==
        "the labels are real numbers (3 different values)");
  CHECK(make_data_set("d", rows({1, 2}), rows({1, 3})).no_classes ==
        "the test part has the label 3, which no training row has");
  CHECK(make_data_set("d", rows({2, 4}), rows({3})).no_classes ==
        "the test part has the label 3, which no training row has");
  CHECK_THROWS_WITH(make_data_set("d", rows({})), "data set 'd': the training part has no rows");
  CHECK_THROWS_WITH(make_data_set("d", {DenseRows<double>(1, {1, 2}), {1}}),
                    "data set 'd': the training part has 2 rows but 1 labels; one label a row is allowed");
  CHECK_THROWS_AS(make_data_set("d", rows({1, 2}), LabelledRows{DenseRows<double>(2, {1, 2}), {1}}),
                  DataError);
}

TEST_CASE("matrices that are none are refused") {
  CHECK_THROWS_AS(DenseRows<double>(2, {1, 2, 3}), std::invalid_argument);
  CHECK_THROWS_AS(SparseRows(2, {0, 2}, {1, 0}, {1, 1}), std::invalid_argument);
  CHECK_THROWS_AS(SparseRows(2, {0, 1}, {2}, {1}), std::invalid_argument);
  CHECK_THROWS_AS(SparseRows(2, {0, 2}, {0}, {1}), std::invalid_argument);
  CHECK_THROWS_AS(SparseRows(2, {}, {}, {}), std::invalid_argument);
  CHECK(SparseRows(2, {0}, {}, {}).rows() == 0);
}

}  // namespace
}  // namespace gossamer
