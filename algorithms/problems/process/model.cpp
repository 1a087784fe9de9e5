#include "algorithms/problems/process/model.hpp"

#include <fmt/format.h>

#include <cstring>
#include <utility>

namespace gossamer {
namespace {

std::size_t bytes_of(Precision precision) {
  return precision == Precision::float32 ? sizeof(float) : sizeof(double);
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

void ModelProcess::write(const Point& at, std::span<const std::int32_t> rows) {
  if (at.number == 0 || at.number != written_) {
    put(at.x, layout_->x);
    put(at.state, layout_->state_in);
    written_ = at.number;
  }
  std::memcpy(memory_ + layout_->rows, rows.data(), rows.size_bytes());
}

void ModelProcess::initial_point(std::uint64_t seed, Vector& x, Vector& state) {
  written_ = 0;  // A program may use the place of x.
  const Call call_of_seed{.seed = seed};
  call(MessageKind::initial_point, call_message(MessageKind::initial_point, call_of_seed), read_nothing);
  get(x, description_.dimension, layout_->result);
  get(state, description_.state, layout_->state_out);
}

void ModelProcess::gradient(const Point& at, Call what, std::span<const std::int32_t> rows, Vector& gradient,
                            Vector& state) {
  write(at, rows);
  // If the process leaves the result as it was, it shall not pass for an answer.
  std::memset(memory_ + layout_->result, 0xff, bytes_of(precision_));  // NaN.
  what.rows = std::ssize(rows);
  call(MessageKind::gradient, call_message(MessageKind::gradient, what), read_nothing);
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
