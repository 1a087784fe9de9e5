// The messages to and from a model's program.
#include "algorithms/problems/process/protocol.hpp"

#include <catch2/catch.hpp>
#include <cstring>

#include "sim/random.hpp"

namespace gossamer {
namespace {

template <class... T>
MessageBytes bytes_of(T... numbers) {
  MessageBytes bytes;
  const auto put = [&](auto number) {
    const std::size_t place = bytes.size();
    bytes.resize(place + sizeof number);
    std::memcpy(bytes.data() + place, &number, sizeof number);
  };
  (put(numbers), ...);
  return bytes;
}

/// A model with d = 3, s = 5 and three training rows of the classes 7, -2, 7.
MessageBytes small_description() {
  return bytes_of(1U, 3U, std::int64_t{3}, std::int64_t{5}, std::int64_t{3}, std::int64_t{10}, 7, -2, 7);
}

/// The same with layers of 1 and 2 coordinates and a score "ab".
MessageBytes full_description() {
  return bytes_of(1U, 15U, std::int64_t{3}, std::int64_t{5}, std::int64_t{3}, std::int64_t{10},
                  std::int64_t{2}, std::int64_t{1}, std::int64_t{2}, std::int64_t{1}, 1U, 2U, 'a', 'b', 7, -2,
                  7);
}

std::string complaint_about(BytesView description) {
  try {
    (void)read_description(description);
  } catch (const ProtocolError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a description says what a model is, and its labels are numbered in ascending order") {
  const Description model = read_description(small_description());
  CHECK(model.dimension == 3);
  CHECK(model.state == 5);
  CHECK(model.train_rows == 3);
  CHECK(model.test_rows == 10);
  CHECK(model.classifies);
  CHECK(model.labels == std::vector<std::int32_t>{1, 0, 1});
  CHECK(model.classes == 2);
}

TEST_CASE("layers stand before labels, and have d coordinates together") {
  const auto with_layers = [](std::int64_t first, std::int64_t second) {
    return bytes_of(1U, 5U, std::int64_t{3}, std::int64_t{5}, std::int64_t{2}, std::int64_t{10},
                    std::int64_t{2}, first, second, 7, -2);
  };
  const Description model = read_description(with_layers(1, 2));
  CHECK(model.layers == Layers{1, 2});
  CHECK(model.labels == std::vector<std::int32_t>{1, 0});
  CHECK_FALSE(model.classifies);
  const MessageBytes again = description_message(model);
  CHECK(read_description(BytesView(again).subspan(MessageHeader::size)) == model);
  CHECK(complaint_about(with_layers(1, 1)) == "its layers have 2 coordinates together; its dimension is 3");
  CHECK(complaint_about(with_layers(3, 0)) ==
        "it gives 0 as the size of a layer; 1 to 2147483647 are allowed");
  CHECK(complaint_about(BytesView(with_layers(1, 2)).first(56)) ==
        "its message ends before the size of a layer");
}

TEST_CASE("scores have names, which become those of metrics") {
  const auto with_scores = [](std::initializer_list<std::pair<unsigned, std::string>> scores) {
    MessageBytes bytes = bytes_of(1U, 8U, std::int64_t{3}, std::int64_t{0}, std::int64_t{2}, std::int64_t{1},
                                  static_cast<std::int64_t>(scores.size()));
    for (const auto& [higher, name] : scores) {
      const MessageBytes numbers = bytes_of(higher, static_cast<unsigned>(name.size()));
      bytes.insert(bytes.end(), numbers.begin(), numbers.end());
      for (const char c : name) bytes.push_back(static_cast<std::byte>(c));
    }
    return bytes;
  };
  const Description model = read_description(with_scores({{1, "top_5"}, {0, "log_perplexity"}}));
  CHECK(model.scores == std::vector<Score>{{"top_5", true}, {"log_perplexity", false}});
  const MessageBytes again = description_message(model);
  CHECK(read_description(BytesView(again).subspan(MessageHeader::size)) == model);
  CHECK(complaint_about(with_scores({{1, "Top-5"}})) ==
        "it names a score otherwise than by 1 to 40 letters a to z, digits and _");
  CHECK(complaint_about(with_scores({{1, ""}})) ==
        "it names a score otherwise than by 1 to 40 letters a to z, digits and _");
  CHECK(complaint_about(with_scores({{1, "a"}, {0, "a"}})) == "it names a score 'a', which is there already");
  CHECK(complaint_about(with_scores({{1, "accuracy"}})) ==
        "it names a score 'accuracy', which is there already");
  CHECK(complaint_about(with_scores({{2, "a"}})) == "it says 2 of which way a score is better");
  CHECK(complaint_about(BytesView(with_scores({{1, "abc"}})).first(57)) ==
        "its message ends within a score's name");

  const EvaluationReply reply = read_evaluation(bytes_of(2.5, std::int64_t{4}, 1.5, -2.0), 4, 2);
  CHECK(reply.scores == std::vector<double>{1.5, -2});
  CHECK_THROWS_AS(read_evaluation(bytes_of(2.5, std::int64_t{4}, 1.5), 4, 2), ProtocolError);
  CHECK_THROWS_AS(read_evaluation(bytes_of(2.5, std::int64_t{4}, 1.5, 2.0), 4, 1), ProtocolError);
}

TEST_CASE("a description of any other length is refused") {
  const MessageBytes whole = small_description();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK(complaint_about(BytesView(whole).first(size)) != "");
  }
  MessageBytes longer = whole;
  longer.push_back(std::byte{0});
  const MessageBytes full = full_description();
  CHECK(complaint_about(full) == "");
  for (std::size_t size = 0; size < full.size(); ++size) {
    CHECK(complaint_about(BytesView(full).first(size)) != "");
  }
  CHECK(complaint_about(longer) == "it sends 13 bytes of labels; 3 training rows have 12");
}

TEST_CASE("vectors in shared memory begin cache lines and do not overlap") {
  const Layout layout(read_description(small_description()), 4);  // 12, 12, 20, 20 and 40 bytes.
  CHECK(layout.x == 0);
  CHECK(layout.result == 64);
  CHECK(layout.state_in == 128);
  CHECK(layout.state_out == 192);
  CHECK(layout.rows == 256);
  CHECK(layout.most_rows == 10);
  CHECK(layout.size == 320);
}

TEST_CASE("messages are laid out as the protocol says") {
  CHECK(hello_message(8, "{}") == bytes_of(10U, 1U, 1U, 8U, '{', '}'));
  CHECK(
      call_message(MessageKind::gradient, {.seed = ~0ULL, .part = Part::test, .training = true, .rows = 5}) ==
      bytes_of(24U, 4U, ~0ULL, 1U, 1U, std::int64_t{5}));
  const Layout layout(read_description(small_description()), 4);
  CHECK(memory_message(layout) == bytes_of(56U, 2U, std::int64_t{320}, std::int64_t{0}, std::int64_t{64},
                                           std::int64_t{128}, std::int64_t{192}, std::int64_t{256},
                                           std::int64_t{10}));
}

TEST_CASE("replies are read, or refused") {
  const EvaluationReply reply = read_evaluation(bytes_of(2.5, std::int64_t{4}), 4);
  CHECK(reply.loss == 2.5);
  CHECK(reply.right == 4);
  CHECK_THROWS_AS(read_evaluation(bytes_of(2.5, std::int64_t{5}), 4), ProtocolError);
  CHECK_THROWS_AS(read_evaluation(bytes_of(2.5, std::int64_t{-1}), 4), ProtocolError);
  CHECK_THROWS_AS(read_evaluation(bytes_of(2.5), 4), ProtocolError);
  CHECK_THROWS_AS(read_nothing(bytes_of(0)), ProtocolError);
  CHECK_NOTHROW(read_nothing({}));
  CHECK_THROWS_AS(read_header(bytes_of(0U, 6U)), ProtocolError);
  CHECK_THROWS_AS(read_header(bytes_of((1U << 30) + 1, 1U)), ProtocolError);
  CHECK(read_header(bytes_of(1U << 30, 255U)).kind == MessageKind::failure);
}

TEST_CASE("random bytes are a description, or refused in words") {
  Rng rng(1);
  int accepted = 0;
  for (int k = 0; k < 20'000; ++k) {
    MessageBytes bytes = rng.below(2) == 0 ? small_description() : full_description();
    for (std::uint64_t changes = rng.below(4); changes > 0; --changes) {
      bytes[rng.below(bytes.size())] = static_cast<std::byte>(rng.below(256));
    }
    if (rng.below(4) == 0) bytes.resize(rng.below(bytes.size() + 8));
    accepted += complaint_about(bytes).empty();
  }
  CHECK(accepted > 1000);
  CHECK(accepted < 19'000);
}

TEST_CASE("each side reads what the other says") {
  const auto body = [](const MessageBytes& message, MessageKind kind) {
    const MessageHeader header = read_header(message);
    CHECK(header.kind == kind);
    CHECK(header.body_size == message.size() - MessageHeader::size);
    return BytesView(message).subspan(MessageHeader::size);
  };
  const MessageBytes hello = hello_message(8, "{}");
  CHECK(read_hello(body(hello, MessageKind::hello)).bytes_of_number == 8);
  CHECK(read_hello(body(hello, MessageKind::hello)).options == "{}");

  const Description model = read_description(small_description());
  const MessageBytes described = description_message(model);
  CHECK(read_description(body(described, MessageKind::hello)) == model);

  const Layout layout(model, 4);
  const MessageBytes memory = memory_message(layout);
  const Layout read = read_layout(body(memory, MessageKind::memory));
  CHECK(read.size == layout.size);
  CHECK(read.rows == layout.rows);
  CHECK(read.most_rows == layout.most_rows);

  const MessageBytes asked = call_message(MessageKind::gradient, {7, Part::test, true, 3});
  const Call call = read_call(body(asked, MessageKind::gradient));
  CHECK(call.seed == 7);
  CHECK(call.part == Part::test);
  CHECK(call.training);
  CHECK(call.rows == 3);

  const MessageBytes sums = evaluation_message({2.5, 2, {}});
  CHECK(read_evaluation(body(sums, MessageKind::evaluation), 3).loss == 2.5);
  CHECK(body(empty_message(MessageKind::memory), MessageKind::memory).empty());
  CHECK(body(failure_message("no"), MessageKind::failure).size() == 2);
}

}  // namespace gossamer
