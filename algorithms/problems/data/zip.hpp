// ZIP archives in memory.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace gossamer {

/// The files of an archive by their names, stored or deflated. Safe on any bytes. Throws DataFileError, its
/// message beginning with `name: `, where it is broken, encrypted or otherwise compressed.
std::map<std::string, std::string> read_zip(std::string_view content, std::string_view name);

}  // namespace gossamer
