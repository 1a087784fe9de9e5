#include "algorithms/problems/data/known_data_sets.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace gossamer {

namespace {

constexpr std::string_view libsvm = "https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/binary";
// A mirror: where MNIST was published, downloads are often refused.
constexpr std::string_view mnist = "https://ossci-datasets.s3.amazonaws.com/mnist";
constexpr std::string_view fashion_mnist = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com";
// Counts and checksums: the data sets' publishers.
const std::vector<KnownDataSet> known = {
    {"mushrooms",
     "UCI Mushroom: edible or poisonous; one-hot",
     8124,
     0,
     112,
     2,
     libsvm,
     {{"mushrooms", "mushrooms", "f39a4eb628dc61a7d43760815b061c9e497aa728ce1ad8bde57a09ef6043b538"}}},
    {"a9a",
     "UCI Adult: income above 50K; one-hot",
     32561,
     16281,
     123,
     2,
     libsvm,
     {{"a9a", "a9a", "f5d5ffd8d865ff41328e7ee043e4b020816914ff6843ff15b98905ddbedce906"},
      {"a9a.t", "a9a.t", "1f448a153f0320399a7e40836eb207655b0bde0f21fc941cc472193daa9f5de9"}}},
    {"w8a",
     "web pages by keywords; binary, 3 % positive",
     49749,
     0,
     300,
     2,
     libsvm,
     {{"w8a", "w8a", "6a9fa8fd5f524303240a5db07d4b3d4a51e8b7b4b20a914105d8e3e8c81640f2"}}},
    {"phishing",
     "UCI Phishing Websites; one-hot, rows of unit length",
     11055,
     0,
     68,
     2,
     libsvm,
     {{"phishing", "phishing", "0cf66ef36604c393da9359b2e5d894a2df8aee31fd184633cefa138add2ef08a"}}},
    {"rcv1",
     "Reuters news by topic, two classes; tf-idf, rows of unit length",
     20242,
     677399,
     47236,
     2,
     libsvm,
     {{"rcv1", "rcv1_train.binary.bz2", ""}, {"rcv1.t", "rcv1_test.binary.bz2", ""}}},
    {"news20",
     "20 Newsgroups, two classes; tf-idf, rows of unit length",
     19996,
     0,
     1355191,
     2,
     libsvm,
     {{"news20", "news20.binary.bz2", ""}}},
    {"mnist",
     "handwritten digits, 28 x 28 pixels",
     60000,
     10000,
     784,
     10,
     mnist,
     {{"train-images-idx3-ubyte", "train-images-idx3-ubyte.gz",
       "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"},
      {"train-labels-idx1-ubyte", "train-labels-idx1-ubyte.gz",
       "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"},
      {"t10k-images-idx3-ubyte", "t10k-images-idx3-ubyte.gz",
       "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"},
      {"t10k-labels-idx1-ubyte", "t10k-labels-idx1-ubyte.gz",
       "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"}}},
    {"fashion-mnist",
     "articles of clothing, 28 x 28 pixels",
     60000,
     10000,
     784,
     10,
     fashion_mnist,
     {{"train-images-idx3-ubyte", "train-images-idx3-ubyte.gz",
       "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"},
      {"train-labels-idx1-ubyte", "train-labels-idx1-ubyte.gz",
       "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"},
      {"t10k-images-idx3-ubyte", "t10k-images-idx3-ubyte.gz",
       "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"},
      {"t10k-labels-idx1-ubyte", "t10k-labels-idx1-ubyte.gz",
       "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"}}},
    {"cifar10",
     "photographs of ten kinds of things, 3 x 32 x 32 pixels",
     50000,
     10000,
     3072,
     10,
     "",  // Published as one archive.
     {{"data_batch_1.bin", "cifar-10-binary.tar.gz",
       "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"},
      {"data_batch_2.bin", "cifar-10-binary.tar.gz",
       "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"},
      {"data_batch_3.bin", "cifar-10-binary.tar.gz",
       "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"},
      {"data_batch_4.bin", "cifar-10-binary.tar.gz",
       "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"},
      {"data_batch_5.bin", "cifar-10-binary.tar.gz",
       "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"},
      {"test_batch.bin", "cifar-10-binary.tar.gz", ""}}},
};

}  // namespace

