#pragma once

#include "algorithms/server/error_feedback.hpp"

namespace gossamer {

/// 1-bit Adam [H. Tang et al., ICML 2021, Algorithm 1]: uncompressed Adam (without bias correction) for
/// `warmup` iterations; then v is frozen, and the momentum travels compressed, with error feedback both ways.
/// Every worker steps by itself, so that all hold the same x.
struct OnebitAdam {
  Schedule step_size{};                  ///< alpha_t > 0.
  double beta1 = 0.9;                    ///< In [0, 1): decay of the momentum m.
  double beta2 = 0.99;                   ///< In [0, 1): decay of the second moment v.
  double nu = 1e-8;                      ///< > 0: added to v under the root.
  Round warmup = 0;                      ///< >= 0, in iterations. It must be given.
  Compressor compressor = ScaledSign{};  ///< C, a contraction.
  double weight_decay = 0;               ///< >= 0: times x_t, part of g_{t,i}.

  Process serve(Agent self) const;
  Process work(Agent self) const;
  /// Throws std::invalid_argument where this does not suit vectors of d coordinates.
  void require(Index d) const;

  static void fields(auto& self, auto&& visit) {
    visit("step_size", self.step_size, "(0, inf)", "alpha");
    visit("beta1", self.beta1, "[0, 1)", "decay of the momentum");
    visit("beta2", self.beta2, "[0, 1)", "decay of the second moment, in the warm-up");
    visit("nu", self.nu, "(0, inf)", "added to the second moment under the root");
    visit("warmup", self.warmup, "[1, inf)", "iterations of uncompressed Adam");
    visit("compressor", self.compressor, "", "what the momentum travels with afterwards");
    visit("weight_decay", self.weight_decay, "[0, inf)", "times x, added to every gradient");
  }
};

}  // namespace gossamer
