#include "algorithms/problems/process/protocol.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace gossamer {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers go over the channel as they lie here");

constexpr std::int64_t most = 2147483647;  // Rows and coordinates.
constexpr std::uint32_t most_bytes = 1U << 30;

/// Takes numbers from the front of a message.
class Take {
 public:
  explicit Take(BytesView bytes) : rest_(bytes) {}

  template <class T>
  T next(const char* what) {
    T number;
    if (rest_.size() < sizeof number) throw ProtocolError(fmt::format("its message ends before {}", what));
    std::memcpy(&number, rest_.data(), sizeof number);
    rest_ = rest_.subspan(sizeof number);
    return number;
  }
  std::int64_t count(const char* what, std::int64_t least) {
    const auto number = next<std::int64_t>(what);
    if (number >= least && number <= most) return number;
    throw ProtocolError(fmt::format("it gives {} as {}; {} to {} are allowed", number, what, least, most));
  }
  std::string text(std::size_t size, const char* what) {
    if (rest_.size() < size) throw ProtocolError(fmt::format("its message ends within {}", what));
    std::string text(reinterpret_cast<const char*>(rest_.data()), size);
    rest_ = rest_.subspan(size);
    return text;
  }
  std::size_t left() const { return rest_.size(); }
  void finish() const {
    if (!rest_.empty())
      throw ProtocolError(fmt::format("its message is {} bytes longer than it should be", left()));
  }

 private:
  BytesView rest_;
};

void require_version(Take& take) {
  const auto version = take.next<std::uint32_t>("its version");
  if (version == protocol_version) return;
  throw ProtocolError(
      fmt::format("it speaks version {} of the protocol; this is version {}", version, protocol_version));
}

Layers take_layers(Take& take, std::int64_t d) {
  Layers layers;
  std::int64_t sum = 0;
  for (std::int64_t rest = take.count("its number of layers", 1); rest > 0; --rest) {
    layers.push_back(take.count("the size of a layer", 1));
    sum += layers.back();
  }
  if (sum == d) return layers;
  throw ProtocolError(fmt::format("its layers have {} coordinates together; its dimension is {}", sum, d));
}

/// Names become those of metrics: train_NAME, test_NAME.
void require_name(const Score& score, const std::vector<Score>& before) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  const std::string& name = score.name;
  if (name.empty() || name.size() > 40 || !std::ranges::all_of(name, fits)) {
    throw ProtocolError("it names a score otherwise than by 1 to 40 letters a to z, digits and _");
  }
  if (name == "loss" || name == "accuracy" || std::ranges::count(before, name, &Score::name) > 0) {
    throw ProtocolError(fmt::format("it names a score '{}', which is there already", name));
  }
}

std::vector<Score> take_scores(Take& take) {
  constexpr std::int64_t most_scores = 100;
  const std::int64_t count = take.count("its number of scores", 1);
  if (count > most_scores) {
    throw ProtocolError(fmt::format("it has {} scores; 1 to {} are allowed", count, most_scores));
  }
  std::vector<Score> scores;
  while (std::ssize(scores) < count) {
    const auto higher = take.next<std::uint32_t>("which way a score is better");
    const auto size = take.next<std::uint32_t>("the length of a score's name");
    if (higher > 1) throw ProtocolError(fmt::format("it says {} of which way a score is better", higher));
    const Score score{take.text(size, "a score's name"), higher == 1};
    require_name(score, scores);
    scores.push_back(score);
  }
  return scores;
}

template <class T>
void put(MessageBytes& message, T number) {
  const std::size_t place = message.size();
  message.resize(place + sizeof number);
  std::memcpy(message.data() + place, &number, sizeof number);
}

void put_text(MessageBytes& message, std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  message.insert(message.end(), bytes.begin(), bytes.end());
}

/// Begins a message whose body will have so many bytes.
MessageBytes begun(MessageKind kind, std::size_t body_size) {
  MessageBytes message;
  message.reserve(MessageHeader::size + body_size);
  put(message, static_cast<std::uint32_t>(body_size));
  put(message, kind);
  return message;
}

}  // namespace

