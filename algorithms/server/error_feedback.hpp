// Error feedback: what compression leaves out of a message is added to the next one.
#pragma once

#include "algorithms/agent/agent.hpp"

namespace gossamer {

/// The worker of methods whose server holds x and steps: receives x, sends C(g_i + e_i), and keeps
///   e_i <- g_i + e_i - C(g_i + e_i), from 0;   without error feedback e_i stays 0.
/// This is the worker of sparsified SGD with memory [Stich, Cordonnier, Jaggi 2018, Algorithm 1], of
/// EF-signSGD [Karimireddy et al. 2019, Algorithm 1] and of SPARS-AMS [its draft, Algorithm 1, lines 5 to 9].
/// weight_decay * x is part of g_i.
Process send_gradients(Agent self, Compressor compressor, bool error_feedback, double weight_decay);

}  // namespace gossamer
