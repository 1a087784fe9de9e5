// Faults: what goes wrong in a run, as data. Messages late or lost, links that are down, nodes that pause or
// crash.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/adjacency.hpp"
#include "sim/compute_time.hpp"
#include "sim/input_file.hpp"
#include "sim/laws.hpp"
#include "sim/wrapped_network.hpp"

namespace gossamer {

/// Each message is lost with `probability`, independently, when it should arrive: it has used its links. It
/// is sent again `retransmit_after` later, until it arrives; without that it is gone.
struct MessageLoss {
  std::optional<double> probability{};  ///< None and 0: all arrive.
  std::optional<Duration> retransmit_after{};

  bool any() const { return probability.value_or(0) > 0; }
  bool for_ever() const { return any() && !retransmit_after; }

  static void fields(auto& self, auto&& visit) {
    visit("probability", self.probability, "[0, 1)", "with which each message is lost");
    visit("retransmit_after", self.retransmit_after, "",
          "after the loss it is sent again; if none, it is gone for ever");
  }
};

/// Times at which something does not work: drawn, or listed here or in a file. Drawn, it works for an
/// exponential time of mean `every`, then not for one of mean `lasting`, and so on.
struct Interruptions {
  std::optional<Duration> every{}, lasting{};
  std::vector<std::string> schedule{};
  std::optional<InputFile> path{};

  static void fields(auto& self, auto&& visit) {
    visit("every", self.every, "(0, inf)", "mean time from the end of one to the next");
    visit("lasting", self.lasting, "", "mean time that one lasts");
    visit("schedule", self.schedule, "", "in place of these: who, from when, for how long");
    visit("path", self.path, "", "or a CSV file: who, from when, until when");
  }
  bool any() const { return every || lasting || !schedule.empty() || path; }
};

/// How much later each message arrives than without, at random.
class Jitter {
 public:
  virtual ~Jitter() = default;
  /// Throws std::overflow_error where the clock cannot hold it.
  virtual Duration draw(Rng& rng) const = 0;
};
using ChosenJitter = std::shared_ptr<const Jitter>;

/// `mean` times an X that has the Law.
template <class Law>
struct JitterBy : Law {
  Required<Duration> mean;
  static void fields(auto& self, auto&& visit) {
    visit("mean", self.mean, "", "of the time that is added");
    Law::fields(self, visit);
  }
  Duration draw(Rng& rng) const;
};

/// A graph and its nodes' names, if they have any.
struct NamedGraph {
  NamedGraph(const Adjacency& graph, std::span<const std::string> names_of_nodes = {})
      : adjacency(graph), names(names_of_nodes) {}
  const Adjacency& adjacency;
  std::span<const std::string> names;
};

/// All of it, as a scenario names it. Random times come from streams of the arc or node, "loss", "jitter",
/// "outages", "pauses" and "crashes": so they are the same for every algorithm.
struct Faults {
  MessageLoss loss{};
  ChosenJitter jitter{};    ///< Null: none.
  Interruptions outages{};  ///< Of edges: what is sent into one waits for its end. "0 1 2s 500ms".
  Interruptions pauses{};   ///< Of nodes: they neither compute nor receive. "3 2s 500ms".
  /// Of nodes that compute, not of a server: they lose their state, and what arrives meanwhile is lost for
  /// ever.
  Interruptions crashes{};

  static void fields(auto& self, auto&& visit) {
    visit("loss", self.loss, "", "of messages");
    visit("jitter", self.jitter, "", "time that each message takes in addition, at random");
    visit("outages", self.outages, "",
          "of edges: messages wait; schedule: `0 1 2s 500ms`, from 0 to 1 and back");
    visit("pauses", self.pauses, "", "of nodes, which rest and hear nothing; schedule: `3 2s 500ms`, node 3");
    visit("crashes", self.crashes, "",
          "of nodes, which come back without their state; schedule: `3 2s 500ms`, node 3");
  }
  /// Whether they could take any time.
  bool take_time() const {
    return jitter || loss.retransmit_after || outages.any() || pauses.any() || crashes.any();
  }
  /// Whether they could lose a message for ever.
  bool lose_messages() const { return loss.for_ever() || crashes.any(); }
  /// Of a graph whose nodes 0, ..., computing - 1 compute. Throws std::invalid_argument, beginning with the
  /// key, for what is incomplete, has no effect, or names nodes (see find_named()) or edges that are not
  /// there; InputFileError
  /// for what a file says.
  void require(const NamedGraph& graph, NodeId computing) const;
};

/// The times, ascending, at which one edge or node does not work. Asked at times that do not decrease; what
/// is past is forgotten.
class Downtime {
 public:
  struct Interval {
    Instant begin, end;
  };
  explicit Downtime(std::vector<Interval> listed);  ///< In any order; they may overlap.
  Downtime(Rng rng, Duration every, Duration lasting);

