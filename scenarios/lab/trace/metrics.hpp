// Metrics: what a trace says of every row.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace gossamer {

struct Metric {
  std::string_view name;
  bool counted;  ///< Comes with every row at no cost; the others are evaluated, and can be chosen.
  bool rises;    ///< Whether a target is reached from below.
  std::string_view about;
};

/// All metrics, in the order in which they are listed.
inline constexpr std::array metrics{
    Metric{"iteration", true, true, "t; by simulated time: completed local iterations / nodes"},
    Metric{"time", true, true, "s, when the last node finished t"},
    Metric{"bits", true, true, "payload bits sent by all nodes"},
    Metric{"bits_up", true, true, "payload bits sent to the server"},
    Metric{"bits_down", true, true, "payload bits sent by the server"},
    Metric{"bits_per_node", true, true, "bits / topology.nodes"},
    Metric{"bits_paper", true, true, "bits as the compressor's `accounting` counts them; mostly the same"},
    Metric{"epoch", true, true, "rows of data used / rows there are"},
    Metric{"gradients", true, true, "gradients computed by all nodes"},
    Metric{"loss", false, false, "f at the mean of the nodes' x"},
    Metric{"grad_norm", false, false, "norm of the gradient of f at the mean of the nodes' x"},
    Metric{"suboptimality", false, false, "f - f*, where f* is known or given (problem.optimal_value)"},
    Metric{"consensus", false, false, "mean over the nodes of the squared distance to their mean"},
    Metric{"train_accuracy", false, true, "fraction of training rows classified right"},
    Metric{"test_loss", false, false, "loss on the test rows"},
    Metric{"test_accuracy", false, true, "fraction of test rows classified right"},
    Metric{"sparsity", false, true, "fraction of zeros in x"},
    Metric{"compression_error", false, false,
           "squared distance of the quantized from the workers' mean gradient, averaged over the steps"},
};

inline const Metric* find_metric(std::string_view name) {
  for (const Metric& metric : metrics) {
    if (metric.name == name) return &metric;
  }
  return nullptr;
}

inline std::vector<std::string> metric_names() {
  std::vector<std::string> names;
  for (const Metric& metric : metrics) names.emplace_back(metric.name);
  return names;
}

}  // namespace gossamer
