// The papers' networks through their channel beside bare loops of the same gradients, and beside PyTorch.
#include <fmt/format.h>
#include <malloc.h>
#include <sched.h>

#include <numeric>
#include <thread>

#include "algorithms/problems/data/data_path.hpp"
#include "algorithms/problems/networks/network.hpp"
#include "algorithms/problems/process/neural_network.hpp"
#include "tests/benchmarks/benchmarks.hpp"

namespace gossamer {
namespace {

constexpr Index batch_size = 32;

struct Case {
  const char* model;
  const char* dataset;
  Architecture architecture;
  networks::Shape shape;
  int calls;  ///< In one turn.
  const char* target;
};

/// A loop of libtorch alone.
class Bare {
 public:
  Bare(const Case& of, const DataSet& data)
      : images_{std::get<DenseRows<std::uint8_t>>(data.train.features).row(0), data.train.labels.data()},
        network_({of.model, {}}, of.shape, networks::normalization_of(images_, data.train.rows(), of.shape),
                 {}),
        rows_(batch_size),
        x_(static_cast<std::size_t>(network_.dimension())),
        gradient_(x_.size()),
        state_(static_cast<std::size_t>(network_.state_size())),
        state_after_(state_.size()) {
    std::iota(rows_.begin(), rows_.end(), 0);
    network_.initial_point(1, x_.data(), state_.data());
  }
  void step() {
    network_.gradient(x_.data(), state_.data(), images_, rows_.data(), batch_size, 1, true, gradient_.data(),
                      state_after_.data());
  }

 private:
  networks::Images images_;
  networks::Network<float> network_;
  std::vector<std::int32_t> rows_;
  std::vector<float> x_, gradient_, state_, state_after_;
};

/// The same gradients as a run asks for them, of one node.
class Channel {
 public:
  Channel(const Problem& problem, int node)
      : problem_(problem),
        node_(node),
        x_(problem.initial_point()),
        batch_(batch_size),
        training_{1, *problem.initial_state()} {
    std::iota(batch_.begin(), batch_.end(), 0);
  }
  void step() { problem_.training_gradient(node_, x_, batch_, training_, gradient_); }

 private:
  const Problem& problem_;
  int node_;
  Vector x_, gradient_;
  std::vector<std::int32_t> batch_;
  Training training_;
};

template <class Loop>
double seconds_a_step(Loop& loop, int calls) {
  const double begin = wall_seconds();
  for (int k = 0; k < calls; ++k) loop.step();
  return (wall_seconds() - begin) / calls;
}

/// Two at a time: seconds of the slower.
template <class Work>
double seconds_of_two(Work work) {
  double seconds[2] = {};
  std::thread other([&] { seconds[1] = work(1); });
  seconds[0] = work(0);
  other.join();
  return std::max(seconds[0], seconds[1]);
}

/// This process, and those that it starts meanwhile, stay on one processor: what a channel costs by itself,
/// without what the scheduler makes of two processes that wait for each other in turn.
class OnOneProcessor {
 public:
  OnOneProcessor() {
    ::sched_getaffinity(0, sizeof before_, &before_);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(::sched_getcpu(), &one);
    ::sched_setaffinity(0, sizeof one, &one);
  }
  ~OnOneProcessor() { ::sched_setaffinity(0, sizeof before_, &before_); }

