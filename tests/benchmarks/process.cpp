// A call of a model in another process beside what no call can do without.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "algorithms/problems/process/process_problem.hpp"
#include "tests/benchmarks/benchmarks.hpp"

namespace gossamer {
namespace {

/// The least mean time of several rounds.
double seconds_of(int calls, const std::function<void()>& call) {
  double least = std::numeric_limits<double>::infinity();
  for (int round = 0; round < 10; ++round) {
    const double begin = wall_seconds();
    for (int k = 0; k < calls; ++k) call();
    least = std::min(least, (wall_seconds() - begin) / calls);
  }
  return least;
}

/// Of a gradient that the model computes in place, or elsewhere.
double call_seconds(Index d, bool in_place, const Vector& x, int calls) {
  Models models;
  const ProcessModel settings{
      .program =
          CommandLine{{"/usr/bin/python3", "tests/benchmarks/still_model.py"}, GOSSAMER_SOURCE_DIR, false},
      .options = {fmt::format("{{\"dimension\": {}, \"in_place\": {}}}", d, in_place)},
      .holdout = 0,
      .use = {}};
  const std::unique_ptr<Problem> problem = settings.make(8, 1, models);
  std::vector<std::int32_t> batch(32);
  std::iota(batch.begin(), batch.end(), 0);
  Vector g;
  Training training{.seed = 1, .state = *problem->initial_state()};
  return seconds_of(calls, [&] { problem->training_gradient(0, x, batch, training, g); });
}

void compare(Index d) {
  const int calls = static_cast<int>(std::clamp<Index>(30'000'000 / (d + 10'000), 20, 2000));
  const Vector x = Vector::Ones(d);
  Vector g;
  Eigen::ArrayXf single(d);
  const double conversions = seconds_of(calls, [&] {
    single = x.cast<float>();
    g = single.cast<double>();
  });
  const double in_place = call_seconds(d, true, x, calls), copied = call_seconds(d, false, x, calls);
  fmt::print(
      "  d = {:>7}: a call {:6.1f} us, {:5.1f} us more where its gradient is copied, conversions to float "
      "and back {:6.1f} us; "
      "{:5.1f} us beyond these{}\n",
      d, 1e6 * in_place, 1e6 * (copied - in_place), 1e6 * conversions, 1e6 * (in_place - conversions),
      d == 30'000 ? " (target: up to 30)" : "");
}

}  // namespace

void benchmark_process() {
  fmt::print("calls of a model in Python in another process\n");
  for (const Index d : {10, 30'000, 1'000'000}) compare(d);
}

}  // namespace gossamer
