// Fetching files over HTTP.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace gossamer {

/// Called as data come in, with the bytes that there are by now and how many it will be, if that is known.
using DownloadWatch = std::function<void(std::int64_t done, std::optional<std::int64_t> total)>;

/// Fetches what `url`, of http or https, stands for, and hands it to `accept` as the file PATH.part; then
/// names it `path`. What an earlier call left in PATH.part, whatever broke it off, a kill included, is not
/// fetched again where the server can send the rest alone. Throws std::runtime_error, its message beginning
/// with the URL or the file, where that fails: PATH.part then keeps what came. Where `accept` throws,
/// PATH.part is removed.
void download(const std::string& url, const std::filesystem::path& path, const DownloadWatch& watch,
              const std::function<void(const std::filesystem::path& part)>& accept);

}  // namespace gossamer
