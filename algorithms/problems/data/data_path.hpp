// Where data sets lie on this machine, and loading them from there.
#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <istream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "algorithms/problems/data/data_set.hpp"

namespace gossamer {

/// ~/.cache/gossamer, where data sets are put that are fetched; nothing where there is no $HOME.
std::optional<std::filesystem::path> cache_directory();

/// --data DIR where given, $GOSSAMER_DATA where set, ./data, ~/.cache/gossamer, /usr/share/datasets.
std::vector<std::filesystem::path> default_directories(
    const std::optional<std::string>& given = std::nullopt);

/// What names a data set: a name on the data path, or a file of one's own. A name with a slash is a file's, a
/// name with an ending a file's unless the data path has such a set.
struct DataName {
  std::string name;              ///< As the user gave it.
  std::filesystem::path path{};  ///< Where it lies if it is a file, which it may be.

  DataName() = default;
  DataName(std::string given) : name(std::move(given)) {  // NOLINT: a text names it.
    if (may_be_path()) path = name;
  }
  DataName(const char* given) : DataName(std::string(given)) {}  // NOLINT: the same.

  bool is_path() const { return name.find('/') != std::string::npos; }
  bool may_be_path() const { return is_path() || name.find('.') != std::string::npos; }
  friend bool operator==(const DataName&, const DataName&) = default;
};

/// Which data to read, and how.
struct DataRequest {
  DataName set;
  std::optional<DataName> test{};  ///< The file with the test part; for files of one's own.
  std::string label{};             ///< The column of the labels, as read_csv() takes it; for tables.
  /// `dimension` > 0 sets the number of columns: any that holds the largest index of sparse data, just their
  /// own for others; 0: that of the data.
  Index dimension = 0;

  friend bool operator==(const DataRequest&, const DataRequest&) = default;
};

/// Directories that are searched in order. The files of data set NAME lie in DIR/NAME/, plain or compressed
/// (.gz, .bz2, .xz), under the names they are published by:
///   LIBSVM  NAME and, where there is a test part, NAME.t
///   IDX     train-images-idx3-ubyte, train-labels-idx1-ubyte and, likewise, t10k-*
///   CIFAR   data_batch_1.bin, data_batch_2.bin, ..., and test_batch.bin, or test_batch_first1000.bin, its
///           first 1,000 records
/// The first directory that has a training part is used.
class DataPath {
 public:
  explicit DataPath(std::vector<std::filesystem::path> directories = {})
      : directories_(std::move(directories)) {}

  const std::vector<std::filesystem::path>& directories() const { return directories_; }

  /// The folder DIR/NAME that is used.
  std::optional<std::filesystem::path> find(const std::string& name) const;

  /// The sets in the directories, by name, with the folder of each that is used.
  std::map<std::string, std::filesystem::path> all() const;

  /// Reads a data set. Of LIBSVM text both parts together say how many columns there are.
  /// Throws DataError where it is not found (saying where it was looked for and what to do) or not readable.
  std::shared_ptr<const DataSet> load(const DataRequest& request) const;
  std::shared_ptr<const DataSet> load(const std::string& name, Index dimension = 0) const {
    return load(DataRequest{.set = name, .dimension = dimension});
  }

  /// The SHA-256 of each file of a data set as it lies there, compressed or not, by its name; of one's own
  /// files, as the user named them. Throws as load() where the data set is not found.
  std::map<std::string, std::string> hashes(const DataRequest& request) const;

 private:
  bool is_file(const DataName& set) const;
  std::filesystem::path require_folder(const DataName& set) const;
  /// Throws DataError where it is none.
  std::filesystem::path require_file(const DataName& name, const char* key) const;

  std::vector<std::filesystem::path> directories_;
};

/// The data sets of a path, each read once and shared by all who ask for it, on any thread.
class DataSets {
 public:
  DataSets(DataPath path) : path_(std::move(path)) {}

  const std::vector<std::filesystem::path>& directories() const { return path_.directories(); }

  /// As those of DataPath.
  std::shared_ptr<const DataSet> load(const DataRequest& request) const;
  std::shared_ptr<const DataSet> load(const std::string& name, Index dimension = 0) const {
    return load(DataRequest{.set = name, .dimension = dimension});
  }
  std::map<std::string, std::string> hashes(const DataRequest& request) const;

 private:
  struct Read {
    DataRequest request;
    std::shared_ptr<const DataSet> data;
    std::map<std::string, std::string> hashes;
  };
  Read& entry(const DataRequest& request) const;

  DataPath path_;
  mutable std::mutex mutex_;
  mutable std::deque<Read> read_;  // Few; a request is compared in no time.
};

/// DIR/stem or its compressed form, if there is one.
std::optional<std::filesystem::path> existing_file(const std::filesystem::path& folder,
                                                   std::string_view stem);

/// The ending of a compressed file's name, ".gz", ".bz2" or ".xz", or "" for other files.
std::string compression_of(const std::filesystem::path& path);

/// Hands the content of a file to `read`, decompressed as its ending tells, or as that of another name does.
/// Throws DataError, its message beginning with the path, where the file cannot be read or decompressed to
/// its end.
void read_file(const std::filesystem::path& path, const std::function<void(std::istream&)>& read);
void read_file(const std::filesystem::path& path, const std::string& compression,
               const std::function<void(std::istream&)>& read);

}  // namespace gossamer
