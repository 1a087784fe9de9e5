// Reading NumPy's archives of arrays, .npz.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/problems/data/data_set.hpp"

namespace gossamer {

/// At least one part.
struct Archive {
  std::optional<LabelledRows> train{};
  std::optional<LabelledRows> test{};
  std::vector<std::string> notes{};  ///< As those of DataSet.
};

/// What `numpy.savez(f, X=..., y=...)` or `savez_compressed` has written: features X, x, X_train or x_train,
/// of shape [row, ...], and labels y or y_train, [row] or [row, 1]; of a test part X_test, x_test and y_test.
/// Entries are floats of 4 or 8 bytes, integers or booleans, of either byte order, labels strings, too.
/// Features of three axes or more are images, each read as one row; of those a byte is a pixel, byte / 255.
///
/// Safe on any bytes. Throws DataFileError, its message beginning with `name: `, for anything else.
Archive read_npz(std::string_view content, std::string_view name);

}  // namespace gossamer
