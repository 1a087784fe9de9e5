#include "algorithms/problems/data/cifar.hpp"

#include <fmt/format.h>

#include "algorithms/problems/data/data_set.hpp"

namespace gossamer {

void read_cifar_batch(std::istream& in, std::string_view name, CifarRecords& records) {
  constexpr std::size_t size = 1 + CifarRecords::pixels;
  std::vector<char> record(size);
  for (std::size_t count = 0;; ++count) {
    in.read(record.data(), size);
    const auto there = static_cast<std::size_t>(in.gcount());
    if (there == 0 && count > 0) return;
    if (there < size) {
      throw DataFileError(fmt::format("{}: record {} has {} bytes; each has {}: a label and {} pixels", name,
                                      count, there, size, CifarRecords::pixels));
    }
    const auto label = static_cast<unsigned char>(record.front());
    if (label >= CifarRecords::classes) {
      throw DataFileError(fmt::format("{}: the label of record {} is {}; 0 to {} are allowed", name, count,
                                      label, CifarRecords::classes - 1));
    }
    records.labels.push_back(label);
    records.images.insert(records.images.end(), record.begin() + 1, record.end());
  }
}

}  // namespace gossamer
