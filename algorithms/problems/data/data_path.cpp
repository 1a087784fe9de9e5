#include "algorithms/problems/data/data_path.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/iostreams/concepts.hpp>
#include <boost/iostreams/device/file.hpp>
#include <boost/iostreams/filter/bzip2.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filter/lzma.hpp>
#include <boost/iostreams/filtering_stream.hpp>
#include <boost/iostreams/read.hpp>
#include <cstdlib>
#include <iterator>

#include "algorithms/problems/data/cifar.hpp"
#include "algorithms/problems/data/csv.hpp"
#include "algorithms/problems/data/idx.hpp"
#include "algorithms/problems/data/known_data_sets.hpp"
#include "algorithms/problems/data/libsvm.hpp"
#include "algorithms/problems/data/npz.hpp"
#include "sim/text_file.hpp"

namespace gossamer {
namespace fs = std::filesystem;
namespace io = boost::iostreams;
namespace {

constexpr std::string_view compressions[] = {"", ".gz", ".bz2", ".xz"};
constexpr std::string_view train_images = "train-images-idx3-ubyte", train_labels = "train-labels-idx1-ubyte";
constexpr std::string_view cifar_train = "data_batch_1.bin";
constexpr std::string_view test_images = "t10k-images-idx3-ubyte", test_labels = "t10k-labels-idx1-ubyte";

/// Refuses what unpacks to far more than any data do, before it fills the memory.
class ExpansionLimit : public io::multichar_input_filter {
 public:
  explicit ExpansionLimit(const fs::path& path) : path_(path.string()) {
    constexpr std::uintmax_t factor = 1000, always = 1 << 24;
    std::error_code ignored;
    left_ = std::max(factor * fs::file_size(path, ignored), always);
  }
  template <class Source>
  std::streamsize read(Source& source, char* bytes, std::streamsize most) {
    const std::streamsize got = io::read(source, bytes, most);
    const auto size = static_cast<std::uintmax_t>(std::max<std::streamsize>(got, 0));
    if (size > left_) {
      throw DataFileError(path_ +
                          ": unpacks to over 1000 times its size, as no data do; if these do, unpack "
                          "the file, and name that");
    }
    left_ -= size;
    return got;
  }

