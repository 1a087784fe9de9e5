#include "scenarios/lab/command/commands.hpp"

#include <filesystem>

namespace gossamer {

Value document_with(const std::string& path, const std::vector<std::string>& assignments) {
  Value document = read_document(path);
  for (const std::string& assignment : assignments) set(document, assignment);
  return document;
}

DataPath data_path(const std::optional<std::string>& data) {
  if (data && !std::filesystem::is_directory(*data)) {
    throw BadInput("--data " + *data + ": there is no such directory");
  }
  return DataPath(default_directories(data));
}

}  // namespace gossamer