 private:
  cpu_set_t before_{};
};

NeuralNetwork settings_of(const Case& of) {
  NeuralNetwork settings;
  settings.model = of.architecture;
  settings.dataset = of.dataset;
  settings.use.measured_rows = 100;
  return settings;
}

/// Seconds of a gradient: bare, and through the channel. In turn, so that both meet the same load, and of
/// several processes each: where its memory happens to lie makes one faster than another by a few hundredths.
std::pair<double, double> one_at_a_time(const Case& of, const DataSets& sets) {
  const std::shared_ptr<const DataSet> data = sets.load(of.dataset);
  std::pair<double, double> least{1e9, 1e9};
  for (int process = 0; process < 6; ++process) {
    const double bare = measure_apart([&] {
                          Bare loop(of, *data);
                          loop.step();
                          return seconds_a_step(loop, of.calls);
                        }).seconds;
    Models models;
    const std::unique_ptr<Problem> problem = settings_of(of).make(2, 1, sets, models);
    Channel channel(*problem, 0);
    channel.step();
    least.first = std::min(least.first, bare);
    least.second = std::min(least.second, seconds_a_step(channel, of.calls));
  }
  return least;
}

void compare(const Case& of, const DataSets& sets) {
  const std::shared_ptr<const DataSet> data = sets.load(of.dataset);
  const auto bare_apart = [&](int) {
    return measure_apart([&] {
             Bare bare(of, *data);
             bare.step();
             return seconds_a_step(bare, 4 * of.calls);
           })
        .seconds;
  };
  const double two_bare = seconds_of_two(bare_apart);  // Before this process uses libtorch.
  double two = 0;
  {
    Models models;
    const std::unique_ptr<Problem> problem = settings_of(of).make(2, 1, sets, models);
    Channel first(*problem, 0), second(*problem, 1);
    two = seconds_of_two([&](int node) {
      Channel& channel = node == 0 ? first : second;
      channel.step();  // Starts its process.
      return seconds_a_step(channel, 4 * of.calls);
    });
  }
  const auto [any_bare, any] = one_at_a_time(of, sets);
  const auto [bare, channel] = [&] {
    const OnOneProcessor here;
    return one_at_a_time(of, sets);
  }();
  fmt::print("{:<9} {:>9.2f} {:>9.2f} {:>8.1f} % {:<12} {:>8.1f} % | {:>9.2f} {:>9.2f} {:>6.2f} (0.93)\n",
             of.model, 1e3 * bare, 1e3 * channel, 100 * (channel / bare - 1), of.target,
             100 * (any / any_bare - 1), 1e3 * two_bare, 1e3 * two, two_bare / two);
}

/// Milliseconds of an iteration of DGD on a ring of five, by the runs of the command.
double ring_milliseconds() {
  const auto seconds = [](int iterations) {
    const std::string command = fmt::format(
        "{}/gossamer run {}/tests/benchmarks/networks.yaml --threads 1 --quiet -o /tmp/networks.h5 "
        "--set stop.iterations={} --set record.every={}",
        GOSSAMER_BUILD_DIR, GOSSAMER_SOURCE_DIR, iterations, iterations);
    const double begin = wall_seconds();
    if (std::system(command.c_str()) != 0) throw std::runtime_error("the run failed");
    return wall_seconds() - begin;
  };
  (void)seconds(10);
  return 1e3 * (seconds(410) - seconds(10)) / 400;
}

void run() {
  const DataSets sets{DataPath(default_directories())};
  fmt::print(
      "gradients of networks, {} rows, milliseconds: a bare loop of libtorch, and through the channel\n",
      batch_size);
  fmt::print(
      "on one processor, as far as the channel's own cost goes; on any, with what the scheduler adds\n");
  fmt::print("{:<9} {:>9} {:>9} {:>10} {:<12} {:>10} | {:>9} {:>9} {:>6}\n", "", "bare", "channel", "more",
             "(target)", "on any", "two bare", "channels", "speed");
  const Case cnn3{"cnn3", "mnist", Architecture::cnn3, {1, 28, 28, 10}, 60, "(up to 2 %)"};
  const Case resnet18{"resnet18", "cifar10", Architecture::resnet18, {3, 32, 32, 10}, 2, "(up to 5 %)"};
  for (const Case& of : {cnn3, resnet18}) compare(of, sets);
  const double ours = ring_milliseconds();
  const std::vector<double> torch = python_milliseconds("networks_torch.py", {"round_ms"});
  fmt::print("a round of DGD on a ring of five, cnn3, one thread: {:.1f} ms (target: up to 16){}\n", ours,
             torch.empty() ? "" : fmt::format("; a script in PyTorch {:.1f} ms", torch.front()));
}

}  // namespace
}  // namespace gossamer

int main() try {
  ::mallopt(M_MMAP_MAX, 0);  // As gossamer-networks has it.
  ::mallopt(M_TRIM_THRESHOLD, -1);
  gossamer::run();
} catch (const std::exception& error) {
  fmt::print(stderr, "{}\n", error.what());
  return 1;
}
