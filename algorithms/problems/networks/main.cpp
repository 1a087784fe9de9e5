// gossamer-networks: the other side of `problem: {kind: network}`. It answers calls for one network on one
// data set, as algorithms/problems/process/README.md lays them out.
#include <malloc.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define BOOST_BIND_GLOBAL_PLACEHOLDERS  // Without it Boost 1.74 complains of its own reader of JSON.
#include <boost/property_tree/json_parser.hpp>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <span>
#include <sstream>

#include "algorithms/problems/data/data_path.hpp"
#include "algorithms/problems/networks/network.hpp"
#include "algorithms/problems/process/protocol.hpp"

namespace gossamer::networks {
namespace {

/// So long the next call is waited for awake: an idle processor can take as long to wake.
constexpr std::chrono::microseconds awake{200};

/// The socket to Gossamer.
class Channel {
 public:
  explicit Channel(int descriptor) : descriptor_(descriptor) {}

  /// The body of the next message, and its kind; nothing at the end of all messages. Throws ProtocolError.
  std::optional<MessageKind> receive(MessageBytes& body) const {
    std::byte bytes[MessageHeader::size];
    if (!read(bytes)) return std::nullopt;
    const MessageHeader header = read_header(bytes);
    body.resize(header.body_size);
    if (!read(body)) throw ProtocolError("a message breaks off");
    return header.kind;
  }
  void send(BytesView message) const {
    while (!message.empty()) {
      const ssize_t count = ::write(descriptor_, message.data(), message.size());
      if (count < 0) std::exit(0);  // Gossamer has gone.
      message = message.subspan(static_cast<std::size_t>(count));
    }
  }

 private:
  bool read(std::span<std::byte> bytes) const {
    const auto sleep = std::chrono::steady_clock::now() + awake;
    while (!bytes.empty()) {
      const bool is_awake = std::chrono::steady_clock::now() < sleep;
      const ssize_t count = ::recv(descriptor_, bytes.data(), bytes.size(), is_awake ? MSG_DONTWAIT : 0);
      if (count < 0 && errno == EAGAIN) {
        ::sched_yield();
        continue;
      }
      if (count <= 0) return false;
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return true;
  }
  int descriptor_;
};

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
        network_({options.get<std::string>("model"), list<std::int64_t>(options, "hidden"),
                  options.get<std::int64_t>("width")},
                 shape_, normalization_of(images_of(data_->train), data_->train.rows(), shape_),
                 {options.get<std::int64_t>("crop"), options.get<bool>("flip")}),
        batch_statistics_(options.get<std::string>("batch_norm") == "batch") {}

  Description description() const {
    Description model;
    model.dimension = network_.dimension();
    model.state = network_.state_size();
    model.train_rows = data_->train.rows();
    model.test_rows = data_->test ? data_->test->rows() : 0;
    model.classifies = true;
    model.layers = network_.layers();
    model.labels = data_->train.labels;
    return model;
  }

  /// The reply to a message.
  MessageBytes answer(MessageKind kind, BytesView body, int shared) {
    if (kind == MessageKind::memory) {
      map(body, shared);
      return empty_message(kind);
    }
    if (!memory_) throw ProtocolError("a call comes before memory");
    const Call call = read_call(body);
    if (kind == MessageKind::initial_point) {
      network_.initial_point(call.seed, at<Real>(layout_.result), at<Real>(layout_.state_out));
      return empty_message(kind);
    }
    const Samples& samples = samples_of(call.part);
    const std::span<const std::int32_t> rows = rows_of(call, samples);
    const Real *const x = at<Real>(layout_.x), *const state = at<Real>(layout_.state_in);
    if (kind == MessageKind::gradient) {
      network_.gradient(x, state, images_of(samples), rows.data(), call.rows, call.seed, call.training,
                        at<Real>(layout_.result), at<Real>(layout_.state_out));
      return empty_message(kind);
    }
    if (kind != MessageKind::evaluation) throw ProtocolError("a message comes that is not expected here");
    const Sums sums =
        network_.evaluate(x, state, images_of(samples), rows.data(), call.rows, batch_statistics_);
    return evaluation_message({sums.loss, sums.right, {}});
  }

 private:
  void map(BytesView body, int shared) {
    layout_ = read_layout(body);
    void* const mapped = ::mmap(nullptr, layout_.size, PROT_READ | PROT_WRITE, MAP_SHARED, shared, 0);
    if (mapped == MAP_FAILED) throw ProtocolError("the shared memory cannot be mapped");
    memory_ = static_cast<std::byte*>(mapped);
  }
  template <class T>
  T* at(std::size_t offset) const {
    return reinterpret_cast<T*>(memory_ + offset);
  }
  const Samples& samples_of(Part part) const {
    if (part == Part::train) return data_->train;
    if (!data_->test) throw ProtocolError("there is no such part");
    return *data_->test;
  }
  std::span<const std::int32_t> rows_of(const Call& call, const Samples& samples) const {
    const auto count = static_cast<std::size_t>(call.rows);
    if (count < 1 || count > layout_.most_rows) throw ProtocolError("a call names no rows, or too many");
    const std::span<const std::int32_t> rows(at<std::int32_t>(layout_.rows), count);
    for (const std::int32_t row : rows) {
      if (row < 0 || row >= samples.rows()) throw ProtocolError("a call names a row that is not there");
    }
    return rows;
  }

  std::shared_ptr<const DataSet> data_;
  Shape shape_;
  Network<Real> network_;
  bool batch_statistics_;
  std::byte* memory_ = nullptr;
  Layout layout_;
};

template <class Real>
void serve(const Channel& channel, const Options& options, int shared) {
  Server<Real> server(options);
  channel.send(description_message(server.description()));
  MessageBytes body;
  while (const auto kind = channel.receive(body)) channel.send(server.answer(*kind, body, shared));
}

void run(const Channel& channel, int shared) {
  MessageBytes body;
  const auto kind = channel.receive(body);
  if (!kind) return;
  if (kind != MessageKind::hello) throw ProtocolError("the first message is not hello");
  const Hello hello = read_hello(body);
  std::istringstream text(hello.options);
  Options options;
  boost::property_tree::read_json(text, options);
  hello.bytes_of_number == 8 ? serve<double>(channel, options, shared)
                             : serve<float>(channel, options, shared);
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
    // Of one line, as libtorch adds where it was thrown.
    channel.send(gossamer::failure_message(what.substr(0, what.find('\n'))));
    return 1;
  }
}
