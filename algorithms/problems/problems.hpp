// The catalogue of problems. A new one is one line here.
#pragma once

#include <variant>

#include "algorithms/problems/linear_models.hpp"
#include "algorithms/problems/quadratic.hpp"

namespace gossamer {

/// What a scenario's `problem` section may be; `kind` names each.
using ProblemSettings = std::variant<Quadratic, Logistic, LogisticNonconvex, Softmax>;

}  // namespace gossamer
