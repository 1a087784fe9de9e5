#pragma once

#include "algorithms/server/error_feedback.hpp"

namespace gossamer {

/// SPARS-AMS: sparsified distributed AMSGrad with error feedback (000, "Sparsified Distributed Adaptive
/// Learning with Error Feedback", Algorithm 1). Any compressor may take the place of top-k. The server holds
/// x and the moments; it sends x at the wire's precision and steps in full precision. One worker on an ideal
/// network, with the wire as exact as the state, is the single-machine form (Algorithm 2). `amsgrad` does not
/// compress: distributed AMSGrad (001, Section 3; S. Reddi, S. Kale, S. Kumar, ICLR 2018).
struct SparseAms {
  Schedule step_size{};  ///< eta_t > 0.
  double beta1 = 0.9;    ///< In [0, 1): decay of the first moment m.
  double beta2 = 0.99;   ///< In [0, 1): decay of the second moment v.
  double nu = 1e-8;      ///< > 0: epsilon of 000, added to v_hat under the root.
  Compressor compressor = TopK{.k = {}, .fraction = 0.01};  ///< A contraction, if there is error feedback.
  bool error_feedback = true;                               ///< False: naive compression.
  double weight_decay = 0;                                  ///< >= 0: times theta_t, part of g_{t,i}.
  bool compresses = true;  ///< Whether the compressor is the user's to choose.

  static SparseAms uncompressed() {
    return {.compressor = Identity{}, .error_feedback = false, .compresses = false};
  }

  Process serve(Agent self) const;
  Process work(Agent self) const;
  /// Throws std::invalid_argument where this does not suit vectors of d coordinates.
  void require(Index d) const;

  static void fields(auto& self, auto&& visit) {
    visit("step_size", self.step_size, "(0, inf)", "eta");
    visit("beta1", self.beta1, "[0, 1)", "decay of the first moment");
    visit("beta2", self.beta2, "[0, 1)", "decay of the second moment");
    visit("nu", self.nu, "(0, inf)", "added to the second moment under the root");
    if (self.compresses) {
      visit("compressor", self.compressor, "", "what the workers' gradients travel with");
      visit("error_feedback", self.error_feedback, "", "whether what it leaves out joins the next message");
    }
    visit("weight_decay", self.weight_decay, "[0, inf)", "times x, added to every gradient");
  }
};

}  // namespace gossamer
