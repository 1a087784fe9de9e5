#include "scenarios/lab/trace/metrics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace gossamer {
namespace {

using enum Metric::Better;
using enum Metric::Evaluated;

double sum(std::span<const double> numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), 0.0);
}

/// The value of a metric that only some algorithms have.
bool is_the_algorithms(const RunFacts& facts, std::string_view name) {
  return std::ranges::count(facts.algorithm_metrics, name) > 0;
}
double measured(const Row& row, std::string_view name) {
  const auto& names = row.facts.algorithm_metrics;
  return row.values.measured[static_cast<std::size_t>(std::ranges::find(names, name) - names.begin())];
}

double consensus(const Row& row) {
  double squares = 0;
  for (Index i = 0; i < row.facts.workers; ++i) squares += squared_norm(row.values.x.col(i) - row.mean);
  return squares / row.facts.workers;
}

/// The largest of what is a number; NaN if nothing is.
double largest(std::span<const double> numbers) {
  double largest = Evaluation::none;
  for (const double number : numbers) largest = std::fmax(largest, number);
  return largest;
}

double mean_over_nodes(const Row& row, double Evaluation::*measure) {
  double sum = 0;
  for (const Evaluation& at_own : row.own) sum += at_own.*measure;
  return sum / static_cast<double>(row.own.size());
}

constexpr auto always = [](const RunFacts&) { return true; };
constexpr auto with_server = [](const RunFacts& facts) { return facts.has_server; };
constexpr auto with_train_accuracy = [](const RunFacts& facts) {
  return !std::isnan(facts.start.train_accuracy);
};
constexpr auto with_test_accuracy = [](const RunFacts& facts) {
  return !std::isnan(facts.start.test_accuracy);
};

/// The mean over training or test rows of score k, the same for both.
Metric metric_of(const Score& score, std::size_t k, bool test) {
  const std::vector<double> Evaluation::*means = test ? &Evaluation::test_scores : &Evaluation::train_scores;
  return {(test ? "test_" : "train_") + score.name,
          "",
          score.higher_is_better ? higher : lower,
          by_default,
          std::string("the model's ") + score.name + (test ? " on the test rows" : " on the training rows"),
          [test](const RunFacts& facts) { return !test || !std::isnan(facts.start.test_loss); },
          [means, k](const Row& row) {
            const std::vector<double>& scores = row.f.*means;
            return k < scores.size() ? scores[k] : Evaluation::none;
          }};
}

