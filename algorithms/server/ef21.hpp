#pragma once

#include <array>
#include <string_view>

#include "algorithms/server/error_feedback.hpp"

namespace gossamer {

/// EF21: gradient descent with Markov compression of the workers' gradients. P. Richtarik, I. Sokolov,
/// I. Fatkhullin, NeurIPS 2021, Algorithm 2. The server sends the aggregate down at the wire's precision or,
/// if `bidirectional`, compressed the same way, as in the comparison of Wang, Lin, Chen 2022 (Section 7.2).
/// g^_i starts at 0, so that it is C(grad f_i(x_1)) when the first step is made, as in the listing.
/// Checked: step sizes that change, outside of g^; weight decay, inside of it; one way and both ways.
struct Ef21 {
  static constexpr std::array<std::string_view, 2> vectors{"g_hat", "g"};

  Required<Schedule> step_size;           ///< alpha_t > 0.
  Compressor compressor = scaled_sign();  ///< C, a contraction.
  bool bidirectional = false;
  double weight_decay = 0;  ///< >= 0: times x_t, part of worker i's gradient.

  Process serve(Agent self) const;
  Process work(Agent self) const;
  /// Throws std::invalid_argument where this does not suit the graph or vectors of d coordinates.
  void require(const Adjacency& graph, Index d) const;

  static void fields(auto& self, auto&& visit) {
    visit("step_size", self.step_size, "(0, inf)", "alpha");
    visit("compressor", self.compressor, "", "compresses the changes of gradients");
    visit("bidirectional", self.bidirectional, "", "whether the server compresses what it sends, too");
    visit("weight_decay", self.weight_decay, "[0, inf)", "this times x is added to every gradient");
  }
};

}  // namespace gossamer
