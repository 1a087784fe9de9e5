// What a network is made for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gossamer::networks {

/// Images [channels, height, width], each of one of so many classes.
struct Shape {
  std::int64_t channels = 1, height = 28, width = 28;
  std::int64_t classes = 10;
  std::int64_t pixels() const { return channels * height * width; }
};

/// Which network.
struct Architecture {
  std::string name;
  std::vector<std::int64_t> hidden;  ///< Of mlp: the widths of its hidden layers.
  std::int64_t width = 0;            ///< Channels of the first convolution; 0: as it is known.

  /// The same times `factor`: how wide a layer is that is so many times as wide as the first convolution.
  std::int64_t wide(std::int64_t known_width, std::int64_t factor) const {
    return (width > 0 ? width : known_width) * factor;
  }
};

/// The names that Architecture may have.
const std::vector<std::string>& architectures();

}  // namespace gossamer::networks
