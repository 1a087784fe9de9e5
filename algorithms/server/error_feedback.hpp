// Error feedback: what compression leaves out of a message is added to the next one.
#pragma once

#include "algorithms/agent/agent.hpp"

namespace gossamer {

/// The worker of methods whose server holds x: receives x, sends C(eta_t g_i + e_i), and keeps
///   e_i <- eta_t g_i + e_i - C(eta_t g_i + e_i), from 0;   without error feedback e_i stays 0.
/// What the memory holds differs from paper to paper, and where step sizes change so do the iterates. With
/// the step size inside, eta_t = alpha_t, it holds parts of steps: sparsified SGD with memory [Stich,
/// Cordonnier, Jaggi 2018, Algorithm 1] and EF-SGD [Karimireddy et al. 2019, Algorithm 2], whose server takes
/// x - (1/n) sum_i of what arrives. With eta_t = 1 it holds gradients, and the server steps along their mean:
/// SPARS-AMS [its draft, Algorithm 1, lines 5 to 9].
/// weight_decay * x is part of g_i.
Process send_gradients(Agent self, Compressor compressor, bool error_feedback, double weight_decay,
                       Schedule eta = 1);

}  // namespace gossamer
