// Max pooling over 2 x 2 pixels with ReLU after it, of the channels of a pixel.
#pragma once

#include <cmath>
#include <cstdint>

namespace gossamer::networks {

/// Which of the four pixels a number came from, in the order of memory, or `none` where ReLU cut it off.
using Origin = std::uint8_t;
constexpr Origin none = 4;

/// Four pixels to one. The first of equal numbers counts, and the last NaN, as in libtorch. The compiler
/// needs to know that nothing overlaps to take several channels at a time.
template <class Real>
void pool(const Real* a, const Real* b, const Real* c, const Real* d, std::int64_t channels,
          Real* __restrict pooled, Origin* __restrict origin) {
  for (std::int64_t k = 0; k < channels; ++k) {
    Real most = a[k];
    Origin from = 0;
    const auto meet = [&](Real next, Origin which) {
      const bool more = next > most || std::isnan(next);
      most = more ? next : most;
      from = more ? which : from;
    };
    meet(b[k], 1);
    meet(c[k], 2);
    meet(d[k], 3);
    pooled[k] = most < 0 ? 0 : most;
    origin[k] = most <= 0 ? none : from;
  }
}

/// The gradient by the four pixels. Adding 0 makes 0 of -0, as libtorch's sums do.
template <class Real>
void spread(const Real* __restrict pooled, const Origin* __restrict origin, std::int64_t channels,
            Real* __restrict a, Real* __restrict b, Real* __restrict c, Real* __restrict d) {
  for (std::int64_t k = 0; k < channels; ++k) {
    const Real value = pooled[k] + Real{0};
    a[k] = origin[k] == 0 ? value : 0;
    b[k] = origin[k] == 1 ? value : 0;
    c[k] = origin[k] == 2 ? value : 0;
    d[k] = origin[k] == 3 ? value : 0;
  }
}

}  // namespace gossamer::networks