const std::vector<KnownDataSet>& known_data_sets() {
  return known;
}

const KnownDataSet* known_data_set(std::string_view name) {
  const auto found = std::ranges::find(known_data_sets(), name, &KnownDataSet::name);
  return found == known_data_sets().end() ? nullptr : &*found;
}

std::string how_to_get(std::string_view name) {
  if (name == "fashion-mnist") return "install it with: apt-get install dataset-fashion-mnist";
  const KnownDataSet* const known = known_data_set(name);
  std::string files = fmt::format(
      "{} (LIBSVM text), or train-images-idx3-ubyte and its companions (IDX), or data_batch_1.bin and its "
      "companions (CIFAR)",
      name);
  if (known) {
    files.clear();
    for (const KnownDataSet::File& file : known->files) {
      files += fmt::format("{}{}", files.empty() ? "" : ", ", file.stem);
    }
  }
  const bool can_fetch = known && !known->url.empty();
  return fmt::format(
      "{}put {}, plain or as .gz, .bz2 or .xz, into DIR/{}/, with DIR ./data, $GOSSAMER_DATA or --data DIR",
      can_fetch ? fmt::format("fetch it with: gossamer datasets fetch {}; or ", name)
      : known   ? fmt::format("unpack {} of its publishers, and ", known->files.front().published)
                : "",
      files, name);
}

namespace {

/// Hashes, piece by piece, what is added to it.
class Sha256 {
 public:
  Sha256() { require(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr)); }
  void add(std::string_view bytes) { require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size())); }
  /// In lower-case hexadecimal. Nothing can be added after it.
  std::string text() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    require(EVP_DigestFinal_ex(context_.get(), digest, &size));
    std::string text;
    for (unsigned int i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
    return text;
  }

 private:
  static void require(bool success) {
    if (!success) throw std::runtime_error("OpenSSL cannot compute SHA-256 here");
  }
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

}  // namespace

std::string sha256(std::istream& in) {
  Sha256 hash;
  std::vector<char> buffer(1 << 16);
  do {
    in.read(buffer.data(), std::ssize(buffer));
    hash.add({buffer.data(), static_cast<std::size_t>(in.gcount())});
  } while (in);
  return hash.text();
}

std::string sha256(std::string_view text) {
  Sha256 hash;
  hash.add(text);
  return hash.text();
}

FileCheck check(const KnownDataSet::File& file, const std::filesystem::path& path,
                const std::string& compression) {
  FileCheck result{path.string(), FileStatus::ok, ""};
  try {
    read_file(path, compression, [&](std::istream& in) {
      const std::string actual = sha256(in);
      if (actual == file.sha256) return;
      result.status = file.sha256.empty() ? FileStatus::unverified : FileStatus::mismatch;
      result.detail = fmt::format(
          "SHA-256 of the content is {}, {}", actual,
          file.sha256.empty() ? "none is documented" : fmt::format("documented is {}", file.sha256));
    });
  } catch (const DataError& error) {
    result.status = FileStatus::unreadable;
    result.detail = error.what();
  }
  return result;
}

std::vector<FileCheck> verify(const KnownDataSet& known, const DataPath& path) {
  const std::optional<std::filesystem::path> folder = path.find(std::string(known.name));
  std::vector<FileCheck> checks;
  for (const KnownDataSet::File& file : known.files) {
    const auto found = folder ? existing_file(*folder, file.stem) : std::nullopt;
    checks.push_back(found ? check(file, *found, compression_of(*found))
                           : FileCheck{std::string(file.stem), FileStatus::missing, how_to_get(known.name)});
  }
  return checks;
}

}  // namespace gossamer
