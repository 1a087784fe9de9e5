#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "algorithms/server/adam_moments.hpp"
#include "algorithms/server/error_feedback.hpp"

namespace gossamer {

/// SPARS-AMS: distributed AMSGrad on sparsified gradients, with error feedback. "Sparsified Distributed
/// Adaptive Learning with Error Feedback" (a draft), Algorithm 1; published in changed form as X. Li,
/// B. Karimi, P. Li, ICLR 2022. Any compressor may take the place of top-k. The server holds x and the
/// moments; it sends x at the wire's precision and steps in full precision. One worker, an ideal network and
/// `wire: float64` give the single-machine form (Algorithm 2).
/// Checked: step sizes that change, outside of the memory; weight decay, inside of it.
///
/// With `both_ways` the server compresses too, with a memory of its own, and the workers hold x and the
/// moments: AMSGrad with error feedback, or with naive compression, as CD-Adam's authors compare with it
/// [Wang, Lin, Chen 2022, Section 7.1].
///
/// `amsgrad` is the same without compression: distributed AMSGrad [Reddi, Kale, Kumar, ICLR 2018; Wang, Lin,
/// Chen 2022, Section 3]. It needs no server where the workers are a ring and average by ring_all_reduce:
/// then every node holds x and the moments and makes the server's step.
struct SparseAms : AdamMoments {
  static constexpr std::array<std::string_view, 4> vectors{"e", "m", "v", "v_hat"};
  static constexpr std::array<std::string_view, 3> vectors_without_server{"m", "v", "v_hat"};

  Required<Schedule> step_size;         ///< eta_t > 0.
  Compressor compressor = top_k(0.01);  ///< A contraction, if there is error feedback.
  bool error_feedback = true;           ///< False: naive compression.
  bool both_ways = false;               ///< Whether the server's messages are compressed as the workers' are.
  bool compresses = true;               ///< Whether the user chooses the compressor.
  Average average = Average::server;    ///< Otherwise the compressor is the identity, without error feedback.

  static SparseAms uncompressed() {
    SparseAms amsgrad;
    amsgrad.compressor = identity();
    amsgrad.error_feedback = amsgrad.compresses = false;
    return amsgrad;
  }

  Patience patience{};  ///< Of the server with its workers.

  bool has_server() const { return average == Average::server; }
  bool shares_rounds() const { return !patience.any(); }
  Process serve(Agent self) const {
    return both_ways ? serve_gradients(std::move(self)) : serve_model(std::move(self));
  }
  Process work(Agent self) const;
  /// Without a server, of every node.
  Process program(Agent self) const { return serve_model(std::move(self)); }
  int vectors_of_worker() const { return both_ways ? 4 : has_server() ? 1 : 3; }
  /// Throws std::invalid_argument where this does not suit the graph or vectors of d coordinates.
  void require(const Adjacency& graph, Index d) const;

  static void fields(auto& self, auto&& visit) {
    visit("step_size", self.step_size, "(0, inf)", "eta");
    AdamMoments::fields(self, visit);
    if (self.compresses) {
      visit("compressor", self.compressor, "", "compresses the workers' gradients");
      visit("error_feedback", self.error_feedback, "",
            "whether what it leaves out is added to the next message");
      visit("both_ways", self.both_ways, "", "whether the server's messages are compressed, too");
    } else {
      visit("average", self.average, "", "where gradients are averaged: at a server, or around a ring");
    }
    visit_patience_of_server(self.patience, visit);
  }

 private:
  Process serve_model(Agent self) const;
  Process serve_gradients(Agent self) const;
  Process work_both_ways(Agent self) const;
};

}  // namespace gossamer
