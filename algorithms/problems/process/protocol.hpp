// The messages between Gossamer and a model in another process; README.md lays them out byte by byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/problems/problem.hpp"
#include "algorithms/vectors/vector.hpp"

namespace gossamer {

inline constexpr std::uint32_t protocol_version = 1;

/// A message, and the reply to it, are of one kind; a failure may be the reply to any.
enum class MessageKind : std::uint32_t {
  hello = 1,
  memory = 2,
  initial_point = 3,
  gradient = 4,
  evaluation = 5,
  failure = 255
};

using MessageBytes = std::vector<std::byte>;
using BytesView = std::span<const std::byte>;

/// What a message says does not agree with the protocol: in words, for whoever wrote the other side.
class ProtocolError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What precedes every message's body.
struct MessageHeader {
  static constexpr std::size_t size = 8;
  std::uint32_t body_size;
  MessageKind kind;
};

/// `bytes` has MessageHeader::size elements. Throws ProtocolError where the kind is unknown or the body
/// larger than any may be.
MessageHeader read_header(BytesView bytes);

/// What a process says of its model, in reply to hello.
struct Description {
  std::int64_t dimension = 0;        ///< d >= 1.
  std::int64_t state = 0;            ///< s >= 0, the length of the state that is no parameter.
  std::int64_t train_rows = 0;       ///< >= 1.
  std::int64_t test_rows = 0;        ///< >= 0.
  bool classifies = false;           ///< Whether an evaluation counts the rows that are classified right.
  Layers layers;                     ///< Sizes of the layers of x, which add up to d; or empty.
  std::vector<Score> scores;         ///< What evaluations give besides.
  std::vector<std::int32_t> labels;  ///< [train row], in {0, ..., classes - 1}; empty: rows have no classes.
  int classes = 0;

  friend bool operator==(const Description&, const Description&) = default;
};

/// Labels are numbered in ascending order. Throws ProtocolError.
Description read_description(BytesView body);

/// Where the vectors of a model lie in the memory that both sides share: offsets in bytes.
struct Layout {
  Layout() = default;
  Layout(const Description& model, std::size_t bytes_of_number);
  std::size_t x = 0, result = 0, state_in = 0, state_out = 0, rows = 0, size = 0;
  std::size_t most_rows = 0;  ///< How many rows a call can name.
};

/// The two parts of a model's rows.
enum class Part : std::uint32_t { train = 0, test = 1 };

/// What a call says besides what lies in memory.
struct Call {
  std::uint64_t seed = 0;
  Part part = Part::train;
  bool training = false;
  std::int64_t rows = 0;
};

/// The sums over the rows of an evaluation.
struct EvaluationReply {
  double loss = 0;
  std::int64_t right = 0;      ///< Rows classified right.
  std::vector<double> scores;  ///< [score]
};

/// `rows` is how many the call named, `scores` how many scores the model has. Throws ProtocolError.
EvaluationReply read_evaluation(BytesView body, std::int64_t rows, std::size_t scores = 0);

/// The replies to memory, initial_point and gradient say nothing. Throws ProtocolError.
void read_nothing(BytesView body);

// What Gossamer sends, with headers.
MessageBytes hello_message(std::size_t bytes_of_number, std::string_view options);
MessageBytes memory_message(const Layout& layout);
MessageBytes call_message(MessageKind kind, const Call& call);

// The other side, for models in C++: what it is told, and what it answers, with headers.

struct Hello {
  std::size_t bytes_of_number;  ///< 4 or 8.
  std::string options;          ///< A JSON object.
};

/// These throw ProtocolError.
Hello read_hello(BytesView body);
Layout read_layout(BytesView body);
Call read_call(BytesView body);

MessageBytes description_message(const Description& model);
MessageBytes evaluation_message(const EvaluationReply& reply);
MessageBytes empty_message(MessageKind kind);
MessageBytes failure_message(std::string_view what);

}  // namespace gossamer
