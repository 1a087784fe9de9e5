#pragma once

#include <array>
#include <string_view>

#include "algorithms/composite/composite.hpp"
#include "algorithms/composite/selection.hpp"

namespace gossamer {

/// QCMD AdaGrad and QRDA AdaGrad: quantized composite mirror descent and regularized dual averaging. K. Xu,
/// J. Wangni, Y. Zhang, D. Ye, J. Wu, P. Zhao, 2022, Algorithm 1. Only those coordinates are sent in which x
/// is not zero before or after a step. With `both_ways` the server quantizes the mean again; without it (the
/// paper marks these variants with a dagger) the mean travels down unquantized, w d bits. The quantizer
/// takes its means over the selected coordinates, as in Section 3.2; the listing quantizes all coordinates
/// and then selects.
/// Checked: step sizes that change, with the threshold quantizer.
struct QuantizedAdagrad {
  Composite composite;
  Quantizer quantizer = Threshold{};
  bool both_ways = true;

  static QuantizedAdagrad with(Composite::Rule rule) {
    QuantizedAdagrad algorithm;
    algorithm.composite.rule = rule;
    return algorithm;
  }
  static constexpr std::array<std::string_view, 2> metrics{"sparsity", "compression_error"};
  static constexpr std::array<std::string_view, 1> vectors{"H"};

  /// Those of the iterate; and sparse gradients and messages, with an index beside each value.
  static int vectors_of_worker() { return 7; }
  Process serve(Agent self) const;
  Process work(Agent self) const;

  static void fields(auto& self, auto&& visit) {
    Composite::fields(self.composite, visit);
    visit("quantizer", self.quantizer, "", "quantizes the selected coordinates of gradients");
    visit("both_ways", self.both_ways, "", "whether the server quantizes their mean, too, or sends it dense");
  }
};

}  // namespace gossamer
