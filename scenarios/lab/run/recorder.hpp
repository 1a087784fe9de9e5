// Recorder: watches the iterations of all nodes, says when rows of the trace are due, and when a run is over.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "algorithms/agent/agent.hpp"
#include "scenarios/lab/run/rows.hpp"

namespace gossamer {

/// Rows come in one of three ways.
///
/// By iteration: row t says for each node what it had done when it finished t, so that nothing but times
/// depends on the network. This joins iterations that some nodes have finished and others have not. By
/// updates, if an algorithm's nodes share no rounds: a row shows all nodes after every k updates of the
/// server or, without a server, after every n k local updates. By simulated time: row k shows all nodes
/// after k intervals.
class Recorder final : public Observer {
 public:
  /// `progress` is called after each complete iteration, update and tick.
  Recorder(const Setup& setup, Trace& trace, Pool& pool, std::function<void()> progress);

  /// Makes the row of the initial point, which all nodes hold. The programs outlive the recorder.
  void begin(Programs& programs);

  void finished(NodeId node, Round t, const Vector* x) override;
  void changed(NodeId node, const Vector& x) override;

  /// By simulated time: makes a row of the present state.
  void tick();

  /// Makes the last row, if it is not there yet.
  void end();

  /// The last iteration that all nodes have finished, or the last update.
  Round iteration() const;
  /// Whether a reason to stop was met; the scheduler has been stopped then.
  bool over() const { return over_; }

 private:
  enum class Way { by_iteration, by_updates, by_time };
  /// An iteration that some nodes have finished.
  struct Open {
    Standing standing;
    NodeId missing = 0;  ///< How many nodes have not finished it.
  };

  const Scenario& scenario() const { return setup_.scenario; }
  NodeId node_count() const { return setup_.nodes(); }
  NodeId workers() const { return setup_.workers(); }
  Round rows_between() const { return std::get<std::int64_t>(scenario().record.every); }
  bool is_due(Round t) const { return t % rows_between() == 0 || t == programs_->horizon(); }

  Open open(bool with_x);
  void require_memory(NodeId node, Round t) const;
  void require_time();
  void set(Standing& standing, NodeId node, const Vector* x) const;
  void count(Standing& standing, NodeId node) const;
  void finish_iteration(NodeId node, Round t, const Vector* x);
  void complete(Round t, Open iteration);
  void finish_update(NodeId node);
  bool all_updates_done() const;
  void add_present_row();
  double local_iterations() const { return static_cast<double>(local_) / static_cast<double>(workers()); }
  double updates() const;
  double present_iteration() const { return way_ == Way::by_updates ? updates() : local_iterations(); }
  void stop_where_due(bool at_horizon, const Values& values);
  void stop(std::optional<Trace::End> why);

  const Setup& setup_;
  Trace& trace_;
  Rows rows_;
  std::function<void()> progress_;
  Way way_;
  Programs* programs_ = nullptr;
  bool over_ = false;
  bool ends_by_time_alone_;  // It would go on for ever where no time passes.
  Instant instant_{};        // The latest at which a node has finished an iteration ...
  Round at_instant_ = 0;     // ... and how many all nodes have finished there.

  // By iteration.
  std::deque<Open> open_;  // The first of them is first_open_.
  Round first_open_ = 1;
  std::optional<Open> latest_;  // The last complete iteration, where it may turn out to be the final one.
  std::vector<Open> spare_;     // Memory to be used again.

  // By updates and by time.
  Standing now_;               // The present state of the nodes.
  std::vector<Round> rounds_;  // [node]: iterations that each has finished.
  Round local_ = 0;            // Iterations that all workers together have finished.
};

}  // namespace gossamer
