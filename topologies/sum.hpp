// Compensated summation.
#pragma once

#include <cmath>

namespace gossamer {

/// A sum whose rounding error does not grow with the number of its terms [Neumaier 1974]: the server of a
/// star has a million weights of a millionth each.
class Sum {
 public:
  void add(double term) {
    const double sum = sum_ + term;
    lost_ += std::abs(sum_) >= std::abs(term) ? (sum_ - sum) + term : (term - sum) + sum_;
    sum_ = sum;
  }
  double value() const { return sum_ + lost_; }

 private:
  double sum_ = 0;
  double lost_ = 0;
};

}  // namespace gossamer
