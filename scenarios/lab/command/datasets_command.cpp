#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "algorithms/problems/data/known_data_sets.hpp"
#include "scenarios/lab/command/commands.hpp"
#include "scenarios/lab/command/download.hpp"
#include "scenarios/lab/command/progress_bar.hpp"
#include "scenarios/lab/yaml/fields.hpp"

namespace gossamer {
namespace {

const KnownDataSet& known_data_set(const std::string& name, const char* command) {
  std::vector<std::string> names_known;
  for (const KnownDataSet& known : known_data_sets()) {
    if (known.name == name) return known;
    names_known.emplace_back(known.name);
  }
  throw BadInput(fmt::format("{}: unknown data set '{}';{}", command, name, suggestion(name, names_known)));
}

void print(const FileCheck& check) {
  fmt::print("{}: {}{}{}\n", printable(check.file),
             names(check.status)[static_cast<std::size_t>(check.status)], check.detail.empty() ? "" : ": ",
             check.detail);
}

bool is_published_content(const FileCheck& check) {
  return check.status == FileStatus::ok || check.status == FileStatus::unverified;
}

/// DIR/NAME if --data gives DIR, else where the data set is found already, else in the cache.
std::filesystem::path folder_to_fetch_into(const std::string& name, const std::optional<std::string>& data) {
  if (data) return std::filesystem::path(*data) / name;
  if (const auto found = DataPath(default_directories()).find(name)) return *found;
  if (const auto cache = cache_directory()) return *cache / name;
  throw BadInput("gossamer datasets fetch: there is no $HOME; say with --data where to put data sets");
}

FileCheck fetch(const KnownDataSet::File& file, std::string_view url, const std::filesystem::path& folder) {
  const std::string compression = compression_of(file.published);
  const std::filesystem::path path = folder / fmt::format("{}{}", file.stem, compression);
  const std::string from = fmt::format("{}{}{}", url, url.ends_with('/') ? "" : "/", file.published);
  FileCheck result;
  ProgressBar bar(false);
  const auto watch = [&](std::int64_t done, std::optional<std::int64_t> total) {
    if (!bar.due()) return;
    bar.draw(total ? static_cast<double>(done) / static_cast<double>(*total) : 0,
             fmt::format("{} | {:.1f} MB", file.published, static_cast<double>(done) / 1e6));
  };
  download(from, path, watch, [&](const std::filesystem::path& part) {
    bar.draw(0, "checking " + path.string());
    result = check(file, part, compression);
    if (!is_published_content(result)) {
      throw std::runtime_error(
          fmt::format("{}: this is not the published file, and is not kept: {}", from, result.detail));
    }
    result.file = path.string();
  });
  return result;
}

}  // namespace

int datasets_list_command(const std::optional<std::string>& data) {
  const DataPath path = data_path(data);
  for (const KnownDataSet& known : known_data_sets()) {
    const auto found = path.find(std::string(known.name));
    const bool checked = !known.files.front().sha256.empty();
    fmt::print("  {:<14} {:>6} + {:>6} rows, {:>7} features, {:>2} classes: {}{}\n  {:<14} {}\n", known.name,
               known.train_rows, known.test_rows, known.features, known.classes, known.description,
               checked ? "" : "; no checksum is documented", "",
               found ? printable(found->string()) : "missing; " + how_to_get(known.name));
  }
  for (const auto& [name, folder] : path.all()) {
    if (known_data_set(name)) continue;
    fmt::print("  {:<14} of your own\n  {:<14} {}\n", printable(name), "", printable(folder.string()));
  }
  return 0;
}

int datasets_verify_command(const std::vector<std::string>& chosen, const std::optional<std::string>& data) {
  const DataPath path = data_path(data);
  for (const std::string& name : chosen) known_data_set(name, "gossamer datasets verify");
  int code = 0;
  for (const KnownDataSet& known : known_data_sets()) {
    if (!chosen.empty() && std::ranges::count(chosen, known.name) == 0) continue;
    if (!path.find(std::string(known.name))) {
      fmt::print("{}: missing\n", known.name);
      if (!chosen.empty()) code = 1;
      continue;
    }
    for (const FileCheck& check : verify(known, path)) {
      print(check);
      if (!is_published_content(check)) code = 1;
    }
  }
  return code;
}

int datasets_fetch_command(const std::string& name, const std::optional<std::string>& url,
                           const std::optional<std::string>& data) {
  const KnownDataSet& known = known_data_set(name, "gossamer datasets fetch");
  if (url && !url->starts_with("http://") && !url->starts_with("https://")) {
    throw BadInput(fmt::format("--from '{}': it takes a URL, https://... or http://...", *url));
  }
  if (!url && known.url.empty()) {
    throw BadInput(fmt::format("'{}' cannot be fetched file by file; {}", name, how_to_get(name)));
  }
  const std::filesystem::path folder = folder_to_fetch_into(name, data);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw std::system_error(error, folder.string() + ": cannot be created");
  // Backwards, as a data set counts as found once its training part, which is listed first, is there.
  for (auto next = known.files.rbegin(); next != known.files.rend(); ++next) {
    const KnownDataSet::File& file = *next;
    const auto there = existing_file(folder, file.stem);
    if (!there) {
      print(fetch(file, url ? *url : known.url, folder));
      continue;
    }
    if (!file.sha256.empty()) {
      const FileCheck found = check(file, *there, compression_of(*there));
      if (!is_published_content(found)) {
        throw std::runtime_error(fmt::format("{}: this is not the published file; remove it to fetch it: {}",
                                             there->string(), found.detail));
      }
    }
    fmt::print("{}: there already\n", printable(there->string()));
  }
  return 0;
}

}  // namespace gossamer
