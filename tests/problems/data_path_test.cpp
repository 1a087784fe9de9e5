#include "algorithms/problems/data/data_path.hpp"

#include <unistd.h>

#include <boost/iostreams/filter/bzip2.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filter/lzma.hpp>
#include <boost/iostreams/filtering_stream.hpp>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "algorithms/problems/data/known_data_sets.hpp"

namespace gossamer {
namespace {

namespace fs = std::filesystem;
namespace io = boost::iostreams;

/// A directory that lives as long as the test.
class Scratch {
 public:
  Scratch() {
    std::string name = (fs::temp_directory_path() / "gossamer-test-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()));
    path_ = name;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { fs::remove_all(path_); }

  const fs::path& path() const { return path_; }
  fs::path write(const fs::path& name, const std::string& content) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << content;
    return path_ / name;
  }

 private:
  fs::path path_;
};

std::string compressed(const std::string& content, const std::string& ending) {
  std::ostringstream result;
  io::filtering_ostream out;
  if (ending == ".gz") out.push(io::gzip_compressor());
  if (ending == ".bz2") out.push(io::bzip2_compressor());
  if (ending == ".xz") out.push(io::lzma_compressor());
  out.push(result);
  out << content;
  out.reset();
  return result.str();
}

/// Long enough for a compressed form of several buffers.
std::string long_text() {
  std::string text;
  for (int r = 0; r < 20000; ++r)
    text += std::to_string(r % 2) + " 1:" + std::to_string(r * 7919 % 10007) + "\n";
  return text;
}

const std::string endings[] = {"", ".gz", ".bz2", ".xz"};

TEST_CASE("data sets are read plain and compressed") {
  for (const std::string& ending : endings) {
    INFO("ending '" << ending << "'");
    const Scratch scratch;
    scratch.write("tiny/tiny" + ending, compressed("0 1:1\n1 3:2\n", ending));
    scratch.write("tiny/tiny.t" + ending, compressed("1 2:4\n", ending));
    const DataPath path({"/nonexistent", scratch.path()});
    CHECK(path.find("tiny") == scratch.path() / "tiny");
    const auto data = path.load("tiny");
    CHECK(data->name == "tiny");
    CHECK(data->train.rows() == 2);
    CHECK(data->columns() == 3);
    CHECK(expanded_row(data->test->features, 0)[1] == 4);
    CHECK(path.load("tiny", 9)->columns() == 9);
    CHECK_THROWS_WITH(path.load("tiny", 2), (scratch.path() / ("tiny/tiny" + ending)).string() +
                                                ":2: index 3; 1 to 2 are allowed with this dimension");
  }
}

TEST_CASE("data sets are read once and shared") {
  const Scratch scratch;
  scratch.write("tiny/tiny", "0 1:1\n1 3:2\n");
  const DataSets sets(DataPath({scratch.path()}));
  const auto data = sets.load("tiny");
  CHECK(sets.load("tiny") == data);
  CHECK(sets.load("tiny", 4)->columns() == 4);
  CHECK_THROWS_AS(sets.load("none"), DataError);
}

TEST_CASE("truncated and corrupt compressed files are refused") {
  const std::string text = long_text();
  for (const std::string ending : {".gz", ".bz2", ".xz"}) {
    INFO("ending " << ending);
    const Scratch scratch;
    const DataPath path({scratch.path()});
    const std::string whole = compressed(text, ending);
    scratch.write("d/d" + ending, whole);
    CHECK(path.load("d")->train.rows() == 20000);
    const auto refused = Catch::StartsWith((scratch.path() / ("d/d" + ending)).string() +
                                           ": cannot be decompressed, it is "
                                           "truncated or corrupt");
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{3}, whole.size() / 2, whole.size() - 9, whole.size() - 1}) {
      INFO(size << " of " << whole.size() << " bytes");
      scratch.write("d/d" + ending, whole.substr(0, size));
      CHECK_THROWS_WITH(path.load("d"), refused);
    }
    std::string corrupt = whole;
    corrupt[whole.size() / 2] = static_cast<char>(corrupt[whole.size() / 2] ^ 0x55);
    scratch.write("d/d" + ending, corrupt);
    CHECK_THROWS_AS(path.load("d"), DataError);
  }
}

TEST_CASE("IDX data sets") {
  const auto integers = [](std::initializer_list<int> values) {
    std::string bytes;
    for (const int value : values)
      bytes += std::string(2, '\0') + static_cast<char>(value >> 8) + static_cast<char>(value & 255);
    return bytes;
  };
  const Scratch scratch;
  const DataPath path({scratch.path()});
  scratch.write("d/train-images-idx3-ubyte", integers({2051, 2, 1, 2}) + "abcd");
  const std::string labels = (scratch.path() / "d/train-labels-idx1-ubyte").string();
  CHECK_THROWS_WITH(path.load("d"), labels + ": missing; it must hold the labels of train-images-idx3-ubyte");
  scratch.write("d/train-labels-idx1-ubyte", integers({2049, 3}) + "xyz");
  CHECK_THROWS_WITH(path.load("d"),
                    labels +
                        ": 3 labels for the 2 images of train-images-idx3-ubyte; one for each is "
                        "allowed");
  scratch.write("d/train-labels-idx1-ubyte", integers({2049, 2}) + "xy");
  CHECK(path.load("d")->train.rows() == 2);
  CHECK(path.load("d", 2)->columns() == 2);
  CHECK_THROWS_WITH(path.load("d", 3), "data set 'd': dimension 3 for rows of 2 features; 2 is allowed");
  CHECK_FALSE(path.load("d")->test);
  scratch.write("d/t10k-images-idx3-ubyte.gz", compressed(integers({2051, 1, 1, 2}) + "ef", ".gz"));
  scratch.write("d/t10k-labels-idx1-ubyte.gz", compressed(integers({2049, 1}) + "y", ".gz"));
  CHECK(path.load("d")->test->labels == std::vector<std::int32_t>{1});
}

TEST_CASE("a missing data set says where it was looked for and what to do") {
  const DataPath path({"/a", "/b"});
  CHECK_THROWS_WITH(
      path.load("fashion-mnist"),
      "data set 'fashion-mnist' not found; looked for in: /a/fashion-mnist, /b/fashion-mnist; install it "
      "with: apt-get install dataset-fashion-mnist; a file of your own is named by its path, ./FILE");
  CHECK_THROWS_WITH(
      path.load("a9a"),
      "data set 'a9a' not found; looked for in: /a/a9a, /b/a9a; fetch it with: gossamer datasets fetch a9a; "
      "or put a9a, a9a.t, plain or as .gz, .bz2 or .xz, into DIR/a9a/, with DIR ./data, $GOSSAMER_DATA or "
      "--data DIR; a file of your own is named by its path, ./FILE");
  CHECK_THROWS_WITH(path.load("mine"),
                    Catch::Contains("; put mine (LIBSVM text), or train-images-idx3-ubyte"));
  CHECK_THROWS_WITH(path.load("./none"),
                    "data set './none' not found; looked for: ./none; it takes a file: a table (.csv, .tsv), "
                    "NumPy's arrays (.npz) or LIBSVM text (any other ending), also as .gz, .bz2 or .xz");
  CHECK_THROWS_WITH(path.load("none.svm"), Catch::StartsWith("data set 'none.svm' not found; looked for: "
                                                             "none.svm, /a/none.svm, /b/none.svm; it takes"));
  CHECK_THROWS_WITH(path.load("/etc/"), Catch::StartsWith("data set '/etc/' is no file; looked for: /etc/"));
  CHECK_THROWS_WITH(path.load(""), Catch::StartsWith("data set '' not found"));
}

TEST_CASE("files of one's own are data sets") {
  const Scratch scratch;
  const DataPath path({scratch.path()});
  const std::string train = scratch.write("train.svm.gz", compressed("0 1:1\n1 3:2\n", ".gz")).string();
  const std::string test = scratch.write("other", "1 4:4\n").string();
  CHECK(path.load(train)->columns() == 3);
  CHECK_FALSE(path.load(train)->test);
  const auto both = path.load(DataRequest{.set = train, .test = test});
  CHECK(both->name == train);
  CHECK(both->columns() == 4);
  CHECK(both->train.rows() == 2);
  CHECK(both->test->rows() == 1);
  CHECK(both->notes ==
        std::vector<std::string>{test + ": has features that no training row has; the dimension "
                                        "is that of both, 4"});
  CHECK(path.load(DataRequest{.set = train, .test = test, .dimension = 5})->notes.empty());
  CHECK_THROWS_WITH(path.load(DataRequest{.set = train, .test = "./none"}),
                    Catch::StartsWith("test part './none' not found; looked for: ./none"));

  const auto hashes = path.hashes(DataRequest{.set = train, .test = test});
  REQUIRE(hashes.size() == 2);
  CHECK(hashes.at(test) == sha256(std::string_view("1 4:4\n")));

  // A set of the data path may have a point in its name, and brings its own test part.
  scratch.write("some.binary/some.binary", "0 1:1\n");
  CHECK(path.load("some.binary")->columns() == 1);
  CHECK_THROWS_WITH(
      path.load(DataRequest{.set = "some.binary", .test = test}),
      "test: data set 'some.binary' is a set of the data path; only a file of your own, named by its "
      "path, takes this key");
  CHECK(path.all() == std::map<std::string, fs::path>{{"some.binary", scratch.path() / "some.binary"}});
}

TEST_CASE("directories are searched in the order documented") {
  const auto directories = default_directories("/given");
  REQUIRE(directories.size() >= 3);
  CHECK(directories.front() == "/given");
  CHECK(directories.back() == "/usr/share/datasets");
  CHECK(std::ranges::count(default_directories(), "/given") == 0);
}

TEST_CASE("the first directory with the data wins") {
  const Scratch first, second;
  fs::create_directories(first.path() / "d");  // A folder without data is passed over.
  second.write("d/d", "1 1:1\n");
  const DataPath path({first.path(), second.path()});
  CHECK(path.find("d") == second.path() / "d");
  first.write("d/d.gz", compressed("1 1:1\n", ".gz"));
  CHECK(path.find("d") == first.path() / "d");
}

TEST_CASE("checksums tell good files from bad") {
  // SHA-256 of "abc": FIPS 180-2, appendix B.1.
  std::istringstream abc("abc");
  CHECK(sha256(abc) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");

  const Scratch scratch;
  const DataPath path({scratch.path()});
  const KnownDataSet known{
      "d",
      "",
      1,
      1,
      1,
      2,
      "",
      {{"d", "d", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}, {"d.t", "d.t", "0"}}};
  const auto statuses = [&] {
    std::vector<FileStatus> result;
    for (const FileCheck& check : verify(known, path)) result.push_back(check.status);
    return result;
  };
  CHECK(statuses() == std::vector{FileStatus::missing, FileStatus::missing});
  scratch.write("d/d.gz", compressed("abc", ".gz"));
  scratch.write("d/d.t", "abd");
  CHECK(statuses() == std::vector{FileStatus::ok, FileStatus::mismatch});
  scratch.write("d/d.gz", compressed("abc", ".gz").substr(0, 15));
  CHECK(statuses() == std::vector{FileStatus::unreadable, FileStatus::mismatch});

  // Where none is documented, and under a name that does not tell the compression.
  const fs::path part = scratch.write("d/d.gz.part", compressed("abc", ".gz"));
  const FileCheck unverified = check({"d", "d.gz", ""}, part, compression_of("d.gz"));
  CHECK(unverified.status == FileStatus::unverified);
  CHECK(unverified.detail ==
        "SHA-256 of the content is ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad, none is "
        "documented");
}

TEST_CASE("names tell compressions") {
  CHECK(compression_of("rcv1_train.binary.bz2") == ".bz2");
  CHECK(compression_of("a9a.t") == "");
  CHECK(compression_of("w8a") == "");
}

// A section for each, which CTest runs alone, so that it can say which were skipped.
TEST_CASE("real data sets are what their publishers say", "[data]") {
  const DataPath path(default_directories());
  const std::pair<const char*, Index> nonzeros[] = {
      {"mushrooms", 170604},    {"a9a", 451592},     {"w8a", 579586},        {"phishing", 331650},
      {"rcv1", 1498952},        {"news20", 9097916}, {"mnist", 60000 * 784}, {"fashion-mnist", 60000 * 784},
      {"cifar10", 50000 * 3072}};
  const std::pair<const char*, std::vector<Index>> label_counts[] = {
      {"mushrooms", {3916, 4208}},
      {"a9a", {24720, 7841}},
      {"w8a", {48270, 1479}},
      {"phishing", {4898, 6157}},
      {"rcv1", {}},  // Not known here.
      {"news20", {}},
      {"mnist", {5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949}},
      {"fashion-mnist", std::vector<Index>(10, 6000)},
      {"cifar10", std::vector<Index>(10, 5000)}};
  for (std::size_t k = 0; k < known_data_sets().size(); ++k) {
    const KnownDataSet& known = known_data_sets()[k];
    const std::string name(known.name);
    REQUIRE(name == nonzeros[k].first);
    DYNAMIC_SECTION(name) {
      if (!path.find(name)) {
        WARN("skipped: data set '" << name << "' is not here");
        return;
      }
      const auto data = path.load(name);
      CHECK(data->train.rows() == known.train_rows);
      // Of CIFAR-10 some have only the beginning of the test part.
      const bool is_cut = existing_file(*path.find(name), "test_batch_first1000.bin").has_value();
      CHECK((data->test ? data->test->rows() : 0) == (is_cut ? 1000 : known.test_rows));
      CHECK(data->columns() == known.features);
      CHECK(data->classes() == known.classes);
      CHECK(entries(data->train.features) == nonzeros[k].second);
      if (!label_counts[k].second.empty()) {
        std::vector<Index> counts(label_counts[k].second.size());
        for (const std::int32_t label : data->train.labels) ++counts[label];
        CHECK(counts == label_counts[k].second);
      }
      if (known.files.front().sha256.empty()) return;
      for (const FileCheck& check : verify(known, path)) {
        INFO(check.file << ": " << check.detail);
        const bool is_beside =
            check.file == "test_batch.bin" || check.file.find("/test_batch.bin") != std::string::npos;
        CHECK((check.status == FileStatus::ok || is_beside));  // Its checksum is not documented.
      }
    }
  }
}

}  // namespace
}  // namespace gossamer
