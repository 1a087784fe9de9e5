// The data sets that are known by name: what they hold, and the checksums that prove it.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/problems/data/data_path.hpp"

namespace gossamer {

/// Documented properties, shown where the data are not at hand.
struct KnownDataSet {
  struct File {
    std::string_view stem;       ///< Name without compression's ending.
    std::string_view published;  ///< Name where it is published, with that ending.
    std::string_view
        sha256;  ///< Of the content after decompression, in lower-case hexadecimal; or unknown, "".
  };
  std::string_view name;
  std::string_view description;
  int train_rows;
  int test_rows;  ///< 0: no test part.
  int features;
  int classes;
  std::string_view url;  ///< The folder where the files are published, or a mirror; "": only in an archive.
  std::vector<File> files;
};

const std::vector<KnownDataSet>& known_data_sets();
/// Null if there is none of this name.
const KnownDataSet* known_data_set(std::string_view name);

/// What to do about a missing data set, known or not.
std::string how_to_get(std::string_view name);

enum class FileStatus { ok, unverified, mismatch, missing, unreadable };
constexpr std::array<std::string_view, 5> names(FileStatus) {
  return {"ok", "unverified", "mismatch", "missing", "unreadable"};
}

struct FileCheck {
  std::string file;  ///< Its path where found, else its name.
  FileStatus status;
  std::string detail;  ///< What is wrong or not known, in words; empty where all is well.
};

/// Compares the SHA-256 of the content of `path`, after decompression, with the documented one.
FileCheck check(const KnownDataSet::File& file, const std::filesystem::path& path,
                const std::string& compression);

/// The same for each file of a data set.
std::vector<FileCheck> verify(const KnownDataSet& known, const DataPath& path);

/// The SHA-256 of what `in` has left, in lower-case hexadecimal.
std::string sha256(std::istream& in);
/// The same of a text.
std::string sha256(std::string_view text);

}  // namespace gossamer
