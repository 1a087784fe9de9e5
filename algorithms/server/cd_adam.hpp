#pragma once

#include <array>
#include <string_view>

#include "algorithms/server/adam_moments.hpp"
#include "algorithms/server/error_feedback.hpp"

namespace gossamer {

/// CD-Adam: communication-compressed distributed AMSGrad. Y. Wang, L. Lin, J. Chen, AISTATS 2022,
/// Algorithm 1. Markov compression both ways. Every worker makes the step itself, so that all hold
/// the same x.
/// Checked: step sizes that change, outside of g^ and g~; weight decay, inside of them.
struct CdAdam : AdamMoments {
  static constexpr std::array<std::string_view, 5> vectors{"g_hat", "g_tilde", "m", "v", "v_hat"};

  Required<Schedule> step_size;           ///< alpha_t > 0.
  Compressor compressor = scaled_sign();  ///< C, a contraction.

  Process serve(Agent self) const;
  Process work(Agent self) const;
  /// Throws std::invalid_argument where this does not suit the graph or vectors of d coordinates.
  void require(const Adjacency& graph, Index d) const;

  static void fields(auto& self, auto&& visit) {
    visit("step_size", self.step_size, "(0, inf)", "alpha");
    AdamMoments::fields(self, visit);
    visit("compressor", self.compressor, "", "compresses the changes of gradients, up and down");
  }
};

}  // namespace gossamer
