// Recorder: watches the iterations of all nodes, makes the rows of a trace, and says when a run is over.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "algorithms/agent/agent.hpp"
#include "scenarios/lab/run/setup.hpp"
#include "scenarios/lab/trace/trace.hpp"

namespace gossamer {

/// By iteration, row t says for each node what it had done when it finished t, so that nothing but `time`
/// depends on the network. By simulated time, row k says how things stand after k intervals.
class Recorder final : public Observer {
 public:
  /// T = `horizon` is the last iteration there can be, work[i] what node i has done up to now,
  /// `compression_error` may be null. `progress` is called after each complete iteration and each tick.
  Recorder(const Setup& setup, Simulation& simulation, const std::vector<Work>& work,
           const CompressionError* compression_error, Round horizon, Trace& trace,
           std::function<void()> progress);

  /// Makes the row of the initial point, which all nodes hold.
  void begin();

  void finished(NodeId node, Round t, const Vector* x) override;

  /// By simulated time: makes a row of the present state.
  void tick();

  /// Makes the last row, if it is not there yet, and keeps the final iterates if the scenario asks for them.
  void end();

  /// The last iteration that all nodes have finished.
  Round iteration() const;
  /// Whether a reason to stop was met; the scheduler has been stopped then.
  bool over() const { return over_; }

 private:
  /// How the nodes stand, each at the end of the same iteration or all at one time.
  struct State {
    Eigen::ArrayXXd x;  // [d, worker]; empty where it need not be kept.
    Vector server_x;    // Of a server that holds one.
    std::vector<double> time, compute_time, bits, bits_paper, gradients, samples;  // [node], a server's last.
    double compression_error = 0;
    NodeId missing = 0;  // Nodes that are not there yet.
  };

  bool by_iteration() const { return std::holds_alternative<std::int64_t>(scenario().record.every); }
  const Scenario& scenario() const { return setup_.scenario; }
  NodeId node_count() const { return setup_.nodes(); }
  NodeId workers() const { return setup_.workers(); }
  bool is_due(Round t) const;

  State make_state(bool with_x);
  void release(State state);
  void set(State& state, NodeId node, const Vector* x) const;
  void count(State& state, NodeId node) const;
  void complete(Round t, State state);
  Evaluation evaluate(const Vector& x) const;
  void add_row(double iteration, const State& state, const Evaluation* known = nullptr);
  double mean_round() const;
  bool enough_bits(const State& state) const;
  bool target_reached() const;
  void stop(std::optional<Trace::End> why);

  const Setup& setup_;
  Simulation& simulation_;
  const std::vector<Work>& work_;
  const CompressionError* compression_error_;  // Null where nobody wants to know it.
  Round horizon_;
  Trace& trace_;
  std::function<void()> progress_;
  double all_samples_ = 0;

  std::deque<State> open_;  // Iterations that some nodes have finished; the first of them is first_open_.
  Round first_open_ = 1;
  std::optional<State> latest_;  // The last complete iteration, where it may turn out to be the final one.
  State now_;                    // By simulated time: how the nodes stand.
  std::vector<Round> rounds_;    // By simulated time: iterations that each node has finished.
  std::vector<State> spare_;     // Memory to be used again.
  bool over_ = false;
};

}  // namespace gossamer
