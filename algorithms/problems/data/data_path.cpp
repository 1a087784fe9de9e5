#include "algorithms/problems/data/data_path.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/iostreams/device/file.hpp>
#include <boost/iostreams/filter/bzip2.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filter/lzma.hpp>
#include <boost/iostreams/filtering_stream.hpp>
#include <cstdlib>

#include "algorithms/problems/data/cifar.hpp"
#include "algorithms/problems/data/idx.hpp"
#include "algorithms/problems/data/known_data_sets.hpp"
#include "algorithms/problems/data/libsvm.hpp"

namespace gossamer {
namespace fs = std::filesystem;
namespace io = boost::iostreams;
namespace {

constexpr std::string_view compressions[] = {"", ".gz", ".bz2", ".xz"};
constexpr std::string_view train_images = "train-images-idx3-ubyte", train_labels = "train-labels-idx1-ubyte";
constexpr std::string_view cifar_train = "data_batch_1.bin";
constexpr std::string_view test_images = "t10k-images-idx3-ubyte", test_labels = "t10k-labels-idx1-ubyte";

LabelledRows read_libsvm_file(const fs::path& path, Index dimension) {
  std::optional<LabelledRows> rows;
  read_file(path, [&](std::istream& in) { rows = read_libsvm(in, path.string(), dimension); });
  return std::move(*rows);
}

/// The images in one file of `folder` and their labels in another. The images must exist.
LabelledRows read_idx_files(const fs::path& folder, std::string_view images_stem,
                            std::string_view labels_stem) {
  const fs::path images_path = existing_file(folder, images_stem).value();
  const std::optional<fs::path> labels_path = existing_file(folder, labels_stem);
  if (!labels_path) {
    throw DataFileError(fmt::format("{}: missing; it must hold the labels of {}",
                                    (folder / labels_stem).string(), images_path.filename().string()));
  }
  std::optional<DenseRows<std::uint8_t>> images;
  std::vector<std::uint8_t> labels;
  read_file(images_path, [&](std::istream& in) { images = read_idx_images(in, images_path.string()); });
  read_file(*labels_path, [&](std::istream& in) { labels = read_idx_labels(in, labels_path->string()); });
  if (std::ssize(labels) != images->rows()) {
    throw DataFileError(fmt::format("{}: {} labels for the {} images of {}; one for each is allowed",
                                    labels_path->string(), labels.size(), images->rows(),
                                    images_path.filename().string()));
  }
  return {std::move(*images), {labels.begin(), labels.end()}};
}

/// The batches that are there, from the first on.
std::vector<fs::path> cifar_train_files(const fs::path& folder) {
  std::vector<fs::path> files;
  while (const auto file = existing_file(folder, fmt::format("data_batch_{}.bin", files.size() + 1))) {
    files.push_back(*file);
  }
  return files;
}

std::vector<fs::path> cifar_test_files(const fs::path& folder) {
  for (const char* stem : {"test_batch.bin", "test_batch_first1000.bin"}) {
    if (const auto file = existing_file(folder, stem)) return {*file};
  }
  return {};
}

LabelledRows read_cifar_files(const std::vector<fs::path>& files) {
  CifarRecords records;
  for (const fs::path& file : files) {
    read_file(file, [&](std::istream& in) { read_cifar_batch(in, file.string(), records); });
  }
  return {DenseRows<std::uint8_t>(CifarRecords::pixels, std::move(records.images)),
          std::move(records.labels)};
}

/// The parts of a data set of images, or of one in LIBSVM's format.
std::pair<LabelledRows, std::optional<LabelledRows>> read_parts(const fs::path& folder,
                                                                const std::string& name, Index dimension) {
  std::optional<LabelledRows> test;
  if (const std::optional<fs::path> train_path = existing_file(folder, name)) {
    LabelledRows train = read_libsvm_file(*train_path, dimension);
    if (const std::optional<fs::path> test_path = existing_file(folder, name + ".t")) {
      test = read_libsvm_file(*test_path, columns(train.features));
    }
    return {std::move(train), std::move(test)};
  }
  if (existing_file(folder, cifar_train)) {
    const std::vector<fs::path> of_test = cifar_test_files(folder);
    if (!of_test.empty()) test = read_cifar_files(of_test);
    return {read_cifar_files(cifar_train_files(folder)), std::move(test)};
  }
  if (existing_file(folder, test_images)) test = read_idx_files(folder, test_images, test_labels);
  return {read_idx_files(folder, train_images, train_labels), std::move(test)};
}

}  // namespace

std::optional<fs::path> cache_directory() {
  const char* const home = std::getenv("HOME");
  if (!home || !*home) return std::nullopt;
  return fs::path(home) / ".cache" / "gossamer";
}

std::vector<fs::path> default_directories(const std::optional<std::string>& given) {
  std::vector<fs::path> directories;
  if (given) directories.emplace_back(*given);
  if (const char* variable = std::getenv("GOSSAMER_DATA"); variable && *variable) {
    directories.emplace_back(variable);
  }
  directories.emplace_back("data");
  if (const auto cache = cache_directory()) directories.push_back(*cache);
  directories.emplace_back("/usr/share/datasets");
  return directories;
}

std::optional<fs::path> existing_file(const fs::path& folder, std::string_view stem) {
  for (const std::string_view ending : compressions) {
    const fs::path path = folder / fmt::format("{}{}", stem, ending);
    std::error_code ignored;
    if (fs::is_regular_file(path, ignored)) return path;
  }
  return std::nullopt;
}

std::string compression_of(const fs::path& path) {
  const std::string ending = path.extension().string();
  return std::ranges::count(compressions, ending) > 0 ? ending : "";
}

void read_file(const fs::path& path, const std::function<void(std::istream&)>& read) {
  read_file(path, compression_of(path), read);
}

void read_file(const fs::path& path, const std::string& compression,
               const std::function<void(std::istream&)>& read) {
  io::file_source file(path.string(), std::ios::binary);
  if (!file.is_open()) throw DataFileError(fmt::format("{}: cannot be opened", path.string()));
  io::filtering_istream in;
  if (compression == ".gz") in.push(io::gzip_decompressor());
  if (compression == ".bz2") in.push(io::bzip2_decompressor());
  if (compression == ".xz") in.push(io::lzma_decompressor());
  in.push(file, 1 << 16);
  // Without this a stream swallows what its filters throw and pretends that the file has ended.
  in.exceptions(std::ios::badbit);
  try {
    read(in);
  } catch (const std::ios::failure& failure) {
    throw DataFileError(fmt::format("{}: cannot be {}: {}", path.string(),
                                    in.size() > 1 ? "decompressed, it is truncated or corrupt" : "read",
                                    failure.what()));
  }
}

std::optional<fs::path> DataPath::find(const std::string& name) const {
  // A name is a folder's; anything else could lead out of the directories.
  if (name.empty() || name.starts_with('.') || name.find('/') != std::string::npos) return std::nullopt;
  for (const fs::path& directory : directories_) {
    const fs::path folder = directory / name;
    for (const std::string_view stem : {std::string_view(name), train_images, cifar_train}) {
      if (existing_file(folder, stem)) return folder;
    }
  }
  return std::nullopt;
}

fs::path DataPath::require_folder(const std::string& name) const {
  if (const std::optional<fs::path> folder = find(name)) return *folder;
  std::string searched;
  for (const fs::path& directory : directories_) {
    searched += (searched.empty() ? "" : ", ") + (directory / name).string();
  }
  throw DataError(fmt::format("data set '{}' not found; looked for in: {}; {}", name,
                              searched.empty() ? "no directory" : searched, how_to_get(name)),
                  "dataset");
}

std::map<std::string, std::string> DataPath::hashes(const std::string& name) const {
  const fs::path folder = require_folder(name);
  std::vector<fs::path> files = cifar_train_files(folder);
  for (const fs::path& file : cifar_test_files(folder)) files.push_back(file);
  const std::string test = name + ".t";
  for (const std::string_view stem : {std::string_view(name), std::string_view(test), train_images,
                                      train_labels, test_images, test_labels}) {
    const std::optional<fs::path> file = existing_file(folder, stem);
    if (file) files.push_back(*file);
  }
  std::map<std::string, std::string> found;
  for (const fs::path& file : files) {
    read_file(file, "", [&](std::istream& in) { found[file.filename().string()] = sha256(in); });
  }
  return found;
}

std::shared_ptr<const DataSet> DataPath::load(const std::string& name, Index dimension) const {
  auto [train, test] = read_parts(require_folder(name), name, dimension);
  const bool are_images = !std::holds_alternative<SparseRows>(train.features);
  if (are_images && dimension > 0 && dimension != columns(train.features)) {
    throw DataError(fmt::format("data set '{}': dimension {} for images of {} pixels; {} is allowed", name,
                                dimension, columns(train.features), columns(train.features)),
                    "dimension");
  }
  return std::make_shared<const DataSet>(make_data_set(name, std::move(train), std::move(test)));
}

std::shared_ptr<const DataSet> DataSets::load(const std::string& name, Index dimension) const {
  const std::lock_guard lock(mutex_);  // Whoever asks for the same meanwhile had better wait for it.
  std::shared_ptr<const DataSet>& data = read_[{name, dimension}];
  if (!data) data = path_.load(name, dimension);
  return data;
}

const std::map<std::string, std::string>& DataSets::hashes(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  auto& known = hashes_[name];
  if (known.empty()) known = path_.hashes(name);
  return known;
}

}  // namespace gossamer
