// The problem whose model is one of the papers' networks, which gossamer-networks computes.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/problems/data/data_path.hpp"
#include "algorithms/problems/process/process_problem.hpp"

namespace gossamer {

/// Which network, as algorithms/problems/networks names it.
enum class Architecture { mlp, cnn3, lenet_bn, alexnet_bn, resnet18, wrn_16_4, vgg16 };
constexpr std::array<std::string_view, 7> names(Architecture) {
  return {"mlp", "cnn3", "lenet_bn", "alexnet_bn", "resnet18", "wrn_16_4", "vgg16"};
}

/// What BatchNorm uses in evaluations: the mean of the nodes' running statistics, or those of each batch.
enum class BatchNorm { state, batch };
constexpr std::array<std::string_view, 2> names(BatchNorm) {
  return {"state", "batch"};
}

/// f_i(x) = mean cross-entropy over node i's images + (l2 / 2) ||x||^2.
struct NeuralNetwork {
  Required<Architecture> model;
  Required<std::string> dataset;  ///< Of images, on the data path.
  std::vector<std::int64_t> hidden = {100};
  int width = 0;
  int crop = 0;
  bool flip = false;
  BatchNorm batch_norm = BatchNorm::state;
  ModelUse use;

  static void fields(auto& self, auto&& visit) {
    visit("model", self.model, "", "the architecture");
    visit("dataset", self.dataset, "", "name of a data set of images");
    const bool any = !self.model.given();  // A listing has the keys of all models.
    if (any || *self.model == Architecture::mlp) {
      visit("hidden", self.hidden, "[1, inf)", "of mlp alone, [100] there: widths of the hidden layers");
    }
    if (any || (*self.model != Architecture::mlp && *self.model != Architecture::lenet_bn)) {
      visit("width", self.width, "[0, inf)",
            "not of mlp, lenet_bn: channels of the first convolution, to which the others keep their "
            "proportion; 0: as it is known");
    }
    visit("crop", self.crop, "[0, inf)",
          "in training images move by up to so many pixels each way, fewer than they have");
    visit("flip", self.flip, "", "in training one image in two is mirrored");
    visit(
        "batch_norm", self.batch_norm, "",
        "not of mlp, cnn3: what BatchNorm uses in evaluations, the nodes' state, or the batch's statistics");
    ModelUse::fields(self.use, visit);
  }

  /// d, where the shape of the images is known by the name of their data set.
  std::optional<Index> dimension_if_known() const;
  /// gossamer-networks, beside this program.
  static const CommandLine& command();
  /// Throws DataError where model, data set and settings do not suit each other, as far as that is known.
  void require() const;
  /// Starts it. Throws DataError where the data set is not found, or as ProcessModel does.
  std::unique_ptr<Problem> make(int nodes, std::uint64_t seed, const DataSets& sets, Models& models,
                                std::optional<std::uint64_t> start_seed = {}) const;

 private:
  void require_images() const;
  void require_batches() const;
  void require_last_batches(const Problem& problem) const;
};

/// How many parameters a network has, for images [channels, side, side].
Index parameters_of(Architecture model, Index channels, Index side, Index classes,
                    const std::vector<std::int64_t>& hidden, Index width);

}  // namespace gossamer