MessageHeader read_header(BytesView bytes) {
  Take take(bytes);
  const auto body_size = take.next<std::uint32_t>("its size");
  const auto kind = static_cast<MessageKind>(take.next<std::uint32_t>("its kind"));
  const bool is_known =
      (kind >= MessageKind::hello && kind <= MessageKind::evaluation) || kind == MessageKind::failure;
  if (!is_known) {
    throw ProtocolError(
        fmt::format("it sends a message of the unknown kind {}", static_cast<std::uint32_t>(kind)));
  }
  if (body_size > most_bytes) {
    throw ProtocolError(
        fmt::format("it announces a message of {} bytes; up to {} are allowed", body_size, most_bytes));
  }
  return {body_size, kind};
}

Description read_description(BytesView body) {
  Take take(body);
  require_version(take);
  const auto flags = take.next<std::uint32_t>("its flags");
  if (flags > 15) {
    throw ProtocolError(fmt::format("it sets unknown flags, {:#x}; 0 to 15 are allowed", flags));
  }
  Description model;
  model.dimension = take.count("its dimension", 1);
  model.state = take.count("the length of its state", 0);
  model.train_rows = take.count("its number of training rows", 1);
  model.test_rows = take.count("its number of test rows", 0);
  model.classifies = (flags & 2) != 0;
  if ((flags & 4) != 0) model.layers = take_layers(take, model.dimension);
  if ((flags & 8) != 0) model.scores = take_scores(take);
  if ((flags & 1) != 0) {
    const auto bytes = static_cast<std::size_t>(model.train_rows) * sizeof(std::int32_t);
    if (take.left() != bytes) {
      throw ProtocolError(fmt::format("it sends {} bytes of labels; {} training rows have {}", take.left(),
                                      model.train_rows, bytes));
    }
    model.labels.resize(static_cast<std::size_t>(model.train_rows));
    std::memcpy(model.labels.data(), body.last(bytes).data(), bytes);
    std::vector<std::int32_t> values = model.labels;
    std::ranges::sort(values);
    values.erase(std::unique(values.begin(), values.end()), values.end());
    for (std::int32_t& label : model.labels) {
      label = static_cast<std::int32_t>(std::ranges::lower_bound(values, label) - values.begin());
    }
    model.classes = static_cast<int>(values.size());
  } else {
    take.finish();
  }
  return model;
}

Layout::Layout(const Description& model, std::size_t bytes_of_number) {
  size = 0;
  const auto place = [this](std::int64_t count, std::size_t bytes) {
    const std::size_t begin = size;
    constexpr std::size_t line = 64;  // Each vector begins a cache line.
    size += (static_cast<std::size_t>(count) * bytes + line - 1) / line * line;
    return begin;
  };
  const std::int64_t longest = std::max(model.train_rows, model.test_rows);
  most_rows = static_cast<std::size_t>(longest);
  x = place(model.dimension, bytes_of_number);
  result = place(model.dimension, bytes_of_number);
  state_in = place(model.state, bytes_of_number);
  state_out = place(model.state, bytes_of_number);
  rows = place(longest, sizeof(std::int32_t));
}

EvaluationReply read_evaluation(BytesView body, std::int64_t rows, std::size_t scores) {
  Take take(body);
  EvaluationReply reply;
  reply.loss = take.next<double>("the loss");
  reply.right = take.next<std::int64_t>("the number of rows classified right");
  while (reply.scores.size() < scores) reply.scores.push_back(take.next<double>("its scores"));
  take.finish();
  if (reply.right >= 0 && reply.right <= rows) return reply;
  throw ProtocolError(fmt::format("it says that {} of {} rows are classified right", reply.right, rows));
}

void read_nothing(BytesView body) {
  Take(body).finish();
}

MessageBytes hello_message(std::size_t bytes_of_number, std::string_view options) {
  MessageBytes message = begun(MessageKind::hello, 8 + options.size());
  put(message, protocol_version);
  put(message, static_cast<std::uint32_t>(bytes_of_number));
  put_text(message, options);
  return message;
}

