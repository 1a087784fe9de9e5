// Model: a model in other processes, as many as are used at a time, each of which knows all of it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/problems/process/child.hpp"
#include "algorithms/vectors/vector.hpp"

namespace gossamer {

/// The numbers of the vectors that both sides share.
enum class Precision { float32, float64 };
constexpr std::array<std::string_view, 2> names(Precision) {
  return {"float32", "float64"};
}

/// Which model.
struct ModelSource {
  CommandLine command;
  std::string options;  ///< For the program: a JSON object.
  Precision precision = Precision::float32;
  Duration timeout{};  ///< How long an answer may take.
};

/// Where a call is evaluated. Calls in a row for a point of the same number write it once; 0: no other call
/// is for this one.
struct Point {
  const Vector& x;
  const Vector& state;
  std::uint64_t number = 0;
};

/// One process of a model.
class ModelProcess {
 public:
  /// Starts it and asks what it is. Throws ProcessError.
  ModelProcess(const ModelSource& source, Starter& starter);

  const Description& description() const { return description_; }

  /// The members below throw ProcessError.
  void initial_point(std::uint64_t seed, Vector& x, Vector& state);
  /// The mean over the rows of a part, and the state after it, which may be the point's own.
  void gradient(const Point& at, Call call, std::span<const std::int32_t> rows, Vector& gradient,
                Vector& state);
  EvaluationReply evaluate(const Point& at, Call call, std::span<const std::int32_t> rows);

  void hang_up() { child_.hang_up(); }
  [[noreturn]] void fail(const std::string& why) { child_.fail(why); }

 private:
  template <class Read>
  auto call(MessageKind kind, const MessageBytes& message, Read read);
  /// A call that is answered in memory: by a vector in R^d, `result` in words, and a state.
  void ask(MessageKind kind, const Call& call, const char* result);
  void write(const Point& at, std::span<const std::int32_t> rows);
  void put(const Vector& vector, std::size_t offset);
  void get(Vector& vector, std::int64_t size, std::size_t offset) const;
  /// Calls visit(coordinate, its bytes) for the first and the last number of a vector and for some between.
  void for_each_mark(std::int64_t size, std::size_t offset, auto visit) const;
  /// Forgets what is there, so that it cannot pass for an answer.
  void mark(std::int64_t size, std::size_t offset);
  /// Throws ProcessError where the program has left a mark; `what` says of which vector, in words.
  void require_written(std::int64_t size, std::size_t offset, const char* what);

  Child child_;
  Precision precision_;
  Description description_;
  std::optional<Layout> layout_;
  std::byte* memory_ = nullptr;
  std::uint64_t written_ = 0;  ///< The number of the point that is in memory.
};

/// A model, to be called by any number of threads, each of which uses a process of its own for a call.
class Model {
 public:
  /// Starts the first process. Throws ProcessError.
  Model(ModelSource source, std::shared_ptr<Starter> starter);
  ~Model();

  const Description& description() const { return description_; }
  const ModelSource& source() const { return source_; }

  /// Calls use(process) on a process that nobody else uses; starts one if there is none. Processes that have
  /// failed are not used again.
  template <class Use>
  auto with_process(Use use) const {
    std::unique_ptr<ModelProcess> process = take();
    auto result = use(*process);
    give_back(std::move(process));
    return result;
  }

  /// A number for a Point.
  std::uint64_t next_number() const { return ++numbers_; }

 private:
  std::unique_ptr<ModelProcess> take() const;
  void give_back(std::unique_ptr<ModelProcess> process) const;

  ModelSource source_;
  std::shared_ptr<Starter> starter_;
  Description description_;
  mutable std::atomic<std::uint64_t> numbers_ = 0;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<ModelProcess>> idle_;
};

/// The models of all problems, so that the runs of a sweep use the same processes. Any thread may use it.
class Models {
 public:
  /// The model that is there, or a new one, for which those that nobody uses end. Throws ProcessError.
  std::shared_ptr<const Model> of(const ModelSource& source);

 private:
  struct Entry {
    std::mutex mutex;  ///< Locked while the model starts.
    std::shared_ptr<const Model> model;
  };
  std::shared_ptr<Starter> starter_ = std::make_shared<Starter>();
  std::mutex mutex_;  ///< For models_.
  std::map<std::string, std::shared_ptr<Entry>> models_;
};

}  // namespace gossamer