 private:
  std::string path_;
  std::uintmax_t left_;
};

/// The parts of a data set, and what to tell about them.
struct Parts {
  LabelledRows train;
  std::optional<LabelledRows> test{};
  std::vector<std::string> notes{};
};

Parts read_libsvm_files(const fs::path& train, const std::optional<fs::path>& test, Index dimension) {
  std::vector<LibsvmPart> parts;
  const auto add = [&](const fs::path& path) {
    read_file(path, [&](std::istream& in) { parts.emplace_back(in, path.string()); });
  };
  add(train);
  if (test) add(*test);
  const bool is_wider = test && dimension == 0 && parts[1].largest_index() > parts[0].largest_index();
  std::vector<LabelledRows> rows = LibsvmPart::rows(std::move(parts), dimension);
  Parts read{.train = std::move(rows.front())};
  if (test) read.test = std::move(rows.back());
  if (is_wider) {
    read.notes.push_back(
        fmt::format("{}: has features that no training row has; the dimension is that of both, {}",
                    test->string(), columns(read.train.features)));
  }
  return read;
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

/// How a file of one's own is read: by the ending of its name, before that of a compression.
enum class Form { libsvm, csv, npz };

Form form_of(const fs::path& path) {
  const fs::path plain = compression_of(path).empty() ? path : path.stem();
  const std::string ending = in_lower_case(plain.extension().string());
  return ending == ".npz" ? Form::npz : ending == ".csv" || ending == ".tsv" ? Form::csv : Form::libsvm;
}

Parts read_csv_files(const fs::path& train, const std::optional<fs::path>& test, const std::string& label) {
  const auto read = [&](const fs::path& path) {
    std::optional<Table> table;
    read_file(path, [&](std::istream& in) { table = read_csv(in, path.string(), label); });
    return std::move(*table);
  };
  Table of_train = read(train);
  Parts parts{std::move(of_train.rows), {}, std::move(of_train.notes)};
  if (!test) return parts;
  Table of_test = read(*test);
  if (of_test.columns != of_train.columns) {
    throw DataFileError(fmt::format("{}: its columns are not those of {}; both parts need the same header",
                                    test->string(), train.string()));
  }
  parts.test = std::move(of_test.rows);
  std::ranges::move(of_test.notes, std::back_inserter(parts.notes));
  return parts;
}

Parts read_npz_files(const fs::path& train, const std::optional<fs::path>& test) {
  const auto read = [](const fs::path& path) {
    std::string content;
    read_file(path, [&](std::istream& in) { content.assign(std::istreambuf_iterator<char>(in), {}); });
    return read_npz(content, path.string());
  };
  Archive archive = read(train);
  if (!archive.train) {
    throw DataFileError(fmt::format(
        "{}: has a test part alone; of the training part it takes X and y, or X_train and y_train",
        train.string()));
  }
  Parts parts{std::move(*archive.train), std::move(archive.test), std::move(archive.notes)};
  if (!test) return parts;
  if (parts.test) {
    throw DataError(fmt::format("{} has a test part of its own; leave out test", train.string()), "test");
  }
  Archive other = read(*test);
  parts.test = std::move(other.test ? other.test : other.train);
  std::ranges::move(other.notes, std::back_inserter(parts.notes));
  return parts;
}

/// Of files of one's own.
Parts read_files(const fs::path& train, const std::optional<fs::path>& test, const DataRequest& request) {
  const Form form = form_of(train);
  if (test && form_of(*test) != form) {
    throw DataError(
        fmt::format("{} and {} are of two forms; both parts have to be of one, which the ending of "
                    "their names tells",
                    train.string(), test->string()),
        "test");
  }
  if (!request.label.empty() && form != Form::csv) {
    throw DataError(
        fmt::format("label: {} is no table; only of those, .csv or .tsv, a column is chosen", train.string()),
        "label");
  }
  switch (form) {
    case Form::csv:
      return read_csv_files(train, test, request.label);
    case Form::npz:
      return read_npz_files(train, test);
    case Form::libsvm:
      break;
  }
  return read_libsvm_files(train, test, request.dimension);
}

/// Of a data set in its folder.
Parts read_folder(const fs::path& folder, const std::string& name, Index dimension) {
  if (const std::optional<fs::path> train = existing_file(folder, name)) {
    return read_libsvm_files(*train, existing_file(folder, name + ".t"), dimension);
  }
  std::optional<LabelledRows> test;
  if (existing_file(folder, cifar_train)) {
    const std::vector<fs::path> of_test = cifar_test_files(folder);
    if (!of_test.empty()) test = read_cifar_files(of_test);
    return {read_cifar_files(cifar_train_files(folder)), std::move(test)};
  }
  if (existing_file(folder, test_images)) test = read_idx_files(folder, test_images, test_labels);
  return {read_idx_files(folder, train_images, train_labels), std::move(test)};
}

/// Whether the folder DIR/NAME holds the training part of a data set.
bool holds_data(const fs::path& folder) {
  const std::string name = folder.filename().string();
  return std::ranges::any_of(std::initializer_list<std::string_view>{name, train_images, cifar_train},
                             [&](std::string_view stem) { return existing_file(folder, stem).has_value(); });
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
  if (!compression.empty()) in.push(ExpansionLimit(path));
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
    if (holds_data(directory / name)) return directory / name;
  }
  return std::nullopt;
}

std::map<std::string, fs::path> DataPath::all() const {
  std::map<std::string, fs::path> found;
  for (const fs::path& directory : directories_) {
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(directory, ignored)) {
      const std::string name = entry.path().filename().string();
      if (find(name) == entry.path()) found.emplace(name, entry.path());
    }
  }
  return found;
}

bool DataPath::is_file(const DataName& set) const {
  return set.is_path() || (set.may_be_path() && !find(set.name));
}

fs::path DataPath::require_folder(const DataName& set) const {
  if (const std::optional<fs::path> folder = find(set.name)) return *folder;
  std::string searched;
  for (const fs::path& directory : directories_) {
    searched += (searched.empty() ? "" : ", ") + (directory / set.name).string();
  }
  throw DataError(
      fmt::format("data set '{}' not found; looked for in: {}; {}; a file of your own is named by "
                  "its path, ./FILE",
                  set.name, searched.empty() ? "no directory" : searched, how_to_get(set.name)),
      "dataset");
}

fs::path DataPath::require_file(const DataName& name, const char* key) const {
  std::error_code ignored;
  if (fs::is_regular_file(name.path, ignored)) return name.path;
  std::string searched = name.path.string();
  if (!name.is_path()) {  // It could have been a set of this name.
    for (const fs::path& directory : directories_) searched += ", " + (directory / name.name).string();
  }
  throw DataError(
      fmt::format("{} '{}' {}; looked for: {}; it takes a file: a table (.csv, .tsv), "
                  "NumPy's arrays (.npz) or LIBSVM text (any other ending), also as .gz, .bz2 or .xz",
                  key[0] == 'd' ? "data set" : "test part", name.name,
                  fs::exists(name.path, ignored) ? "is no file" : "not found", searched),
      key);
}

std::map<std::string, std::string> DataPath::hashes(const DataRequest& request) const {
  std::map<std::string, std::string> found;
  const auto add = [&](const std::string& name, const fs::path& file) {
    read_file(file, "", [&](std::istream& in) { found[name] = sha256(in); });
  };
  if (is_file(request.set)) {
    add(request.set.name, require_file(request.set, "dataset"));
    if (request.test) add(request.test->name, require_file(*request.test, "test"));
    return found;
  }
  const std::string& name = request.set.name;
  const fs::path folder = require_folder(request.set);
  std::vector<fs::path> files = cifar_train_files(folder);
  for (const fs::path& file : cifar_test_files(folder)) files.push_back(file);
  const std::string test = name + ".t";
  for (const std::string_view stem : {std::string_view(name), std::string_view(test), train_images,
                                      train_labels, test_images, test_labels}) {
    const std::optional<fs::path> file = existing_file(folder, stem);
    if (file) files.push_back(*file);
  }
  for (const fs::path& file : files) add(file.filename().string(), file);
  return found;
}

std::shared_ptr<const DataSet> DataPath::load(const DataRequest& request) const {
  const std::string& name = request.set.name;
  const Index dimension = request.dimension;
  Parts parts = [&] {
    if (!is_file(request.set)) {
      if (request.test || !request.label.empty()) {
        const char* const key = request.test ? "test" : "label";
        throw DataError(fmt::format("{}: data set '{}' is a set of the data path; only a file of your own, "
                                    "named by its path, takes this key",
                                    key, name),
                        key);
      }
      return read_folder(require_folder(request.set), name, dimension);
    }
    const fs::path train = require_file(request.set, "dataset");
    std::optional<fs::path> test;
    if (request.test) test = require_file(*request.test, "test");
    return read_files(train, test, request);
  }();
  const Features& features = parts.train.features;
  if (!std::holds_alternative<SparseRows>(features) && dimension > 0 && dimension != columns(features)) {
    throw DataError(fmt::format("data set '{}': dimension {} for rows of {} features; {} is allowed", name,
                                dimension, columns(features), columns(features)),
                    "dimension");
  }
  DataSet data = make_data_set(name, std::move(parts.train), std::move(parts.test));
  data.notes = std::move(parts.notes);
  return std::make_shared<const DataSet>(std::move(data));
}

DataSets::Read& DataSets::entry(const DataRequest& request) const {
  const auto found = std::ranges::find(read_, request, &Read::request);
  return found != read_.end() ? *found : read_.emplace_back(Read{request, nullptr, {}});
}

std::shared_ptr<const DataSet> DataSets::load(const DataRequest& request) const {
  const std::lock_guard lock(mutex_);  // Whoever asks for the same meanwhile had better wait for it.
  Read& read = entry(request);
  if (!read.data) read.data = path_.load(request);
  return read.data;
}

std::map<std::string, std::string> DataSets::hashes(const DataRequest& request) const {
  const std::lock_guard lock(mutex_);
  Read& read = entry(request);
  if (read.hashes.empty()) read.hashes = path_.hashes(request);
  return read.hashes;
}

}  // namespace gossamer
