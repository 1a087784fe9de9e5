// Algorithms whose nodes share no rounds, as whole runs: what an update and a delay are, how they are
// recorded, and what stays the same. Their iterates are checked in tests/golden.
#include <catch2/catch.hpp>

#include "tests/lab/support.hpp"

using namespace gossamer;
using namespace gossamer::testing;

namespace {

/// Three workers and a server. A gradient takes 1, 2 and 4 ms, a message no time; f_i(x) = (x - a_i)^2 / 2.
Changes with_server(const std::string& algorithm, const Changes& more = {}) {
  Changes changes{"topology={star: 3}", "network=ideal", "compute={gradient: 1 ms, factors: [1, 2, 4]}",
                  "problem.targets=[[1], [2], [6]]", "algorithm={kind: async_sgd, " + algorithm + "}"};
  changes.insert(changes.end(), more.begin(), more.end());
  return changes;
}

}  // namespace

TEST_CASE("An update is made when the buffer is full, and a delay counts updates", "[async_sgd]") {
  // Gradients arrive of worker 0 at 1, 1 at 2, and 2 at 4 ms. With K = 2, x_1 is made at 2 ms of workers 0
  // and 1, which compute on until 3 and 4 ms; of the two that arrive at 4 ms the first is 2's, which began
  // first, and x_2 is made of 0 (delay 0) and 2 (delay 1) then. Worker 1, after them, waits for 0 at 5 ms:
  // x_3, of 1 (delay 1) and 0 (delay 0).
  const Run run(with_server("step_size: 0.5, buffer: 2, wire: float64", {"stop.iterations=3"}));
  CHECK(run["time"] == Numbers{0, 0.002, 0.004, 0.005});
  CHECK(run["gradients"].back() == 6);
  CHECK(same(run["delay"], {NAN, 0, 0.25, 2.0 / 6}));
  CHECK(run["worst_delay"].back() == 1);
  // x_1 = 0 + (1 + 2) / 4, x_2 = x_1 + ((1 - x_1) + 6) / 4, x_3 = x_2 + ((2 - x_1) + (1 - x_2)) / 4.
  const double x1 = 0.75, x2 = x1 + (7 - x1) / 4, x3 = x2 + (3 - x1 - x2) / 4;
  CHECK(run["grad_norm"][1] == Approx(std::abs(x1 - 3)).epsilon(1e-14));
  CHECK(run["grad_norm"][2] == Approx(std::abs(x2 - 3)).epsilon(1e-14));
  CHECK(run["grad_norm"][3] == Approx(std::abs(x3 - 3)).epsilon(1e-14));
}

TEST_CASE("A buffer for all workers is distributed SGD", "[async_sgd]") {
  const Changes more{"stop.iterations=20"};
  const Run buffered(with_server("step_size: 0.3, buffer: 3, wire: float64", more));
  Changes synchronous = with_server("step_size: 0.3", more);
  synchronous.push_back("algorithm={kind: sgd, step_size: 0.3, wire: float64}");
  const Run sgd(synchronous);
  CHECK(buffered["time"] == sgd["time"]);
  CHECK(buffered["worst_delay"].back() == 0);
  for (std::size_t k = 0; k <= 20; ++k) {
    CHECK(buffered["loss"][k] == Approx(sgd["loss"][k]).epsilon(1e-14));
  }
}

TEST_CASE("Steps adapt to delays above n / K", "[async_sgd]") {
  // The first gradient of the slow worker arrives at 99.5 ms, when the others have made 99 + 49 updates.
  // Their own delays are at most 2.
  const auto run = [](const std::string& rule, int updates) {
    return Run(with_server(
        "step_size: 0.01, wire: float64, delay_adaptive: " + rule,
        {"compute={gradient: 1 ms, factors: [1, 2, 99.5]}", "stop.iterations=" + std::to_string(updates)}));
  };
  for (const std::string rule : {"inverse", "drop"}) {
    INFO(rule);
    const Run adapted = run(rule, 149), constant = run("none", 149);
    CHECK(adapted["loss"][148] == constant["loss"][148]);
    CHECK(adapted["worst_delay"][148] == 2);
    CHECK(adapted["worst_delay"][149] == 148);
    const double before = constant["grad_norm"][148], after = adapted["grad_norm"][149];
    // Worker 2 has the gradient 0 - 6 at x_0; x is below 3, the minimum.
    CHECK(after == Approx(before - (rule == "drop" ? 0 : 0.06 / 148)).epsilon(1e-12));
    CHECK(constant["grad_norm"][149] == Approx(before - 0.06).epsilon(1e-12));
  }
  CHECK(run("inverse_sqrt", 2)["loss"][1] == run("none", 2)["loss"][1]);  // No delay, s = 1.
}

TEST_CASE("A buffer that the workers cannot fill is refused", "[async_sgd]") {
  const auto refused = [](const std::string& settings) {
    return complaint([&] { Run{with_server("step_size: 1, " + settings)}; });
  };
  CHECK_THAT(refused("buffer: 4"), Catch::EndsWith("buffer: 3 workers, of which each sends one gradient at a "
                                                   "time, never fill one of 4; it takes up to 3"));
  CHECK_THAT(refused("buffer: 0"), Catch::Contains("buffer"));
  CHECK_THAT(refused("delay_adaptive: half"), Catch::Contains("none, inverse, drop, inverse_sqrt"));
}

TEST_CASE("By simulated time a buffered server is seen as it was after its last update", "[async_sgd]") {
  const Run run(with_server("step_size: 0.5, buffer: 2, wire: float64",
                            {"stop={simulated_time: 3 ms}", "record.every=1 ms"}));
  CHECK(run["time"] == Numbers{0, 0.001, 0.002, 0.003});
  CHECK(run["updates"] == Numbers{0, 0, 1, 1});  // At 3 ms there is one gradient in the buffer.
  CHECK(run["grad_norm"] == Numbers{3, 3, 2.25, 2.25});
}
