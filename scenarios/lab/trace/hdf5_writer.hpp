// HDF5 as traces are written: in memory, without time stamps, and with a name for every dimension.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/lab/trace/hdf5_layout.hpp"

namespace gossamer {

/// Collects what a file is to hold. Equal calls give equal bytes. Paths are those of Hdf5Layout. Small files
/// of one layout are copies of the first, with their own numbers and attributes of the root.
class Hdf5Writer {
 public:
  void group(const std::string& path) { layout_.groups.push_back(path); }

  /// Of a group or a data set.
  void attribute(const std::string& object, const std::string& name, Hdf5Layout::Value value);

  /// `numbers` have to last until bytes(). Of several dimensions the last varies fastest.
  template <class T>
  void write(const std::string& path, std::span<const T> numbers, const std::vector<Dimension>& dimensions,
             const Meaning& meaning = {}) {
    layout_.sets.push_back({path, number_type<T>(), dimensions, meaning});
    numbers_.push_back(std::as_bytes(numbers));
  }
  template <class T>
  void write(const std::string& path, const std::vector<T>& numbers, const std::vector<Dimension>& dimensions,
             const Meaning& meaning = {}) {
    write(path, std::span<const T>(numbers), dimensions, meaning);
  }
  /// These are kept.
  template <class T>
  void write(const std::string& path, std::vector<T>&& numbers, const std::vector<Dimension>& dimensions) {
    const auto kept = std::make_shared<const std::vector<T>>(std::move(numbers));
    write(path, *kept, dimensions);
    kept_.push_back(kept);
  }
  void write(const std::string& path, const std::vector<std::string>& texts, const std::string& dimension) {
    layout_.texts.push_back({path, {dimension, texts.size()}, texts});
  }

  /// Another name for the data set `path`.
  void name_again(const std::string& path, const std::string& name) {
    layout_.second_names.push_back({name, path});
  }

  /// The file. Nothing can be written after it.
  std::vector<std::byte> bytes();

 private:
  Hdf5Layout layout_;
  std::vector<std::span<const std::byte>> numbers_;  ///< Those of layout_.sets.
  std::vector<std::shared_ptr<const void>> kept_;
  std::vector<Hdf5Layout::Attribute> of_root_;
};

}  // namespace gossamer
