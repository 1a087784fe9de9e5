// Both sides of methods that step along the mean of the workers' gradients. Error feedback: what compression
// leaves out of a message is added to the next one.
#pragma once

#include "algorithms/agent/agent.hpp"
#include "algorithms/agent/patience.hpp"
#include "algorithms/server/ring_all_reduce.hpp"

namespace gossamer {

/// The worker of methods whose server holds x: receives x, sends C(eta_t g_i + e_i), and keeps
///   e_i <- eta_t g_i + e_i - C(eta_t g_i + e_i), from 0;   without error feedback e_i stays 0.
/// What the memory holds differs from paper to paper, and where step sizes change so do the iterates. With
/// the step size inside, eta_t = alpha_t, it holds parts of steps: sparsified SGD with memory [Stich,
/// Cordonnier, Jaggi 2018, Algorithm 1] and EF-SGD [Karimireddy et al. 2019, Algorithm 2], whose server takes
/// x - (1/n) sum_i of what arrives. With eta_t = 1 it holds gradients, and the server steps along their mean:
/// SPARS-AMS [its draft, Algorithm 1, lines 5 to 9].
/// weight_decay * x is part of g_i.
/// Where the server does not wait for all, a worker that comes too late takes the newest x when it is done,
/// and misses the rounds before; what its late message holds is lost.
Process send_gradients(Agent self, Compressor compressor, bool error_feedback, double weight_decay,
                       Patience server_waits = {}, Schedule eta = 1);

/// The other side, for whoever steps with x. A server sends x to its workers, which run send_gradients(), and
/// takes the mean of what they answer before its patience ends; zero where none does. With patience for the
/// first k of n these are synchronous methods with backup workers [Chen et al. 2016, Algorithms 3 and 4].
/// Without a server every node steps, with the same x: it computes its own gradient, and the mean is that of
/// ring_all_reduce(); then C is the identity. weight_decay * x is part of every gradient.
/// Keep x as it is until the mean is there.
Task<Vector> mean_gradient(Agent self, Average average, Patience patience, const Vector* x,
                           Compressor compressor, double weight_decay);

}  // namespace gossamer
