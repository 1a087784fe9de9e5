#pragma once

#include <array>
#include <string_view>

#include "algorithms/agent/agent.hpp"
#include "algorithms/composite/composite.hpp"

namespace gossamer {

/// Distributed proximal methods for f(x) + lambda |x|_1 that do not quantize: gradients travel up, their mean
/// travels down, w d bits each, and every worker makes the step itself.
/// `prox_gd`: proximal gradient, also called FOBOS [J. Duchi, Y. Singer, JMLR 10, 2009].
/// `cmd_adagrad`, `rda_adagrad`: composite mirror descent and regularized dual averaging with adaptive rates
/// [J. Duchi, E. Hazan, Y. Singer, JMLR 12, 2011; Xu et al. 2022, Eqs. (6) and (7)].
/// Checked: step sizes that change; that of step t multiplies all of RDA's sum of gradients.
struct CompositeAdagrad {
  Composite composite;

  static CompositeAdagrad with(Composite::Rule rule) {
    CompositeAdagrad algorithm;
    algorithm.composite.rule = rule;
    return algorithm;
  }
  static constexpr std::array<std::string_view, 1> metrics{"sparsity"};
  static constexpr std::array<std::string_view, 1> vectors{"H"};

  Process serve(Agent self) const;
  Process work(Agent self) const;

  static void fields(auto& self, auto&& visit) { Composite::fields(self.composite, visit); }
};

}  // namespace gossamer
