#pragma once

#include "algorithms/server/error_feedback.hpp"

namespace gossamer {

/// Quantized Adam with error feedback [C. Chen, L. Shen, H. Huang, W. Liu, ACM TIST 12(5), 2021, Algorithm
/// 1], without bias correction: each worker has moments of its own and sends its compressed update; the
/// server's mean of them travels down at the wire's precision.
struct QAdam {
  Schedule step_size{};                  ///< alpha_t > 0.
  double beta1 = 0.9;                    ///< In [0, 1): decay of the first moment m_i.
  double beta2 = 0.99;                   ///< In [0, 1): decay of the second moment v_i.
  double nu = 1e-8;                      ///< > 0: added to v_i under the root.
  Compressor compressor = ScaledSign{};  ///< C, a contraction.
  double weight_decay = 0;               ///< >= 0: times x_t, part of g_{t,i}.

  Process serve(Agent self) const;
  Process work(Agent self) const;
  /// Throws std::invalid_argument where this does not suit vectors of d coordinates.
  void require(Index d) const;

  static void fields(auto& self, auto&& visit) {
    visit("step_size", self.step_size, "(0, inf)", "alpha");
    visit("beta1", self.beta1, "[0, 1)", "decay of the first moment");
    visit("beta2", self.beta2, "[0, 1)", "decay of the second moment");
    visit("nu", self.nu, "(0, inf)", "added to the second moment under the root");
    visit("compressor", self.compressor, "", "what the workers' updates travel with");
    visit("weight_decay", self.weight_decay, "[0, inf)", "times x, added to every gradient");
  }
};

}  // namespace gossamer
