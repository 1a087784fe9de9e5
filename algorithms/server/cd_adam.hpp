#pragma once

#include "algorithms/server/adam_moments.hpp"
#include "algorithms/server/error_feedback.hpp"

namespace gossamer {

/// CD-Adam: communication-compressed distributed AMSGrad (001, Y. Wang, L. Lin, J. Chen, AISTATS 2022,
/// Algorithm 1). Markov compression both ways, and every worker steps by itself, so that all hold the same x.
struct CdAdam : AdamMoments {
  Required<Schedule> step_size;                  ///< alpha_t > 0.
  Compressor compressor = scaled_sign();  ///< C, a contraction.

  Process serve(Agent self) const;
  Process work(Agent self) const;
  /// Throws std::invalid_argument where this does not suit the graph or vectors of d coordinates.
  void require(const Adjacency& graph, Index d) const;

  static void fields(auto& self, auto&& visit) {
    visit("step_size", self.step_size, "(0, inf)", "alpha");
    AdamMoments::fields(self, visit);
    visit("compressor", self.compressor, "", "what changes of gradients travel with, up and down");
  }
};

}  // namespace gossamer
