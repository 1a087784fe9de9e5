// What the parameter-server methods of the Adam family have in common.
#pragma once

namespace gossamer {

/// Moments without bias correction, from 0, and how they divide:
///   m = beta1 m + (1 - beta1) g,   v = beta2 v + (1 - beta2) g^2,   a step along m / sqrt(v + nu),
/// where g includes weight_decay * x.
struct AdamMoments {
  double beta1 = 0.9;       ///< In [0, 1): decay of the first moment m.
  double beta2 = 0.99;      ///< In [0, 1): decay of the second moment v.
  double nu = 1e-8;         ///< > 0: added to the second moment under the root.
  double weight_decay = 0;  ///< >= 0: times x, part of every node's gradient.

  static void fields(auto& self, auto&& visit) {
    visit("beta1", self.beta1, "[0, 1)", "decay of the first moment");
    visit("beta2", self.beta2, "[0, 1)", "decay of the second moment");
    visit("nu", self.nu, "(0, inf)", "added to the second moment under the root");
    visit("weight_decay", self.weight_decay, "[0, inf)", "this times x is added to every gradient");
  }
};

}  // namespace gossamer
