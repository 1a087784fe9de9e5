#pragma once

#include <array>
#include <string_view>

#include "algorithms/server/adam_moments.hpp"
#include "algorithms/server/error_feedback.hpp"

namespace gossamer {

/// 1-bit Adam. H. Tang et al., ICML 2021, Algorithm 1. Uncompressed Adam (without bias correction) for
/// `warmup` iterations; then v is frozen, and the momentum travels compressed, with error feedback both ways.
/// Every worker makes the step itself, so that all hold the same x.
/// Checked, during the warm-up and after it: step sizes that change, outside of both memories; weight decay,
/// inside of them.
struct OnebitAdam : AdamMoments {
  static constexpr std::array<std::string_view, 3> vectors{"m", "v", "e"};

  Required<Schedule> step_size;           ///< alpha_t > 0.
  Required<Round> warmup;                 ///< >= 1, in iterations.
  Compressor compressor = scaled_sign();  ///< C, a contraction.

  Process serve(Agent self) const;
  Process work(Agent self) const;
  /// Throws std::invalid_argument where this does not suit the graph or vectors of d coordinates.
  void require(const Adjacency& graph, Index d) const;

  static void fields(auto& self, auto&& visit) {
    visit("step_size", self.step_size, "(0, inf)", "alpha");
    AdamMoments::fields(self, visit);
    visit("warmup", self.warmup, "[1, inf)", "iterations of uncompressed Adam");
    visit("compressor", self.compressor, "", "compresses the momentum afterwards");
  }
};

}  // namespace gossamer
