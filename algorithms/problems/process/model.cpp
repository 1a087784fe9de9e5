#include "algorithms/problems/process/model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace gossamer {
namespace {

std::size_t bytes_of(Precision precision) {
  return precision == Precision::float32 ? sizeof(float) : sizeof(double);
}

// Marks for numbers that a program is to write: each a NaN, of bits that no computation gives.
constexpr std::uint32_t mark_of_float32 = 0x7fc6'0553;
constexpr std::uint64_t mark_of_float64 = 0x7ff8'0060'5541'4d45;
constexpr std::int64_t most_marks = 64;

BytesView mark_of(Precision precision) {
  const auto bytes = [](const auto& mark) { return std::as_bytes(std::span(&mark, 1)); };
  return precision == Precision::float32 ? bytes(mark_of_float32) : bytes(mark_of_float64);
}

}  // namespace

/// Sends a message and reads the body of its reply.
template <class Read>
auto ModelProcess::call(MessageKind kind, const MessageBytes& message, Read read) {
  const BytesView body = child_.call(kind, message);
  try {
    return read(body);
  } catch (const ProtocolError& error) {
    child_.fail(error.what());
  }
}

ModelProcess::ModelProcess(const ModelSource& source, Starter& starter)
    : child_(source.command, starter, source.timeout), precision_(source.precision) {
  const std::size_t bytes = bytes_of(precision_);
  description_ = call(MessageKind::hello, hello_message(bytes, source.options), read_description);
  layout_.emplace(description_, bytes);
  memory_ = child_.map_memory(layout_->size);
  call(MessageKind::memory, memory_message(*layout_), read_nothing);
}

void ModelProcess::put(const Vector& vector, std::size_t offset) {
  std::byte* const place = memory_ + offset;
  if (precision_ == Precision::float32) {
    Eigen::Map<Eigen::ArrayXf>(reinterpret_cast<float*>(place), vector.size()) = vector.cast<float>();
  } else {
    Eigen::Map<Vector>(reinterpret_cast<double*>(place), vector.size()) = vector;
  }
}

void ModelProcess::get(Vector& vector, std::int64_t size, std::size_t offset) const {
  const std::byte* const place = memory_ + offset;
  if (precision_ == Precision::float32) {
    vector = Eigen::Map<const Eigen::ArrayXf>(reinterpret_cast<const float*>(place), size).cast<double>();
  } else {
    vector = Eigen::Map<const Vector>(reinterpret_cast<const double*>(place), size);
  }
}

void ModelProcess::for_each_mark(std::int64_t size, std::size_t offset, auto visit) const {
  const std::size_t bytes = bytes_of(precision_);
  const std::int64_t marks = std::min(size, most_marks);
  for (std::int64_t k = 0; k < marks; ++k) {
    const std::int64_t j = marks == 1 ? 0 : k * (size - 1) / (marks - 1);
    visit(j, std::span(memory_ + offset + static_cast<std::size_t>(j) * bytes, bytes));
  }
}

void ModelProcess::mark(std::int64_t size, std::size_t offset) {
  for_each_mark(size, offset, [&](std::int64_t, std::span<std::byte> number) {
    std::ranges::copy(mark_of(precision_), number.begin());
  });
}

void ModelProcess::require_written(std::int64_t size, std::size_t offset, const char* what) {
  for_each_mark(size, offset, [&](std::int64_t j, std::span<const std::byte> number) {
    if (!std::ranges::equal(number, mark_of(precision_))) return;
    child_.fail(fmt::format("it answers, but did not write coordinate {} of {}", j, what));
  });
}

void ModelProcess::write(const Point& at, std::span<const std::int32_t> rows) {
  if (at.number == 0 || at.number != written_) {
    put(at.x, layout_->x);
    put(at.state, layout_->state_in);
    written_ = at.number;
  }
  std::memcpy(memory_ + layout_->rows, rows.data(), rows.size_bytes());
}

void ModelProcess::ask(MessageKind kind, const Call& what, const char* result) {
  mark(description_.dimension, layout_->result);
  mark(description_.state, layout_->state_out);
  call(kind, call_message(kind, what), read_nothing);
  require_written(description_.dimension, layout_->result, result);
  require_written(description_.state, layout_->state_out, "its state");
}

void ModelProcess::initial_point(std::uint64_t seed, Vector& x, Vector& state) {
  written_ = 0;  // A program may use the place of x.
  const Call call_of_seed{.seed = seed};
  ask(MessageKind::initial_point, call_of_seed, "its initial point");
  get(x, description_.dimension, layout_->result);
  get(state, description_.state, layout_->state_out);
}

void ModelProcess::gradient(const Point& at, Call what, std::span<const std::int32_t> rows, Vector& gradient,
                            Vector& state) {
  write(at, rows);
  what.rows = std::ssize(rows);
  ask(MessageKind::gradient, what, "its gradient");
  get(gradient, description_.dimension, layout_->result);
  get(state, description_.state, layout_->state_out);
}

EvaluationReply ModelProcess::evaluate(const Point& at, Call what, std::span<const std::int32_t> rows) {
  write(at, rows);
  what.rows = std::ssize(rows);
  return call(MessageKind::evaluation, call_message(MessageKind::evaluation, what),
              [&](BytesView body) { return read_evaluation(body, what.rows, description_.scores.size()); });
}

Model::Model(ModelSource source, std::shared_ptr<Starter> starter)
    : source_(std::move(source)), starter_(std::move(starter)) {
  auto process = std::make_unique<ModelProcess>(source_, *starter_);
  description_ = process->description();
  give_back(std::move(process));
}

Model::~Model() {
  for (const auto& process : idle_) process->hang_up();  // So that they end at the same time.
}

std::unique_ptr<ModelProcess> Model::take() const {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<ModelProcess> process = std::move(idle_.back());
      idle_.pop_back();
      return process;
    }
  }
  auto process = std::make_unique<ModelProcess>(source_, *starter_);
  if (process->description() != description_) {
    process->fail("two processes of this command give different rows, labels or dimensions");
  }
  return process;
}

void Model::give_back(std::unique_ptr<ModelProcess> process) const {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(process));
}

std::shared_ptr<const Model> Models::of(const ModelSource& source) {
  std::string key = fmt::format("{} {} {}", source.timeout.count(), static_cast<int>(source.precision),
                                source.command.folder.string());
  for (const std::string& word : source.command.words) key += '\0' + word;
  key += '\0' + source.options;
  std::shared_ptr<Entry> entry;
  {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<Entry>& known = models_[key];
    if (!known) {
      known = std::make_shared<Entry>();
      std::erase_if(models_, [&](const auto& other) {
        const std::shared_ptr<Entry>& one = other.second;
        return other.first != key && one.use_count() == 1 && one->model.use_count() <= 1;
      });
    }
    entry = models_[key];
  }
  const std::lock_guard lock(entry->mutex);
  if (!entry->model) entry->model = std::make_shared<const Model>(source, starter_);
  return entry->model;
}

}  // namespace gossamer