MessageBytes memory_message(const Layout& layout) {
  MessageBytes message = begun(MessageKind::memory, 56);
  for (const std::size_t number : {layout.size, layout.x, layout.result, layout.state_in, layout.state_out,
                                   layout.rows, layout.most_rows}) {
    put(message, static_cast<std::int64_t>(number));
  }
  return message;
}

MessageBytes call_message(MessageKind kind, const Call& call) {
  MessageBytes message = begun(kind, 24);
  put(message, call.seed);
  put(message, call.part);
  put(message, static_cast<std::uint32_t>(call.training));
  put(message, call.rows);
  return message;
}

Hello read_hello(BytesView body) {
  Take take(body);
  require_version(take);
  const auto bytes = take.next<std::uint32_t>("the bytes of a number");
  if (bytes != 4 && bytes != 8) throw ProtocolError(fmt::format("it asks for numbers of {} bytes", bytes));
  const BytesView text = body.last(take.left());
  return {bytes, std::string(reinterpret_cast<const char*>(text.data()), text.size())};
}

Layout read_layout(BytesView body) {
  Take take(body);
  Layout layout;
  for (std::size_t* number : {&layout.size, &layout.x, &layout.result, &layout.state_in, &layout.state_out,
                              &layout.rows, &layout.most_rows}) {
    *number = static_cast<std::size_t>(take.next<std::int64_t>("a place in memory"));
  }
  take.finish();
  return layout;
}

Call read_call(BytesView body) {
  Take take(body);
  Call call;
  call.seed = take.next<std::uint64_t>("the seed");
  call.part = take.next<Part>("the part");
  call.training = take.next<std::uint32_t>("whether it is in training") != 0;
  call.rows = take.count("the number of rows", 0);
  take.finish();
  if (call.part > Part::test) throw ProtocolError("a call is about a part that there is not");
  return call;
}

MessageBytes description_message(const Description& model) {
  const std::size_t labels = model.labels.size() * sizeof(std::int32_t);
  const std::size_t layers = model.layers.empty() ? 0 : (1 + model.layers.size()) * sizeof(std::int64_t);
  std::size_t scores = model.scores.empty() ? 0 : sizeof(std::int64_t);
  for (const Score& score : model.scores) scores += 2 * sizeof(std::uint32_t) + score.name.size();
  MessageBytes message = begun(MessageKind::hello, 40 + layers + scores + labels);
  put(message, protocol_version);
  put(message, (model.labels.empty() ? 0U : 1U) | (model.classifies ? 2U : 0U) | (layers == 0 ? 0U : 4U) |
                   (scores == 0 ? 0U : 8U));
  for (const std::int64_t size : {model.dimension, model.state, model.train_rows, model.test_rows}) {
    put(message, size);
  }
  if (layers > 0) {
    put(message, static_cast<std::int64_t>(model.layers.size()));
    for (const Index size : model.layers) put(message, std::int64_t{size});
  }
  if (scores > 0) put(message, static_cast<std::int64_t>(model.scores.size()));
  for (const Score& score : model.scores) {
    put(message, static_cast<std::uint32_t>(score.higher_is_better));
    put(message, static_cast<std::uint32_t>(score.name.size()));
    put_text(message, score.name);
  }
  for (const std::int32_t label : model.labels) put(message, label);
  return message;
}

MessageBytes evaluation_message(const EvaluationReply& reply) {
  MessageBytes message = begun(MessageKind::evaluation, 16 + sizeof(double) * reply.scores.size());
  put(message, reply.loss);
  put(message, reply.right);
  for (const double score : reply.scores) put(message, score);
  return message;
}

MessageBytes empty_message(MessageKind kind) {
  return begun(kind, 0);
}

MessageBytes failure_message(std::string_view what) {
  MessageBytes message = begun(MessageKind::failure, what.size());
  put_text(message, what);
  return message;
}

}  // namespace gossamer
