// gossamer-networks: the other side of `problem: {kind: network}`. It answers calls for one network on one
// data set, as algorithms/problems/process/README.md lays them out.
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <boost/property_tree/json_parser.hpp>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <span>
#include <sstream>

#include "algorithms/problems/data/data_path.hpp"
#include "algorithms/problems/networks/network.hpp"

namespace gossamer::networks {
namespace {

enum Kind : std::uint32_t {
  hello = 1,
  memory = 2,
  initial_point = 3,
  gradient = 4,
  evaluation = 5,
  failure = 255
};
constexpr std::uint32_t version = 1;

/// Whatever is wrong with what Gossamer says.
class BadMessage : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The socket to Gossamer.
class Channel {
 public:
  explicit Channel(int descriptor) : descriptor_(descriptor) {}

  /// The body of the next message, and its kind; false at the end of all messages.
  bool receive(std::uint32_t& kind, std::string& body) const {
    std::uint32_t header[2];
    if (!read(header, sizeof header)) return false;
    constexpr std::uint32_t longest = 1 << 20;
    if (header[0] > longest) throw BadMessage("a message is too long");
    kind = header[1];
    body.resize(header[0]);
    if (!read(body.data(), body.size())) throw BadMessage("a message breaks off");
    return true;
  }
  void send(std::uint32_t kind, std::string_view body) const {
    const std::uint32_t header[2] = {static_cast<std::uint32_t>(body.size()), kind};
    std::string message(reinterpret_cast<const char*>(header), sizeof header);
    message += body;
    for (std::size_t done = 0; done < message.size();) {
      const ssize_t count = ::write(descriptor_, message.data() + done, message.size() - done);
      if (count < 0) std::exit(0);  // Gossamer has gone.
      done += static_cast<std::size_t>(count);
    }
  }

 private:
  bool read(void* to, std::size_t size) const {
    for (std::size_t done = 0; done < size;) {
      const ssize_t count = ::read(descriptor_, static_cast<char*>(to) + done, size - done);
      if (count <= 0) return false;
      done += static_cast<std::size_t>(count);
    }
    return true;
  }
  int descriptor_;
};

template <class T>
void append(std::string& body, T number) {
  body.append(reinterpret_cast<const char*>(&number), sizeof number);
}

template <class T>
T taken(std::string_view& body) {
  T number;
  if (body.size() < sizeof number) throw BadMessage("a message is too short");
  std::memcpy(&number, body.data(), sizeof number);
  body.remove_prefix(sizeof number);
  return number;
}

using Options = boost::property_tree::ptree;

template <class T>
std::vector<T> list(const Options& options, const char* key) {
  std::vector<T> values;
  for (const auto& [name, item] : options.get_child(key, {})) values.push_back(item.template get_value<T>());
  return values;
}

/// The shape of images that have so many bytes: square, gray or of three colours.
Shape shape_of(const DataSet& data) {
  for (const std::int64_t channels : {1, 3}) {
    const auto side =
        std::llround(std::sqrt(static_cast<double>(data.columns()) / static_cast<double>(channels)));
    if (side * side * channels == data.columns()) return {channels, side, side, data.classes()};
  }
  throw std::invalid_argument("data set '" + data.name + "' has rows of " + std::to_string(data.columns()) +
                              " bytes, which are no square images");
}

std::shared_ptr<const DataSet> load(const Options& options) {
  std::vector<std::filesystem::path> directories;
  for (const std::string& directory : list<std::string>(options, "directories"))
    directories.emplace_back(directory);
  std::shared_ptr<const DataSet> data = DataPath(directories).load(options.get<std::string>("dataset"));
  if (!std::holds_alternative<DenseRows<std::uint8_t>>(data->train.features)) {
    throw std::invalid_argument("data set '" + data->name + "' has no images");
  }
  return data;
}

Images images_of(const Samples& samples) {
  return {std::get<DenseRows<std::uint8_t>>(samples.features).row(0), samples.labels.data()};
}

/// One network with its data, and the memory that both sides share.
template <class Real>
class Server {
 public:
  explicit Server(const Options& options)
      : data_(load(options)),
        shape_(shape_of(*data_)),
        network_({options.get<std::string>("model"), list<std::int64_t>(options, "hidden")}, shape_,
                 normalization_of(images_of(data_->train), data_->train.rows(), shape_),
                 {options.get<std::int64_t>("crop"), options.get<bool>("flip")}),
        batch_statistics_(options.get<std::string>("batch_norm") == "batch") {}

  std::string description() const {
    std::string body;
    append(body, version);
    append(body, std::uint32_t{3});
    append(body, network_.dimension());
    append(body, network_.state_size());
    append(body, std::int64_t{data_->train.rows()});
    append(body, std::int64_t{data_->test ? data_->test->rows() : 0});
    for (const std::int32_t label : data_->train.labels) append(body, label);
    return body;
  }

