// Metrics: the columns of a trace. One table holds all there is to say of each.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "algorithms/problems/problem.hpp"

namespace gossamer {

/// What is known of a run before it begins.
struct RunFacts {
  int workers = 0;  ///< n: the nodes with an objective.
  bool has_server = false;
  bool shares_rounds = true;                        ///< All nodes go through the same rounds.
  bool compresses = false;                          ///< A compressor makes its messages.
  bool loses_messages = false;                      ///< Its faults lose some for ever.
  std::vector<std::string_view> algorithm_metrics;  ///< Metrics that only some algorithms have.
  Evaluation start;                                 ///< At x_0: finite, or NaN for what there is not.
  std::vector<Score> scores;                        ///< Of the problem.
  double counted_nodes = 0;                         ///< topology.nodes: without the server of a star.
  double all_samples = 0;                           ///< Rows of data of all nodes.
  double optimal_value = Evaluation::none;          ///< f*, or NaN where it is not known.
};

/// What the programs did up to a row. Where they share rounds, no network changes it.
struct Values {
  Eigen::ArrayXXd x;  ///< [d, worker]; empty where it need not be kept.
  Vector server_x;    ///< If a server holds one; else empty.
  Eigen::ArrayXXd
      states;  ///< [s, worker]: the states that are no parameters; empty where x is, or there are none.
  std::vector<double> bits, bits_paper, gradients, samples, contraction;  ///< [node], a server's last.
  std::vector<double> measured;  ///< The values of RunFacts::algorithm_metrics.
  std::vector<Eigen::ArrayXXd>
      vectors;  ///< [name of record.vectors] of [d, node]; NaN where a node has none.
};

/// When they did it, and what of it the network lost.
struct Times {
  std::vector<double> time, compute_time;  ///< [node], s.
  std::vector<double> messages_lost;       ///< [node]: of those that it sent.
};

/// All that the metrics of a row are computed from.
struct Row {
  const RunFacts& facts;
  double iteration;  ///< t; in rows by simulated time: local iterations completed / n.
  double updates;    ///< Updates of the server, or local updates / n.
  const Values& values;
  const Times& times;
  const Vector& mean;               ///< The mean of the workers' x.
  const Vector& x;                  ///< What is evaluated: the server's x, or else that mean.
  const Evaluation& f;              ///< There.
  std::span<const Evaluation> own;  ///< [worker]: at the x of each, if a metric asks for that; else empty.
};

struct Metric {
  enum class Better { neither, lower, higher };
  /// When a row has it: always; unless record.metrics chooses others; or only if record.metrics names it. The
  /// latter two take time to evaluate, the last one for every node.
  enum class Evaluated { never, by_default, by_name };

  std::string name;
  std::string unit;  ///< "s", "bit", or nothing: a pure number.
  Better better;
  Evaluated evaluated;
  std::string about;
  std::function<bool(const RunFacts& facts)> there;
  std::function<double(const Row& row)> value;

  /// Whether a target is reached from below.
  bool rises() const { return evaluated == Evaluated::never || better == Better::higher; }
};

/// All metrics but the scores of models in other processes, in the order in which they are listed.
std::span<const Metric> metrics();

/// Those that a run has. A score NAME of its problem is the metrics train_NAME and test_NAME.
std::vector<Metric> metrics_of(const RunFacts& facts);

/// Whether a metric of this name can be a model's score.
bool may_be_score(std::string_view name);

/// Null if there is none of this name in metrics().
const Metric* find_metric(std::string_view name);

std::vector<std::string> metric_names();

/// "lower", "higher", or "" where neither is better.
std::string_view text_of(Metric::Better better);

/// The unit of a column that a trace has for each node.
std::string_view unit_of_node_column(std::string_view name);
/// The same of a column that it has for each link.
std::string_view unit_of_link_column(std::string_view name);

}  // namespace gossamer
