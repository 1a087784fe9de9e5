#pragma once

#include "algorithms/server/adam_moments.hpp"
#include "algorithms/server/error_feedback.hpp"

namespace gossamer {

/// SPARS-AMS: sparsified distributed AMSGrad with error feedback (000, "Sparsified Distributed Adaptive
/// Learning with Error Feedback", Algorithm 1). Any compressor may take the place of top-k. The server holds
/// x and the moments; it sends x at the wire's precision and steps in full precision. One worker on an ideal
/// network, with the wire as exact as the state, is the single-machine form (Algorithm 2). `amsgrad` does not
/// compress: distributed AMSGrad (001, Section 3; S. Reddi, S. Kale, S. Kumar, ICLR 2018).
struct SparseAms : AdamMoments {
  Required<Schedule> step_size;  ///< eta_t > 0.
  Compressor compressor = top_k(0.01);  ///< A contraction, if there is error feedback.
  bool error_feedback = true;                               ///< False: naive compression.
  bool compresses = true;  ///< Whether the compressor is the user's to choose.

  static SparseAms uncompressed() {
    SparseAms amsgrad;
    amsgrad.compressor = identity();
    amsgrad.error_feedback = amsgrad.compresses = false;
    return amsgrad;
  }

  Process serve(Agent self) const;
  Process work(Agent self) const;
  /// Throws std::invalid_argument where this does not suit the graph or vectors of d coordinates.
  void require(const Adjacency& graph, Index d) const;

  static void fields(auto& self, auto&& visit) {
    visit("step_size", self.step_size, "(0, inf)", "eta");
    AdamMoments::fields(self, visit);
    if (self.compresses) {
      visit("compressor", self.compressor, "", "what the workers' gradients travel with");
      visit("error_feedback", self.error_feedback, "", "whether what it leaves out joins the next message");
    }
  }
};

}  // namespace gossamer
