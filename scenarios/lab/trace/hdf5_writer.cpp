#include "scenarios/lab/trace/hdf5_writer.hpp"

#include <algorithm>
#include <deque>

#include "scenarios/lab/trace/hdf5_handle.hpp"

namespace gossamer {
namespace {

/// The skeletons of the last small files. The traces of a sweep mostly have one or a few layouts, and HDF5
/// takes longer to make a skeleton than a small run takes.
class Skeletons {
 public:
  Hdf5Skeleton of(const Hdf5Layout& layout) {
    const auto known = std::ranges::find(known_, layout, &Known::layout);
    if (known != known_.end()) return known->skeleton;
    if (known_.size() == most) known_.pop_front();
    return known_.emplace_back(Known{layout, skeleton_of(layout)}).skeleton;
  }

 private:
  static constexpr std::size_t most = 16;

  struct Known {
    Hdf5Layout layout;
    Hdf5Skeleton skeleton;
  };

  std::deque<Known> known_;
};

}  // namespace

void Hdf5Writer::attribute(const std::string& object, const std::string& name, Hdf5Layout::Value value) {
  (object == "/" ? of_root_ : layout_.attributes).push_back({object, name, std::move(value)});
}

Hdf5Skeleton Hdf5Writer::skeleton() {
  const auto turn = turn_of_hdf5();
  std::size_t size = 0;
  for (const auto numbers : numbers_) size += numbers.size();
  for (const auto& texts : layout_.texts) {
    for (const std::string& text : texts.values) size += text.size();
  }
  constexpr std::size_t largest_kept = 1 << 20;
  if (size > largest_kept) {  // Made in one go, it takes less memory.
    layout_.attributes.insert(layout_.attributes.begin(), of_root_.begin(), of_root_.end());
    return skeleton_of(layout_);
  }
  static Skeletons skeletons;
  auto [bytes, offsets] = skeletons.of(layout_);
  return {with_attributes(std::move(bytes), of_root_), std::move(offsets)};
}

std::vector<std::byte> Hdf5Writer::bytes() {
  Hdf5Skeleton file = skeleton();
  for (std::size_t k = 0; k < numbers_.size(); ++k) {
    if (numbers_[k].empty()) continue;  // These have no place in the file.
    std::ranges::copy(numbers_[k], file.bytes.begin() + static_cast<std::ptrdiff_t>(file.offsets[k]));
  }
  return std::move(file.bytes);
}

}  // namespace gossamer
