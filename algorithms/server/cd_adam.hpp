#pragma once

#include "algorithms/server/error_feedback.hpp"

namespace gossamer {

/// CD-Adam: communication-compressed distributed AMSGrad (001, Y. Wang, L. Lin, J. Chen, AISTATS 2022,
/// Algorithm 1). Markov compression both ways, and every worker steps by itself, so that all hold the same x.
struct CdAdam {
  Schedule step_size{};                  ///< alpha_t > 0.
  double beta1 = 0.9;                    ///< In [0, 1): decay of the first moment m.
  double beta2 = 0.99;                   ///< In [0, 1): decay of the second moment v.
  double nu = 1e-8;                      ///< > 0: added to v_hat under the root.
  Compressor compressor = ScaledSign{};  ///< C, a contraction.
  double weight_decay = 0;               ///< >= 0: times x_t, part of g_t^(i).

  Process serve(Agent self) const;
  Process work(Agent self) const;
  /// Throws std::invalid_argument where this does not suit vectors of d coordinates.
  void require(Index d) const;

  static void fields(auto& self, auto&& visit) {
    visit("step_size", self.step_size, "(0, inf)", "alpha");
    visit("beta1", self.beta1, "[0, 1)", "decay of the first moment");
    visit("beta2", self.beta2, "[0, 1)", "decay of the second moment");
    visit("nu", self.nu, "(0, inf)", "added to the second moment under the root");
    visit("compressor", self.compressor, "", "what changes of gradients travel with, up and down");
    visit("weight_decay", self.weight_decay, "[0, inf)", "times x, added to every gradient");
  }
};

}  // namespace gossamer
