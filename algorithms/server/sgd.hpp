#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "algorithms/server/error_feedback.hpp"

namespace gossamer {

/// Distributed SGD with a server. `sgd` does not compress:
///   x_{t+1} = x_t - alpha_t (1/n) sum_i g_{t,i}.
/// `sgd_ef` compresses steps, and remembers what it leaves out of them:
///   p_{t,i} = alpha_t g_{t,i} + e_{t,i};   worker i sends C(p_{t,i});   e_{t+1,i} = p_{t,i} - C(p_{t,i})
///   x_{t+1} = x_t - (1/n) sum_i C(p_{t,i}),
/// with top_k sparsified SGD with memory [Stich, Cordonnier, Jaggi 2018, Algorithm 1], with scaled_sign
/// EF-signSGD [Karimireddy et al. 2019, Algorithm 1]. Without error feedback gradients travel:
///   x_{t+1} = x_t - alpha_t (1/n) sum_i C(g_{t,i}),
/// QSGD [Alistarh et al. 2017] with qsgd, TernGrad [Wen et al. 2017] with ternary.
/// `sgd` needs no server where the workers are a ring and average by ring_all_reduce: then every node holds x
/// and makes the server's step, as in data-parallel training. Checked: step sizes that change, and weight
/// decay, with error feedback and without.
struct Sgd {
  static constexpr std::array<std::string_view, 1> vectors{"e"};
  static constexpr std::array<std::string_view, 0> vectors_without_server{};

  Required<Schedule> step_size;           ///< alpha_t > 0.
  Compressor compressor = scaled_sign();  ///< A contraction, if there is error feedback.
  bool error_feedback = true;
  double weight_decay = 0;            ///< >= 0: times x_t, part of g_{t,i}.
  bool compresses = true;             ///< Whether the user chooses the compressor.
  Average average = Average::server;  ///< Otherwise the compressor is the identity, without error feedback.

  static Sgd uncompressed() {
    Sgd sgd;
    sgd.compressor = identity();
    sgd.error_feedback = sgd.compresses = false;
    return sgd;
  }

  Patience patience{};  ///< Of the server with its workers.

  bool has_server() const { return average == Average::server; }
  bool shares_rounds() const { return !patience.any(); }
  Process serve(Agent self) const;
  Process work(Agent self) const;
  Process program(Agent self) const { return serve(std::move(self)); }  ///< Without a server, of every node.
  /// Throws std::invalid_argument where this does not suit the graph or vectors of d coordinates.
  void require(const Adjacency& graph, Index d) const;

  static void fields(auto& self, auto&& visit) {
    visit("step_size", self.step_size, "(0, inf)", "alpha");
    if (self.compresses) {
      visit("compressor", self.compressor, "", "compresses the workers' gradients");
      visit("error_feedback", self.error_feedback, "",
            "whether what it leaves out is added to the next message");
    } else {
      visit("average", self.average, "", "where gradients are averaged: at a server, or around a ring");
    }
    visit_patience_of_server(self.patience, visit);
    visit("weight_decay", self.weight_decay, "[0, inf)", "this times x is added to every gradient");
  }
};

}  // namespace gossamer