  /// The first instant from t on at which it works.
  Instant up_from(Instant t);
  /// The first interval that ends after t, if there is one.
  std::optional<Interval> first_after(Instant t);
  /// When work ends that is begun at t and takes so long, if it rests while nothing works.
  Instant end_of(Instant t, Duration work);

 private:
  /// The first interval that ends after t, or null where there is none.
  const Interval* next(Instant t, std::size_t k);
  void forget(Instant t);

  std::deque<Interval> known_;
  std::optional<Rng> rng_;  // If they are drawn: what comes after the known ones.
  Duration every_{}, lasting_{};
  Instant drawn_until_{};
};

/// When the nodes pause and crash in a run. The network shares it with the nodes' computations and their
/// crashes.
struct NodeDowntimes {
  std::vector<Downtime> pauses{}, crashes{};  ///< [node], or empty.
  bool is_crashed(NodeId node, Instant now);
};
/// Precondition: faults.require(graph, computing).
NodeDowntimes node_downtimes(const Faults& faults, const NamedGraph& graph, NodeId computing,
                             std::uint64_t seed);

/// What becomes of the messages behind one that is lost for ever. Where receivers take the messages of a
/// sender one after the other, the next would pass for the lost one: so its arc ends there, and all later
/// ones are lost, too.
enum class AfterLoss { arc_goes_on, arc_ends };

/// Another model's network, with faults. Messages of one arc arrive in the order in which they were sent,
/// whatever happens to them: the later ones wait. Lost or not, a message is counted once where it was sent;
/// the links count what they carry, every time.
class FaultyNetwork final : public WrappedNetwork {
 public:
  /// The graph and the downtimes outlive it. Precondition: faults.require(graph, ...).
  FaultyNetwork(std::unique_ptr<NetworkModel> network, const Faults& faults, const NamedGraph& graph,
                NodeDowntimes& nodes, std::uint64_t seed, AfterLoss after_loss);

  /// What has been sent and neither delivered nor dropped.
  struct Underway {
    std::int64_t messages = 0, bits = 0;
  };
  Underway underway() const;

 private:
  enum Stage { waits_for_link, waits_to_be_sent_again, waits_for_receiver };
  enum class State { under_way, arrived, lost };
  struct Place {
    Message* message;
    State state;
  };

  void carry(Message& message) override;
  void arrived(Message& message) override;
  void deliver(Message& message) override;
  void drop(Message& message) override;

  void wait(Message& message, Stage stage, Instant until);
  void settle(const Message& message, State state);
  void release(std::size_t arc);

  MessageLoss loss_;
  AfterLoss after_loss_;
  ChosenJitter jitter_;
  NodeDowntimes& nodes_;
  std::vector<Downtime> outages_;                   // [edge], or empty
  std::vector<std::size_t> edge_;                   // [arc]
  std::vector<Rng> loss_streams_, jitter_streams_;  // [arc], or empty
  std::vector<std::vector<Place>> underway_;        // [arc], in the order of sending
  std::vector<bool> ended_;                         // [arc]: whether it has ended with a loss
};

/// Another model's compute times, prolonged by pauses.
class PausedComputeTime final : public ComputeTime {
 public:
  /// The pauses outlive it.
  PausedComputeTime(std::unique_ptr<ComputeTime> times, std::vector<Downtime>& pauses)
      : times_(std::move(times)), pauses_(pauses) {}
  Duration gradient(NodeId node, std::int64_t rows, Instant begin) override;
  bool passes() const override { return times_->passes(); }

 private:
  std::unique_ptr<ComputeTime> times_;
  std::vector<Downtime>& pauses_;  // [node]
};

}  // namespace gossamer