const std::vector<Metric> table{
    Metric{"iteration", "", neither, never,
           "t; in rows by simulated time: local iterations completed / nodes", always,
           [](const Row& row) { return row.iteration; }},
    Metric{"updates", "", neither, never,
           "updates of the server, or local ones / nodes, if nodes share no rounds",
           [](const RunFacts& facts) { return !facts.shares_rounds; },
           [](const Row& row) { return row.updates; }},
    Metric{"time", "s", lower, never, "when the last node finished t", always,
           [](const Row& row) { return *std::ranges::max_element(row.times.time); }},
    Metric{"bits", "bit", lower, never, "payload bits sent by all nodes", always,
           [](const Row& row) { return sum(row.values.bits); }},
    Metric{"bits_up", "bit", lower, never, "payload bits sent to the server", with_server,
           [](const Row& row) {
             return sum(std::span(row.values.bits).first(static_cast<std::size_t>(row.facts.workers)));
           }},
    Metric{"bits_down", "bit", lower, never, "payload bits sent by the server", with_server,
           [](const Row& row) { return row.values.bits.back(); }},
    Metric{"bits_per_node", "bit", lower, never, "bits / topology.nodes", always,
           [](const Row& row) { return sum(row.values.bits) / row.facts.counted_nodes; }},
    Metric{"bits_paper", "bit", lower, never,
           "bits as the paper counts them: by the compressor's `accounting`", with_server,
           [](const Row& row) { return sum(row.values.bits_paper); }},
    Metric{"messages_lost", "", lower, never, "messages that never arrive, of all nodes",
           [](const RunFacts& facts) { return facts.loses_messages; },
           [](const Row& row) { return sum(row.times.messages_lost); }},
    Metric{"epoch", "", neither, never, "rows of data used / rows of all nodes", always,
           [](const Row& row) { return sum(row.values.samples) / row.facts.all_samples; }},
    Metric{"gradients", "", lower, never, "gradients computed by all nodes", always,
           [](const Row& row) { return sum(row.values.gradients); }},
    Metric{"loss", "", lower, by_default, "f at the server's x, or at the mean of the nodes' x", always,
           [](const Row& row) { return row.f.loss; }},
    Metric{"grad_norm", "", lower, by_default, "norm of the gradient of f at that point", always,
           [](const Row& row) { return norm(row.f.gradient); }},
    Metric{"suboptimality", "", lower, by_default,
           "f - f*, where f* is known or given (problem.optimal_value)",
           [](const RunFacts& facts) { return !std::isnan(facts.optimal_value); },
           [](const Row& row) { return row.f.loss - row.facts.optimal_value; }},
    Metric{"consensus", "", lower, by_default,
           "mean over the nodes of the squared distance of x to the mean x", always, consensus},
    Metric{"train_accuracy", "", higher, by_default, "fraction of training rows classified right",
           with_train_accuracy, [](const Row& row) { return row.f.train_accuracy; }},
    Metric{"test_loss", "", lower, by_default, "loss on the test rows",
           [](const RunFacts& facts) { return !std::isnan(facts.start.test_loss); },
           [](const Row& row) { return row.f.test_loss; }},
    Metric{"test_accuracy", "", higher, by_default, "fraction of test rows classified right",
           with_test_accuracy, [](const Row& row) { return row.f.test_accuracy; }},
    Metric{"validation_accuracy", "", higher, by_default,
           "fraction of rows classified right that are kept apart (problem.validation)",
           [](const RunFacts& facts) { return !std::isnan(facts.start.validation_accuracy); },
           [](const Row& row) { return row.f.validation_accuracy; }},
    Metric{"node_loss", "", lower, by_name, "mean over the nodes of f at their own x", always,
           [](const Row& row) { return mean_over_nodes(row, &Evaluation::loss); }},
    Metric{"node_train_accuracy", "", higher, by_name,
           "fraction of training rows that a node's own x classifies right, mean over the nodes",
           with_train_accuracy,
           [](const Row& row) { return mean_over_nodes(row, &Evaluation::train_accuracy); }},
    Metric{"node_test_accuracy", "", higher, by_name, "the same of the test rows", with_test_accuracy,
           [](const Row& row) { return mean_over_nodes(row, &Evaluation::test_accuracy); }},
    Metric{"worst_test_accuracy", "", higher, by_name, "the least of the nodes' test accuracies",
           with_test_accuracy,
           [](const Row& row) {
             return std::ranges::min_element(row.own, {}, &Evaluation::test_accuracy)->test_accuracy;
           }},
    Metric{"sparsity", "", higher, by_default, "fraction of zeros in x",
           [](const RunFacts& facts) { return is_the_algorithms(facts, "sparsity"); },
           [](const Row& row) {
             return static_cast<double>((row.x == 0).count()) / static_cast<double>(row.x.size());
           }},
    Metric{"compression_error", "", lower, by_default,
           "squared distance of the quantized mean gradient from the exact one, averaged over the steps",
           [](const RunFacts& facts) { return is_the_algorithms(facts, "compression_error"); },
           [](const Row& row) { return measured(row, "compression_error"); }},
    Metric{"contraction", "", lower, by_name,
           "|C(x) - x|^2 / |x|^2 of the messages that are compressed: the largest of the nodes' latest",
           [](const RunFacts& facts) { return facts.compresses; },
           [](const Row& row) { return largest(row.values.contraction); }},
    Metric{"delay", "", lower, by_default,
           "how many updates old a gradient's x is when the server uses it, on average",
           [](const RunFacts& facts) { return is_the_algorithms(facts, "delay"); },
           [](const Row& row) { return measured(row, "delay"); }},
    Metric{"worst_delay", "", lower, by_default, "the largest delay of a gradient so far",
           [](const RunFacts& facts) { return is_the_algorithms(facts, "worst_delay"); },
           [](const Row& row) { return measured(row, "worst_delay"); }},
};

}  // namespace

std::span<const Metric> metrics() {
  return table;
}

std::vector<Metric> metrics_of(const RunFacts& facts) {
  std::vector<Metric> there;
  const auto add = [&](Metric metric) {
    if (metric.there(facts)) there.push_back(std::move(metric));
  };
  for (const Metric& metric : metrics()) add(metric);
  for (std::size_t k = 0; k < facts.scores.size(); ++k) {
    for (const bool test : {false, true}) add(metric_of(facts.scores[k], k, test));
  }
  return there;
}

bool may_be_score(std::string_view name) {
  return name.starts_with("train_") || name.starts_with("test_");
}

const Metric* find_metric(std::string_view name) {
  const auto found = std::ranges::find(table, name, &Metric::name);
  return found == table.end() ? nullptr : &*found;
}

std::vector<std::string> metric_names() {
  std::vector<std::string> names;
  names.reserve(table.size());
  for (const Metric& metric : table) names.push_back(metric.name);
  return names;
}

std::string_view text_of(Metric::Better better) {
  constexpr std::array<std::string_view, 3> texts{"", "lower", "higher"};
  return texts[static_cast<std::size_t>(better)];
}

std::string_view unit_of_node_column(std::string_view name) {
  if (name == "time" || name == "compute_time") return "s";
  return name == "bits" ? "bit" : "";
}

std::string_view unit_of_link_column(std::string_view name) {
  if (name == "latency" || name == "busy_time") return "s";
  if (name == "bandwidth") return "bit/s";
  return name == "bytes" || name == "longest_queue" ? "B" : "";
}

}  // namespace gossamer