  std::string answer(std::uint32_t kind, std::string_view body, int shared) {
    if (kind == memory) {
      map(body, shared);
      return {};
    }
    if (!memory_) throw BadMessage("a call comes before memory");
    const auto seed = taken<std::uint64_t>(body);
    const auto part = taken<std::uint32_t>(body), training = taken<std::uint32_t>(body);
    const auto count = taken<std::int64_t>(body);
    if (kind == initial_point) {
      network_.initial_point(seed, at<Real>(result_), at<Real>(state_out_));
      return {};
    }
    if (part > 1 || (part == 1 && !data_->test)) throw BadMessage("there is no such part");
    const Samples& samples = part == 0 ? data_->train : *data_->test;
    const std::span rows(at<std::int32_t>(rows_), static_cast<std::size_t>(count));
    if (count < 1 || count > most_rows_) throw BadMessage("a call names no rows, or too many");
    for (const std::int32_t row : rows) {
      if (row < 0 || row >= samples.rows()) throw BadMessage("a call names a row that is not there");
    }
    std::string reply;
    if (kind == gradient) {
      network_.gradient(at<Real>(x_), at<Real>(state_in_), images_of(samples), rows.data(), count, seed,
                        training != 0, at<Real>(result_), at<Real>(state_out_));
    } else if (kind == evaluation) {
      const Sums sums = network_.evaluate(at<Real>(x_), at<Real>(state_in_), images_of(samples), rows.data(),
                                          count, batch_statistics_);
      append(reply, sums.loss);
      append(reply, sums.right);
    } else {
      throw BadMessage("a message of kind " + std::to_string(kind) + " is not expected here");
    }
    return reply;
  }

 private:
  void map(std::string_view body, int shared) {
    const auto size = taken<std::int64_t>(body);
    std::int64_t* const places[] = {&x_, &result_, &state_in_, &state_out_, &rows_, &most_rows_};
    for (std::int64_t* place : places) *place = taken<std::int64_t>(body);
    void* const mapped =
        ::mmap(nullptr, static_cast<std::size_t>(size), PROT_READ | PROT_WRITE, MAP_SHARED, shared, 0);
    if (mapped == MAP_FAILED) throw BadMessage("the shared memory cannot be mapped");
    memory_ = static_cast<std::byte*>(mapped);
  }
  template <class T>
  T* at(std::int64_t offset) const {
    return reinterpret_cast<T*>(memory_ + offset);
  }

  std::shared_ptr<const DataSet> data_;
  Shape shape_;
  Network<Real> network_;
  bool batch_statistics_;
  std::byte* memory_ = nullptr;
  std::int64_t x_ = 0, result_ = 0, state_in_ = 0, state_out_ = 0, rows_ = 0, most_rows_ = 0;
};

template <class Real>
void serve(const Channel& channel, const Options& options, int shared) {
  Server<Real> server(options);
  channel.send(hello, server.description());
  std::uint32_t kind;
  std::string body;
  while (channel.receive(kind, body)) channel.send(kind, server.answer(kind, body, shared));
}

void run(const Channel& channel, int shared) {
  std::uint32_t kind;
  std::string body;
  if (!channel.receive(kind, body)) return;
  std::string_view rest(body);
  const auto spoken = taken<std::uint32_t>(rest), bytes = taken<std::uint32_t>(rest);
  if (kind != hello || spoken != version) throw BadMessage("Gossamer speaks another version of the protocol");
  std::istringstream text{std::string(rest)};
  Options options;
  boost::property_tree::read_json(text, options);
  bytes == 8 ? serve<double>(channel, options, shared) : serve<float>(channel, options, shared);
}

}  // namespace
}  // namespace gossamer::networks

int main() {
  const char* const socket = std::getenv("GOSSAMER_CHANNEL");
  const char* const memory = std::getenv("GOSSAMER_MEMORY");
  if (!socket || !memory) {
    std::cerr << "gossamer-networks: is started by gossamer, for problem: {kind: network}\n";
    return 2;
  }
  // Tensors come and go in every layer: memory is kept in place of being given back and cleared again.
  ::mallopt(M_MMAP_MAX, 0);
  ::mallopt(M_TRIM_THRESHOLD, -1);
  const gossamer::networks::Channel channel(std::atoi(socket));
  try {
    gossamer::networks::run(channel, std::atoi(memory));
  } catch (const std::exception& error) {
    const std::string what = error.what();
    channel.send(255, what.substr(0, what.find('\n')));  // libtorch adds where it was thrown.
    return 1;
  }
}
