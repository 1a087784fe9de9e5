#pragma once

#include <array>
#include <string_view>

#include "algorithms/server/adam_moments.hpp"
#include "algorithms/server/error_feedback.hpp"

namespace gossamer {

/// Quantized Adam with error feedback. C. Chen, L. Shen, H. Huang, W. Liu, ACM TIST 12(5), 2021, Algorithm 1;
/// without bias correction. Each worker has moments of its own and sends its compressed update; the server
/// sends the mean of the updates back at the wire's precision.
/// Checked: step sizes that change, inside of the memory; weight decay, inside of the moments.
struct QAdam : AdamMoments {
  static constexpr std::array<std::string_view, 3> vectors{"m", "v", "e"};

  Required<Schedule> step_size;           ///< alpha_t > 0.
  Compressor compressor = scaled_sign();  ///< C, a contraction.

  Process serve(Agent self) const;
  Process work(Agent self) const;
  /// Throws std::invalid_argument where this does not suit the graph or vectors of d coordinates.
  void require(const Adjacency& graph, Index d) const;

  static void fields(auto& self, auto&& visit) {
    visit("step_size", self.step_size, "(0, inf)", "alpha");
    AdamMoments::fields(self, visit);
    visit("compressor", self.compressor, "", "compresses the workers' updates");
  }
};

}  // namespace gossamer
