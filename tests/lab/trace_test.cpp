#include "scenarios/lab/trace/trace.hpp"

#include <sys/resource.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "scenarios/lab/trace/read_trace.hpp"
#include "tests/lab/support.hpp"

using namespace gossamer;
using namespace gossamer::testing;
namespace fs = std::filesystem;

namespace {

std::vector<std::byte> bytes_of(const std::string& text) {
  const auto* first = reinterpret_cast<const std::byte*>(text.data());
  return {first, first + text.size()};
}

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::ptrdiff_t entries(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), {});
}

/// Files of this process cannot grow beyond `bytes`: as good as a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit before_{};
};

}  // namespace

// The layout is checked by tests/command, which reads traces as their users do.

TEST_CASE("Equal traces are equal bytes, others are not") {
  const Run run;
  Trace copy = run.trace;
  const auto bytes = to_hdf5(run.trace);
  CHECK(to_hdf5(copy) == bytes);
  copy.metrics[3].values[2] += 1;
  CHECK(to_hdf5(copy) != bytes);
}

TEST_CASE("Files of one layout, and of many, hold their own numbers and texts") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "a.h5";
  const auto trace = [](int value, std::size_t rows) {
    Trace t;
    t.scenario = "name: small";
    t.identity = std::to_string(value);
    t.metrics = {{"loss", std::vector<double>(rows, value)}};
    return t;
  };
  constexpr std::size_t rows_of_large = 200'000;
  std::vector<std::size_t> all_rows{rows_of_large};
  for (std::size_t rows = 1; rows <= 40; ++rows) all_rows.push_back(rows);
  for (const int value : {1, -2}) {
    for (const std::size_t rows : all_rows) {
      const auto bytes = to_hdf5(trace(value, rows));
      CHECK(to_hdf5(trace(value, rows)) == bytes);
      replace_file(path, bytes);
      const TraceSummary summary = read_summary(path);
      CHECK(summary.identity == std::to_string(value));
      CHECK(summary.last_row == std::vector<std::pair<std::string, double>>{{"loss", value}});
    }
  }
}

TEST_CASE("Any trace has a file") {
  CHECK_FALSE(to_hdf5(Trace{}).empty());
  Trace large;
  large.scenario = std::string(1'000'000, 'x');
  CHECK(to_hdf5(large).size() > 1'000'000);
}

TEST_CASE("A file is replaced as a whole") {
  const TemporaryFolder folder;
  const fs::path path = folder.write("a.h5", "old");
  replace_file(path, bytes_of("new"));
  CHECK(content(path) == "new");
  replace_file(folder.path() / "b.h5", {});
  CHECK(content(folder.path() / "b.h5").empty());
  CHECK(entries(folder.path()) == 2);
}

TEST_CASE("A write that fails leaves the old file and nothing else") {
  const TemporaryFolder folder;
  const fs::path path = folder.write("a.h5", "old");
  {
    const FileSizeLimit limit(100);
    CHECK(complaint([&] { replace_file(path, bytes_of(std::string(1000, 'x'))); }) ==
          path.string() + ": cannot be written: File too large");
  }
  CHECK(content(path) == "old");
  CHECK(entries(folder.path()) == 1);

  const fs::path directory = folder.path() / "directory.h5";
  fs::create_directory(directory);
  CHECK(complaint([&] { replace_file(directory, bytes_of("new")); }) ==
        directory.string() + ": cannot be put in place: Is a directory");
  CHECK(fs::is_directory(directory));
  CHECK(entries(folder.path()) == 2);

  const fs::path nowhere = folder.path() / "no" / "a.h5";
  CHECK(complaint([&] { replace_file(nowhere, bytes_of("new")); }) ==
        nowhere.string() + ": cannot be written: No such file or directory");
}

TEST_CASE("Whether a trace could be written is known before the run") {
  const TemporaryFolder folder;
  const auto of = [&](const std::string& name) {
    return complaint([&] { require_writable(folder.path() / name); });
  };
  const auto path = [&](const std::string& name) { return (folder.path() / name).string(); };
  folder.write("notes.txt", "mine");
  folder.write("empty.h5", "");
  replace_file(path("old.h5"), to_hdf5(Run().trace));
  const std::string old = content(path("old.h5"));
  fs::create_directory(path("directory"));
  REQUIRE(::mkfifo(path("pipe").c_str(), 0600) == 0);

  CHECK(of("new.h5") == "nothing");
  CHECK(of("old.h5") == "nothing");
  CHECK(content(path("old.h5")) == old);
  CHECK(of("empty.h5") == "nothing");
  CHECK(of("notes.txt") == path("notes.txt") +
                               ": cannot be written: it is there already, and not a trace; "
                               "choose another place");
  CHECK(of("directory") == path("directory") + ": cannot be written: it is not a file");
  CHECK(of("pipe") == path("pipe") + ": cannot be written: it is not a file");
  CHECK(of("no/a.h5") == path("no/a.h5") + ": cannot be written: No such file or directory");
  CHECK(of("old.h5/a.h5") == path("old.h5/a.h5") + ": cannot be written: Not a directory");
  CHECK(entries(folder.path()) == 5);
}
