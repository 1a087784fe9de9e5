// InputFile: a file that a parameter names.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

namespace gossamer {

/// A path, and what lies there once it has been read: a run uses, and its trace keeps, one and the same text.
struct InputFile {
  std::string name;            ///< As the user gave it.
  std::filesystem::path path;  ///< Where it lies.
  bool named_in_file = false;  ///< By a scenario's text; else by hand, as on the command line.
  std::shared_ptr<const std::string> content{};

  InputFile() = default;
  InputFile(const std::filesystem::path& place)
      : name(place.string()), path(place) {}                         // NOLINT: a path names it.
  InputFile(const std::string& place) : name(place), path(place) {}  // NOLINT: the same.
  InputFile(const char* place) : name(place), path(place) {}         // NOLINT: the same.
};

}  // namespace gossamer
