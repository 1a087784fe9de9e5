#include "scenarios/lab/trace/hdf5_writer.hpp"

#include <algorithm>
#include <deque>

#include "scenarios/lab/trace/hdf5_handle.hpp"

namespace gossamer {
namespace {

/// Small files without attributes of the root, one of each of the last layouts. The traces of a sweep mostly
/// have one or a few layouts, and HDF5 takes longer to make a file than a small run takes.
class Skeletons {
 public:
  /// A file of this layout, with these numbers or others.
  Hdf5File of(const Hdf5Layout& layout, Hdf5Numbers numbers) {
    const auto known = std::ranges::find(known_, layout, &Known::layout);
    if (known != known_.end()) return known->file;
    if (known_.size() == most) known_.pop_front();
    return known_.emplace_back(Known{layout, file_of(layout, numbers)}).file;
  }

 private:
  static constexpr std::size_t most = 16;

  struct Known {
    Hdf5Layout layout;
    Hdf5File file;
  };

  std::deque<Known> known_;
};

}  // namespace

void Hdf5Writer::attribute(const std::string& object, const std::string& name, Hdf5Layout::Value value) {
  (object == "/" ? of_root_ : layout_.attributes).push_back({object, name, std::move(value)});
}

std::vector<std::byte> Hdf5Writer::bytes() {
  const auto turn = turn_of_hdf5();
  std::size_t size = 0;
  for (const auto numbers : numbers_) size += numbers.size();
  for (const auto& texts : layout_.texts) {
    for (const std::string& text : texts.values) size += text.size();
  }
  constexpr std::size_t largest_kept = 1 << 18;  // Larger ones take longer to copy than to make.
  if (size > largest_kept) {
    layout_.attributes.insert(layout_.attributes.begin(), of_root_.begin(), of_root_.end());
    return file_of(layout_, numbers_).bytes;
  }
  static Skeletons skeletons;
  auto [skeleton, offsets] = skeletons.of(layout_, numbers_);
  std::vector<std::byte> bytes = with_attributes(std::move(skeleton), of_root_);
  for (std::size_t k = 0; k < numbers_.size(); ++k) {
    if (numbers_[k].empty()) continue;  // These have no place in the file.
    std::ranges::copy(numbers_[k], bytes.begin() + static_cast<std::ptrdiff_t>(offsets[k]));
  }
  return bytes;
}

}  // namespace gossamer
